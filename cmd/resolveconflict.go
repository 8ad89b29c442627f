package cmd

import (
	"context"
	"fmt"
	"slices"

	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
	"github.com/git-carry/git-carry/patchset/suggest"
	"github.com/git-carry/git-carry/tui"
)

// conflict is all that a session needs to know of it.
func (d *desk) conflict(ctx context.Context) (tui.Conflict, error) {
	s := d.bench
	p, k := s.ledger.Patches[d.at.Patch], s.ledger.Conflicts[d.at]
	in := p.At[d.at.Version]
	owner, _ := s.registry.Person(p.Owner)
	c := tui.Conflict{
		Patch: p.ID, Title: p.Title, Severity: p.Severity, Component: p.Component, Version: d.at.Version, From: in.From,
		Owner: owner, Actor: s.actor, As: owners.As(s.role(d.at)), Signers: s.registry.Signers(s.owner(d.at)),
	}
	var err error
	if c.Source, err = d.commit(ctx, k.Source, false); err != nil {
		return c, err
	}
	if c.Cause, err = d.commit(ctx, in.Culprit, true); err != nil {
		return c, err
	}
	for _, path := range k.Paths {
		f, err := d.file(ctx, path)
		if err != nil {
			return c, err
		}
		c.Files = append(c.Files, f)
	}
	if c.FixElsewhere, err = d.fixElsewhere(ctx, k); err != nil {
		return c, err
	}
	if c.Suggestions, err = d.suggestions(ctx, k, c.Files); err != nil {
		return c, err
	}
	c.Drafted, c.Notes, err = d.drafted(ctx, k)
	c.Notes = append(d.notes(), c.Notes...)
	return c, err
}

// notes are what a person should know before they begin.
func (d *desk) notes() []string {
	var notes []string
	if handed := d.bench.handed(d.at).String(); handed != "" {
		notes = append(notes, handed)
	}
	if d.bench.registry.Policy.Require == owners.RequireKey && d.keys == nil && d.bench.role(d.at) != "" {
		notes = append(notes, "to sign here takes your key: git carry resolve "+d.o.id+" --key FILE")
	}
	return notes
}

// maxShownChange bounds the change of a commit that a screen can show, in bytes.
const maxShownChange = 256 << 10

func (d *desk) commit(ctx context.Context, id patchset.ID, change bool) (*tui.Commit, error) {
	if id == "" {
		return nil, nil
	}
	c, err := d.bench.bench.Commit(ctx, id)
	if err != nil {
		return nil, err
	}
	doc := newCommitDoc(id, c, nil)
	out := &tui.Commit{ID: id, Author: doc.Author, Date: c.AuthorTime(), Subject: doc.Subject, Body: string(c.Message)}
	if change {
		text, err := d.bench.bench.DiffText(ctx, id, 3)
		if err != nil {
			return nil, err
		}
		if len(text) > maxShownChange {
			text = text[:maxShownChange]
		}
		out.Body += "\n" + string(text)
	}
	return out, nil
}

// file is one path in dispute. Texts are merged again, whole changes against whole
// changes: that is what a person can judge.
func (d *desk) file(ctx context.Context, p patchset.ConflictPath) (tui.File, error) {
	f := tui.File{Path: p.Path, Kind: p.Kind, Message: p.Message}
	sides := []patchset.ConflictSide{p.Base, p.Upstream, p.Patch}
	for i, to := range []*tui.Entry{&f.Base, &f.Upstream, &f.Patch} {
		side := sides[i]
		to.Mode, to.ID = side.Mode, side.ID
		if side.ID == "" || side.Mode == merge3.ModeGitlink {
			continue
		}
		data, err := d.bench.bench.Blob(ctx, side.ID)
		if err != nil {
			return f, err
		}
		to.Data, to.Size = data, int64(len(data))
	}
	if p.Kind != merge3.KindContent && p.Kind != merge3.KindAddAdd {
		return f, nil
	}
	res := merge3.Text(f.Base.Data, f.Upstream.Data, f.Patch.Data, merge3.TextOptions{Style: merge3.StyleDiff3})
	if !res.Binary && len(res.Regions.Hunks()) > 0 {
		f.Text = res.Regions
	}
	return f, nil
}

