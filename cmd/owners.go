package cmd

import (
	"context"
	"strings"

	"github.com/git-carry/git-carry/owners"
	"github.com/spf13/cobra"
)

func newOwnersCmd(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "owners",
		Short: "The registry as a whole: check it, and its policy",
		Args:  cobra.NoArgs,
	}
	c.AddCommand(newPolicyCmd(a), &cobra.Command{
		Use:     "check",
		Short:   "Check the registry: who cannot sign, who is away, what has no owner",
		Long:    "Check the registry and the owners of every live patch. Exits 1 when something is wrong; warnings alone exit 0.",
		Example: "  git carry owners check",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return checkOwners(c.Context(), a) },
	})
	return c
}

type ownersFinding struct {
	Severity string   `json:"severity"`
	Who      string   `json:"who"`
	What     string   `json:"what"`
	Fix      []string `json:"fix"`
}

func checkOwners(ctx context.Context, a *app) error {
	r, err := a.read(ctx)
	if err != nil {
		return err
	}
	findings, failed := ownersFindings(a, r)
	doc := struct {
		Schema   string          `json:"schema"`
		OK       bool            `json:"ok"`
		Findings []ownersFinding `json:"findings"`
	}{schema("owners-check"), !failed, findings}
	a.show(doc, func() {
		for _, f := range findings {
			a.say("%-8s %s %s", f.Severity, f.Who, f.What)
			if len(f.Fix) > 0 {
				a.say("         fix: %s", strings.Join(f.Fix, " "))
			}
		}
		if len(findings) == 0 {
			a.say("ok       %s, nothing to mend", count(len(r.registry.People), "person", "people"))
		}
	})
	if failed {
		return outcome{exitFailed}
	}
	return nil
}

func ownersFindings(a *app, r reading) (findings []ownersFinding, failed bool) {
	var live []owners.Owner
	for _, id := range r.ledger.PatchIDs() {
		p := r.ledger.Patches[id]
		if version, ok := r.ledger.Newest(); ok && p.At[version].State.Carried() {
			live = append(live, ownerOf(p))
		}
	}
	findings = []ownersFinding{}
	for _, f := range r.registry.Check(owners.DateOf(a.env.Now().UTC()), live) {
		findings = append(findings, ownersFinding{string(f.Severity), f.Who, f.What, nonNil(f.Fix)})
		failed = failed || f.Severity == owners.SeverityError
	}
	return findings, failed
}
