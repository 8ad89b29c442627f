package cmd

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/printable"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newCheckCmd(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "check",
		Short: "What must hold wherever a patch is carried",
		Long: `A clean merge proves little. A patch may carry checks: a text that must be in a file or must
not be, and commands. They are looked at on the finished stack of every version, because a
later patch can undo an earlier one. One that does not hold sets the patch to failed, and
keeps the version from being published.

Commands are run by train, on a throw-away checkout of the patched tree, and not again for
the same commit. They have no network, an empty environment, nothing of this machine but
/usr and what belongs to it, no way to the vault, and limits on time, memory, processes and
output. How much of that the kernel guarantees is recorded with the result:

  full     namespaces (and Landlock, seccomp): what is not shown does not exist, and all
           that the command started ends with it
  partial  Landlock and seccomp: files and sockets are refused
  none     limits only

By default a command is not run with less than full; git carry owners policy --sandbox
changes that, and git carry doctor says what this machine gives.`,
		Args: cobra.NoArgs,
	}
	c.AddCommand(newCheckAddCmd(a), newCheckListCmd(a), newCheckRemoveCmd(a), newCheckRunCmd(a))
	return c
}

type checkAddOptions struct {
	id     string
	name   string
	check  patchset.Check
	dashed bool // the command stands behind --
}

func newCheckAddCmd(a *app) *cobra.Command {
	o := &checkAddOptions{}
	c := &cobra.Command{
		Use:   "add ID (--present TEXT | --absent TEXT) --path PATTERN | add ID -- PROGRAM ARG…",
		Short: "Add a check to a patch, or change one",
		Long: `Say what must hold wherever the patch is carried. TEXT is looked for as it is, or as a
regular expression (RE2) with --regexp. PATTERN is a path, or has * for any part of a name and
** for any directories; where no file fits it, the check does not hold.

What stands behind -- is a program and its arguments. It starts in the checkout, without a
shell; a program without a slash is one of the system's. It is content with exit status 0.

The texts of the version that is being prepared are looked at now: exit code 5 when one does
not hold. Commands run with the next train, or with git carry check run.`,
		Example: `  git carry check add T401234 --present 'htmlspecialchars( $name' --path includes/Search.php
  git carry check add T401234 --absent 'eval\s*\(' --regexp --path 'includes/**/*.php'
  git carry check add T401234 --seconds 30 -- php tests/T401234.php`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.id, o.check.Command, o.dashed = args[0], args[1:], c.ArgsLenAtDash() == 1
			return o.run(c.Context(), a)
		},
	}
	f := c.Flags()
	addTextCheck(f, &o.check)
	f.IntVar(&o.check.Seconds, "seconds", 0, fmt.Sprintf("the command may run for `N` seconds (else %d)", patchset.DefaultSeconds))
	f.IntVar(&o.check.MemoryMB, "memory", 0, fmt.Sprintf("the command may use `MB` of memory (else %d)", patchset.DefaultMemoryMB))
	f.StringVar(&o.name, "name", "", "what to call it, `NAME` (else present, absent-2, command …)")
	return c
}

// addTextCheck adds the flags of a check that needs no command.
func addTextCheck(f *pflag.FlagSet, c *patchset.Check) {
	f.StringVar(&c.Present, "present", "", "a `TEXT` that must be there wherever the patch is carried")
	f.StringVar(&c.Absent, "absent", "", "a `TEXT` that must not be there")
	f.StringVar(&c.Path, "path", "", "the `PATTERN` of the files to look for TEXT in")
	f.BoolVar(&c.Regexp, "regexp", false, "TEXT is a regular expression")
}

// hasTextCheck tells whether any of these flags was given.
func hasTextCheck(c patchset.Check) bool {
	return c.Present != "" || c.Absent != "" || c.Path != "" || c.Regexp
}

// setCheck puts a check into a step's ledger, as an act of whoever is at the keyboard.
func (a *app) setCheck(s *step, id, name string, c patchset.Check) {
	c.By, c.At = s.by(), a.env.Now().UTC().Truncate(time.Second)
	s.ledger.SetCheck(id, name, &c)
}

func (o *checkAddOptions) run(ctx context.Context, a *app) error {
	if len(o.check.Command) > 0 && !o.dashed {
		return usagef("put -- before the command: git carry check add %s -- %s", o.id, shellLine(o.check.Command))
	}
	if err := o.check.Valid(); err != nil {
		return err
	}
	var doc checkListDoc
	err := a.record(ctx, "check add", func(ctx context.Context, s *step) error {
		if err := s.mustBeSomebody(); err != nil {
			return err
		}
		p, err := s.ledger.Patch(o.id)
		if err != nil {
			return err
		}
		name, verb := o.name, "added"
		if name == "" {
			name = p.FreeCheckName(o.check)
		}
		if err := patchset.CheckCheck(name); err != nil {
			return err
		}
		if _, known := p.Checks[name]; known {
			if err := s.mustSpeakFor(p, "change its checks"); err != nil {
				return err
			}
			verb = "changed"
		}
		a.setCheck(s, o.id, name, o.check)
		s.did("%s check %s of %s: %s", verb, name, o.id, printable.Cut(o.check.String(), 80))
		doc, err = a.afterCheck(ctx, s, "check-add", o.id, name)
		return err
	})
	if err != nil {
		return err
	}
	return doc.end(a, "added to")
}

