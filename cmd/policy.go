package cmd

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

type policyOptions struct {
	limits   []string
	require  string
	override int
	sandbox  string
	drift    string
	secret   []string
	publish  string
	changed  func(flag string) bool
}

func newPolicyCmd(a *app) *cobra.Command {
	o := &policyOptions{}
	c := &cobra.Command{
		Use:   "policy",
		Short: "Show or set what the vault demands",
		Long: `Without flags, show the policy: after how many days a patch that is not public is overdue,
whether a signature must be made with a key, how many people make an override, how well
check commands must be shut in to be run at all (git carry help check), and whether the
owner must look at a patch that drifted before it is published, and the words that must not
be in what is put forward for public review (git carry help release-plan), and who publishes
advisories (git carry help advisory).

With flags, set it. --require key changes no label: what was signed without a key stays called
unverified, and counts no more until it is signed with one. --drift allow keeps the state, its
grounds and its capitals; nothing waits for it.`,
		Example: `  git carry owners policy
  git carry owners policy --limit critical=5 --limit high=14
  git carry owners policy --require key --override-people 3
  git carry owners policy --drift allow
  git carry owners policy --secret-words nightingale,build.internal.example.org`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			o.changed = c.Flags().Changed
			return o.run(c.Context(), a)
		},
	}
	f := c.Flags()
	f.StringArrayVar(&o.limits, "limit", nil, "overdue after so many days, `SEVERITY=DAYS`; may be given again")
	f.StringVar(&o.require, "require", "", "what a signature must be made with: `key` or none")
	f.IntVar(&o.override, "override-people", 0, "how many people, `N`, besides the owner make an override")
	f.StringVar(&o.sandbox, "sandbox", "", "the `LEVEL` below which check commands are not run: full, partial or none")
	f.StringVar(&o.drift, "drift", "", "may drift be published: `ask` the owner, or allow it")
	f.StringSliceVar(&o.secret, "secret-words", nil, "the `WORD,…` that public reviews must not have, in place of those so far")
	f.StringVar(&o.publish, "publisher", "", "who publishes advisories, `NAME=URL`, with a URL of theirs; '' for nobody")
	return c
}

type policyDoc struct {
	Schema         string                    `json:"schema"`
	Require        string                    `json:"require"` // key or none
	OverridePeople int                       `json:"override_people"`
	Sandbox        string                    `json:"sandbox"`
	Drift          string                    `json:"drift"`  // ask or allow
	Limits         map[patchset.Severity]int `json:"limits"` // in days
	SecretWords    []string                  `json:"secret_words"`
	Publisher      string                    `json:"publisher"`
	Namespace      string                    `json:"namespace"`
	Changes        []string                  `json:"changes"`
}

func (o *policyOptions) run(ctx context.Context, a *app) error {
	if !slices.ContainsFunc([]string{"limit", "require", "override-people", "sandbox", "drift", "secret-words", "publisher"}, o.changed) {
		r, err := a.read(ctx)
		if err != nil {
			return err
		}
		doc := newPolicyDoc(r.registry.Policy, nil)
		a.show(doc, func() { doc.report(a) })
		return nil
	}
	var doc policyDoc
	err := a.record(ctx, "owners policy", func(_ context.Context, s *step) error {
		var err error
		doc, err = o.set(s)
		return err
	})
	if err != nil {
		return err
	}
	a.show(doc, func() { doc.report(a) })
	return nil
}

// set changes the policy in a step.
func (o *policyOptions) set(s *step) (policyDoc, error) {
	if err := s.mustBeSomebody(); err != nil {
		return policyDoc{}, err
	}
	was := s.registry.Policy
	policy, err := o.apply(was)
	if err != nil {
		return policyDoc{}, err
	}
	registry, err := s.registry.WithPolicy(policy)
	if err != nil {
		return policyDoc{}, err
	}
	changes := policyChanges(was, registry.Policy)
	s.setRegistry(registry)
	s.did("set the policy: %s", strings.Join(changes, "; "))
	return newPolicyDoc(registry.Policy, changes), nil
}

