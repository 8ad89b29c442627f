package cmd

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/printable"
	"github.com/git-carry/git-carry/patchset/radar"
)

// What changed between two forms of a patch besides the change itself: around it, in
// where it stands, and what is new.

// upstreamDoc is what upstream changed in one place around the fix.
type upstreamDoc struct {
	Path     string   `json:"path"`
	Line     int      `json:"line"`     // in the second form, counted from 1
	Function string   `json:"function"` // "" outside of any
	Removed  []string `json:"removed"`
	Added    []string `json:"added"`
}

// moveDoc is a hunk that starts at another line.
type moveDoc struct {
	Path string `json:"path"`
	From int    `json:"from"`
	To   int    `json:"to"`
}

// surroundings fills in what is not the change itself.
func (d *interdiffDoc) surroundings(ctx context.Context, s *step, changes patchset.Interdiff) error {
	for _, m := range changes.Moves {
		d.Moves = append(d.Moves, moveDoc(m))
	}
	pieces, err := s.bench.Pieces(ctx, d.From.Commit, d.To.Commit)
	for _, p := range pieces {
		if !d.has(p) {
			d.Upstream = append(d.Upstream, upstreamDoc{p.Path, p.Line, p.Function, nonNil(p.Removed), nonNil(p.Added)})
		}
	}
	p := s.ledger.Patches[d.ID]
	before := p.At[d.From.Version].Grounds
	for _, g := range p.At[d.To.Version].Grounds {
		found := g.Kind == patchset.GroundElsewhere || g.Kind == patchset.GroundUndone
		if found && (d.From.Version == d.To.Version || !slices.Contains(before, g)) {
			d.New = append(d.New, g)
		}
	}
	return err
}

// has tells whether a piece is a difference of the change itself.
func (d *interdiffDoc) has(p radar.Piece) bool {
	for _, f := range d.Files {
		if f.Path != p.Path {
			continue
		}
		var lines []string
		for _, l := range f.Lines {
			if l.In != "both" {
				lines = append(lines, l.Text)
			}
		}
		own := func(line string) bool { return radar.Has(lines, []byte(line)) }
		if all := slices.Concat(p.Removed, p.Added); len(all) > 0 && !slices.ContainsFunc(all, func(l string) bool { return !own(l) }) {
			return true
		}
	}
	return false
}

// reportGroups prints what differs under FIX, UPSTREAM, MOVED and NEW; a group without
// anything is left out.
func (d interdiffDoc) reportGroups(a *app) {
	group := func(title string, lines []string) {
		if len(lines) > 0 {
			a.say("")
			a.say("%s", title)
		}
		for _, line := range lines {
			a.say("%s", line)
		}
	}
	var fix, upstream, moved, added []string
	for _, f := range d.Files {
		if f.only == '+' {
			added = append(added, f.lines(d.Same)...)
		} else if lines := f.lines(d.Same); f.Same {
			moved = append(moved, lines...)
		} else {
			fix = append(fix, lines...)
		}
	}
	for _, u := range d.Upstream {
		upstream = append(upstream, u.lines()...)
	}
	for _, m := range d.Moves {
		moved = append(moved, fmt.Sprintf("%s: line %d is line %d", printable.Line(m.Path), m.From, m.To))
	}
	for _, g := range d.New {
		added = append(added, g.Sentence())
	}
	group("FIX: what the patch removes and adds", fix)
	group("UPSTREAM: what the public changed around it", upstream)
	group("MOVED: the same at another place", moved)
	group("NEW: only now", added)
}

func (u upstreamDoc) lines() []string {
	where := fmt.Sprintf("%s:%d", printable.Line(u.Path), u.Line)
	if u.Function != "" {
		where += " in " + u.Function
	}
	out := []string{where}
	for _, l := range u.Removed {
		out = append(out, "  - "+strings.TrimRight(l, "\r\n"))
	}
	for _, l := range u.Added {
		out = append(out, "  + "+strings.TrimRight(l, "\r\n"))
	}
	return out
}
