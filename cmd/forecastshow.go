package cmd

import (
	"cmp"
	"context"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/printable"
)

type forecastDoc struct {
	Schema    string                  `json:"schema"`
	Ref       string                  `json:"ref"`     // as given; "" for the main branches
	Version   string                  `json:"version"` // that the patches are carried from
	Base      map[string]forecastBase `json:"base"`    // by component
	SinceLast string                  `json:"since_last"`
	// Patches are all of them, or with --since-last those of which there is news.
	Patches []forecastPatch `json:"patches"`
	LeftOut []string        `json:"left_out"` // components without such a ref
	Summary trainSummary    `json:"summary"`  // of all patches

	news bool // --since-last
}

// forecastBase is the public commit that a component's patches are carried to.
type forecastBase struct {
	Ref     string      `json:"ref"` // where it was found
	Commit  patchset.ID `json:"commit"`
	Commits int         `json:"commits"` // on the first-parent line since the version's base
}

type forecastPatch struct {
	ID        string         `json:"id"`
	Component string         `json:"component"`
	State     patchset.State `json:"state"`
	Was       patchset.State `json:"was"` // in Version
	Owner     string         `json:"owner"`
	// Commit is the first public commit with which it is so; "" when none can be named.
	Commit patchset.ID `json:"commit"`
	// Merge is the merge that brought Commit to the first-parent line, if one did.
	Merge   patchset.ID `json:"merge"`
	Author  string      `json:"author"`
	Date    string      `json:"date"`
	Subject string      `json:"subject"`
	Already bool        `json:"already"` // so from the start: no commit of this time does it
	Cause   string      `json:"cause"`   // the patch that a waiting one waits for
	Paths   []string    `json:"paths"`
	Why     string      `json:"why"`
}

func (o *forecastOptions) document(ctx context.Context, s *step, req patchset.TrainRequest, components []patchset.Component, prospects []patchset.Prospect, last forecastSaid) (forecastDoc, error) {
	doc := forecastDoc{
		Schema: schema("forecast"), Ref: o.ref, Version: req.From, Base: map[string]forecastBase{},
		Patches: []forecastPatch{}, LeftOut: []string{}, news: o.sinceLast,
	}
	for _, c := range components {
		point, ok := req.Bases[c.Name]
		if !ok {
			doc.LeftOut = append(doc.LeftOut, c.Name)
			continue
		}
		line, _, err := s.bench.FirstParents(ctx, point.Commit, s.ledger.Versions[req.From].Bases[c.Name].Commit)
		if err != nil {
			return doc, err
		}
		doc.Base[c.Name] = forecastBase{point.Ref, point.Commit, max(0, len(line)-1)}
	}
	for _, p := range prospects {
		doc.Summary.add(p.Incarnation.State)
	}
	if o.sinceLast {
		doc.SinceLast, prospects = stamp(last.At), patchset.News(last.Patches, prospects)
	}
	for _, p := range prospects {
		shown, err := newForecastPatch(ctx, s, req.From, p)
		if err != nil {
			return doc, err
		}
		if before := last.Patches[p.Patch].State; o.sinceLast && before.Foretold() && !p.Incarnation.State.Foretold() {
			shown.Why = "no longer " + string(before)
		}
		doc.Patches = append(doc.Patches, shown)
	}
	return doc, nil
}

func newForecastPatch(ctx context.Context, s *step, version string, p patchset.Prospect) (forecastPatch, error) {
	known, in := s.ledger.Patches[p.Patch], p.Incarnation
	f := forecastPatch{
		ID: p.Patch, Component: known.Component, State: in.State, Was: p.Was, Owner: known.Owner,
		Already: p.Onset.Already, Cause: in.Cause, Paths: nonNil(in.Paths), Why: in.Why,
	}
	switch {
	case in.State == patchset.StateWaiting:
		f.Why = "waits for " + in.Cause
	case in.State == patchset.StateConflict && p.Was == patchset.StateLanded && f.Why == "":
		f.Why = "landed before, but the public branch no longer has all of it"
	case f.Why == "" && !in.State.Foretold() && p.Was.Foretold():
		f.Why = "no longer " + string(p.Was)
	}
	if p.Onset.Already {
		f.Why = joinWords(append(notEmpty(alreadyWords(version, p)), notEmpty(f.Why)...))
	}
	if p.Onset.Named() == "" {
		return f, nil
	}
	c, err := s.bench.Commit(ctx, p.Onset.Named())
	if err != nil {
		return f, err
	}
	doc := newCommitDoc(p.Onset.Named(), c, nil)
	f.Commit, f.Author, f.Date, f.Subject = doc.Commit, doc.Author, doc.Date, doc.Subject
	if p.Onset.Change != "" {
		f.Merge = p.Onset.Commit
	}
	return f, nil
}

// alreadyWords says since when it has been so, where no commit of the line does it.
func alreadyWords(version string, p patchset.Prospect) string {
	switch {
	case p.Onset.Until != "":
		return "so before " + p.Onset.Until.Short() + ", the oldest commit that was tried"
	case p.Was == p.Incarnation.State:
		return "so in " + version + " already"
	}
	return "so without any new public commit: the public branch lacks what " + version + " stands on"
}

func (d forecastDoc) report(a *app) {
	title := "FORECAST " + cmp.Or(d.Ref, "for the main branch")
	if d.Version != "" {
		title += "  from " + d.Version
	}
	if d.SinceLast != "" {
		title += "  (news since " + d.SinceLast + ")"
	}
	a.say("%s", title)
	rows := [][]string{{"PATCH", "COMPONENT", "OWNER", "FORECAST", "SINCE", "DATE", "AUTHOR", "SUBJECT"}}
	for _, p := range d.Patches {
		if d.news || p.State.Foretold() && (p.Commit != "" || p.State != p.Was || p.State.Blocks()) {
			rows = append(rows, p.row())
		}
	}
	if len(rows) > 1 {
		a.say("")
		a.fittedTable(rows, "DATE", "AUTHOR")
		a.say("")
	}
	a.say("%s, %s: %s", count(d.Summary.Total, "patch", "patches"), count(d.commits(), "new public commit", "new public commits"), d.Summary.words())
	if d.news && len(d.Patches) == 0 {
		a.say("no news")
	}
	for _, name := range d.LeftOut {
		a.say("%s has no public %s: its patches were left out", name, d.Ref)
	}
	for _, p := range d.Patches {
		switch {
		case p.State == patchset.StateConflict && p.Was == patchset.StateConflict:
			a.next("git carry resolve %s --version %s      (owner %s)", p.ID, shellWord(d.Version), p.Owner)
			return
		case p.State == patchset.StateConflict:
			a.next("tell %s, who owns %s; it can be settled once the branch is cut and git carry train has run", p.Owner, p.ID)
			return
		}
	}
}

// commits counts the new public commits.
func (d forecastDoc) commits() int {
	n := 0
	for _, base := range d.Base {
		n += base.Commits
	}
	return n
}

// maxSubject is the width of a subject in the table.
const maxSubject = 48

func (p forecastPatch) row() []string {
	state := stateWord(p.State)
	if p.Cause != "" {
		state += " for " + p.Cause
	}
	row := []string{p.ID, p.Component, p.Owner, state}
	if p.Commit == "" {
		return append(row, p.Why)
	}
	return append(row, p.Commit.Short(), p.Date, p.Author, printable.Cut(printable.Line(p.Subject), maxSubject))
}
