package cmd

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

type splitOptions struct {
	id      string
	added   string
	paths   []string
	title   string
	version string
}

func newSplitCmd(a *app) *cobra.Command {
	o := &splitOptions{}
	c := &cobra.Command{
		Use:   "split ID NEW --path PATH...",
		Short: "Make two patches of one",
		Long: `Take what a patch changes in some files into a patch of its own, NEW, which comes right
after it in the stack. Both together give exactly the tree that the one gave, so nobody has to
agree again. NEW has the owner, the deputies, the severity and the clocks of ID; its checks
stay with ID. A PATH is a file, or a directory and all in it.

It is done in the newest version that carries the patch; older ones keep the one patch.`,
		Example: `  git carry split T401234 T401234-2 --path resources --path includes/Html.php`,
		Args:    cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			o.id, o.added = args[0], args[1]
			return o.run(c.Context(), a)
		},
	}
	f := c.Flags()
	f.StringArrayVar(&o.paths, "path", nil, "a `PATH` that goes to the new patch; may be given again")
	f.StringVar(&o.title, "title", "", "one `LINE` on what the new patch fixes (else as the old one)")
	f.StringVar(&o.version, "version", "", "the `VERSION` (else the newest that carries it)")
	return c
}

func (o *splitOptions) run(ctx context.Context, a *app) error {
	if err := patchset.CheckPatchID(o.added); err != nil {
		return err
	}
	if len(o.paths) == 0 {
		return usagef("say what goes to the new patch: --path PATH")
	}
	if err := checkText("title", o.title); err != nil {
		return err
	}
	var version string
	err := a.record(ctx, "split", func(ctx context.Context, s *step) error {
		r, err := s.rework(o.id, o.version)
		if err != nil {
			return err
		}
		version = r.version
		if s.ledger.HasPatch(o.added) {
			return patchset.Faultf(patchset.CodeUsage, "there is a patch %s already", o.added).
				WithHint("free: %s", patchset.FreePatchID(patchset.TaskOf(o.id), s.ledger.HasPatch))
		}
		if err := s.mustBeWhole(ctx, r); err != nil {
			return err
		}
		return o.split(ctx, a, s, r)
	})
	if err != nil {
		return err
	}
	return a.showChanged(ctx, "split", o.id, "%s is split in %s: %s comes right after it.", o.id, version, o.added)
}

func (o *splitOptions) split(ctx context.Context, a *app, s *step, r reworked) error {
	whole, err := s.bench.ReadCommit(ctx, r.At[r.version].Commit)
	if err != nil {
		return err
	}
	paths, err := s.bench.Changed(ctx, r.At[r.version].Commit)
	if err != nil {
		return err
	}
	stays := slices.DeleteFunc(slices.Clone(paths), o.takes)
	switch {
	case len(stays) == len(paths):
		return usagef("%s changes nothing there; it changes %s", o.id, few(paths))
	case len(stays) == 0:
		return usagef("nothing would be left of %s", o.id)
	}
	part := whole
	if part.Tree, err = s.bench.TakePaths(ctx, whole.Parent(), whole.Tree, stays); err != nil {
		return err
	}
	first, err := s.bench.WriteCommit(ctx, part)
	if err != nil {
		return err
	}
	rest := whole
	rest.Parents, rest.Message = []patchset.ID{first}, patchset.WithoutCarryID(whole.Message)
	second, err := s.bench.WriteCommit(ctx, rest)
	if err != nil {
		return err
	}
	added, err := a.newPatch(s, o.added, r.Component, rest)
	if err != nil {
		return err
	}
	added.Title = cmp.Or(o.title, r.Title)
	s.ledger.Split(r.version, o.id, added, first, second)
	s.did("split %s off %s in %s", o.added, o.id, r.version)
	return a.resettle(ctx, s, r)
}

// takes tells whether a file goes to the new patch.
func (o *splitOptions) takes(path string) bool {
	return slices.ContainsFunc(o.paths, func(p string) bool {
		p = strings.TrimRight(p, "/")
		return path == p || strings.HasPrefix(path, p+"/")
	})
}
