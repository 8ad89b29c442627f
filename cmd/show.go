package cmd

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/printable"
	"github.com/spf13/cobra"
)

func newShowCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "show ID",
		Short: "Everything that is known of a patch",
		Long: `Show a patch: whose it is, its clocks, what became of it in every version (newest first),
conflicts, resolutions and signatures, and what the ledger says of it. ID may be the word by
which a message named the patch (git carry help notify).`,
		Example: "  git carry show T401234\n  git carry show K7Q2",
		Args:    cobra.ExactArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return showOne(c.Context(), a, args[0]) },
	}
}

type showDoc struct {
	Schema string `json:"schema"`
	patchDoc
	Word      string           `json:"word"` // its name in messages
	Task      string           `json:"task"`
	CVE       string           `json:"cve"` // "" while none is assigned
	CarryID   string           `json:"carry_id"`
	Deputies  []string         `json:"deputies"`
	Added     eventDoc         `json:"added"`
	Disclosed eventDoc         `json:"disclosed"`
	Shown     eventDoc         `json:"shown"` // while it was embargoed, for a review
	Landed    eventDoc         `json:"landed"`
	Dropped   eventDoc         `json:"dropped"`
	Delegates []delegateDoc    `json:"delegates"`
	Checks    []checkDoc       `json:"checks"`   // in the version that is being prepared
	Versions  []incarnationDoc `json:"versions"` // newest first
	Log       []entryDoc       `json:"log"`      // oldest first
}

type eventDoc struct {
	At     string `json:"at"`
	By     string `json:"by"`
	Where  string `json:"where"`
	Reason string `json:"reason"`
}

func newEventDoc(e patchset.Event) eventDoc { return eventDoc{stamp(e.At), e.By, e.Where, e.Reason} }

type incarnationDoc struct {
	Version    string            `json:"version"`
	State      patchset.State    `json:"state"`
	Commit     patchset.ID       `json:"commit"`
	Source     patchset.ID       `json:"source"`
	From       string            `json:"from"`
	Public     patchset.ID       `json:"public"`
	Why        string            `json:"why"`
	RestsOn    []string          `json:"rests_on"` // in sentences
	Grounds    []patchset.Ground `json:"grounds"`  // the evidence in them, the strongest first
	Cause      string            `json:"cause"`
	Culprit    patchset.ID       `json:"culprit"`
	Conflict   []conflictDoc     `json:"conflict"` // the files that did not merge by themselves
	Resolution *resolutionDoc    `json:"resolution"`
	Signatures []string          `json:"signatures"` // that count, in words
	Ignored    []string          `json:"ignored"`    // signatures that do not, and why
	Missing    string            `json:"missing"`    // the consent that is still needed
	handedDoc

	answers []string // what its owner can say to a drift
}

type conflictDoc struct {
	Path string `json:"path"`
	Kind string `json:"kind"`
}

type resolutionDoc struct {
	By     string      `json:"by"`
	At     string      `json:"at"`
	Result patchset.ID `json:"result"` // "" for a draft
	Open   []string    `json:"open"`
	How    []string    `json:"how"`
}

func showOne(ctx context.Context, a *app, id string) error {
	b, err := a.board(ctx, "")
	if err != nil {
		return err
	}
	p, err := b.ledger.Named(id)
	if err != nil {
		return err
	}
	id = p.ID
	doc := showDoc{
		Schema: schema("show"), Word: b.ledger.Words()[id], patchDoc: b.doc(ctx, p), Task: p.Task, CVE: p.CVE, CarryID: p.CarryID, Deputies: nonNil(p.Deputies),
		Added: newEventDoc(p.Added), Disclosed: newEventDoc(p.Disclosed), Shown: newEventDoc(p.Shown), Landed: newEventDoc(p.Landed), Dropped: newEventDoc(p.Dropped),
		Delegates: b.delegatesOf(id), Versions: []incarnationDoc{}, Log: []entryDoc{},
		Checks: newCheckListDoc(b.ledger, "", id, b.version, "").Checks,
	}
	for _, version := range slices.Backward(b.ledger.VersionNames()) {
		in, ok := p.At[version]
		if !ok {
			continue
		}
		v, err := b.incarnation(ctx, patchset.Spot{Version: version, Patch: id}, in)
		if err != nil {
			return err
		}
		doc.Versions = append(doc.Versions, v)
	}
	err = b.vault.Log(ctx, func(e gitops.LogEntry) bool {
		if names(e.Entry, id) {
			doc.Log = append(doc.Log, newEntryDoc(e, b.registry))
		}
		return ctx.Err() == nil
	})
	if err != nil {
		return err
	}
	slices.Reverse(doc.Log)
	a.show(doc, func() { doc.report(a, b, p) })
	return nil
}

