package cmd

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/git-carry/git-carry/patchset/urgent"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

type urgentPolicyOptions struct {
	urgent.Policy
	soak, expiry    time.Duration
	partial         bool
	targets, limits []string
	changed         func(flag string) bool
	pen
}

func newUrgentPolicyCmd(a *app) *cobra.Command {
	o := &urgentPolicyOptions{}
	c := &cobra.Command{
		Use:   "policy",
		Short: "Show or set what the lane asks for",
		Long: `Without flags, show how many approvals a release takes, for how long they count, how long it must
have been on the testing targets, which targets come first, and how long each stage may take.
With flags, set it, with --key where the policy of owners asks for keys. Who signs patches and with
what: git carry owners policy.`,
		Example: `  git carry urgent policy
  git carry urgent policy --approvals 2 --soak 5m
  git carry urgent policy --first eqiad --first codfw --target release=5 --limit total=90`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			o.changed = c.Flags().Changed
			set := false
			c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) { set = set || f.Changed })
			return o.run(c.Context(), a, set)
		},
	}
	f := c.Flags()
	f.IntVar(&o.Approvals, "approvals", 0, "how many people, `N`, must approve a release that somebody starts")
	f.BoolVar(&o.Auto, "auto", false, "the release follows the approvals by itself, with the next run")
	f.IntVar(&o.AutoApprovals, "auto-approvals", 0, "how many, `N`, where the release follows by itself")
	f.DurationVar(&o.soak, "soak", 0, "for how long it must have been on the testing targets, a `TIME` such as 10m; 0 for not at all")
	f.DurationVar(&o.expiry, "expiry", 0, "for how long an approval counts, a `TIME` such as 24h")
	f.StringArrayVar(&o.First, "first", nil, "the `NAME` of a target that gets it first; may be given again; '' for the first four")
	f.BoolVar(&o.partial, "partial", true, "a version that conflicts does not stop the others")
	f.IntVar(&o.Live, "live", 0, "how many versions, `N`, are live: the newest; 0 for all")
	f.IntVar(&o.DrillDays, "drill-days", 0, "how old the last drill may be, in `DAYS`")
	f.IntVar(&o.KeepDays, "keep-days", 0, "for how many `DAYS` an item stays after its fix is public")
	f.IntVar(&o.PanicFloor, "panic-floor", 0, "how much of all weights, in `PERCENT`, panic mode always leaves; 0 for nothing")
	f.IntVar(&o.PanicHours, "panic-hours", 0, "after how many `HOURS` panic mode ends at the latest")
	f.StringArrayVar(&o.Extras, "extra", nil, "a `NAME` of what is owed afterwards; the list is replaced; '' for nothing")
	f.StringArrayVar(&o.targets, "target", nil, "how long a stage should take, `STAGE=MINUTES`; may be given again")
	f.StringArrayVar(&o.limits, "limit", nil, "after how long somebody must look, `STAGE=MINUTES`; may be given again")
	o.pen.flag(f)
	return c
}

type urgentPolicyDoc struct {
	Schema        string           `json:"schema"`
	Approvals     int              `json:"approvals"`
	Auto          bool             `json:"auto"`
	AutoApprovals int              `json:"auto_approvals"`
	SoakMinutes   int              `json:"soak_minutes"`
	ExpiryHours   int              `json:"expiry_hours"`
	First         []string         `json:"first"`
	Partial       bool             `json:"partial"`
	Live          int              `json:"live"`
	DrillDays     int              `json:"drill_days"`
	KeepDays      int              `json:"keep_days"`
	PanicFloor    int              `json:"panic_floor"`
	PanicHours    int              `json:"panic_hours"`
	Extras        []string         `json:"extras"`
	Stages        []urgentStageDoc `json:"stages"`
}

type urgentStageDoc struct {
	Stage  urgent.Stage `json:"stage"`
	Target int          `json:"target_minutes"`
	Limit  int          `json:"limit_minutes"`
}

func newUrgentPolicyDoc(p urgent.Policy) urgentPolicyDoc {
	doc := urgentPolicyDoc{
		schema("urgent-policy"), p.Approvals, p.Auto, p.AutoApprovals, max(0, p.Soak), p.Expiry, nonNil(p.First), !p.Whole, p.Live,
		p.DrillDays, p.KeepDays, max(0, p.PanicFloor), p.PanicHours, nonNil(p.Extras), nil,
	}
	for _, stage := range append(slices.Clone(urgent.Stages), urgent.Total) {
		doc.Stages = append(doc.Stages, urgentStageDoc{stage, int(p.Target(stage) / time.Minute), int(p.Limit(stage) / time.Minute)})
	}
	return doc
}

func (o *urgentPolicyOptions) run(ctx context.Context, a *app, set bool) error {
	r, err := a.read(ctx)
	if err != nil {
		return err
	}
	lane, err := laneOf(r.ledger)
	if err != nil {
		return err
	}
	policy := lane.Policy
	if set {
		err = a.recordWord(ctx, "urgent policy", &o.pen, func(ctx context.Context, s *step) error {
			policy, err = o.set(ctx, a, s)
			return err
		})
		if err != nil {
			return err
		}
	}
	doc := newUrgentPolicyDoc(policy)
	a.show(doc, func() { doc.report(a) })
	return nil
}

