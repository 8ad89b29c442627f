package cmd

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/urgent"
	"github.com/spf13/cobra"
)

func newUrgentWitnessCmd(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "witness",
		Short: "Other forms by which a fix is known",
		Args:  cobra.NoArgs,
	}
	c.AddCommand(newUrgentWitnessAddCmd(a), newUrgentWitnessListCmd(a), newUrgentWitnessRemoveCmd(a))
	return c
}

type witnessAddOptions struct {
	item    string
	name    string
	content string
	witness urgent.Witness
	pen
}

func newUrgentWitnessAddCmd(a *app) *cobra.Command {
	o := &witnessAddOptions{}
	c := &cobra.Command{
		Use:   "add ITEM --file PATH --must TEXT --reason TEXT",
		Short: "Say how a fix in other words is known",
		Long: `Say what else shows that a target has the fix: somebody made the same fix in other words, and a probe, which
looks for the patch's own hunks, calls it absent. All that one witness asks for must hold in one file; one
witness is enough. It is your word, with your name on it, and every report of such a target says so.

A witness that also holds without the patch, in any version, proves nothing and is refused with exit 6.`,
		Example: `  git carry urgent witness add U-2026-3 --file lib/parse.c --must 'inside(i, n)' --reason 'our own form'
  git carry urgent witness add U-2026-3 --file lib/parse.c --content parse.c --reason 'the fix of 1.2'`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.item = args[0]
			return o.run(c.Context(), a)
		},
	}
	f := c.Flags()
	f.StringVar(&o.name, "name", "", "a `NAME` for it (else w1, w2 …)")
	f.StringVar(&o.witness.Patch, "patch", "", "the `ID` of the patch, if the item has several")
	f.StringVar(&o.witness.Path, "file", "", "the `PATH` in the served tree")
	f.StringArrayVar(&o.witness.Must, "must", nil, "a `TEXT` that the file has; may be given again")
	f.StringArrayVar(&o.witness.MustNot, "must-not", nil, "a `TEXT` that it does not have; may be given again")
	f.StringVar((*string)(&o.witness.Blob), "blob", "", "the `ID` of the file's exact content")
	f.StringVar(&o.content, "content", "", "the exact content is that of this `FILE`")
	f.StringVar(&o.witness.Reason, "reason", "", "why that is the fix, in one line of `TEXT`")
	o.pen.flag(f)
	return c
}

func (o *witnessAddOptions) run(ctx context.Context, a *app) error {
	if err := requireReason(o.witness.Reason); err != nil {
		return err
	}
	if o.content != "" {
		id, err := a.blobOf(ctx, o.content)
		if err != nil {
			return err
		}
		if o.witness.Blob != "" && o.witness.Blob != id {
			return usagef("--blob and --content name two contents")
		}
		o.witness.Blob = id
	}
	if err := o.witness.Check(); err != nil {
		return err
	}
	var item urgent.Item
	err := a.recordWord(ctx, "urgent witness add", &o.pen, func(ctx context.Context, s *step) (err error) {
		item, err = o.add(ctx, a, s)
		return err
	})
	if err != nil {
		return err
	}
	doc := struct {
		Schema string `json:"schema"`
		witnessDoc
	}{schema("urgent-witness-add"), newWitnessDoc(o.name, o.witness)}
	a.show(doc, func() { a.say("Witness %s for %s of %s: %s", o.name, o.witness.Patch, item.ID, o.witness) })
	a.next("git carry urgent probe %s", item.ID)
	return nil
}

// maxContent bounds the file of --content, in bytes.
const maxContent = 64 << 20

// blobOf is the id that a file's content has in this vault.
func (a *app) blobOf(ctx context.Context, file string) (patchset.ID, error) {
	v, err := a.vault(ctx)
	if err != nil {
		return "", err
	}
	info, err := os.Stat(a.path(file))
	if err == nil && info.Size() > maxContent {
		err = fmt.Errorf("%s is larger than %d MiB", file, maxContent>>20)
	}
	if err != nil {
		return "", patchset.Faultf(patchset.CodeBadInput, "%w", err)
	}
	data, err := os.ReadFile(a.path(file))
	if err != nil {
		return "", patchset.Faultf(patchset.CodeBadInput, "%w", err)
	}
	return v.BlobID(data)
}

