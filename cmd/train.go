package cmd

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

type trainOptions struct {
	version string
	from    string
	only    []string
	dryRun  bool
	noFetch bool
}

func newTrainCmd(a *app) *cobra.Command {
	o := &trainOptions{}
	c := &cobra.Command{
		Use:   "train VERSION",
		Short: "Carry every stack to a version",
		Long: `Carry every patch that is live in the version before to VERSION: fetch the public
branch of each component, merge each patch onto it from its own recorded parent, and
put the new stacks in place in one step. A patch that does not merge is parked with its
owner's name and the rest goes on. A patch that the public has is landed: its merge changes
nothing, or a public commit bears its Change-Id or Carry-Id, makes its change, and still
stands. Where that is only likely, its owner is asked. What landed or was retired is looked
at again in every version, and comes back when upstream took it back.

A patch that merges cleanly may yet fix nothing. It drifts, and its owner is asked to look and
sign, when upstream changed the code around it, when what it takes out turns up elsewhere
in the files that changed, or when a later patch of the stack takes it back.

Exit code 0 when nothing needs a person, 3 when conflicts are parked. Run again, it
changes nothing; after the public branch has moved, it carries onto the new base.

Then the checks of the patches are looked at on the finished stacks (git carry help check).
One that does not hold sets the patch to failed: exit code 5, unless a conflict makes it 3.`,
		Example: `  git carry train 1.46.0-wmf.6
  git carry train 1.46.0-wmf.6 --dry-run
  git carry train 1.46.0-wmf.6 --from 1.46.0-wmf.4 --only T401234`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.version = args[0]
			return o.run(c.Context(), a)
		},
	}
	f := c.Flags()
	f.StringVar(&o.from, "from", "", "the `VERSION` to carry from (else the newest that has stacks)")
	f.StringArrayVar(&o.only, "only", nil, "carry only this patch `ID`; may be given again")
	f.BoolVarP(&o.dryRun, "dry-run", "n", false, "merge everything in memory and change nothing")
	f.BoolVar(&o.noFetch, "no-fetch", false, "use the bases that the version has already")
	return c
}

type trainDoc struct {
	Schema  string       `json:"schema"`
	Version string       `json:"version"`
	From    string       `json:"from"`
	DryRun  bool         `json:"dry_run"`
	Patches []trainPatch `json:"patches"`
	// Uncarried are live patches whose component has no base in this version.
	Uncarried []string     `json:"uncarried"`
	Fleet     fleetDoc     `json:"components"`
	Summary   trainSummary `json:"summary"`
	Checks    []checkDoc   `json:"checks"`
	// AskedGit counts the merges that were left to git, by reason.
	AskedGit map[string]int `json:"asked_git"`
	// Unsearched counts the changed files that were too large to be searched for holes.
	Unsearched int `json:"unsearched"`

	stands board // where the version stands now; nothing in a dry run
}

type trainPatch struct {
	ID        string         `json:"id"`
	Component string         `json:"component"`
	State     patchset.State `json:"state"`
	Commit    patchset.ID    `json:"commit"`
	Public    patchset.ID    `json:"public"` // the public commit that has it (landed, retired)
	Owner     string         `json:"owner"`
	// Cause is the patch that a waiting one waits for, or the public commit that a
	// conflict most likely comes from.
	Cause string   `json:"cause"`
	Paths []string `json:"paths"`
	Why   string   `json:"why"`
	// Grounds are what the state rests on, the strongest first.
	Grounds []patchset.Ground `json:"grounds"`
}

type trainSummary struct {
	Total    int `json:"total"`
	Clean    int `json:"clean"`
	Moved    int `json:"moved"`
	Drift    int `json:"drift"`
	Conflict int `json:"conflict"`
	Waiting  int `json:"waiting"`
	Proposed int `json:"proposed"`
	Resolved int `json:"resolved"`
	Landed   int `json:"landed"`
	Retired  int `json:"retired"`
	Dropped  int `json:"dropped"`
	Failed   int `json:"failed"`
}

