package cmd

import (
	"context"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/printable"
	"github.com/git-carry/git-carry/patchset/urgent"
	"github.com/spf13/cobra"
)

type urgentMailOptions struct {
	audience string
	item     string
	channel  string
}

func newUrgentMailCmd(a *app) *cobra.Command {
	o := &urgentMailOptions{}
	c := &cobra.Command{
		Use:   "mail (testers|operators) [ITEM]",
		Short: "The call for testers, or the note to mirror operators, to be sent by hand",
		Long: `Print a message about an item: to people who can try it, or to those who run mirrors and have no
vault. It names nothing but the item, U-2026-3, so it may go to any list. With --channel it has the
words that this channel is cleared for (git carry help channel): patches, titles, branches and the
command that gets it, where the channel is for details.

The message is on stdout, its first line the subject. Whom it is for is on stderr: testers are those whose
approval would count and is missing, operators those of the targets that were not seen to have it. Nothing is sent.`,
		Example: `  git carry urgent mail testers U-2026-3
  git carry urgent mail operators > note.txt
  git carry urgent mail testers --channel team`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(c *cobra.Command, args []string) error {
			o.audience, o.item = args[0], firstWord(args[1:])
			return o.run(c.Context(), a)
		},
	}
	c.Flags().StringVar(&o.channel, "channel", "", "in the words that the channel `NAME` is cleared for")
	return c
}

type urgentMailDoc struct {
	Schema   string             `json:"schema"`
	Item     string             `json:"item"`
	Audience urgent.Audience    `json:"audience"`
	State    urgent.State       `json:"state"`
	Details  bool               `json:"details"` // it says more than the item's id
	Subject  string             `json:"subject"`
	Text     string             `json:"text"`
	People   []noticeTo         `json:"people"`
	Targets  []urgentMailTarget `json:"targets"`
}

type urgentMailTarget struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

func (o *urgentMailOptions) run(ctx context.Context, a *app) error {
	if !slices.Contains(urgent.Audiences, urgent.Audience(o.audience)) {
		return usagef("a message is for testers or for operators, not for %q", o.audience)
	}
	r, err := a.read(ctx)
	if err != nil {
		return err
	}
	look, err := a.urgentLook(ctx, r, o.item)
	if err != nil {
		return err
	}
	if err := inLane(look.lane, look.Item); err != nil {
		return err
	}
	cleared, err := o.cleared(r.vault)
	if err != nil {
		return err
	}
	doc := look.mail(urgent.Audience(o.audience), cleared)
	a.show(doc, func() { doc.report(a) })
	return nil
}

// cleared tells whether the channel may carry details. No channel may not.
func (o *urgentMailOptions) cleared(v *gitops.Vault) (bool, error) {
	if o.channel == "" {
		return false, nil
	}
	channels, err := v.Channels()
	if err != nil {
		return false, err
	}
	c, known := channels[o.channel]
	if !known {
		return false, patchset.Faultf(patchset.CodeUsage, "this vault has no channel %q", o.channel).WithHint("git carry channel list")
	}
	return c.Details, nil
}

func (look *urgentLook) mail(audience urgent.Audience, cleared bool) urgentMailDoc {
	call := urgent.Call{Item: look.Item.ID, Audience: audience}
	if cleared {
		call.Details = look.callDetails()
	}
	doc := urgentMailDoc{
		Schema: schema("urgent-mail"), Item: look.Item.ID, Audience: audience, State: look.State(), Details: cleared,
		Subject: call.Subject(), Text: call.Text(), People: []noticeTo{}, Targets: []urgentMailTarget{},
	}
	if audience == urgent.Testers {
		_, voted := look.missingApprovals()
		for _, id := range look.others(voted) {
			p, _ := look.registry.Person(id)
			doc.People = append(doc.People, noticeTo{p.ID, p.Name, nonNil(p.Emails)})
		}
		return doc
	}
	for _, name := range look.lacking() {
		doc.Targets = append(doc.Targets, urgentMailTarget{name, gitops.MaskURL(look.ledger.Targets[name].URL)})
	}
	return doc
}

// callDetails is what a cleared channel may carry.
func (look *urgentLook) callDetails() *urgent.CallDetails {
	d := &urgent.CallDetails{}
	for _, id := range look.Item.Patches {
		p := look.ledger.Patches[id]
		p.Title = printable.Line(p.Title)
		d.Patches = append(d.Patches, p)
	}
	for _, k := range look.Fit() {
		branch := ""
		for _, arrival := range slices.Concat(k.Testing, k.Stable) {
			if p, has := look.ledger.Targets[arrival.Target].Published[k.Version+"/"+k.Component]; has {
				branch = p.Branch
			}
		}
		d.Stacks = append(d.Stacks, patchset.Published{Component: k.Component, Version: k.Version, Branch: branch, Commit: k.Commit})
		if d.Try == "" {
			d.Try = look.tryIt(k)
		}
	}
	d.Approvals, _ = look.missingApprovals()
	return d
}

// missingApprovals is how many are missing on the stack that has fewest, and whose are
// there.
func (look *urgentLook) missingApprovals() (missing int, voted []string) {
	for _, k := range look.Fit() {
		if n := look.Lacking(k); n > missing || voted == nil {
			missing, voted = n, look.Approvers(k)
		}
	}
	return missing, voted
}

// lacking are the stable targets that were not seen to have every stack, and that
// somebody waits for.
func (look *urgentLook) lacking() []string {
	var names []string
	for _, k := range look.Stacks {
		for _, arrival := range k.Stable {
			if !arrival.There && !arrival.Excused && !slices.Contains(names, arrival.Target) {
				names = append(names, arrival.Target)
			}
		}
	}
	slices.Sort(names)
	return names
}

func (d urgentMailDoc) report(a *app) {
	a.say("Subject: %s", d.Subject)
	a.say("")
	a.say("%s", strings.TrimSuffix(d.Text, "\n"))
	for _, p := range d.People {
		a.talk("for %s <%s>", p.Name, joinWords(p.Emails))
	}
	for _, t := range d.Targets {
		a.talk("for whoever runs %s (%s)", t.Name, t.URL)
	}
	if d.Audience == urgent.Testers && !slices.Contains([]urgent.State{urgent.InTesting, urgent.Approved, urgent.Releasing}, d.State) {
		a.talk("%s is %s: there is nothing to try now", d.Item, d.State)
	}
}
