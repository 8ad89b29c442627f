package cmd

import (
	"context"
	"fmt"
	"strings"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

type doctorOptions struct {
	fix   bool
	full  bool
	repos []string
}

func newDoctorCmd(a *app) *cobra.Command {
	o := &doctorOptions{}
	c := &cobra.Command{
		Use:   "doctor [REPO]…",
		Short: "Check this machine and the vault; a fix for every finding",
		Long: `Check what git carry needs of this machine (git, who you are, an editor, the manual,
completion) and the health of the vault: its safety, what dead processes left behind, the
derived refs, every commit that the ledger names, the registry of owners. Where there is no
vault, the machine alone is checked. Of each REPO, and of the repository that you stand in,
it finds out whether it is a copy or a worktree of the vault, or borrows from it: what
is pushed from there could be embargoed work. It warns of one that has some, or a remote that
is a component's public upstream, and no guard.

--full lets git check every object too, which takes minutes in a large vault. --fix does
only what cannot hurt: it removes left-overs and derives the refs again from the ledger.
Exits 1 when something fails; warnings alone exit 0.`,
		Example: `  git carry doctor
  git carry doctor --full
  git carry doctor --fix
  git carry doctor ~/src/*`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			o.repos = args
			return o.run(c.Context(), a)
		},
	}
	c.Flags().BoolVar(&o.fix, "fix", false, "mend what can be mended safely")
	c.Flags().BoolVar(&o.full, "full", false, "check every object with git fsck")
	return c
}

// The levels of a finding.
const (
	levelOK   = "ok"
	levelWarn = "warn"
	levelFail = "fail"
)

type doctorDoc struct {
	Schema   string          `json:"schema"`
	OK       bool            `json:"ok"`
	Vault    string          `json:"vault"` // empty: none was found
	Findings []doctorFinding `json:"findings"`
}

type doctorFinding struct {
	Area    string `json:"area"` // machine, vault or repository
	Check   string `json:"check"`
	Level   string `json:"level"`
	Finding string `json:"finding"`
	Fix     string `json:"fix"` // a command, or what to do in words
}

// examination collects findings.
type examination struct {
	area     string
	findings []doctorFinding
}

func (e *examination) add(level, check, fix, format string, args ...any) {
	e.findings = append(e.findings, doctorFinding{e.area, check, level, fmt.Sprintf(format, args...), fix})
}

func (e *examination) ok(check, format string, args ...any) {
	e.add(levelOK, check, "", format, args...)
}

// failed adds an error with the first hint that it brings.
func (e *examination) failed(check string, err error) {
	f := explain(err)
	fix := ""
	if len(f.Hint) > 0 {
		fix = f.Hint[0]
	}
	e.add(levelFail, check, fix, "%s", f.Message)
}

func (e *examination) has(level string) bool { return e.count(level) > 0 }

func (e *examination) count(level string) int {
	n := 0
	for _, f := range e.findings {
		if f.Level == level {
			n++
		}
	}
	return n
}

func (o *doctorOptions) run(ctx context.Context, a *app) error {
	e := &examination{area: "machine"}
	git, err := a.git()
	if err != nil {
		e.failed("git", err)
	} else {
		o.machine(ctx, a, git, e)
		e.area = "vault"
		err = o.vault(ctx, a, e)
		if err != nil {
			return err
		}
	}
	doc := doctorDoc{Schema: schema("doctor"), OK: !e.has(levelFail), Findings: e.findings}
	if a.opened != nil {
		doc.Vault = a.opened.Dir()
	}
	a.show(doc, func() { o.report(a, e) })
	if !doc.OK {
		return outcome{exitFailed}
	}
	return nil
}

func (o *doctorOptions) report(a *app, e *examination) {
	area := ""
	for _, f := range e.findings {
		if f.Area != area {
			area = f.Area
			a.say("%s", map[string]string{"machine": "This machine", "vault": "The vault", "repository": "Repositories"}[area])
		}
		a.say("  %-4s  %-12s %s", f.Level, f.Check, f.Finding)
		if f.Fix != "" {
			a.say("        %-12s fix: %s", "", f.Fix)
		}
	}
	a.say("")
	switch fails, warnings := e.count(levelFail), e.count(levelWarn); {
	case fails > 0:
		a.say("%s and %s", count(fails, "failure", "failures"), count(warnings, "warning", "warnings"))
	case warnings > 0:
		a.say("All well, with %s", count(warnings, "warning", "warnings"))
	default:
		a.say("All well")
	}
}

// vault examines the vault, if there is one.
func (o *doctorOptions) vault(ctx context.Context, a *app, e *examination) error {
	git, err := a.git()
	if err != nil {
		return err
	}
	dir, err := a.findVault(ctx, git)
	if err != nil {
		return err
	}
	if dir == a.env.Dir && !gitops.IsVault(dir) {
		e.add(levelWarn, "place", "git config --global carry.vault DIR", "you stand in no vault, and none is configured")
		return nil
	}
	v, err := a.vault(ctx)
	if err != nil {
		e.failed("safety", err)
		return nil
	}
	e.ok("safety", "%s is private, borrows nothing and runs nothing", v.Dir())
	if o.fix {
		if err := o.mend(ctx, a, v, e); err != nil {
			return err
		}
	}
	o.space(v, e)
	o.leftOvers(a, v, e)
	return o.ledger(ctx, a, v, e)
}

