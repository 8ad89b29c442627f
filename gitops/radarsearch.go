package gitops

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/mailbox"
	"github.com/git-carry/git-carry/patchset/merge3"
	"github.com/git-carry/git-carry/patchset/radar"
)

// Again implements patchset.Radar. Patches that were last seen on the same base are
// looked for together, in what has changed since.
func (w *Workbench) Again(ctx context.Context, tip merge3.ID, fixes []patchset.StackFix) ([][]radar.Finding, error) {
	s := search{w: w, tip: tip, fixes: fixes, found: make([][]radar.Finding, len(fixes))}
	last, err := w.ReadCommit(ctx, tip)
	if err != nil {
		return nil, err
	}
	s.tree = last.Tree
	var looking errgroup.Group
	looking.SetLimit(runtime.GOMAXPROCS(0))
	for i := range fixes {
		looking.Go(func() error { return s.undone(ctx, i) })
	}
	if err := looking.Wait(); err != nil {
		return nil, err
	}
	groups, err := s.groups(ctx)
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		if err := s.elsewhere(ctx, g); err != nil {
			return nil, err
		}
	}
	return s.found, nil
}

type search struct {
	w     *Workbench
	tip   merge3.ID
	tree  merge3.ID // of tip
	fixes []patchset.StackFix
	found [][]radar.Finding
}

// group are the patches that were last seen on the same tree.
type group struct {
	since   merge3.ID
	members []int
}

// groups puts the patches together in order of their appearance. One that was never
// carried before was last seen on its own parent.
func (s *search) groups(ctx context.Context) ([]group, error) {
	var out []group
	for i, fix := range s.fixes {
		since, err := s.w.seenOn(ctx, fix.Seen, "")
		if err != nil {
			return nil, err
		}
		if since == "" {
			continue
		}
		c, err := s.w.ReadCommit(ctx, since)
		if err != nil {
			return nil, err
		}
		n := slices.IndexFunc(out, func(g group) bool { return g.since == c.Tree })
		if n < 0 {
			n, out = len(out), append(out, group{since: c.Tree})
		}
		out[n].members = append(out[n].members, i)
	}
	return out, nil
}

// patterns are what a patch takes out, as it was added and as it is now.
func (s *search) patterns(ctx context.Context, fix patchset.StackFix) ([]radar.Pattern, error) {
	var out []radar.Pattern
	forms, err := s.forms(ctx, fix)
	if err != nil {
		return nil, err
	}
	for _, id := range forms {
		of, err := s.w.patterns(ctx, id)
		if err != nil {
			return nil, err
		}
		out = append(out, of...)
	}
	return out, nil
}

// forms are the commits of a patch that do not all do the same to the same files.
func (s *search) forms(ctx context.Context, fix patchset.StackFix) ([]merge3.ID, error) {
	forms := []merge3.ID{fix.Carried}
	for _, id := range []merge3.ID{fix.Seen.Commit, cmp.Or(fix.Origin, fix.Seen.Commit)} {
		same, err := s.w.sameBlobs(ctx, id, forms[len(forms)-1])
		if err != nil {
			return nil, err
		}
		if !same {
			forms = append(forms, id)
		}
	}
	return forms, nil
}

// elsewhere looks for what a group takes out in the files that changed.
func (s *search) elsewhere(ctx context.Context, g group) error {
	changes, err := s.w.DiffFar(ctx, g.since, s.tree)
	if err != nil || len(changes) == 0 {
		return err
	}
	patterns := make([][]radar.Pattern, len(s.fixes))
	var reading errgroup.Group
	reading.SetLimit(runtime.GOMAXPROCS(0))
	for _, i := range g.members {
		reading.Go(func() (err error) {
			patterns[i], err = s.patterns(ctx, s.fixes[i])
			return err
		})
	}
	if err := reading.Wait(); err != nil {
		return err
	}
	index := radar.NewIndex(patterns)
	if index.Empty() {
		return nil
	}
	hits, err := s.w.scan(ctx, index, changes)
	if err != nil {
		return err
	}
	return s.weigh(ctx, index, changes, hits)
}