func (o *trainOptions) run(ctx context.Context, a *app) error {
	if err := patchset.CheckVersion(o.version); err != nil {
		return err
	}
	var doc trainDoc
	edit := func(ctx context.Context, s *step) error {
		var err error
		doc, err = o.train(ctx, a, s)
		return err
	}
	var err error
	if o.dryRun {
		err = a.rehearse(ctx, edit)
	} else {
		err = a.record(ctx, "train", edit)
	}
	if err != nil {
		return err
	}
	if !o.dryRun {
		if doc.stands, err = a.board(ctx, o.version); err != nil {
			return err
		}
	}
	a.show(doc, func() { o.report(a, doc) })
	if a.verbose {
		doc.reportEngine(a)
	}
	if doc.Summary.Conflict+doc.Summary.Waiting+doc.Summary.Proposed+len(doc.Uncarried) > 0 {
		return outcome{exitConflicts}
	}
	if doc.Summary.Failed > 0 {
		return outcome{exitCheck}
	}
	return nil
}

func (o *trainOptions) train(ctx context.Context, a *app, s *step) (trainDoc, error) {
	req, err := o.request(ctx, a, s)
	if err != nil {
		return trainDoc{}, err
	}
	s.runsChecks = true
	if _, err := a.carry(ctx, s, req); err != nil {
		return trainDoc{}, err
	}
	doc := o.document(s, req)
	if doc.Fleet, err = a.fleet(ctx, s, req); err != nil {
		return trainDoc{}, err
	}
	doc.Checks = checkDocs(s.ledger, req.Version, s.refused)
	doc.AskedGit, doc.Unsearched = s.bench.Engine.Asked(), s.bench.Unsearched()
	s.did("carried %s to %s: %s", count(doc.Summary.Total, "patch", "patches"), req.Version, doc.Summary.words())
	for _, p := range doc.Patches {
		s.details = append(s.details, fmt.Sprintf("%s %s: %s", p.Component, p.ID, p.State))
	}
	s.details = append(s.details, doc.Fleet.words(req.Version)...)
	return doc, nil
}

func (o *trainOptions) request(ctx context.Context, a *app, s *step) (patchset.TrainRequest, error) {
	req := patchset.TrainRequest{Version: o.version, From: o.from, Only: o.only}
	if req.From == "" {
		from, ok := s.ledger.NewestBefore(o.version)
		if newest, _ := s.ledger.Newest(); !ok && newest != o.version && newest != "" && s.ledger.HasStacks(newest) && !s.ledger.HasStacks(o.version) {
			if _, err := o.bases(ctx, a, s); err != nil {
				return req, err // a name mistyped is no old version
			}
			return req, patchset.Faultf(patchset.CodeUsage, "%s is older than every version that has stacks", o.version).
				WithHint("to carry backwards, say from where: git carry train %s --from %s", o.version, newest)
		}
		req.From = from
	}
	if req.From == o.version {
		return req, usagef("cannot carry %s from itself", o.version)
	}
	if req.From != "" {
		if _, err := s.ledger.Version(req.From); err != nil {
			return req, err
		}
	}
	for _, id := range o.only {
		if _, err := s.ledger.Patch(id); err != nil {
			return req, err
		}
	}
	var err error
	req.Bases, err = o.bases(ctx, a, s)
	return req, err
}

func (o *trainOptions) bases(ctx context.Context, a *app, s *step) (map[string]patchset.Base, error) {
	recorded := s.ledger.Versions[o.version].Bases
	if o.noFetch {
		if len(recorded) == 0 {
			return nil, patchset.Faultf(patchset.CodeNoBase, "%s has no recorded bases", o.version).WithHint("leave out --no-fetch")
		}
		return recorded, nil
	}
	var components []patchset.Component
	for _, name := range s.ledger.ComponentNames() {
		components = append(components, s.ledger.Components[name])
	}
	if len(components) == 0 {
		return nil, patchset.Faultf(patchset.CodeUnknownComponent, "the vault has no components").
			WithHint("git carry component add NAME=URL")
	}
	bases, err := a.findBases(ctx, s, o.dryRun, components, o.version)
	if err != nil && len(recorded) > 0 {
		return nil, withHint(err, "or carry onto the bases that it has: git carry train %s --no-fetch", o.version)
	}
	for name, base := range recorded { // a branch that is gone was there
		if _, ok := bases[name]; !ok && err == nil {
			bases[name] = base
		}
	}
	if err == nil && len(bases) == 0 {
		err = noBase(components[0], o.version)
	}
	return bases, err
}