func (o *witnessAddOptions) add(ctx context.Context, a *app, s *step) (urgent.Item, error) {
	lane, item, err := s.urgentItem(o.item)
	if err != nil {
		return item, err
	}
	if err := inLane(lane, item); err != nil {
		return item, err
	}
	switch {
	case o.witness.Patch == "" && len(item.Patches) == 1:
		o.witness.Patch = item.Patches[0]
	case !slices.Contains(item.Patches, o.witness.Patch):
		return item, usagef("say for which patch of %s: --patch %s", item.ID, strings.Join(item.Patches, " or "))
	}
	for n := len(item.Witnesses) + 1; o.name == ""; n++ {
		if name := fmt.Sprintf("w%d", n); item.Witnesses[name].Path == "" {
			o.name = name
		}
	}
	if err := patchset.CheckCheck(o.name); err != nil {
		return item, err
	}
	o.witness.Event = o.wordOf(s, "", o.witness.Reason)
	if err := o.refuseBlind(ctx, s, item); err != nil {
		return item, err
	}
	s.did("added the witness %s to %s: %s", o.name, item.ID, o.witness.Reason)
	return item, s.putWord(ctx, a, &o.pen, item.ID, "witnesses/"+o.name, o.witness, o.witness.Reason)
}

// refuseBlind refuses a witness that holds without the patch.
func (o *witnessAddOptions) refuseBlind(ctx context.Context, s *step, item urgent.Item) error {
	item.Witnesses = map[string]urgent.Witness{o.name: o.witness}
	p := &round{r: s.reading, items: []urgent.Item{item}}
	if err := p.findFixes(ctx); err != nil {
		return err
	}
	for _, spot := range slices.SortedFunc(maps.Keys(p.fixes), compareSpots) {
		for _, f := range p.fixes[spot] {
			for _, fix := range f.fixes {
				if len(fix.BlindWitnesses()) > 0 {
					return patchset.Faultf(patchset.CodePolicy, "in %s that holds without the patch too: it would call a target well that has nothing", spot.Version).
						WithHint("ask for a text that only the fix has: --must TEXT").
						WithHint("or for one that it takes away: --must-not TEXT")
				}
			}
		}
	}
	return nil
}

type witnessDoc struct {
	Name    string      `json:"name"`
	Patch   string      `json:"id"`
	Path    string      `json:"path"`
	Blob    patchset.ID `json:"blob"`
	Must    []string    `json:"must"`
	MustNot []string    `json:"must_not"`
	Reason  string      `json:"reason"`
	By      string      `json:"by"`
	At      string      `json:"at"`
}

func newWitnessDoc(name string, w urgent.Witness) witnessDoc {
	return witnessDoc{name, w.Patch, w.Path, w.Blob, nonNil(w.Must), nonNil(w.MustNot), w.Reason, w.By, stamp(w.At)}
}

func newUrgentWitnessListCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "list [ITEM]",
		Short:   "List the witnesses of an item",
		Long:    "List what else shows that a target has a fix, and who says so.",
		Example: "  git carry urgent witness list U-2026-3",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			r, err := a.read(c.Context())
			if err != nil {
				return err
			}
			lane, err := laneOf(r.ledger)
			if err != nil {
				return err
			}
			item, err := lane.Find(firstWord(args))
			if err != nil {
				return err
			}
			doc := struct {
				Schema    string       `json:"schema"`
				Item      string       `json:"item"`
				Witnesses []witnessDoc `json:"witnesses"`
			}{schema("urgent-witness-list"), item.ID, []witnessDoc{}}
			rows := [][]string{{"WITNESS", "PATCH", "BY", "ON", "ASKS FOR", "WHY"}}
			for _, name := range slices.Sorted(maps.Keys(item.Witnesses)) {
				w := item.Witnesses[name]
				doc.Witnesses = append(doc.Witnesses, newWitnessDoc(name, w))
				rows = append(rows, []string{name, w.Patch, w.By, date(w.At), w.String(), w.Reason})
			}
			a.show(doc, func() { a.table(rows) })
			return nil
		},
	}
}

func newUrgentWitnessRemoveCmd(a *app) *cobra.Command {
	p := &pen{}
	c := &cobra.Command{
		Use:     "remove ITEM NAME",
		Short:   "Take a witness back",
		Long:    "Take a witness back: what only it showed is absent from the next probe on. The ledger keeps that it was there.",
		Example: "  git carry urgent witness remove U-2026-3 w1",
		Args:    cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			var item urgent.Item
			err := a.recordWord(c.Context(), "urgent witness remove", p, func(ctx context.Context, s *step) (err error) {
				if _, item, err = s.urgentItem(args[0]); err != nil {
					return err
				}
				if _, known := item.Witnesses[args[1]]; !known {
					return patchset.Faultf(patchset.CodeUsage, "%s has no witness %q", item.ID, args[1]).WithHint("git carry urgent witness list %s", item.ID)
				}
				s.did("took the witness %s of %s back", args[1], item.ID)
				return s.putWord(ctx, a, p, item.ID, "witnesses/"+args[1], nil, "")
			})
			if err == nil {
				a.said("witness-remove", item.ID, "is no longer known by the witness "+args[1])
			}
			return err
		},
	}
	p.flag(c.Flags())
	return c
}