// scan looks through the new side of changes, on all cores; hits are in their order.
// Memory is bounded by the largest file that is looked at, for each core.
func (w *Workbench) scan(ctx context.Context, index *radar.Index, changes []TreeChange) ([][]radar.Hit, error) {
	hits := make([][]radar.Hit, len(changes))
	var next atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	for range runtime.GOMAXPROCS(0) {
		g.Go(func() error {
			scanner := index.Scanner()
			for i := int(next.Add(1)) - 1; i < len(changes); i = int(next.Add(1)) - 1 {
				found, err := w.scanEntry(ctx, index, scanner, changes[i].Path, changes[i].New)
				if err != nil {
					return fmt.Errorf("searching %.200q: %w", changes[i].Path, err)
				}
				hits[i] = slices.Clone(found)
			}
			return nil
		})
	}
	return hits, g.Wait()
}

func (w *Workbench) scanEntry(ctx context.Context, index *radar.Index, scanner *radar.Scanner, name string, e merge3.Entry) ([]radar.Hit, error) {
	if e.ID == "" || kindOfMode(e.Mode) != merge3.ModeFile || !index.Wants(name, 0) {
		return nil, ctx.Err()
	}
	data, err := w.early.take(e.ID), error(nil)
	if data == nil {
		data, err = w.smallBlob(ctx, e.ID)
	}
	var missing *MissingObjectError
	if errors.As(err, &missing) || err == nil && data == nil {
		w.unsearched.Add(1) // a train goes on without it
		return nil, nil
	}
	return scanner.Scan(name, data), err
}

// Unsearched counts the changed files that could have been searched for vulnerable text
// and were not: too large to have been written by hand, or missing.
func (w *Workbench) Unsearched() int { return int(w.unsearched.Load()) }

// maxElsewhere is in how many files vulnerable text may be found; what stands in more
// is a way of speaking.
const maxElsewhere = 8

// weigh keeps the hits that are new: more of them than the file had before.
func (s *search) weigh(ctx context.Context, index *radar.Index, changes []TreeChange, hits [][]radar.Hit) error {
	scanner := index.Scanner()
	files := map[int]int{} // by pattern
	type place struct{ file, hit int }
	var places []place
	for i, of := range hits {
		counted := map[int]int{}
		for n, hit := range of {
			if counted[hit.Pattern]++; counted[hit.Pattern] == 1 {
				files[hit.Pattern]++
			}
			had, err := s.had(ctx, index, scanner, changes[i], hit)
			if err != nil {
				return err
			}
			if counted[hit.Pattern] > had {
				places = append(places, place{i, n})
			}
		}
	}
	for _, p := range places {
		hit, path := hits[p.file][p.hit], changes[p.file].Path
		if files[hit.Pattern] > maxElsewhere || s.known(hit.Patch, path, hit.Line) {
			continue
		}
		s.found[hit.Patch] = append(s.found[hit.Patch], radar.Finding{
			Kind: radar.Elsewhere, Path: path, Line: hit.Line, Words: "put the text there that the fix takes out", Lines: []string{hit.Text},
		})
	}
	return nil
}

// had counts how often a file had the text of a hit before: a file that the patch
// fixes, with the fix in it.
func (s *search) had(ctx context.Context, index *radar.Index, scanner *radar.Scanner, c TreeChange, hit radar.Hit) (int, error) {
	old := c.Old
	files, err := s.w.Diff(ctx, s.fixes[hit.Patch].Seen.Commit)
	if err != nil {
		return 0, err
	}
	for _, f := range files {
		if f.NewPath == c.Path {
			old = merge3.Entry{Mode: f.NewMode, ID: merge3.ID(f.NewBlob)}
		}
	}
	hits, err := s.w.scanEntry(ctx, index, scanner, c.Path, old)
	n := 0
	for _, h := range hits {
		if h.Patch == hit.Patch && h.Pattern == hit.Pattern {
			n++
		}
	}
	return n, err
}

// known tells whether a place was told already: other text of the same patch, nearby.
func (s *search) known(patch int, path string, line int) bool {
	return slices.ContainsFunc(s.found[patch], func(f radar.Finding) bool {
		return f.Path == path && (f.Kind == radar.Undone || f.Line-line < 10 && line-f.Line < 10)
	})
}

