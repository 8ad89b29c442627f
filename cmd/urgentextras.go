package cmd

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/urgent"
	"github.com/spf13/cobra"
)

type urgentExtrasOptions struct {
	word, dir   string
	done, where string
	pen
}

func newUrgentExtrasCmd(a *app) *cobra.Command {
	o := &urgentExtrasOptions{}
	c := &cobra.Command{
		Use:   "extras [ITEM] (--dir DIR | --done NAME --where URL)",
		Short: "Make what was put off until the fix was out",
		Long: `What is slow and makes nobody safer is owed until the fix is on every target, and then made here:
patches (the stacks as patch files), bundle (every commit, with the ledger's entries), report (the audit as a
page). What people make, such as an advisory, they tick off with --done, and with --key where the policy asks
for keys.

The policy lists what is owed; until all of it is there, the item stays in the lane.`,
		Example: `  git carry urgent extras --dir ~/U-2026-3
  git carry urgent extras --done advisory --where https://example.org/advisories/12`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.word = firstWord(args)
			return o.run(c.Context(), a)
		},
	}
	c.Flags().StringVar(&o.dir, "dir", "", "write into this `DIR`")
	_ = c.MarkFlagDirname("dir") // fails for a flag that is not there
	c.Flags().StringVar(&o.done, "done", "", "this `NAME` is there already")
	c.Flags().StringVar(&o.where, "where", "", "where it is, a `URL` or a path")
	o.pen.flag(c.Flags())
	return c
}

func (o *urgentExtrasOptions) run(ctx context.Context, a *app) error {
	if err := checkText("where", o.where); err != nil {
		return err
	}
	r, err := a.read(ctx)
	if err != nil {
		return err
	}
	look, err := a.urgentLook(ctx, r, o.word)
	if err != nil {
		return err
	}
	if err := inLane(look.lane, look.Item); err != nil {
		return err
	}
	made := map[string]string{}
	switch {
	case !look.Item.Released.Happened():
		return patchset.Faultf(patchset.CodePending, "%s is not out yet: first the fix, then the rest", look.Item.ID).
			WithHint("git carry urgent next %s", look.Item.ID)
	case o.done != "" && !slices.Contains(look.Policy.Extras, o.done):
		return usagef("%s is not among what is owed: %s", o.done, joinWords(look.Policy.Extras))
	case o.done != "":
		made[o.done] = o.where
	default:
		if made, err = o.make(ctx, a, look); err != nil {
			return err
		}
	}
	owed, err := o.record(ctx, a, look, made)
	if err != nil {
		return err
	}
	did := "owes nothing"
	if len(owed) > 0 {
		did = "still owes " + joinWords(owed)
	}
	a.said("extras", look.Item.ID, did)
	return nil
}

// make makes what is owed and can be made here.
func (o *urgentExtrasOptions) make(ctx context.Context, a *app, look urgentLook) (made map[string]string, err error) {
	if o.dir == "" {
		return nil, usagef("say where to: --dir DIR")
	}
	dir, silent := a.path(o.dir), *a
	silent.env.Stdout, silent.quiet = io.Discard, true
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	made = map[string]string{}
	for _, name := range look.Owed() {
		if !isMadeHere(name) {
			continue
		}
		if err := urgentMakers[name](ctx, &silent, look, filepath.Join(dir, name)); err != nil {
			return made, err
		}
		made[name] = filepath.Join(dir, name)
	}
	return made, nil
}

// urgentMakers make what can be made here of what is owed.
var urgentMakers = map[string]func(ctx context.Context, a *app, look urgentLook, path string) error{
	"patches": func(ctx context.Context, a *app, look urgentLook, path string) error {
		return (&exportOptions{dir: path, versions: look.Item.Accepted.Versions, force: true}).run(ctx, a)
	},
	"bundle": func(ctx context.Context, a *app, _ urgentLook, path string) error {
		return (&reportOptions{evidence: path + ".tar", withPatches: true}).run(ctx, a)
	},
	"report": func(ctx context.Context, a *app, _ urgentLook, path string) error {
		report := &reportOptions{}
		report.files[0] = path + ".html"
		return report.run(ctx, a)
	},
}

// isMadeHere says whether the program makes it; the rest people make, and tick off.
func isMadeHere(name string) bool { return urgentMakers[name] != nil }

// record ticks off what is there, and gives what is still owed. What is made here rests on
// nobody's word; what people make, somebody says.
func (o *urgentExtrasOptions) record(ctx context.Context, a *app, look urgentLook, made map[string]string) (owed []string, err error) {
	if o.done == "" {
		err = a.record(ctx, "urgent extras", func(_ context.Context, s *step) (err error) {
			owed, err = s.tickOff(look, made, func(fact, where string) error {
				return s.putUrgent(urgent.File(look.Item.ID, fact), a.event(s, where, ""))
			})
			return err
		})
		return owed, err
	}
	err = a.recordWord(ctx, "urgent extras", &o.pen, func(ctx context.Context, s *step) (err error) {
		owed, err = s.tickOff(look, made, func(fact, where string) error {
			return s.putWord(ctx, a, &o.pen, look.Item.ID, fact, o.wordOf(s, where, ""), "")
		})
		return err
	})
	return owed, err
}

// tickOff puts what was made and not ticked off yet, and gives what is still owed.
func (s *step) tickOff(look urgentLook, made map[string]string, put func(fact, where string) error) (owed []string, err error) {
	_, item, err := s.urgentItem(look.Item.ID)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, name := range look.Policy.Extras {
		where, now := made[name]
		switch {
		case item.Extras[name].Happened():
		case !now:
			owed = append(owed, name)
		default:
			names = append(names, name)
			if err := put("extras/"+name, where); err != nil {
				return nil, err
			}
		}
	}
	s.did("made for %s: %s", item.ID, joinWords(names))
	return owed, nil
}