// apply gives the policy with what the flags say.
func (o *policyOptions) apply(p owners.Policy) (owners.Policy, error) {
	if o.changed("require") {
		switch o.require {
		case owners.RequireKey:
			p.Require = owners.RequireKey
		case "none":
			p.Require = ""
		default:
			return p, usagef("--require is key or none, not %q", o.require)
		}
	}
	if o.changed("override-people") {
		if o.override < 1 {
			return p, usagef("--override-people takes a number of people")
		}
		p.OverridePeople = o.override
	}
	if o.changed("sandbox") {
		if !slices.Contains(owners.Sandboxes, o.sandbox) {
			return p, usagef("--sandbox is %s, not %q", strings.Join(owners.Sandboxes, ", "), o.sandbox)
		}
		p.Sandbox = o.sandbox
	}
	if o.changed("drift") {
		switch o.drift {
		case owners.DriftAllow:
			p.Drift = owners.DriftAllow
		case driftAsk:
			p.Drift = ""
		default:
			return p, usagef("--drift is ask or allow, not %q", o.drift)
		}
	}
	if o.changed("secret-words") {
		p.SecretWords = slices.Compact(slices.Sorted(slices.Values(o.secret)))
	}
	if o.changed("publisher") {
		var ok bool
		if p.Publisher, p.Namespace, ok = strings.Cut(o.publish, "="); !ok && o.publish != "" {
			return p, usagef("--publisher takes NAME=URL, such as 'Example Security=https://example.org'")
		}
	}
	for _, limit := range o.limits {
		if err := setLimit(&p.Limits, limit); err != nil {
			return p, err
		}
	}
	return p, nil
}

// driftAsk is the policy of a vault in which drift waits for its owner.
const driftAsk = "ask"

func setLimit(l *owners.Limits, text string) error {
	word, number, _ := strings.Cut(text, "=")
	days, err := strconv.Atoi(number)
	if err != nil || days < 1 {
		return usagef("--limit %s: give SEVERITY=DAYS, such as critical=7", text)
	}
	severity, err := patchset.ParseSeverity(word)
	if err != nil {
		return err
	}
	*map[patchset.Severity]*int{
		patchset.Critical: &l.Critical, patchset.High: &l.High, patchset.Medium: &l.Medium, patchset.Low: &l.Low,
	}[severity] = days
	return nil
}

// policyChanges tells what differs, as "high: 30 -> 14 days".
func policyChanges(was, is owners.Policy) []string {
	changes := []string{}
	note := func(what, was, is, unit string) {
		if was != is {
			changes = append(changes, fmt.Sprintf("%s: %s -> %s%s", what, was, is, unit))
		}
	}
	for _, s := range patchset.Severities {
		before, _ := was.Limits.Days(string(s))
		now, _ := is.Limits.Days(string(s))
		note(string(s), strconv.Itoa(before), strconv.Itoa(now), " days")
	}
	note("require", cmp.Or(was.Require, "none"), cmp.Or(is.Require, "none"), "")
	note("override", strconv.Itoa(was.OverridePeople), strconv.Itoa(is.OverridePeople), " people")
	note("sandbox", was.Sandbox, is.Sandbox, "")
	note("drift", cmp.Or(was.Drift, driftAsk), cmp.Or(is.Drift, driftAsk), "")
	note("secret words", cmp.Or(joinWords(was.SecretWords), "none"), cmp.Or(joinWords(is.SecretWords), "none"), "")
	note("publisher", cmp.Or(was.Publisher, "none"), cmp.Or(is.Publisher, "none"), "")
	note("namespace", cmp.Or(was.Namespace, "none"), cmp.Or(is.Namespace, "none"), "")
	return changes
}

func newPolicyDoc(p owners.Policy, changes []string) policyDoc {
	doc := policyDoc{
		Schema: schema("owners-policy"), Require: cmp.Or(p.Require, "none"), OverridePeople: p.OverridePeople, Sandbox: p.Sandbox,
		Limits: map[patchset.Severity]int{}, Changes: nonNil(changes), Drift: cmp.Or(p.Drift, driftAsk),
		SecretWords: nonNil(p.SecretWords), Publisher: p.Publisher, Namespace: p.Namespace,
	}
	for _, s := range patchset.Severities {
		doc.Limits[s], _ = p.Limits.Days(string(s))
	}
	return doc
}

func (d policyDoc) report(a *app) {
	for _, change := range d.Changes {
		a.say("changed   %s", change)
	}
	for _, s := range patchset.Severities {
		a.say("limit     %-9s %s", s, count(d.Limits[s], "day", "days"))
	}
	a.say("require   %s", d.Require)
	a.say("override  %s besides the owner", count(d.OverridePeople, "person", "people"))
	a.say("sandbox   %s, or check commands are not run", d.Sandbox)
	a.say("drift     %s", map[string]string{driftAsk: "ask: the owner looks and signs", owners.DriftAllow: "allow: it is told, and nothing waits"}[d.Drift])
	if d.Publisher != "" {
		a.say("publisher %s, %s", d.Publisher, d.Namespace)
	}
	if len(d.SecretWords) > 0 {
		a.say("secret    %s: not in what is put forward for public review", joinWords(d.SecretWords))
	}
}
