package cmd

import (
	"context"
	"fmt"
	"slices"

	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

type statusOptions struct {
	version string
	all     bool
}

func newStatusCmd(a *app) *cobra.Command {
	o := &statusOptions{}
	c := &cobra.Command{
		Use:   "status",
		Short: "Where the version stands that is being prepared",
		Long: `Show what keeps a version from being published, worst first, with the exact command
that brings it on. Patches that need nobody are counted, and shown with --all.

A question mark after an owner means that an import guessed them; that person confirms it:
git carry own ID --confirm. Exit code 3 while conflicts in the newest version need a person, else 0.`,
		Example: `  git carry
  git carry status --all
  git carry status --version 1.46.0-wmf.5 --json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context(), a) },
	}
	c.Flags().StringVar(&o.version, "version", "", "the `VERSION` to look at (else the newest)")
	c.Flags().BoolVar(&o.all, "all", false, "show the patches that need nobody too")
	return c
}

type statusDoc struct {
	Schema  string        `json:"schema"`
	Version string        `json:"version"`
	From    string        `json:"from"`
	Patches []patchDoc    `json:"patches"`
	Summary statusSummary `json:"summary"`
	Notices *noticesDoc   `json:"notices,omitempty"` // in a vault that has channels
	Urgent  *laneDoc      `json:"urgent,omitempty"`  // in a vault that uses the lane
}

type statusSummary struct {
	Total       int `json:"total"` // carried here, or still missing
	OK          int `json:"ok"`
	Blocks      int `json:"blocks"`
	Unconfirmed int `json:"unconfirmed"`
	Overdue     int `json:"overdue"`
	// Ended counts those that landed here, were retired or dropped.
	Ended int `json:"ended"`
}

func (o *statusOptions) run(ctx context.Context, a *app) error {
	b, err := a.board(ctx, o.version)
	if err != nil {
		return err
	}
	patches := o.patches(b)
	doc := statusDoc{
		Schema: schema("status"), Version: b.version, From: b.ledger.Versions[b.version].From,
		Patches: []patchDoc{}, Summary: summarizeStatus(b, patches),
	}
	for _, p := range patches {
		doc.Patches = append(doc.Patches, b.doc(ctx, p))
	}
	if o.version == "" {
		if doc.Notices, err = b.notices(); err != nil {
			return err
		}
		if doc.Urgent, err = a.laneDoc(ctx, b.reading); err != nil {
			return err
		}
	}
	a.show(doc, func() { o.report(a, b, doc, patches) })
	if b.version == b.newest && slices.ContainsFunc(patches, func(p patchset.Patch) bool {
		return p.At[b.newest].State.Parked()
	}) {
		return outcome{exitConflicts}
	}
	return nil
}

// patches lists those that somebody may still have to look at, and those that
// came to their end in this very version; the ones in need of a person first.
func (o *statusOptions) patches(b board) []patchset.Patch {
	var ids []string
	for _, id := range b.ledger.PatchIDs() {
		p := b.ledger.Patches[id]
		_, here := p.At[b.version]
		if (here && (o.all || !p.Life(b.newest).Over() || b.endedHere(p))) || b.absent(p) {
			ids = append(ids, id)
		}
	}
	return b.worstFirst(ids)
}

// endedHere tells whether the version before still carried the patch and this
// one does not need it any more.
func (b board) endedHere(p patchset.Patch) bool {
	here, there := p.At[b.version], p.At[b.ledger.Versions[b.version].From]
	return here.State != "" && !here.State.Carried() && (there.State.Carried() || here.From == "")
}

// rank orders patches by how soon a person must look at them.
func (b board) rank(p patchset.Patch) int {
	order := []patchset.State{
		patchset.StateConflict, patchset.StateProposed, patchset.StateDrift, patchset.StateFailed, "", patchset.StateWaiting,
	}
	rest := len(order)
	switch i := slices.Index(order, p.At[b.version].State); {
	case b.blocks(p) && i >= 0:
		return i
	case b.blocks(p):
		return rest
	case b.absent(p):
		return rest + 1
	case !p.OwnerConfirmed:
		return rest + 2
	}
	return rest + 3
}

func summarizeStatus(b board, patches []patchset.Patch) statusSummary {
	var s statusSummary
	for _, p := range patches {
		if !p.At[b.version].State.Carried() && !b.blocks(p) {
			if b.endedHere(p) {
				s.Ended++
			}
			continue
		}
		s.Total++
		if b.blocks(p) {
			s.Blocks++
		}
		if !p.OwnerConfirmed {
			s.Unconfirmed++
		}
		if limit, ok := b.registry.Policy.Limits.Days(string(p.Severity)); ok && p.PublicAt().IsZero() && p.AgeDays(b.now) > limit {
			s.Overdue++
		}
	}
	s.OK = s.Total - s.Blocks
	return s
}

func (o *statusOptions) report(a *app, b board, doc statusDoc, patches []patchset.Patch) {
	if doc.Version == "" {
		o.reportEmpty(a, b)
		return
	}
	from := ""
	if doc.From != "" {
		from = "   from " + doc.From
	}
	if doc.Urgent != nil {
		doc.Urgent.report(a)
	}
	a.say("VERSION %s%s   %s", doc.Version, from, doc.Summary.words())
	rows := [][]string{{"PATCH", "COMPONENT", "OWNER", "AGE", "SEVERITY", "STATE", "WHY"}}
	hidden := 0
	for i, p := range patches {
		if !o.all && !b.blocks(p) && !b.absent(p) && p.OwnerConfirmed {
			if p.At[b.version].State.Carried() {
				hidden++
			}
			continue
		}
		rows = append(rows, []string{
			p.ID, p.Component, b.ownerCell(p), fmt.Sprintf("%dd", p.AgeDays(b.now)), string(p.Severity), b.stateIn(p), statusWhy(b, p, doc.Patches[i]),
		})
	}
	if len(rows) > 1 {
		a.say("")
		a.fittedTable(rows)
	}
	o.reportRest(a, b, doc, patches, hidden)
}

func statusWhy(b board, p patchset.Patch, d patchDoc) string {
	if !p.OwnerConfirmed && !d.Blocks && !b.absent(p) && !p.Life(b.newest).Over() {
		return "the owner was guessed; " + askToConfirm(p)
	}
	return d.Why
}

func (s statusSummary) words() string {
	if s.Total == 0 {
		return "nothing to carry"
	}
	words := []string{fmt.Sprintf("%d ok", s.OK)}
	if s.Blocks > 0 {
		words = append(words, fmt.Sprintf("%d block", s.Blocks))
	}
	text := count(s.Total, "patch", "patches") + ": " + joinWords(words)
	if s.Ended > 0 {
		text += fmt.Sprintf("   (%d more landed, retired or dropped here)", s.Ended)
	}
	return text
}

// reportRest says what the table does not show, and what to do next.
func (o *statusOptions) reportRest(a *app, b board, doc statusDoc, patches []patchset.Patch, hidden int) {
	a.say("")
	if hidden > 0 {
		verb := "are"
		if hidden == 1 {
			verb = "is"
		}
		a.say("%d ok %s not shown (--all).", hidden, verb)
	}
	if n := doc.Summary.Overdue; n > 0 {
		a.say("%s overdue: git carry audit", count(n, "patch is", "patches are"))
	}
	if line := doc.Notices.line(); line != "" {
		a.say("%s", line)
	}
	next, whose := b.nextStep()
	if whose != "" {
		a.next("%s      (%s)", shellLine(next), whose)
		return
	}
	a.next("%s", shellLine(next))
}

// askToConfirm says who settles whose patch it is.
func askToConfirm(p patchset.Patch) string {
	return fmt.Sprintf("ask %s to run: git carry own %s --confirm", p.Owner, p.ID)
}

func (o *statusOptions) reportEmpty(a *app, b board) {
	a.say("Nothing is carried yet.")
	switch {
	case len(b.ledger.Components) == 0:
		a.next("git carry component add NAME=URL")
	case len(b.registry.People) == 0:
		a.next("git carry owner add ID --name NAME --email EMAIL")
	default:
		a.next("git carry add ID --component %s --version VERSION …, or git carry import DIR", b.ledger.ComponentNames()[0])
	}
}
