package cmd

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

func newOwnerCmd(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "owner",
		Short: "The people who own patches and may sign",
		Args:  cobra.NoArgs,
	}
	c.AddCommand(newOwnerSetCmd(a, false), newOwnerSetCmd(a, true), newOwnerListCmd(a), newOwnerShowCmd(a))
	return c
}

// ownerSetOptions serves owner add and owner edit: they differ in whether the
// person must be known.
type ownerSetOptions struct {
	id       string
	edit     bool
	name     string
	emails   []string
	keys     []string
	lost     []string
	deputies []string
	away     []string
	contact  []string
	status   string
	note     string
	changed  func(flag string) bool
}

func newOwnerSetCmd(a *app, edit bool) *cobra.Command {
	o := &ownerSetOptions{edit: edit}
	c := &cobra.Command{
		Use:   "add ID",
		Short: "Add a person to the registry",
		Long: `Add a person. ID is the word by which patches and commands name them. The first
address finds them as the author of imported patches; keys are SSH public keys.`,
		Example: `  git carry owner add priya --name 'Priya Nair' --email priya@example.org --key ~/.ssh/id_ed25519.pub
  git carry owner add sam --name 'Sam Ito' --email sam@example.org --deputy priya`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.id, o.changed = args[0], c.Flags().Changed
			return o.run(c.Context(), a)
		},
	}
	if edit {
		c.Use, c.Short = "edit ID", "Change what the registry says of a person"
		c.Long = `Change a person. A flag that is given replaces what was there; lists are replaced whole.

A key that is taken off the list signs no more, and what it signed while it was there stays
good: the life of a key is counted in versions of the registry, never in dates. One that
others may hold is another matter: --compromised takes it off the list and voids all that it
ever signed. Nobody can take it up again.`
		c.Example = `  git carry owner edit priya --away 2026-12-20..2027-01-05 --deputy sam
  git carry owner edit priya --key new.pub --compromised lost-laptop.pub
  git carry owner edit lee --status left`
	}
	f := c.Flags()
	f.StringVar(&o.name, "name", "", "the person's `NAME`")
	f.StringArrayVar(&o.emails, "email", nil, "an e-mail `ADDRESS`; may be given again")
	f.StringArrayVar(&o.keys, "key", nil, "a `FILE.pub` with an SSH public key; may be given again")
	if edit {
		f.StringArrayVar(&o.lost, "compromised", nil, "a `KEY` that others may hold: its FILE.pub or SHA256:…; may be given again")
	}
	f.StringArrayVar(&o.deputies, "deputy", nil, "the `ID` of a person who may sign for them; may be given again")
	f.StringArrayVar(&o.away, "away", nil, "days on which they cannot be asked, `FROM..TO` (2026-12-20..2027-01-05)")
	f.StringArrayVar(&o.contact, "contact", nil, "a `WAY` to reach them, such as mail:priya@example.org")
	f.StringVar(&o.status, "status", "", "the `STATUS`: active or left")
	f.StringVar(&o.note, "note", "", "a `LINE` for other people")
	return c
}

func (o *ownerSetOptions) run(ctx context.Context, a *app) error {
	if !o.edit && (o.name == "" || len(o.emails) == 0) {
		return usagef("say who it is: --name NAME --email ADDRESS")
	}
	keys, err := readKeys(a, o.keys)
	if err != nil {
		return err
	}
	var person owners.Person
	err = a.record(ctx, "owner", func(_ context.Context, s *step) error {
		p, known := s.registry.Person(o.id)
		switch {
		case o.edit && !known:
			return unknownPerson(s.registry, o.id)
		case !o.edit && known:
			return patchset.Faultf(patchset.CodeUsage, "%s is already in the registry", o.id).
				WithHint("git carry owner edit %s …", o.id)
		}
		p.ID = o.id
		if err := o.apply(&p, keys); err != nil {
			return err
		}
		if err := o.compromise(a, &p); err != nil {
			return err
		}
		change, verb := s.registry.Add, "added"
		if o.edit {
			change, verb = s.registry.Replace, "changed"
		}
		r, err := change(p)
		if err != nil {
			return err
		}
		person, _ = r.Person(o.id)
		s.setRegistry(r)
		s.did("%s owner %s", verb, o.id)
		return nil
	})
	if err != nil {
		return err
	}
	doc := struct {
		Schema string `json:"schema"`
		ownerDoc
	}{schema("owner"), newOwnerDoc(person)}
	a.show(doc, func() { a.say("Owner %s is in the registry.", person) })
	return nil
}