// undone looks for a fix of which the stack has nothing left, and had before.
func (s *search) undone(ctx context.Context, i int) error {
	gone, err := s.gone(ctx, s.fixes[i].Carried, s.tip)
	if err != nil || len(gone) == 0 {
		return err
	}
	var before []radar.Finding
	if seen := s.fixes[i].Seen; seen.Tip != "" {
		if before, err = s.gone(ctx, seen.Commit, seen.Tip); err != nil {
			return err
		}
	}
	for _, f := range gone {
		if slices.ContainsFunc(before, func(b radar.Finding) bool { return b.Words == f.Words }) {
			continue
		}
		f.Lines = []string{f.Words}
		f.Words = "what the fix put there is gone from the finished stack"
		by, err := s.undoneBy(ctx, i, f)
		if err != nil {
			return err
		}
		if by != "" {
			f.Words = by + ", a later patch of the stack, takes out what the fix puts there"
		}
		s.found[i] = append(s.found[i], f)
	}
	return nil
}

// gone lists the places of a patch that are not in a later commit of its stack.
func (s *search) gone(ctx context.Context, fix, tip merge3.ID) ([]radar.Finding, error) {
	if fix == tip {
		return nil, nil
	}
	last, err := s.w.ReadCommit(ctx, tip)
	if err != nil {
		return nil, err
	}
	changes, err := s.notStanding(ctx, fix, last.Tree)
	if err != nil || len(changes) == 0 {
		return nil, err
	}
	files, err := s.w.diffBut(ctx, fix, changes, nil)
	if err != nil {
		return nil, err
	}
	var out []radar.Finding
	for _, f := range files {
		if f.NewPath == "" || f.Binary != nil || f.NewMode == merge3.ModeGitlink {
			continue
		}
		now, _, err := s.w.Entry(ctx, last.Tree, f.NewPath)
		if err != nil {
			return nil, err
		}
		if string(now.ID) == f.NewBlob {
			continue
		}
		fixed, err := s.w.smallBlob(ctx, merge3.ID(f.NewBlob))
		if err != nil {
			return nil, err
		}
		var later []byte
		if now.ID != "" && kindOfMode(now.Mode) == merge3.ModeFile {
			if later, err = s.w.smallBlob(ctx, now.ID); err != nil {
				return nil, err
			}
		}
		for i, fate := range patchset.FatesOf(f, fixed, later) {
			h := f.Hunks[i]
			if line := telltale(h); line != "" && !fate.Stands() && radar.IsCode(f.NewPath) {
				out = append(out, radar.Finding{Kind: radar.Undone, Path: f.NewPath, Line: max(1, h.NewStart), Words: line})
			}
		}
	}
	return out, nil
}

// minTelltale is how long a line must be, in bytes, for its absence to mean something.
const minTelltale = 8

// telltale is the first line that a hunk puts in, else takes out, by which it is known;
// "" when none tells anything.
func telltale(h mailbox.Hunk) string {
	for _, line := range slices.Concat(linesOf(h, '+'), linesOf(h, '-')) {
		if line = strings.TrimSpace(line); len(line) >= minTelltale {
			return line
		}
	}
	return ""
}

// notStanding lists what a patch does to files, without those that a later tree has as
// the patch left them; nothing when it has all of them so. Halves of a rename stay.
func (s *search) notStanding(ctx context.Context, fix, later merge3.ID) ([]TreeChange, error) {
	changes, err := s.w.changes(ctx, fix)
	if err != nil {
		return nil, err
	}
	var out []TreeChange
	whole := true
	for _, c := range changes {
		e, _, err := s.w.Entry(ctx, later, c.Path)
		if err != nil {
			return nil, err
		}
		whole = whole && e == c.New
		if e != c.New || c.Old.ID == "" || c.New.ID == "" {
			out = append(out, c)
		}
	}
	if whole {
		return nil, nil
	}
	return out, nil
}

// undoneBy is the later patch that takes out a line; "" when none does so as a line.
func (s *search) undoneBy(ctx context.Context, i int, f radar.Finding) (string, error) {
	for _, later := range s.fixes[i+1:] {
		files, err := s.w.Diff(ctx, later.Carried)
		if err != nil {
			return "", err
		}
		for _, file := range files {
			for _, h := range file.Hunks {
				if file.OldPath == f.Path && slices.ContainsFunc(linesOf(h, '-'), func(l string) bool { return radar.Has(f.Lines, []byte(l)) }) {
					return later.Patch, nil
				}
			}
		}
	}
	return "", nil
}
