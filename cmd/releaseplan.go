package cmd

import (
	"context"
	"fmt"
	"slices"

	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

type releasePlanOptions struct {
	ids       []string
	export    string
	branch    string
	noFetch   bool
	embargoed bool
	reason    string
}

func newReleasePlanCmd(a *app) *cobra.Command {
	o := &releasePlanOptions{}
	c := &cobra.Command{
		Use:   "release-plan [ID]…",
		Short: "What could be public now, in which order, and what its review needs",
		Long: `List the patches that are not public yet, those first that could be now: their embargo is over,
nothing is the matter with them, and the same holds for those before them in the stack that touch the
same files, which go first or along. Then by severity and age.

--export writes patch files onto the tip of the public main branch, --branch the same as the branch
"public-review" in a clone: the patches named and those that they need, or all that could be
public. Their commits have no Carry trailers. Words that the policy calls secret (git carry owners policy
--secret-words) and the ids of patches that are still embargoed are taken out of their messages;
where one is in a file, an added line or an author, nothing is written (exit 6). Nor if the guard
knows another embargoed patch in them.

It ends no embargo: that is disclose, by a person. A patch that is still embargoed is refused
(exit 6), unless a person says --embargoed with a reason, for a review that is not public; that goes on
record.`,
		Example: `  git carry release-plan
  git carry release-plan T401234 --export review
  git carry release-plan T401234 --branch ~/src/core
  git carry release-plan T401590 --export closed --embargoed --reason 'review by the vendor, under NDA'`,
		RunE: func(c *cobra.Command, args []string) error {
			o.ids = args
			return o.run(c.Context(), a)
		},
	}
	f := c.Flags()
	f.StringVar(&o.export, "export", "", "write patch files into the new `DIR`")
	f.StringVar(&o.branch, "branch", "", "make the branch public-review in the clone `DIR` of the component")
	f.BoolVar(&o.noFetch, "no-fetch", false, "use the main branch as a forecast has fetched it last")
	f.BoolVar(&o.embargoed, "embargoed", false, "write patches that are still embargoed, too; takes --reason")
	f.StringVar(&o.reason, "reason", "", "why embargoed patches leave the vault, in one line of `TEXT`")
	_ = c.MarkFlagDirname("export") // fails for a flag that is not there
	_ = c.MarkFlagDirname("branch")
	return c
}

type releasePlanDoc struct {
	Schema  string         `json:"schema"`
	Version string         `json:"version"` // that is being prepared
	AsOf    string         `json:"as_of"`
	Patches []releaseDoc   `json:"patches"` // in this order
	Written []releasedDoc  `json:"written"` // by --export and --branch
	Public  []string       `json:"public"`  // the public main branch has them already
	Summary releaseSummary `json:"summary"`
}

type releaseDoc struct {
	ID          string            `json:"id"`
	Group       int               `json:"group"` // they touch the same places
	Component   string            `json:"component"`
	Title       string            `json:"title"`
	Owner       string            `json:"owner"`
	Severity    patchset.Severity `json:"severity"`
	AgeDays     int               `json:"age_days"`
	LimitDays   int               `json:"limit_days"`
	Embargoed   bool              `json:"embargoed"`
	DisclosedAt string            `json:"disclosed_at"`
	DisclosedBy string            `json:"disclosed_by"`
	Where       string            `json:"where"`
	Version     string            `json:"version"` // the newest that has it
	State       patchset.State    `json:"state"`
	Needs       []string          `json:"needs"`
	HeldBy      []string          `json:"held_by"`
	Ready       bool              `json:"ready"`
	Why         string            `json:"why"` // it could, or could not, be public now
	Next        []string          `json:"next"`
}

type releaseSummary struct {
	Ready     int `json:"ready"`
	Embargoed int `json:"embargoed"`
	Held      int `json:"held"` // disclosed, and not ready
}

func (o *releasePlanOptions) run(ctx context.Context, a *app) error {
	if err := o.check(); err != nil {
		return err
	}
	var doc releasePlanDoc
	err := a.rehearse(ctx, func(ctx context.Context, s *step) error {
		plan, err := a.releasePlan(ctx, s)
		if err != nil {
			return err
		}
		chosen, err := o.choose(s.ledger, plan)
		if err != nil {
			return err
		}
		doc = a.newReleasePlanDoc(s.reading, chosen)
		if o.export != "" || o.branch != "" {
			err = o.write(ctx, a, s, chosen, &doc)
		}
		return err
	})
	if err != nil {
		return err
	}
	a.show(doc, func() { doc.report(a) })
	return nil
}

func (o *releasePlanOptions) check() error {
	writes := o.export != "" || o.branch != ""
	switch {
	case o.embargoed && !writes:
		return usagef("--embargoed goes with --export or --branch: the plan lists embargoed patches anyhow")
	case o.embargoed && len(o.ids) == 0:
		return usagef("--embargoed takes the patches by name")
	case o.embargoed:
		return requireReason(o.reason)
	case o.reason != "":
		return usagef("--reason goes with --embargoed")
	}
	return nil
}

// releasePlan makes the plan of this state of the ledger.
func (a *app) releasePlan(ctx context.Context, s *step) ([]patchset.ReleaseStep, error) {
	facts := patchset.ReleaseFacts{Now: a.env.Now(), Paths: map[string][]string{}}
	var failed error
	for id, p := range s.ledger.Patches {
		_, in := p.Latest()
		commit := in.Source
		if in.State.InStack() {
			commit = in.Commit
		}
		if commit == "" {
			continue
		}
		paths, err := s.bench.Changed(ctx, commit)
		if err != nil {
			return nil, fmt.Errorf("what %s changes: %w", id, err)
		}
		facts.Paths[id] = paths
	}
	facts.Hindrance = func(p patchset.Patch) string {
		words, err := s.hindrance(ctx, p)
		if err != nil && failed == nil {
			failed = err
		}
		return words
	}
	plan := s.ledger.ReleasePlan(facts)
	return plan, failed
}

// hindrance says why a patch cannot go out as it is in its newest version; "" if it can.
func (r reading) hindrance(ctx context.Context, p patchset.Patch) (string, error) {
	version, in := p.Latest()
	switch {
	case in.State.Parked():
		return "does not merge in " + version + ": " + string(in.State), nil
	case in.State == patchset.StateFailed:
		return "a check does not hold in " + version, nil
	}
	v, needed, err := r.verdict(ctx, patchset.Spot{Version: version, Patch: p.ID})
	if needed && !v.OK {
		return "waits in " + version + " for the signature of " + p.Owner, err
	}
	return "", err
}

// choose gives the steps of the patches that are named with those that they need; of all,
// where none is named.
func (o *releasePlanOptions) choose(l patchset.Ledger, plan []patchset.ReleaseStep) ([]patchset.ReleaseStep, error) {
	if len(o.ids) == 0 {
		return plan, nil
	}
	for i, id := range o.ids {
		p, err := l.Named(id)
		if err != nil {
			return nil, err
		}
		o.ids[i] = p.ID
		if !slices.ContainsFunc(plan, func(s patchset.ReleaseStep) bool { return s.Patch.ID == p.ID }) {
			return nil, patchset.Faultf(patchset.CodeUsage, "%s is %s: there is nothing to release", p.ID, l.Life(p)).
				WithHint("git carry show %s", p.ID)
		}
	}
	return patchset.WithNeeds(plan, o.ids), nil
}

func (a *app) newReleasePlanDoc(r reading, plan []patchset.ReleaseStep) releasePlanDoc {
	now := a.env.Now()
	newest, _ := r.ledger.Newest()
	doc := releasePlanDoc{
		Schema: schema("release-plan"), Version: newest, AsOf: stamp(now),
		Patches: []releaseDoc{}, Written: []releasedDoc{}, Public: []string{},
	}
	for _, s := range plan {
		p := s.Patch
		d := releaseDoc{
			ID: p.ID, Group: s.Group, Component: p.Component, Title: p.Title, Owner: p.Owner, Severity: p.Severity,
			AgeDays: p.AgeDays(now), LimitDays: r.limitDays(p.Severity), Embargoed: p.Embargoed(),
			DisclosedAt: stamp(p.Disclosed.At), DisclosedBy: p.Disclosed.By, Where: p.Disclosed.Where,
			Version: s.Version, State: p.At[s.Version].State, Needs: nonNil(s.Needs), HeldBy: nonNil(s.HeldBy), Ready: s.Ready(),
		}
		d.Why, d.Next = whyReleased(r.ledger, s, plan)
		switch {
		case d.Ready:
			doc.Summary.Ready++
		case d.Embargoed:
			doc.Summary.Embargoed++
		default:
			doc.Summary.Held++
		}
		doc.Patches = append(doc.Patches, d)
	}
	return doc
}

// whyReleased says what holds a patch back, and the command that brings it on.
func whyReleased(l patchset.Ledger, s patchset.ReleaseStep, plan []patchset.ReleaseStep) (why string, next []string) {
	id := s.Patch.ID
	others := slices.DeleteFunc(slices.Clone(s.HeldBy), func(by string) bool { return by == id })
	switch {
	case s.Ready():
		return "could be public now", []string{"git", "carry", "release-plan", id, "--export", "DIR"}
	case s.Hindrance != "":
		return s.Hindrance, []string{"git", "carry", "show", id}
	case s.Patch.Embargoed():
		return "embargoed" + waitersFor(id, plan), []string{"git", "carry", "disclose", id, "--where", "URL"}
	}
	for i, by := range others {
		if l.Patches[by].Embargoed() {
			others[i] = by + " (embargoed)"
		}
	}
	return "not before " + joinWords(others), []string{"git", "carry", "release-plan", id}
}

// waitersFor names the patches that are disclosed and wait for an embargoed one.
func waitersFor(id string, plan []patchset.ReleaseStep) string {
	var waiting []string
	for _, s := range plan {
		if !s.Patch.Embargoed() && slices.Contains(s.HeldBy, id) {
			waiting = append(waiting, s.Patch.ID)
		}
	}
	if len(waiting) == 0 {
		return ""
	}
	return ", and in the way of " + joinWords(waiting)
}

func (d releasePlanDoc) report(a *app) {
	if len(d.Patches) == 0 {
		a.say("Every patch is public.")
		return
	}
	if len(d.Written)+len(d.Public) > 0 {
		d.reportWritten(a)
		return
	}
	rows := [][]string{{"GROUP", "PATCH", "COMPONENT", "OWNER", "SEVERITY", "AGE", "NEEDS", "NOW"}}
	for _, p := range d.Patches {
		age := fmt.Sprintf("%dd", p.AgeDays)
		if p.AgeDays > p.LimitDays && p.Embargoed {
			age += fmt.Sprintf(" of %dd", p.LimitDays)
		}
		rows = append(rows, []string{fmt.Sprint(p.Group), p.ID, p.Component, p.Owner, string(p.Severity), age, joinWords(p.Needs), p.Why})
	}
	a.fittedTable(rows, "GROUP", "SEVERITY")
	a.say("")
	a.say("%s: %d could be public now, %d embargoed, %d held by others or by what is open",
		count(len(d.Patches), "patch is not public", "patches are not public"), d.Summary.Ready, d.Summary.Embargoed, d.Summary.Held)
	for _, p := range d.Patches {
		if p.Ready {
			a.next("git carry release-plan --export DIR")
			return
		}
	}
	for _, p := range d.Patches {
		if p.Embargoed {
			a.next("once a hole is public: git carry disclose ID --where URL")
			return
		}
	}
}