type checkListDoc struct {
	Schema  string         `json:"schema"`
	ID      string         `json:"id"`
	Version string         `json:"version"` // that State and Checks are told of; "" while none carries it
	State   patchset.State `json:"state"`
	Checks  []checkDoc     `json:"checks"`
}

// afterCheck looks at the version that is being prepared with the checks as they are
// now, and tells of one check, or, without a name, of all.
func (a *app) afterCheck(ctx context.Context, s *step, command, id, name string) (checkListDoc, error) {
	version, _ := s.ledger.Newest()
	p := s.ledger.Patches[id]
	if in, here := p.At[version]; here && in.State.InStack() {
		if err := a.settle(ctx, s, p.Component, version); err != nil {
			return checkListDoc{}, err
		}
	}
	return newCheckListDoc(s.ledger, command, id, version, name), nil
}

func newCheckListDoc(l patchset.Ledger, command, id, version, only string) checkListDoc {
	p := l.Patches[id]
	doc := checkListDoc{Schema: schema(command), ID: id, Checks: []checkDoc{}}
	in, here := p.At[version]
	if here {
		doc.Version, doc.State = version, in.State
	}
	for _, name := range p.CheckNames() {
		if only != "" && name != only {
			continue
		}
		d := checkDoc{ID: id, Check: name, Kind: p.Checks[name].Kind(), What: p.Checks[name].String(), State: checkNotRun, Why: "the patch is in no stack there"}
		if here && in.State.InStack() {
			d = newCheckDoc(l, version, p, name)
		}
		doc.Checks = append(doc.Checks, d)
	}
	return doc
}

// end tells of a check that was changed. The exit code says whether it holds.
func (d checkListDoc) end(a *app, done string) error {
	a.show(d, func() {
		for _, c := range d.Checks {
			a.say("Check %s %s %s: %s", c.Check, done, d.ID, c.What)
		}
		switch {
		case d.failed():
			for _, c := range d.Checks {
				a.say("  %s", c.Why)
			}
			a.say("%s is failed in %s", d.ID, d.Version)
			a.next("git carry show %s", d.ID)
		case slices.ContainsFunc(d.Checks, func(c checkDoc) bool { return c.State == checkNotRun && c.Kind == "command" }):
			a.next("git carry check run %s", d.ID)
		default:
			a.next("git carry check list %s", d.ID)
		}
	})
	if d.failed() {
		return outcome{exitCheck}
	}
	return nil
}

func (d checkListDoc) failed() bool {
	return slices.ContainsFunc(d.Checks, func(c checkDoc) bool { return c.State == checkFailed })
}

func newCheckListCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "list ID",
		Short:   "List the checks of a patch, and what came of them",
		Long:    "List the checks of a patch, and what came of them in the version that is being prepared.",
		Example: "  git carry check list T401234",
		Args:    cobra.ExactArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return listChecks(c.Context(), a, args[0]) },
	}
}

func listChecks(ctx context.Context, a *app, id string) error {
	r, err := a.read(ctx)
	if err != nil {
		return err
	}
	if _, err := r.ledger.Patch(id); err != nil {
		return err
	}
	version, _ := r.ledger.Newest()
	doc := newCheckListDoc(r.ledger, "check-list", id, version, "")
	a.show(doc, func() {
		if len(doc.Checks) == 0 {
			a.say("%s has no checks", id)
			return
		}
		a.reportChecks(doc.Checks)
	})
	return nil
}

func newCheckRemoveCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "remove ID NAME",
		Short: "Take a check away",
		Long: `Take a check away from a patch, and what came of it. Only the owner or a deputy may: it was
put there so that nobody has to remember.`,
		Example: "  git carry check remove T401234 command",
		Args:    cobra.ExactArgs(2),
		RunE:    func(c *cobra.Command, args []string) error { return removeCheck(c.Context(), a, args[0], args[1]) },
	}
}

func removeCheck(ctx context.Context, a *app, id, name string) error {
	var doc checkListDoc
	err := a.record(ctx, "check remove", func(ctx context.Context, s *step) error {
		p, err := s.ledger.Patch(id)
		if err != nil {
			return err
		}
		if _, known := p.Checks[name]; !known {
			return patchset.Faultf(patchset.CodeUsage, "%s has no check %q", id, name).
				WithHint("it has: %s", strings.Join(p.CheckNames(), ", ")).WithHint("git carry check list %s", id)
		}
		if err := s.mustSpeakFor(p, "take its checks away"); err != nil {
			return err
		}
		s.ledger.SetCheck(id, name, nil)
		s.did("removed check %s of %s: %s", name, id, printable.Cut(p.Checks[name].String(), 80))
		doc, err = a.afterCheck(ctx, s, "check-remove", id, "")
		return err
	})
	if err != nil {
		return err
	}
	a.show(doc, func() { a.say("Check %s removed from %s; %s left", name, id, count(len(doc.Checks), "is", "are")) })
	return nil
}
