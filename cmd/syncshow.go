package cmd

import (
	"cmp"
	"fmt"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
)

// syncClash is a clash in JSON.
type syncClash struct {
	Names []string        `json:"names"`
	Facts []syncClashFact `json:"facts"`
}

type syncClashFact struct {
	patchset.ClashFact
	Ours   entryDoc `json:"ours"`
	Theirs entryDoc `json:"theirs"`
}

func newSyncClash(c patchset.Clash, r owners.Registry) syncClash {
	out := syncClash{Names: c.Names}
	for _, f := range c.Facts {
		out.Facts = append(out.Facts, syncClashFact{
			f, newEntryDoc(gitops.LogEntry{ID: f.Ours.ID, Entry: f.Ours.Entry}, r),
			newEntryDoc(gitops.LogEntry{ID: f.Theirs.ID, Entry: f.Theirs.Entry}, r),
		})
	}
	return out
}

// maxSyncedEntries bounds how many entries are printed of each direction.
const maxSyncedEntries = 10

func (x *exchange) report() {
	a, doc := x.a, x.doc
	if len(doc.Clashes) > 0 {
		x.reportClashes()
		return
	}
	if gitops.OpenToOthers(x.url) {
		a.talk("warning: %s can be read by other users of this machine (chmod -R o-rwx)", doc.Remote)
	}
	received, sent := "Received", "Sent"
	if doc.DryRun {
		received, sent = "Would receive", "Would send"
	}
	x.reportEntries(received, doc.Received)
	x.reportEntries(sent, doc.Sent)
	for _, e := range doc.Already {
		a.say("Recorded by others too: %s", e.Sentence)
	}
	for _, e := range doc.GivenUp {
		a.say("Given up, but still in the log: %s", e.Sentence)
	}
	for _, stack := range doc.Settled {
		a.say("Both sides had changed the stack of %s: it was carried again", stack)
	}
	for _, void := range doc.Void {
		a.say("A signature of yours no longer counts: %s", void)
	}
	if len(doc.Received)+len(doc.Sent) == 0 {
		a.say("Nothing new. %s is at %s", doc.Remote, doc.Head.Short())
	}
	if len(doc.Settled)+len(doc.Void) > 0 {
		a.next("git carry status")
	}
}

func (x *exchange) reportEntries(verb string, entries []entryDoc) {
	if len(entries) == 0 {
		return
	}
	x.a.say("%s %s", verb, count(len(entries), "entry", "entries"))
	for i, e := range entries {
		if i == maxSyncedEntries && !x.a.verbose {
			x.a.say("  … and %d more (git carry log)", len(entries)-i)
			return
		}
		x.a.say("  %s  %s  %s", entryTime(e), shortWho(e), e.Sentence)
	}
}

func (x *exchange) reportClashes() {
	a := x.a
	a.say("You and others have changed the same. Nothing was taken over, and nothing was sent.")
	for _, c := range x.doc.Clashes {
		a.say("")
		a.say("%s", c.Names[0])
		for _, f := range c.Facts {
			a.say("  %s", f.What)
			x.reportSide("ours", f.Ours, f, func(d patchset.FieldDifference) string { return d.Ours })
			x.reportSide("theirs", f.Theirs, f, func(d patchset.FieldDifference) string { return d.Theirs })
		}
		name := clashName(c, x.doc.Clashes)
		a.next("git carry sync --theirs %s   or   git carry sync --ours %s", name, name)
	}
}

func (x *exchange) reportSide(side string, e entryDoc, f syncClashFact, value func(patchset.FieldDifference) string) {
	x.a.say("    %-6s  %s  %s  %s", side, entryTime(e), shortWho(e), e.Sentence)
	for _, d := range f.Differ {
		x.a.say("            %s", fmt.Sprintf("%s: %s", d.Key, cmp.Or(value(d), "(none)")))
	}
}

// clashName is the shortest name that means this clash and no other.
func clashName(c syncClash, all []syncClash) string {
	for _, name := range c.Names {
		n := 0
		for _, other := range all {
			for _, o := range other.Names {
				if o == name {
					n++
				}
			}
		}
		if n == 1 {
			return name
		}
	}
	return c.Names[0]
}