// mend does what cannot hurt.
func (o *doctorOptions) mend(ctx context.Context, a *app, v *gitops.Vault, e *examination) error {
	n, err := v.Sweep(ctx, a.env.Now())
	if err != nil {
		return err
	}
	_, wrong, err := v.Inspect(ctx)
	if err != nil {
		return nil // the examination of the ledger will say so
	}
	if _, err := v.Snapshot(ctx); err != nil {
		return err
	}
	e.ok("mended", "%s removed, %s derived again", count(n, "left-over", "left-overs"), count(len(wrong), "ref", "refs"))
	return nil
}

// lowSpace is the free space below which a train could run out of it.
const lowSpace = 1 << 30

func (o *doctorOptions) space(v *gitops.Vault, e *examination) {
	free, err := v.FreeBytes()
	switch {
	case err != nil:
		e.failed("disk", err)
	case free < lowSpace:
		e.add(levelWarn, "disk", "make room on that disk", "%d MB free", free>>20)
	default:
		e.ok("disk", "%d GB free", free>>30)
	}
}

func (o *doctorOptions) leftOvers(a *app, v *gitops.Vault, e *examination) {
	found, err := v.LeftOvers(a.env.Now())
	switch {
	case err != nil:
		e.failed("left-overs", err)
	case len(found) > 0:
		e.add(levelWarn, "left-overs", "git carry doctor --fix", "%s of dead processes, such as %s", count(len(found), "file", "files"), found[0])
	default:
		e.ok("left-overs", "none")
	}
}

// lane examines whether the urgent lane has been tried out lately.
func (o *doctorOptions) lane(a *app, r reading, e *examination) {
	lane, err := laneOf(r.ledger)
	if err != nil {
		e.failed("urgent", err)
		return
	}
	switch age := a.drillAge(r, lane); {
	case age.Due && lane.Used():
		e.add(levelWarn, "urgent", "git carry urgent drill", "%s", strings.TrimSuffix(age.Complaint, ": git carry urgent drill"))
	case age.Last != "":
		e.ok("urgent", "tried out on %s, on %s", age.Last, age.On)
	}
}

func (o *doctorOptions) ledger(ctx context.Context, a *app, v *gitops.Vault, e *examination) error {
	s, wrong, err := v.Inspect(ctx)
	if err != nil {
		e.failed("ledger", err)
		return nil
	}
	l := s.Ledger
	if l.Store.Format > patchset.Format {
		e.add(levelWarn, "format", "install a newer git-carry", "format %d is newer than this program's %d: read-only", l.Store.Format, patchset.Format)
	} else {
		e.ok("format", "%d, %s, %s", l.Store.Format, count(len(l.Patches), "patch", "patches"), count(len(l.Versions), "version", "versions"))
	}
	if len(wrong) > 0 {
		e.add(levelWarn, "refs", "git carry doctor --fix", "%s not what the ledger says, such as %s", count(len(wrong), "derived ref is", "derived refs are"), wrong[0])
	} else {
		e.ok("refs", "as the ledger says")
	}
	missing, err := v.Missing(ctx, l.References())
	switch {
	case err != nil:
		e.failed("commits", err)
	case len(missing) > 0:
		e.add(levelFail, "commits", "fetch them from a copy of the vault: git -C "+shellWord(v.Dir())+" fetch COPY 'refs/*:refs/restore/*'",
			"%s that the ledger names, such as %s", count(len(missing), "commit is missing", "commits are missing"), missing[0])
	default:
		e.ok("commits", "all %d that the ledger names are there", len(l.References()))
	}
	if o.full {
		o.fsck(ctx, v, e)
	}
	o.sharing(v, e)
	o.lane(a, reading{vault: v, at: s, ledger: l}, e)
	if err := o.registry(ctx, a, reading{vault: v, at: s, ledger: l}, e); err != nil {
		return err
	}
	return o.copies(ctx, a, s, e)
}

func (o *doctorOptions) fsck(ctx context.Context, v *gitops.Vault, e *examination) {
	if err := v.Fsck(ctx); err != nil {
		e.add(levelFail, "objects", "git -C "+shellWord(v.Dir())+" fsck --full --strict", "%v", err)
		return
	}
	e.ok("objects", "git fsck finds nothing wrong")
}

func (o *doctorOptions) registry(ctx context.Context, a *app, r reading, e *examination) error {
	var err error
	if r.registry, err = registryOf(r.ledger); err != nil {
		e.failed("owners", err)
		return nil
	}
	findings, failed := ownersFindings(a, r)
	switch {
	case failed:
		e.add(levelFail, "owners", "git carry owners check", "%s, some of them errors", count(len(findings), "finding", "findings"))
	case len(findings) > 0:
		e.add(levelWarn, "owners", "git carry owners check", "%s", count(len(findings), "warning", "warnings"))
	default:
		e.ok("owners", "%s, nothing to mend", count(len(r.registry.People), "person", "people"))
	}
	actor, err := a.actor(r.registry, a.claim(ctx))
	switch {
	case err != nil:
		e.failed("you", err)
	case actor.Person == "":
		e.add(levelWarn, "you", "git carry owner add ID --name NAME --email EMAIL", "%s is not in the registry", actor.Claim)
	default:
		e.ok("you", "%s", actor)
	}
	return nil
}
