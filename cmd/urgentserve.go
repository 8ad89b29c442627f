package cmd

import (
	"errors"
	"io/fs"
	"os"

	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/serve"
	"github.com/spf13/cobra"
)

func newUrgentServeCmd(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "serve",
		Short: "The file that tells users where to fetch",
		Args:  cobra.NoArgs,
	}
	c.AddCommand(newUrgentServeCheckCmd(a))
	return c
}

type serveCheckOptions struct {
	file     string
	signers  []string
	unsigned bool
	last     string
}

func newUrgentServeCheckCmd(a *app) *cobra.Command {
	o := &serveCheckOptions{}
	c := &cobra.Command{
		Use:   "check FILE (--signer KEY.pub… | --unsigned)",
		Short: "Check a serve file as its readers must, and print where to fetch",
		Long: `Check a file that urgent watch wrote, and print the URLs to fetch from, the best first. It needs no
vault: it is what a program that fetches does with such a file, and what one in another language has to do.

The signature beside it (FILE.sig) must be by a key of --signer; ssh-keygen -Y verify with the namespace
git-carry-serve@v1 checks the same. With --last the file that was used so far is named: one with an
earlier generation, or another one with the same, is refused, else somebody could set a reader back. After
its end a file of panic mode is good for the origin alone, one of normal mode for all. The list is
never empty.

Exits 4 when the signature is missing or wrong, 6 when the file is refused, 8 when it has run out.`,
		Example: `  git carry urgent serve check serve.json --signer watch.pub --last /var/lib/app/serve.json`,
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.file = args[0]
			return o.run(a)
		},
	}
	f := c.Flags()
	f.StringArrayVar(&o.signers, "signer", nil, "a key that may sign it: the `FILE.pub`; may be given again")
	f.BoolVar(&o.unsigned, "unsigned", false, "take it without a signature")
	f.StringVar(&o.last, "last", "", "the `FILE` that was used so far, if there is one")
	return c
}

func (o *serveCheckOptions) run(a *app) error {
	if (len(o.signers) == 0) != o.unsigned {
		return usagef("say who may sign it: --signer KEY.pub, or --unsigned")
	}
	data, err := readFileLimited(a.path(o.file), maxServeFile)
	if err != nil {
		return err
	}
	by, err := o.signedBy(a, data)
	if err != nil {
		return err
	}
	f, err := serve.Parse(data)
	if err != nil {
		return patchset.Faultf(patchset.CodePolicy, "%w", err)
	}
	if err := o.replaces(a, f); err != nil {
		return err
	}
	now := a.env.Now()
	entries, why := f.Usable(now)
	doc := struct {
		Schema     string        `json:"schema"`
		Mode       serve.Mode    `json:"mode"`
		Generation int64         `json:"generation"`
		Expired    bool          `json:"expired"`
		SignedBy   string        `json:"signed_by"`
		Why        string        `json:"why"`
		Use        []serve.Entry `json:"use"`
	}{schema("urgent-serve-check"), f.Mode, f.Generation, !now.Before(f.Expires), by, why, entries}
	f.Serve = entries
	a.show(doc, func() { a.say("%s", string(f.Hosts()[:len(f.Hosts())-1])) })
	if doc.Expired {
		a.talk("%s: %s", o.file, why)
		return outcome{exitPending}
	}
	return nil
}

// signedBy is the fingerprint of the key that signed it.
func (o *serveCheckOptions) signedBy(a *app, data []byte) (string, error) {
	if o.unsigned {
		return "", nil
	}
	allowed := []owners.Key{}
	for _, name := range o.signers {
		text, err := readFileLimited(a.path(name), maxKeyFile)
		if err != nil {
			return "", err
		}
		key, err := owners.ParseKey(string(text))
		if err != nil {
			return "", patchset.Faultf(patchset.CodeBadInput, "%s: %w", name, err)
		}
		allowed = append(allowed, key)
	}
	sig, err := readFileLimited(a.path(o.file+".sig"), maxKeyFile)
	if err != nil {
		return "", patchset.Faultf(patchset.CodeConsent, "%s has no signature beside it: %w", o.file, err)
	}
	key, err := owners.ServeSigner(data, sig, allowed)
	if err != nil {
		return "", patchset.Faultf(patchset.CodeConsent, "%s: %w", o.file, err)
	}
	return key.Fingerprint(), nil
}

// replaces holds it against the file that was used so far.
func (o *serveCheckOptions) replaces(a *app, f serve.File) error {
	if o.last == "" {
		return nil
	}
	if _, err := os.Stat(a.path(o.last)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	data, err := readFileLimited(a.path(o.last), maxServeFile)
	if err != nil {
		return err
	}
	held, err := serve.Parse(data)
	if err == nil {
		err = f.Replaces(held)
	}
	if err != nil {
		return patchset.Faultf(patchset.CodePolicy, "%s is not used: %w", o.file, err).WithHint("go on with %s", o.last)
	}
	return nil
}
