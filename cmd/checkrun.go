package cmd

import (
	"context"
	"slices"

	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

type checkRunOptions struct {
	id      string
	all     bool
	version string
}

func newCheckRunCmd(a *app) *cobra.Command {
	o := &checkRunOptions{}
	c := &cobra.Command{
		Use:   "run (ID | --all)",
		Short: "Run check commands now, and record what comes of it",
		Long: `Run the check commands of a patch, or of all, on the stacks of a version as they are, also
those that have been run before, and record what comes of it.

Exit code 5 when a check does not hold, 6 when this machine cannot shut a command in as well
as the policy demands.`,
		Example: `  git carry check run T401234
  git carry check run --all --version 1.46.0-wmf.6`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.id = args[0]
			}
			return o.run(c.Context(), a)
		},
	}
	c.Flags().BoolVar(&o.all, "all", false, "run those of every patch")
	c.Flags().StringVar(&o.version, "version", "", "the `VERSION` (else the one that is being prepared)")
	return c
}

type checkRunDoc struct {
	Schema  string     `json:"schema"`
	Version string     `json:"version"`
	Checks  []checkDoc `json:"checks"`
}

func (o *checkRunOptions) run(ctx context.Context, a *app) error {
	if (o.id == "") != o.all {
		return usagef("give the ID of a patch, or --all")
	}
	var doc checkRunDoc
	err := a.record(ctx, "check run", func(ctx context.Context, s *step) error {
		var err error
		doc, err = o.runAll(ctx, a, s)
		return err
	})
	if err != nil {
		return err
	}
	a.show(doc, func() { doc.report(a) })
	switch {
	case countChecks(doc.Checks, checkFailed) > 0:
		return outcome{exitCheck}
	case countChecks(doc.Checks, checkNotRun) > 0:
		return outcome{exitPolicy}
	}
	return nil
}

func (o *checkRunOptions) runAll(ctx context.Context, a *app, s *step) (checkRunDoc, error) {
	version := o.version
	if version == "" {
		version, _ = s.ledger.Newest()
	}
	if _, err := s.ledger.Version(version); err != nil {
		return checkRunDoc{}, err
	}
	patches := s.ledger.In(version)
	if o.id != "" {
		p, err := s.ledger.Patch(o.id)
		if err != nil {
			return checkRunDoc{}, err
		}
		if !p.At[version].State.InStack() {
			return checkRunDoc{}, patchset.Faultf(patchset.CodeUsage, "%s is in no stack of %s", o.id, version).WithHint("git carry show %s", o.id)
		}
		patches = []patchset.Patch{p}
	}
	s.runsChecks = true
	for _, component := range forgetResults(s.ledger, version, patches) {
		if err := a.settle(ctx, s, component, version); err != nil {
			return checkRunDoc{}, err
		}
	}
	doc := checkRunDoc{Schema: schema("check-run"), Version: version, Checks: checkDocs(s.ledger, version, s.refused)}
	doc.Checks = slices.DeleteFunc(doc.Checks, func(d checkDoc) bool { return o.id != "" && d.ID != o.id })
	s.did("ran the checks of %s in %s: %d failed", orAll(o.id), version, countChecks(doc.Checks, checkFailed))
	return doc, nil
}

// forgetResults makes the commands of patches unknown, and lists the components that
// have any.
func forgetResults(l patchset.Ledger, version string, patches []patchset.Patch) []string {
	var components []string
	for _, p := range patches {
		for _, name := range p.CheckNames() {
			delete(p.Results, patchset.CheckAt{Version: version, Check: name})
			if !slices.Contains(components, p.Component) {
				components = append(components, p.Component)
			}
		}
	}
	return components
}

func orAll(id string) string {
	if id == "" {
		return "all patches"
	}
	return id
}

func (d checkRunDoc) report(a *app) {
	if len(d.Checks) == 0 {
		a.say("no patch in %s has checks", d.Version)
		return
	}
	a.reportChecks(d.Checks)
	if n := countChecks(d.Checks, checkNotRun); n > 0 {
		a.next("git carry doctor      (what this machine gives, and what the policy demands)")
	}
}