func (o *trainOptions) document(s *step, req patchset.TrainRequest) trainDoc {
	doc := trainDoc{
		Schema: schema("train"), Version: req.Version, From: req.From, DryRun: o.dryRun,
		Patches: []trainPatch{}, Uncarried: []string{},
	}
	for _, p := range s.ledger.In(req.Version) {
		in := p.At[req.Version]
		doc.Patches = append(doc.Patches, trainPatch{
			ID: p.ID, Component: p.Component, State: in.State, Commit: in.Commit, Public: in.Public, Owner: p.Owner,
			Cause: cmp.Or(in.Cause, string(in.Culprit)), Paths: nonNil(in.Paths), Why: in.Why,
			Grounds: nonNil(in.Grounds),
		})
		doc.Summary.add(in.State)
	}
	for _, p := range s.ledger.Uncarried(req) {
		doc.Uncarried = append(doc.Uncarried, p.ID)
	}
	return doc
}

// reportEngine says which merges were left to git.
func (d trainDoc) reportEngine(a *app) {
	for _, reason := range slices.Sorted(maps.Keys(d.AskedGit)) {
		a.talk("git was asked for %s: %s", count(d.AskedGit[reason], "merge", "merges"), reason)
	}
	if len(d.AskedGit) == 0 {
		a.talk("git was asked for no merge")
	}
}

func (t *trainSummary) add(s patchset.State) {
	t.Total++
	if n := t.counter(s); n != nil {
		*n++
	}
}

func (t *trainSummary) counter(s patchset.State) *int {
	return map[patchset.State]*int{
		patchset.StateClean: &t.Clean, patchset.StateMoved: &t.Moved, patchset.StateDrift: &t.Drift,
		patchset.StateConflict: &t.Conflict, patchset.StateWaiting: &t.Waiting, patchset.StateProposed: &t.Proposed,
		patchset.StateResolved: &t.Resolved, patchset.StateLanded: &t.Landed, patchset.StateRetired: &t.Retired,
		patchset.StateDropped: &t.Dropped, patchset.StateFailed: &t.Failed,
	}[s]
}

// words says the summary as "8 clean, 1 conflict".
func (t *trainSummary) words() string {
	var words []string
	for _, s := range patchset.States {
		if n := t.counter(s); n != nil && *n > 0 {
			words = append(words, fmt.Sprintf("%d %s", *n, s))
		}
	}
	return cmp.Or(strings.Join(words, ", "), "nothing to carry")
}

func (o *trainOptions) report(a *app, doc trainDoc) {
	title := "TRAIN " + doc.Version
	if doc.From != "" {
		title += "  from " + doc.From
	}
	if doc.DryRun {
		title += "  (dry run: nothing was changed)"
	}
	a.say("%s", title)
	rows := [][]string{{"PATCH", "COMPONENT", "OWNER", "STATE", "WHY"}}
	for _, p := range doc.Patches {
		rows = append(rows, []string{p.ID, p.Component, p.Owner, stateWord(p.State), trainWhy(p)})
	}
	if len(doc.Patches) > 0 {
		a.say("")
		a.fittedTable(rows)
		a.say("")
	}
	a.say("%s: %s", count(doc.Summary.Total, "patch", "patches"), doc.Summary.words())
	for _, line := range doc.Fleet.words(doc.Version) {
		a.say("%s", line)
	}
	if len(doc.Checks) > 0 {
		a.say("")
		a.reportChecks(doc.Checks)
	}
	for _, id := range doc.Uncarried {
		a.say("%s is live in %s, but its component has no branch for %s: drop it, retire it, or give the component a branch pattern", id, doc.From, doc.Version)
	}
	if doc.Unsearched > 0 {
		a.say("%s too large or missing: not searched for what the patches take out", count(doc.Unsearched, "changed file is", "changed files are"))
	}
	if doc.DryRun {
		return
	}
	if argv, whose := doc.stands.nextStep(); whose != "" {
		a.next("%s      (%s)", shellLine(argv), whose)
		return
	}
	a.next("git carry verify %s", doc.Version)
}

func trainWhy(p trainPatch) string {
	switch p.State {
	case patchset.StateWaiting:
		return "waits for " + p.Cause
	case patchset.StateConflict:
		return joinWords(append(p.Paths, notEmpty(p.Why)...))
	}
	return p.Why
}

// stateWord is a state as people see it: capitals mean that a person must act.
func stateWord(s patchset.State) string {
	if s.Blocks() || s == patchset.StateDrift {
		return strings.ToUpper(string(s))
	}
	return string(s)
}

// notEmpty is a list of s, or of nothing.
func notEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}
