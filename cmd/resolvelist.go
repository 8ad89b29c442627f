package cmd

import (
	"cmp"
	"context"
	"slices"

	"github.com/git-carry/git-carry/patchset"
)

// resolveListDoc is what is parked in a version.
type resolveListDoc struct {
	Schema  string            `json:"schema"`
	Version string            `json:"version"`
	Patches []resolveListItem `json:"patches"`
}

type resolveListItem struct {
	ID        string         `json:"id"`
	Component string         `json:"component"`
	Owner     string         `json:"owner"`
	State     patchset.State `json:"state"`
	Cause     string         `json:"cause"`
	Paths     []string       `json:"paths"`
	Next      []string       `json:"next"`
	handedDoc

	turn string // who was asked and can act; ""
}

// list shows the parked patches of a version.
func (o *resolveOptions) list(ctx context.Context, a *app) error {
	r, err := a.read(ctx)
	if err != nil {
		return err
	}
	version, _ := r.ledger.Newest()
	if o.version != "" {
		if _, err := r.ledger.Version(o.version); err != nil {
			return err
		}
		version = o.version
	}
	doc := resolveListDoc{schema("resolve-list"), version, []resolveListItem{}}
	pending, open := false, false
	for _, p := range r.ledger.In(version) {
		in := p.At[version]
		if !in.State.Parked() {
			continue
		}
		item := resolveListItem{p.ID, p.Component, p.Owner, in.State, in.Cause, nonNil(in.Paths), nil, handedDoc{}, ""}
		root := patchset.Spot{Version: version, Patch: p.ID}
		if chain := waitChain(r.ledger, root); len(chain) > 0 {
			root.Patch = chain[len(chain)-1]
		}
		item.Next, item.turn = r.turnArgv(root), r.turn(root)
		item.handedDoc = r.handed(patchset.Spot{Version: version, Patch: p.ID})
		switch {
		case r.ledger.Patches[root.Patch].At[version].State == patchset.StateProposed:
			pending = true
		case in.State == patchset.StateConflict:
			open = true
		}
		doc.Patches = append(doc.Patches, item)
	}
	a.show(doc, func() { doc.report(a) })
	switch {
	case open:
		return outcome{exitConflicts}
	case pending:
		return outcome{exitPending}
	}
	return nil
}

func (d resolveListDoc) report(a *app) {
	if len(d.Patches) == 0 {
		a.say("Nothing is parked in %s.", cmp.Or(d.Version, "this vault"))
		return
	}
	var handed []string
	rows := [][]string{{"PATCH", "COMPONENT", "OWNER", "STATE", "WHY", "NEXT"}}
	for _, p := range d.Patches {
		why := joinWords(p.Paths)
		if p.Cause != "" {
			why = "waits for " + p.Cause
		}
		rows = append(rows, []string{p.ID, p.Component, p.Owner, stateWord(p.State), why, p.nextWords()})
		handed = append(handed, p.of(p.ID)...)
	}
	a.say("PARKED in %s", d.Version)
	a.say("")
	a.fittedTable(rows, "NEXT")
	a.sayBelow(handed)
	first := slices.IndexFunc(d.Patches, func(p resolveListItem) bool { return p.State != patchset.StateWaiting })
	if first >= 0 {
		a.next("%s", d.Patches[first].nextWords())
	}
}

// nextWords is the command to type, with the name of whoever was asked to.
func (p resolveListItem) nextWords() string {
	if p.turn == "" {
		return shellLine(p.Next)
	}
	return p.turn + ": " + shellLine(p.Next)
}

// waitChain lists the patches that one waits for, nearest first: the last of
// them is in conflict itself.
func waitChain(l patchset.Ledger, at patchset.Spot) []string {
	var chain []string
	cause := l.Patches[at.Patch].At[at.Version].Cause
	for cause != "" && !slices.Contains(chain, cause) {
		chain = append(chain, cause)
		cause = l.Patches[cause].At[at.Version].Cause
	}
	return chain
}
