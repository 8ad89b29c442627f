package cmd

import (
	"context"
	"fmt"

	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

// ownerDoc is a person in JSON.
type ownerDoc struct {
	ID     string   `json:"id"`
	Name   string   `json:"name"`
	Emails []string `json:"emails"`
	Keys   []string `json:"keys"` // fingerprints
	// Compromised are fingerprints of keys that prove nothing any more.
	Compromised []string `json:"compromised"`
	Deputies    []string `json:"deputies"`
	Away        []string `json:"away"`
	Contact     []string `json:"contact"`
	Status      string   `json:"status"`
	Note        string   `json:"note"`
}

func newOwnerDoc(p owners.Person) ownerDoc {
	d := ownerDoc{
		ID: p.ID, Name: p.Name, Emails: nonNil(p.Emails), Keys: []string{}, Deputies: nonNil(p.Deputies),
		Compromised: []string{}, Away: []string{}, Contact: nonNil(p.Contact), Status: string(p.Status), Note: p.Note,
	}
	for _, k := range p.Keys {
		d.Keys = append(d.Keys, k.Fingerprint())
	}
	for _, k := range p.Compromised {
		d.Compromised = append(d.Compromised, k.Fingerprint())
	}
	for _, away := range p.Away {
		d.Away = append(d.Away, string(away.From)+".."+string(away.To))
	}
	return d
}

func newOwnerListCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the people in the registry",
		Long:    "List the people in the registry, with what they sign with and whether they are there.",
		Example: "  git carry owner list",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return listOwners(c.Context(), a) },
	}
}

func listOwners(ctx context.Context, a *app) error {
	r, err := a.read(ctx)
	if err != nil {
		return err
	}
	today := owners.DateOf(a.env.Now().UTC())
	list := []ownerDoc{}
	rows := [][]string{{"ID", "NAME", "E-MAIL", "KEYS", "DEPUTIES", "PATCHES", "STATUS"}}
	for _, p := range r.registry.People {
		list = append(list, newOwnerDoc(p))
		status := string(p.Status)
		if away, is := p.AwayOn(today); is {
			status = "away until " + string(away.To)
		}
		rows = append(rows, []string{
			p.ID, p.Name, joinWords(p.Emails), fmt.Sprint(len(p.Keys)), joinWords(p.Deputies),
			fmt.Sprint(len(ownedBy(r.ledger, p.ID))), status,
		})
	}
	doc := struct {
		Schema string     `json:"schema"`
		Owners []ownerDoc `json:"owners"`
	}{schema("owner-list"), list}
	a.show(doc, func() { a.table(rows) })
	return nil
}

// ownedBy lists the patches of a person that are not closed or dropped.
func ownedBy(l patchset.Ledger, person string) []patchset.Patch {
	newest, _ := l.Newest()
	var out []patchset.Patch
	for _, id := range l.PatchIDs() {
		p := l.Patches[id]
		if life := p.Life(newest); p.Owner == person && life != patchset.LifeClosed && life != patchset.LifeDropped {
			out = append(out, p)
		}
	}
	return out
}

func newOwnerShowCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "show ID",
		Short:   "Show a person and the patches they own",
		Long:    "Show all that the registry says of a person, and the patches they own.",
		Example: "  git carry owner show priya",
		Args:    cobra.ExactArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return showOwner(c.Context(), a, args[0]) },
	}
}

func showOwner(ctx context.Context, a *app, id string) error {
	r, err := a.read(ctx)
	if err != nil {
		return err
	}
	p, ok := r.registry.Person(id)
	if !ok {
		return unknownPerson(r.registry, id)
	}
	var ids []string
	for _, patch := range ownedBy(r.ledger, id) {
		ids = append(ids, patch.ID)
	}
	doc := struct {
		Schema string `json:"schema"`
		ownerDoc
		Patches []string `json:"patches"`
	}{schema("owner-show"), newOwnerDoc(p), nonNil(ids)}
	a.show(doc, func() {
		d := doc.ownerDoc
		a.say("%s  %s  (%s)", p.ID, p.Name, p.Status)
		for _, line := range [][2]string{
			{"e-mail", joinWords(d.Emails)},
			{"keys", joinWords(d.Keys)},
			{"lost keys", joinWords(d.Compromised)},
			{"deputies", joinWords(d.Deputies)},
			{"away", joinWords(d.Away)},
			{"contact", joinWords(d.Contact)},
			{"note", d.Note},
			{"patches", joinWords(ids)},
		} {
			if line[1] != "" {
				a.say("  %-9s %s", line[0], line[1])
			}
		}
	})
	return nil
}
