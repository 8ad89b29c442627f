package cmd

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/printable"
	"github.com/spf13/cobra"
)

type interdiffOptions struct{ id, from, to string }

func newInterdiffCmd(a *app) *cobra.Command {
	o := &interdiffOptions{}
	return &cobra.Command{
		Use:   "interdiff ID [FROM TO]",
		Short: "What changed in a patch between two versions",
		Long: `Compare what a patch removes and adds in two versions, without the code around it and
without line numbers. FROM and TO default to the version it was carried from and the one
that is being prepared; a proposal that is not signed yet counts as the form in TO. Four
groups: FIX is what the patch itself removes and adds otherwise; UPSTREAM what changed in
the functions around it, or beside it; MOVED what is the same at other lines or in a renamed
file; NEW the files that only TO changes, and where its vulnerable text turned up.

The first sign of a line tells which form has it (- FROM only, + TO only), the second
what that form does with the line.`,
		Example: `  git carry interdiff T401234
  git carry interdiff T401234 1.46.0-wmf.4 1.46.0-wmf.6`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 && len(args) != 3 {
				return usagef("name the patch, and both versions or none: git carry interdiff ID [FROM TO]")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			o.id = args[0]
			if len(args) == 3 {
				o.from, o.to = args[1], args[2]
			}
			return o.run(c.Context(), a)
		},
	}
}

type interdiffDoc struct {
	Schema string          `json:"schema"`
	ID     string          `json:"id"`
	From   interdiffForm   `json:"from"`
	To     interdiffForm   `json:"to"`
	Same   bool            `json:"same"`
	Moved  int             `json:"moved_hunks"`
	Files  []interdiffFile `json:"files"`
	// What is not the change itself: around the fix, hunks that start elsewhere, and
	// what was found with the second form.
	Upstream []upstreamDoc     `json:"upstream"`
	Moves    []moveDoc         `json:"moves"`
	New      []patchset.Ground `json:"new"`
}

// interdiffForm is one form of the patch: a commit, and what it is in words.
type interdiffForm struct {
	Version string      `json:"version"`
	Commit  patchset.ID `json:"commit"`
	What    string      `json:"what"`
}

type interdiffFile struct {
	Path  string          `json:"path"`
	Was   string          `json:"was"`
	Same  bool            `json:"same"`
	Notes []string        `json:"notes"`
	Lines []interdiffLine `json:"lines"`

	only byte
}

type interdiffLine struct {
	In   string `json:"in"` // both, from or to
	Op   string `json:"op"` // + or -
	Text string `json:"text"`
}

func (o *interdiffOptions) run(ctx context.Context, a *app) error {
	var doc interdiffDoc
	err := a.rehearse(ctx, func(ctx context.Context, s *step) error {
		from, to, err := o.forms(s.ledger)
		if err != nil {
			return err
		}
		first, err := s.bench.Diff(ctx, from.Commit)
		if err != nil {
			return err
		}
		second, err := s.bench.Diff(ctx, to.Commit)
		if err != nil {
			return err
		}
		changes := patchset.CompareChanges(first, second)
		doc = newInterdiffDoc(o.id, from, to, changes)
		return doc.surroundings(ctx, s, changes)
	})
	if err != nil {
		return err
	}
	a.show(doc, func() { doc.report(a) })
	return nil
}

// forms finds the two forms of the patch.
func (o *interdiffOptions) forms(l patchset.Ledger) (from, to interdiffForm, err error) {
	at, in, err := spotOf(l, o.id, o.to)
	if err != nil {
		return from, to, err
	}
	if to, err = formOf(l, at, in); err != nil {
		return from, to, err
	}
	if o.from == "" && in.Replaces != "" {
		return interdiffForm{at.Version, in.Replaces, "as it was before it was replaced"}, to, nil
	}
	version := cmp.Or(o.from, in.From)
	if version == "" {
		return interdiffForm{at.Version, in.Source, "as it was added"}, to, nil
	}
	before, was, err := spotOf(l, o.id, version)
	if err != nil {
		return from, to, err
	}
	if o.from == "" && !was.State.InStack() {
		return interdiffForm{version, in.Source, "as it was last carried"}, to, nil
	}
	from, err = formOf(l, before, was)
	return from, to, err
}