// fixElsewhere counts the changed lines of the patch outside the files in dispute.
func (d *desk) fixElsewhere(ctx context.Context, k patchset.Conflict) (int, error) {
	changes, err := d.bench.bench.Diff(ctx, k.Source)
	n := 0
	for _, fc := range changes {
		disputed := slices.ContainsFunc(k.Paths, func(p patchset.ConflictPath) bool { return p.Path == fc.Path() || p.Path == fc.OldPath })
		if !disputed {
			added, removed := countLines(fc)
			n += max(added, removed)
		}
	}
	return n, err
}

// suggestions are what could be made of each dispute, with where it comes from.
func (d *desk) suggestions(ctx context.Context, k patchset.Conflict, files []tui.File) ([]tui.Suggestion, error) {
	upstream, err := d.bench.bench.Commit(ctx, k.Upstream)
	if err != nil {
		return nil, err
	}
	var base merge3.ID
	if k.Base != "" {
		c, err := d.bench.bench.Commit(ctx, k.Base)
		if err != nil {
			return nil, err
		}
		base = c.Tree
	}
	elsewhere := suggest.NewElsewhere(d.bench.bench.Scratch, base, upstream.Tree)
	known := d.bench.known(ctx, d.at)
	var out []tui.Suggestion
	for _, f := range files {
		if f.Text == nil || f.Kind != merge3.KindContent {
			continue
		}
		answers := suggest.For(suggest.File{
			Path: f.Path, Base: f.Base.Data, Upstream: f.Upstream.Data, Patch: f.Patch.Data,
			Elsewhere: elsewhere.Files(ctx, f.Path), Known: known,
		})
		for n, list := range answers.Disputes {
			for _, s := range list {
				out = append(out, tui.Suggestion{
					Path: f.Path, Hunk: n + 1, Label: s.Label, Source: string(s.Source),
					Precision: float64(s.Precision.Percent()) / 100, Lines: s.Text,
				})
			}
		}
	}
	return out, elsewhere.Err()
}

// drafted is what was settled before: in a session on this machine that was cut off,
// else in the ledger.
func (d *desk) drafted(ctx context.Context, k patchset.Conflict) ([]tui.FileOutcome, []string, error) {
	r, known := d.bench.ledger.Resolutions[d.at]
	known = known && r.Conflict == k.Record
	last, err := d.saved()
	if err != nil {
		return nil, nil, err
	}
	if last != nil && (!known || last.At.After(r.At)) {
		d.cutOff = true
		return last.Files, []string{fmt.Sprintf("goes on from your session of %s, which was cut off", stamp(last.At))}, nil
	}
	if !known {
		return nil, nil, nil
	}
	d.result = r.Result
	var notes []string
	if r.By != d.bench.by() {
		what := "draft"
		if r.Proposed() {
			what = "proposal"
		}
		notes = append(notes, fmt.Sprintf("goes on from the %s of %s, %s", what, r.By, date(r.At)))
	}
	draft := patchset.ContinueDraft(d.bench.bench, k, r)
	var files []tui.FileOutcome
	for _, p := range k.Paths {
		f, err := d.outcomeOf(ctx, draft, r, p)
		if err != nil {
			return nil, nil, err
		}
		files = append(files, f)
	}
	return files, notes, nil
}

// outcomeOf reads back what a draft has made of a path.
func (d *desk) outcomeOf(ctx context.Context, draft *patchset.Draft, r patchset.Resolution, p patchset.ConflictPath) (tui.FileOutcome, error) {
	f := tui.FileOutcome{Path: p.Path, Settled: !draft.IsOpen(p.Path), Open: r.OpenHunks[p.Path]}
	if !f.Settled && len(f.Open) == 0 {
		return f, nil
	}
	f.How = []string{"drafted by " + r.By}
	entry, there, err := d.bench.bench.Entry(ctx, r.Tree, p.Path)
	if err != nil {
		return f, err
	}
	switch {
	case !there:
		f.Delete = true
	case textMode(entry.Mode):
		f.Text, f.HasText, err = draft.Content(ctx, p.Path)
	default:
		for side, is := range map[tui.Side]patchset.ConflictSide{tui.Base: p.Base, tui.Upstream: p.Upstream, tui.Patch: p.Patch} {
			if is == entry {
				f.Take = side
			}
		}
	}
	return f, err
}

func textMode(mode string) bool { return mode == merge3.ModeFile || mode == merge3.ModeExecutable }