func (b board) incarnation(ctx context.Context, at patchset.Spot, in patchset.Incarnation) (incarnationDoc, error) {
	basis := b.ledger.Basis(at)
	d := incarnationDoc{
		Version: at.Version, State: in.State, Commit: in.Commit, Source: in.Source, From: in.From, Public: in.Public,
		Why: basis.Clause, RestsOn: nonNil(basis.Sentences), Grounds: nonNil(in.Grounds), Cause: in.Cause, Culprit: in.Culprit,
		Conflict: []conflictDoc{}, Signatures: []string{}, Ignored: []string{},
		handedDoc: b.handed(at),
	}
	for _, path := range b.ledger.Conflicts[at].Paths {
		d.Conflict = append(d.Conflict, conflictDoc{path.Path, fmt.Sprint(path.Kind)})
	}
	if r, ok := b.ledger.Resolutions[at]; ok {
		d.Resolution = &resolutionDoc{r.By, stamp(r.At), r.Result, nonNil(r.Open), nonNil(r.How)}
	}
	v, needed, err := b.verdict(ctx, at)
	if err != nil {
		return d, err
	}
	if needed {
		d.Signatures, d.Ignored, d.Missing = nonNil(v.Labels), nonNil(v.Ignored), v.Missing
		if in.State == patchset.StateDrift && !v.OK {
			d.answers = driftAnswers(b.ledger, at)
		}
	}
	return d, nil
}

func (doc showDoc) report(a *app, b board, p patchset.Patch) {
	a.say("%s  %s  %s  %s", p.ID, p.Component, p.Severity, doc.Life)
	if p.Title != "" {
		a.say("%s", p.Title)
	}
	a.say("")
	doc.reportFacts(a, b, p)
	if len(doc.Checks) > 0 {
		a.say("")
		a.reportChecks(doc.Checks)
	}
	for _, v := range doc.Versions {
		a.say("")
		v.report(a)
	}
	if len(doc.Log) > 0 {
		a.say("")
		a.say("LEDGER")
	}
	for _, e := range doc.Log {
		a.say("  %s  %s  %s", entryTime(e), shortWho(e), e.Sentence)
		for _, line := range e.Details {
			if mentions(line, p.ID) || mentions(e.Sentence, p.ID) {
				a.say("      %s", line)
			}
		}
	}
	switch turn := b.turn(b.spot(p)); {
	case turn != "" && len(doc.Next) > 0:
		a.next("%s      (%s)", shellLine(doc.Next), b.whose(p))
	case len(doc.Next) > 0:
		a.next("%s", shellLine(doc.Next))
	}
}

// facts prints names and values in two columns, leaving out empty values.
func (a *app) facts(indent string, facts [][2]string) {
	for _, f := range facts {
		if f[1] != "" {
			a.say("%s%-10s %s", indent, f[0], f[1])
		}
	}
}

func (doc showDoc) reportFacts(a *app, b board, p patchset.Patch) {
	owner := p.Owner
	if person, known := b.registry.Person(p.Owner); known {
		owner = person.String()
	} else {
		owner += " (not in the registry)"
	}
	age := fmt.Sprintf("%s, limit %d", count(doc.AgeDays, "day", "days"), b.limitDays(p.Severity))
	if p.Found.IsZero() {
		age += " (since it was carried; when it was found is unknown)"
	}
	a.facts("", [][2]string{
		{"owner", owner + guessed(p)},
		{"deputies", joinWords(p.Deputies)},
	})
	for _, d := range doc.Delegates {
		a.facts("", [][2]string{{"delegate", fmt.Sprintf("in %s %s", d.Version, printable.Line(d.words))}})
	}
	a.facts("", [][2]string{
		{"word", doc.Word},
		{"task", p.Task},
		{"cve", p.CVE},
		{"age", age},
		{"found", clockWords(p.Found, p.FoundFrom)},
		{"carried", clockWords(p.CarriedSince, p.CarriedFrom)},
		{"added", eventWords(p.Added)},
		{"disclosed", eventWords(p.Disclosed)},
		{"shown", eventWords(p.Shown)},
		{"landed", eventWords(p.Landed)},
		{"dropped", eventWords(p.Dropped)},
		{"carry-id", p.CarryID},
	})
}

// clockWords is a day and, where nobody recorded it, where it was read.
func clockWords(at time.Time, from string) string {
	if at.IsZero() || from == "" {
		return date(at)
	}
	return date(at) + ", by " + from
}

// eventWords is such as "2026-11-20 by priya, https://example.org: reason".
func eventWords(e patchset.Event) string {
	if !e.Happened() {
		return ""
	}
	words := date(e.At)
	if e.By != "" {
		words += " by " + e.By
	}
	if e.Where != "" {
		words += ", " + e.Where
	}
	if e.Reason != "" {
		words += ": " + e.Reason
	}
	return words
}

func (v incarnationDoc) report(a *app) {
	a.say("%s  %s", v.Version, stateWord(v.State))
	a.facts("  ", [][2]string{{"commit", string(v.Commit)}, {"public", string(v.Public)}, {"why", v.Why}})
	label := "rests on"
	for _, sentence := range v.RestsOn {
		a.facts("  ", [][2]string{{label, sentence}})
		label = ""
	}
	for _, k := range v.Conflict {
		a.facts("  ", [][2]string{{"conflict", k.Path + " (" + k.Kind + ")"}})
	}
	if r := v.Resolution; r != nil && r.Result == "" {
		a.facts("  ", [][2]string{{"resolution", fmt.Sprintf("draft, %s open, by %s on %s", count(len(r.Open), "file", "files"), r.By, r.At)}})
	}
	a.facts("  ", [][2]string{{"hand-off", v.handedDoc.String()}})
	for _, s := range v.Signatures {
		a.facts("  ", [][2]string{{"signed", s}})
	}
	for _, s := range v.Ignored {
		a.facts("  ", [][2]string{{"ignored", s}})
	}
	a.facts("  ", [][2]string{{"missing", v.Missing}})
	for _, words := range v.answers {
		a.facts("  ", [][2]string{{"answer", words}})
	}
}