// formOf is the patch as a version has it: in the stack, or proposed.
func formOf(l patchset.Ledger, at patchset.Spot, in patchset.Incarnation) (interdiffForm, error) {
	if r := l.Resolutions[at]; in.State == patchset.StateProposed {
		return interdiffForm{at.Version, r.Result, "proposed by " + r.By}, nil
	}
	if in.State.InStack() {
		return interdiffForm{at.Version, in.Commit, string(in.State)}, nil
	}
	return interdiffForm{}, patchset.Faultf(patchset.CodeFailed, "%s is %s in %s: there is no form of it to compare", at.Patch, in.State, at.Version).
		WithHint("%s", commandFor(l, "why", at))
}

func newInterdiffDoc(id string, from, to interdiffForm, d patchset.Interdiff) interdiffDoc {
	doc := interdiffDoc{
		Schema: schema("interdiff"), ID: id, From: from, To: to, Same: d.Same(), Moved: d.Moved,
		Files: []interdiffFile{}, Upstream: []upstreamDoc{}, Moves: []moveDoc{}, New: []patchset.Ground{},
	}
	in := map[byte]string{' ': "both", '-': "from", '+': "to"}
	for _, f := range d.Files {
		file := interdiffFile{f.Path, f.Was, f.Same(), nonNil(f.Notes), []interdiffLine{}, f.Only}
		for _, l := range f.Lines {
			file.Lines = append(file.Lines, interdiffLine{in[l.In], string(l.Op), string(l.Text)})
		}
		doc.Files = append(doc.Files, file)
	}
	return doc
}

func (d interdiffDoc) report(a *app) {
	a.say("%s", d.ID)
	a.say("  - %s  %s  %s", d.From.Version, d.From.Commit.Short(), d.From.What)
	a.say("  + %s  %s  %s", d.To.Version, d.To.Commit.Short(), d.To.What)
	if d.Same {
		a.say("")
		words := "no difference in the change"
		if d.Moved > 0 {
			words += "; " + count(d.Moved, "hunk", "hunks") + " moved"
		}
		a.say("%s", words)
	}
	d.reportGroups(a)
}

// maxShortLines bounds an interdiff that is shown beside something else.
const maxShortLines = 40

// reportShort shows what differs, cut where it gets long.
func (d interdiffDoc) reportShort(a *app, version string) {
	if d.Same {
		a.say("  it makes the same change as the patch did")
		return
	}
	var lines []string
	for _, f := range d.Files {
		lines = append(lines, f.lines(true)...)
	}
	a.say("  against what the patch did before (- before only, + now only):")
	for i, line := range lines {
		if i == maxShortLines {
			a.say("    … %s more: git carry interdiff %s %s %s", count(len(lines)-i, "line", "lines"), d.ID, cmp.Or(d.From.Version, version), version)
			return
		}
		a.say("    %s", line)
	}
}

// shownAround is how many lines that both forms have are shown beside a difference.
const shownAround = 3

// lines are the differences in a file in words; a file without any is left out
// when all are the same.
func (f interdiffFile) lines(sameEverywhere bool) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	path := printable.Line(f.Path)
	switch {
	case f.Was != "":
		say("%s (was %s)", path, printable.Line(f.Was))
	case !f.Same:
		say("%s", path)
	case !sameEverywhere:
		say("%s: the same", path)
	}
	if f.Same {
		return out
	}
	for _, note := range f.Notes {
		say("  %s", note)
	}
	signs := map[string]string{"both": " ", "from": "-", "to": "+"}
	skipped := false
	for i, l := range f.Lines {
		if !f.near(i) {
			skipped = true
			continue
		}
		if skipped {
			say("  …")
			skipped = false
		}
		say("  %s%s %s", signs[l.In], l.Op, strings.TrimRight(l.Text, "\r\n"))
	}
	return out
}

// near tells whether a line differs or stands beside one that does.
func (f interdiffFile) near(i int) bool {
	for j := max(0, i-shownAround); j <= min(len(f.Lines)-1, i+shownAround); j++ {
		if f.Lines[j].In != "both" {
			return true
		}
	}
	return false
}
