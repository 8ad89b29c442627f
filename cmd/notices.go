package cmd

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
)

// Who is to be told what, through which channel, and in which words.

// dueNotice is a notice to one person through one channel that was not sent yet.
type dueNotice struct {
	patchset.Notice
	person  owners.Person
	channel string
	in      string // "@" and the version, where it is not the one that is being prepared
}

// telling is the fact that remembers it.
func (d dueNotice) telling() patchset.Telling {
	return patchset.Telling{Patch: d.Patch.ID, Kind: d.Kind + patchset.NoticeKind(d.in), Person: d.person.ID}
}

// due lists what people have not been told yet, by patch, person and channel.
func (b board) due(channels map[string]gitops.Channel) []dueNotice {
	unsigned := func(at patchset.Spot) bool { return b.has(b.ledger.Patches[at.Patch], patchset.ProblemUnsigned) }
	limit := func(s patchset.Severity) (int, bool) { return b.registry.Policy.Limits.Days(string(s)) }
	var out []dueNotice
	newest, _ := b.ledger.Newest()
	for _, n := range append(b.ledger.Notices(b.now, unsigned, limit), b.urgentNotices(newest)...) {
		in := ""
		if n.Version != newest {
			in = "@" + n.Version
		}
		for _, person := range b.recipients(n) {
			for _, channel := range slices.Sorted(maps.Keys(channels)) {
				d := dueNotice{n, person, channel, in}
				if told := b.ledger.Told[d.telling()]; told.Of != n.Of || !slices.Contains(told.Channels, channel) {
					out = append(out, d)
				}
			}
		}
	}
	return out
}

// urgentNotices are about what is in the urgent lane and stuck in another live version than
// the one that is being prepared.
func (b board) urgentNotices(newest string) []patchset.Notice {
	lane, err := laneOf(b.ledger)
	if err != nil {
		return nil
	}
	var out []patchset.Notice
	for _, id := range lane.Open() {
		item := lane.Items[id]
		for _, version := range item.Accepted.Versions {
			for _, patch := range item.Patches {
				if n, stuck := b.ledger.StateNotice(patchset.Spot{Version: version, Patch: patch}); stuck && version != newest {
					out = append(out, n)
				}
			}
		}
	}
	return out
}

// recipients are the owner, and the deputies too when the owner cannot be asked or the
// time is up. Who has left is told nothing any more.
func (b board) recipients(n patchset.Notice) []owners.Person {
	var out []owners.Person
	owner, _ := b.registry.Person(n.Patch.Owner)
	if owner.ID != "" && owner.Active() {
		out = append(out, owner)
	}
	if len(out) > 0 && !n.Late() && b.awayMark(owner.ID) == "" {
		return out
	}
	for _, id := range slices.Concat(n.Patch.Deputies, owner.Deputies) {
		deputy, known := b.registry.Person(id)
		told := slices.ContainsFunc(out, func(p owners.Person) bool { return p.ID == id })
		if known && deputy.Active() && !told && b.awayMark(id) == "" {
			out = append(out, deputy)
		}
	}
	return out
}

// noticeMessage is what a program gets on stdin.
type noticeMessage struct {
	Schema  string         `json:"schema"`
	ID      string         `json:"id"` // the same whenever it is sent again
	Subject string         `json:"subject"`
	Text    string         `json:"text"`
	To      noticeTo       `json:"to"`
	Details *noticeDetails `json:"details,omitempty"` // for channels that are cleared for them
}

type noticeTo struct {
	ID     string   `json:"id"`
	Name   string   `json:"name"`
	Emails []string `json:"emails"`
}

type noticeDetails struct {
	Patch     string              `json:"patch"`
	Component string              `json:"component"`
	Version   string              `json:"version"`
	Kind      patchset.NoticeKind `json:"kind"`
	Title     string              `json:"title"`
	Severity  patchset.Severity   `json:"severity"`
	AgeDays   int                 `json:"age_days"`
}

func newLetter(id, subject, text string, person owners.Person, details *noticeDetails) (gitops.Letter, error) {
	message := noticeMessage{schema("notice"), id, subject, text, noticeTo{person.ID, person.Name, nonNil(person.Emails)}, details}
	data, err := json.MarshalIndent(message, "", "  ")
	l := gitops.Letter{ID: id, Name: person.Name, Subject: subject, Text: text, JSON: append(data, '\n')}
	if len(person.Emails) > 0 {
		l.Address = person.Emails[0]
	}
	return l, err
}

// letter puts a notice into words: opaque, or with details where the channel is
// cleared for them.
func (b board) letter(d dueNotice, word string, cleared bool) (gitops.Letter, error) {
	id := b.ledger.NoticeID(d.Notice, d.person.ID)
	if !cleared {
		subject, first := "patch "+word+" needs its owner", "Patch "+word+" needs its owner."
		if !d.Needs() {
			subject, first = "news of patch "+word, "There is news of patch "+word+"."
		}
		return newLetter(id, subject, first+"\n\nWhere the vault is:\n\n  git carry show "+word+"\n", d.person, nil)
	}
	p := d.Patch
	details := &noticeDetails{p.ID, p.Component, d.Version, d.Kind, p.Title, p.Severity, p.AgeDays(b.now)}
	subject := fmt.Sprintf("%s in %s %s", p.ID, p.Component, kindWords[d.Kind])
	text := fmt.Sprintf("%s in %s %s.\n\n  title     %s\n  version   %s\n  severity  %s\n  age       %s\n\nWhere the vault is:\n\n  git carry show %s\n",
		p.ID, p.Component, kindWords[d.Kind], cmp.Or(p.Title, "-"), cmp.Or(d.Version, "-"), p.Severity, count(details.AgeDays, "day", "days"), p.ID)
	return newLetter(id, subject, text, d.person, details)
}

// kindWords continue "T401234 in core …".
var kindWords = map[patchset.NoticeKind]string{
	patchset.NoticeConflict: "does not merge and needs its owner",
	patchset.NoticeProposed: "has a result that waits for its owner's signature",
	patchset.NoticeDrift:    "merged, but is not what its owner last saw",
	patchset.NoticeFailed:   "merged, but a check does not hold",
	patchset.NoticeLanded:   "is public and is no longer carried",
	patchset.NoticeOld:      "will soon have been secret for too long",
	patchset.NoticeOverdue:  "has been secret for too long",
}