func (o *ownerSetOptions) apply(p *owners.Person, keys []owners.Key) error {
	set := func(flag string, to *string, value string) {
		if o.changed(flag) {
			*to = value
		}
	}
	setList := func(flag string, to *[]string, value []string) {
		if o.changed(flag) {
			*to = slices.DeleteFunc(value, func(s string) bool { return s == "" })
		}
	}
	set("name", &p.Name, o.name)
	set("note", &p.Note, o.note)
	setList("email", &p.Emails, o.emails)
	setList("deputy", &p.Deputies, o.deputies)
	setList("contact", &p.Contact, o.contact)
	if o.changed("key") {
		p.Keys = keys
	}
	if o.changed("status") {
		p.Status = owners.Status(o.status)
	}
	if o.changed("away") {
		away, err := parseAway(o.away)
		if err != nil {
			return err
		}
		p.Away = away
	}
	return nil
}

// compromise marks keys of the person, in use or not.
func (o *ownerSetOptions) compromise(a *app, p *owners.Person) error {
	for _, form := range o.lost {
		i := slices.IndexFunc(p.Keys, func(k owners.Key) bool { return k.Fingerprint() == form })
		if i < 0 && strings.HasPrefix(form, "SHA256:") {
			return patchset.Faultf(patchset.CodeUsage, "%s has no key %s", p, form).
				WithHint("a key that they had before is named by its FILE.pub").
				WithHint("git carry owner show %s", p.ID)
		}
		var key owners.Key
		if i >= 0 {
			key = p.Keys[i]
		} else {
			read, err := readKeys(a, []string{form})
			if err != nil || len(read) == 0 {
				return err
			}
			key = read[0]
		}
		same := func(k owners.Key) bool { return k.Blob == key.Blob }
		p.Keys = slices.DeleteFunc(p.Keys, same)
		if !slices.ContainsFunc(p.Compromised, same) {
			p.Compromised = append(p.Compromised, key)
		}
	}
	return nil
}

func parseAway(ranges []string) ([]owners.Away, error) {
	var out []owners.Away
	for _, r := range ranges {
		if r == "" {
			continue
		}
		from, to, ok := strings.Cut(r, "..")
		if !ok {
			return nil, usagef("--away takes FROM..TO, not %q", r)
		}
		out = append(out, owners.Away{From: owners.Date(from), To: owners.Date(to)})
	}
	return out, nil
}

// maxKeyFile bounds a public key file.
const maxKeyFile = 64 << 10

func readKeys(a *app, files []string) ([]owners.Key, error) {
	var keys []owners.Key
	for _, file := range files {
		if file == "" {
			continue
		}
		data, err := readFileLimited(a.path(file), maxKeyFile)
		if err != nil {
			return nil, err
		}
		if strings.Contains(string(data), "PRIVATE KEY") {
			return nil, patchset.Faultf(patchset.CodeUsage, "%s is a private key", file).WithHint("give the .pub file beside it")
		}
		key, err := owners.ParseKey(strings.TrimSpace(string(data)))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func readFileLimited(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, patchset.Faultf(patchset.CodeBadInput, "%w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, patchset.Faultf(patchset.CodeBadInput, "%s is no file", path)
	}
	if info.Size() > limit {
		return nil, patchset.Faultf(patchset.CodeBadInput, "%s is larger than %d bytes", path, limit)
	}
	return os.ReadFile(path)
}