func (o *urgentPolicyOptions) set(ctx context.Context, a *app, s *step) (urgent.Policy, error) {
	lane, err := laneOf(s.ledger)
	if err != nil {
		return urgent.Policy{}, err
	}
	policy, err := o.apply(lane.Policy)
	if err != nil {
		return policy, err
	}
	if err := policy.Check(); err != nil {
		return policy, err
	}
	for _, name := range policy.First {
		if _, known := s.ledger.Targets[name]; !known {
			return policy, unknown("target", s.ledger.Targets, name)
		}
	}
	s.did("set the policy of the urgent lane")
	if err := s.putUrgent(urgent.PolicyFile, policy); err != nil {
		return policy, err
	}
	return policy, s.signFact(ctx, a, &o.pen, "policy", "policy", s.ledger.Other[urgent.PolicyFile], "")
}

// apply gives the policy with what the flags say.
func (o *urgentPolicyOptions) apply(p urgent.Policy) (urgent.Policy, error) {
	for flag, n := range map[string]struct{ to, from *int }{
		"approvals": {&p.Approvals, &o.Approvals}, "auto-approvals": {&p.AutoApprovals, &o.AutoApprovals}, "live": {&p.Live, &o.Live},
		"drill-days": {&p.DrillDays, &o.DrillDays}, "keep-days": {&p.KeepDays, &o.KeepDays},
		"panic-hours": {&p.PanicHours, &o.PanicHours},
	} {
		if o.changed(flag) {
			*n.to = *n.from
		}
	}
	if o.changed("approvals") && !o.changed("auto-approvals") {
		p.AutoApprovals = max(p.AutoApprovals, p.Approvals)
	}
	if o.changed("auto") {
		p.Auto = o.Auto
	}
	if o.changed("soak") {
		if p.Soak = int(o.soak / time.Minute); p.Soak == 0 {
			p.Soak = -1
		}
	}
	if o.changed("panic-floor") {
		if p.PanicFloor = o.PanicFloor; p.PanicFloor == 0 {
			p.PanicFloor = -1
		}
	}
	if o.changed("expiry") {
		p.Expiry = int(o.expiry / time.Hour)
	}
	if o.changed("partial") {
		p.Whole = !o.partial
	}
	if o.changed("first") {
		p.First = withoutEmpty(o.First)
	}
	if o.changed("extra") {
		p.Extras = withoutEmpty(o.Extras)
	}
	var err error
	if p.Targets, err = withMinutes(p.Targets, "target", o.targets); err != nil {
		return p, err
	}
	p.Limits, err = withMinutes(p.Limits, "limit", o.limits)
	return p, err
}

func withoutEmpty(words []string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == "" })
}

// withMinutes adds what is said as STAGE=MINUTES.
func withMinutes(was map[urgent.Stage]int, flag string, words []string) (map[urgent.Stage]int, error) {
	is := maps.Clone(was)
	for _, word := range words {
		stage, number, _ := strings.Cut(word, "=")
		n, err := strconv.Atoi(number)
		if err != nil {
			return nil, usagef("--%s %s: give STAGE=MINUTES, such as release=10", flag, word)
		}
		if is == nil {
			is = map[urgent.Stage]int{}
		}
		is[urgent.Stage(stage)] = n
	}
	return is, nil
}

func (doc urgentPolicyDoc) report(a *app) {
	for _, line := range doc.lines() {
		a.say("%-10s %s", line[0], line[1])
	}
	rows := [][]string{{"STAGE", "TARGET", "LIMIT"}}
	for _, s := range doc.Stages {
		rows = append(rows, []string{string(s.Stage), fmt.Sprintf("%d min", s.Target), fmt.Sprintf("%d min", s.Limit)})
	}
	a.say("")
	a.table(rows)
}

// lines are the policy in words, for its own command and for the procedure.
func (doc urgentPolicyDoc) lines() [][2]string {
	release := "somebody starts it"
	if doc.Auto {
		release = "it follows the approvals, with the next run"
	}
	first, live, partial := "the first four by name", "all with a base", "does not stop the others"
	if len(doc.First) > 0 {
		first = joinWords(doc.First)
	}
	if doc.Live > 0 {
		live = fmt.Sprintf("the newest %d", doc.Live)
	}
	if !doc.Partial {
		partial = "stops all"
	}
	needed := doc.Approvals
	if doc.Auto {
		needed = doc.AutoApprovals
	}
	extras := "nothing"
	if len(doc.Extras) > 0 {
		extras = joinWords(doc.Extras)
	}
	return [][2]string{
		{"approvals", fmt.Sprintf("%d, each counts for %s", needed, count(doc.ExpiryHours, "hour", "hours"))},
		{"release", release},
		{"soak", count(doc.SoakMinutes, "minute", "minutes") + " on the testing targets"},
		{"first", first},
		{"conflict", "a version that conflicts " + partial},
		{"live", live},
		{"owed", extras},
		{"stays", count(doc.KeepDays, "day", "days") + " after it is public"},
		{"panic", fmt.Sprintf("always leaves %d%% of all weights, and ends after %s", doc.PanicFloor, count(doc.PanicHours, "hour", "hours"))},
		{"drill", "every " + count(doc.DrillDays, "day", "days")},
	}
}
