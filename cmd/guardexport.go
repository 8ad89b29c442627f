package cmd

import (
	"context"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset/fingerprint"
	"github.com/spf13/cobra"
)

func newGuardExportCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "export FILE",
		Short: "Write fingerprints, for a checkout or a server that must not have the vault",
		Long: `Write the fingerprints of every embargoed patch, for guards that work without the vault. Each
is a slow hash with a salt of its own (scrypt, 256 KiB for each try), cut to 24 bits for a
line, 40 for an id. A file from before a patch was added does not know that patch: write it
anew after every train, and when one is added.

What FILE gives away: how many embargoed patches there are, how many telling lines, files and
versions each has, and the public commits that versions start from. Somebody who guesses a
whole fixed file exactly can find out that the guess is right; for a single line about one
wrong guess in 16 million, for each line of the file, seems right too. So keep it from people
outside, though it is no vault: mode 0600.`,
		Example: "  git carry guard export fingerprints",
		Args:    cobra.ExactArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return exportFingerprints(c.Context(), a, args[0]) },
	}
}

func exportFingerprints(ctx context.Context, a *app, name string) error {
	r, err := a.read(ctx)
	if err != nil {
		return err
	}
	secrets, err := a.secrets(ctx, r)
	if err != nil {
		return err
	}
	salt, err := a.salt()
	if err != nil {
		return err
	}
	set, err := fingerprint.NewFile(ctx, salt, a.env.Now(), secrets)
	if err != nil {
		return err
	}
	set.Public = gitops.PublicBases(r.ledger)
	if err := gitops.ReplaceFile(a.path(name), set.Format(), 0o600); err != nil {
		return err
	}
	doc := struct {
		Schema  string `json:"schema"`
		File    string `json:"file"`
		Patches int    `json:"patches"`
	}{schema("guard-export"), name, set.Len()}
	a.show(doc, func() {
		a.say("Fingerprints of %s written to %s", count(set.Len(), "embargoed patch", "embargoed patches"), name)
		a.next("git carry guard install REPO --fingerprints %s", shellWord(name))
	})
	return nil
}
