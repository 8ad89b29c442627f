package cmd

import (
	"context"
	"fmt"
	"slices"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/advisory"
	"github.com/spf13/cobra"
)

type advisoryOptions struct {
	id     string
	format string
	out    string
}

type advisoryFormat struct {
	write func(advisory.Facts) ([]byte, error)
	named bool // it says who publishes it
}

// advisoryFormats are the formats by the word of --format.
var advisoryFormats = map[string]advisoryFormat{
	"osv":     {advisory.Facts.OSV, false},
	"csaf":    {advisory.Facts.CSAF, true},
	"openvex": {advisory.Facts.OpenVEX, true},
}

func newAdvisoryCmd(a *app) *cobra.Command {
	o := &advisoryOptions{}
	c := &cobra.Command{
		Use:   "advisory ID",
		Short: "What the public is told of a disclosed patch: OSV, CSAF or OpenVEX",
		Long: `Write a disclosure document of a patch from the ledger: what it fixes, how bad it is, where it was
published, which public commits have the fix on which branch, and which versions' public
bases are still without. Of a patch that is still embargoed there is none (exit 6).

osv is for scanners that look at git histories, csaf (a security advisory of CSAF 2.0) and openvex
say of each version whether it is affected. Those two name who publishes them (git carry owners
policy --publisher). While nobody has assigned a CVE id (git carry edit ID --cve) the document
says "id pending".

The text is the title and message of the patch, without trailers and without the words that
release-plan takes out. When the hole was found, since when and where the patch was carried, and whose it is are
not told. The same ledger gives the same bytes.`,
		Example: `  git carry advisory T401234 --format osv
  git carry advisory T401234 --format csaf --out t401234.json`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.id = args[0]
			return o.run(c.Context(), a)
		},
	}
	c.Flags().StringVar(&o.format, "format", "osv", "the `FORMAT`: osv, csaf or openvex")
	c.Flags().StringVar(&o.out, "out", "", "write it to `FILE` (else to stdout)")
	return c
}

func (o *advisoryOptions) run(ctx context.Context, a *app) error {
	format, known := advisoryFormats[o.format]
	if !known {
		return usagef("--format is osv, csaf or openvex, not %q", o.format)
	}
	facts, err := o.facts(ctx, a)
	if err != nil {
		return err
	}
	if format.named && facts.Publisher.Name == "" {
		return patchset.Faultf(patchset.CodeUsage, "%s says who publishes it, and the vault does not know", o.format).
			WithHint("git carry owners policy --publisher 'NAME=https://…'")
	}
	data, err := format.write(facts)
	if err != nil {
		return err
	}
	if o.out == "" || o.out == "-" {
		_, _ = a.env.Stdout.Write(data) // a closed pipe is the reader's wish
		return nil
	}
	if err := gitops.ReplaceFile(a.path(o.out), data, 0o644); err != nil {
		return patchset.Faultf(patchset.CodeFailed, "writing the advisory: %w", err)
	}
	a.talk("Wrote %s", a.path(o.out))
	return nil
}

// facts reads what may be told.
func (o *advisoryOptions) facts(ctx context.Context, a *app) (advisory.Facts, error) {
	r, err := a.read(ctx)
	if err != nil {
		return advisory.Facts{}, err
	}
	p, err := r.ledger.Named(o.id)
	if err != nil {
		return advisory.Facts{}, err
	}
	message, err := r.lastMessage(ctx, p)
	if err != nil {
		return advisory.Facts{}, err
	}
	policy := r.registry.Policy
	secret := r.secretWords([]patchset.ReleaseStep{{Patch: p}})
	return advisory.Of(r.ledger, p, message, secret, advisory.Publisher{Name: policy.Publisher, Namespace: policy.Namespace})
}

// lastMessage is the message of the commit by which a patch was carried last; nil where
// there is none.
func (r reading) lastMessage(ctx context.Context, p patchset.Patch) ([]byte, error) {
	for _, version := range slices.Backward(r.ledger.VersionNames()) {
		in := p.At[version]
		commit := in.Commit
		if commit == "" {
			commit = in.Source
		}
		if commit == "" {
			continue
		}
		c, err := r.vault.Commit(ctx, commit)
		if err != nil {
			return nil, fmt.Errorf("reading the message of %s: %w", p.ID, err)
		}
		return c.Message, nil
	}
	return nil, nil
}
