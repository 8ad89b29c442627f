package cmd

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

type addOptions struct {
	id        string
	component string
	version   string
	owner     string
	deputies  []string
	severity  string
	title     string
	found     string
	commit    string
	repo      string
	patch     string
	urgent    string         // why it cannot wait, if it cannot
	pen                      // for that
	check     patchset.Check // a text that must hold, if any
}

func newAddCmd(a *app) *cobra.Command {
	o := &addOptions{}
	c := &cobra.Command{
		Use:   "add ID (--commit REV [--repo DIR] | --patch FILE)",
		Short: "Put one patch on a stack",
		Long: `Put a patch at the end of a component's stack: a commit of any local repository, or a
file that git format-patch or git diff made. ID is the task (T401234); it never changes.

Only the one commit comes into the vault, with what it needs, and no other history of that
repository. A patch file is merged from the blobs that it records where the vault has them;
else every hunk must match exactly, and one that is found at other lines is reported.

A patch that is known already is added to a further version: give ID, --version and the
commit or file. Exit code 3 when it conflicts with the stack: it is parked, not lost.`,
		Example: `  git carry add T401234 --component core --owner priya --severity high --commit HEAD --repo ~/src/core
  git carry add T401234 --component core --version 1.46.0-wmf.6 --owner priya --severity high --patch fix.patch`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.id = args[0]
			return o.run(c.Context(), a)
		},
	}
	f := c.Flags()
	f.StringVar(&o.component, "component", "", "the `NAME` of the component (not needed when there is only one)")
	f.StringVar(&o.version, "version", "", "the `VERSION` (else the one that is being prepared)")
	f.StringVar(&o.owner, "owner", "", "the `ID` of the person who owns it")
	f.StringArrayVar(&o.deputies, "deputy", nil, "the `ID` of a person who may sign for the owner; may be given again")
	f.StringVar(&o.severity, "severity", "", "the `SEVERITY`: critical, high, medium or low")
	f.StringVar(&o.title, "title", "", "one `LINE` on what it fixes (else the subject of the commit)")
	f.StringVar(&o.found, "found", "", "the `DATE` on which the hole became known, 2026-08-16")
	f.StringVar(&o.commit, "commit", "", "take the commit `REV`")
	f.StringVar(&o.repo, "repo", ".", "the repository's `DIR`")
	f.StringVar(&o.patch, "patch", "", "take the patch `FILE`")
	f.StringVar(&o.urgent, "urgent", "", "ask for the urgent lane too, with the reason `TEXT`")
	o.pen.flag(f)
	addTextCheck(f, &o.check)
	return c
}

type addDoc struct {
	Schema    string            `json:"schema"`
	ID        string            `json:"id"`
	Component string            `json:"component"`
	Version   string            `json:"version"`
	State     patchset.State    `json:"state"`
	Commit    patchset.ID       `json:"commit"`
	Source    patchset.ID       `json:"source"`
	Owner     string            `json:"owner"`
	Urgent    string            `json:"urgent,omitempty"` // the item that was opened for it
	Severity  patchset.Severity `json:"severity"`
	Title     string            `json:"title"`
	Cause     string            `json:"cause"`
	Paths     []string          `json:"paths"`
	Offsets   []offsetDoc       `json:"offsets"`
	Guessed   []string          `json:"guessed"`
}

func (o *addOptions) run(ctx context.Context, a *app) error {
	if err := o.checkFlags(); err != nil {
		return err
	}
	if err := o.pen.open(ctx, a); err != nil {
		return err
	}
	defer o.pen.close()
	take, err := o.taker(ctx, a)
	if err != nil {
		return err
	}
	var doc addDoc
	err = a.record(ctx, "add", func(ctx context.Context, s *step) error {
		doc = addDoc{Schema: schema("add"), ID: o.id}
		if o.urgent != "" {
			if err := o.pen.mustCount(a, s); err != nil {
				return err
			}
		}
		if err := o.add(ctx, a, s, take, &doc); err != nil || o.urgent == "" {
			return err
		}
		done := s.sentence
		open := urgentOpenOptions{patches: []string{o.id}, reason: o.urgent, pen: o.pen}
		item, err := open.open(ctx, a, s)
		doc.Urgent = item.ID
		s.did("%s, and opened %s for it: %s", done, item.ID, o.urgent)
		return err
	})
	if err != nil {
		return err
	}
	a.show(doc, func() { doc.say(a) })
	switch {
	case doc.State.Parked():
		return outcome{exitConflicts}
	case doc.State == patchset.StateFailed:
		return outcome{exitCheck}
	}
	return nil
}

func (o *addOptions) checkFlags() error {
	if err := patchset.CheckPatchID(o.id); err != nil {
		return err
	}
	if hasTextCheck(o.check) {
		if err := o.check.Valid(); err != nil {
			return err
		}
	}
	if o.key != "" && o.urgent == "" {
		return usagef("--key goes with --urgent: what else add does takes no key")
	}
	return checkText("urgent", o.urgent)
}

func (o *addOptions) add(ctx context.Context, a *app, s *step, take takeSource, doc *addDoc) error {
	known, isKnown := s.ledger.Patches[o.id]
	place, err := o.place(s, known)
	if err != nil {
		return err
	}
	if err := o.checkPeople(s, known, isKnown); err != nil {
		return err
	}
	if err := a.openVersion(ctx, s, place.Component, place.Version); err != nil {
		return err
	}
	source, err := take(ctx, s, s.ledger.Stack(place.Component, place.Version).Tip())
	if err != nil {
		return err
	}
	c, err := s.bench.ReadCommit(ctx, source.Commit)
	if err != nil {
		return err
	}
	if !isKnown {
		if known, err = o.describe(a, s, place.Component, c); err != nil {
			return err
		}
	}
	s.ledger.Patches[o.id] = known
	s.ledger.Put(o.id, place.Version, patchset.Incarnation{
		Position: s.ledger.NextPosition(place.Component, place.Version), Source: source.Commit,
	})
	if hasTextCheck(o.check) {
		a.setCheck(s, o.id, known.FreeCheckName(o.check), o.check)
	}
	if err := a.settle(ctx, s, place.Component, place.Version); err != nil {
		return err
	}
	doc.fill(s.ledger.Patches[o.id], place.Version, source)
	s.did("added %s to %s %s: %s", o.id, doc.Component, doc.Version, doc.State)
	return nil
}

// place is where the patch goes, checked.
func (o *addOptions) place(s *step, known patchset.Patch) (patchset.Stack, error) {
	at := patchset.Stack{Component: cmp.Or(o.component, known.Component), Version: o.version}
	if names := s.ledger.ComponentNames(); at.Component == "" && len(names) == 1 {
		at.Component = names[0]
	}
	if at.Component == "" {
		return at, usagef("say which component: --component NAME (known: %s)", cmp.Or(joinWords(s.ledger.ComponentNames()), "none yet"))
	}
	if _, err := s.ledger.Component(at.Component); err != nil {
		return at, err
	}
	if at.Version == "" {
		newest, ok := s.ledger.Newest()
		if !ok {
			return at, usagef("no version is being prepared yet: give --version VERSION")
		}
		at.Version = newest
	}
	if err := patchset.CheckVersion(at.Version); err != nil {
		return at, err
	}
	_, there := known.At[at.Version]
	switch {
	case known.ID == "":
		return at, nil
	case known.Component != at.Component:
		return at, patchset.Faultf(patchset.CodeBadInput, "%s is a patch of %s", o.id, known.Component).
			WithHint("give another id for %s: %s", at.Component, patchset.FreePatchID(patchset.TaskOf(o.id), s.ledger.HasPatch))
	case known.Dropped.Happened():
		return at, patchset.Faultf(patchset.CodeBadInput, "%s was dropped on %s: %s", o.id, date(known.Dropped.At), known.Dropped.Reason).
			WithHint("git carry show %s", o.id)
	case there:
		return at, patchset.Faultf(patchset.CodeBadInput, "%s is already in %s", o.id, at.Version).
			WithHint("a second patch for the task gets an id of its own: %s", patchset.FreePatchID(patchset.TaskOf(o.id), s.ledger.HasPatch)).
			WithHint("to give it up: git carry drop %s --reason TEXT", o.id)
	}
	return at, nil
}

// checkPeople demands an owner for a new patch. One that is known keeps its own.
func (o *addOptions) checkPeople(s *step, known patchset.Patch, isKnown bool) error {
	switch {
	case isKnown && o.owner != "" && o.owner != known.Owner:
		return patchset.Faultf(patchset.CodeBadInput, "%s belongs to %s", o.id, known.Owner).
			WithHint("git carry own %s %s", o.id, o.owner)
	case !isKnown && o.owner == "":
		return usagef("every patch has an owner: give --owner ID (git carry owner list)")
	case !isKnown && o.severity == "":
		return usagef("say how bad it is: --severity critical, high, medium or low")
	}
	for _, id := range append([]string{cmp.Or(o.owner, known.Owner)}, o.deputies...) {
		if _, ok := s.registry.Person(id); !ok {
			return unknownPerson(s.registry, id)
		}
	}
	return nil
}

// describe makes the record of a new patch.
func (o *addOptions) describe(a *app, s *step, component string, source patchset.Commit) (patchset.Patch, error) {
	p, err := a.newPatch(s, o.id, component, source)
	if err != nil {
		return p, err
	}
	p.Title = cmp.Or(strings.TrimSpace(o.title), p.Title)
	p.Owner, p.OwnerConfirmed, p.Deputies = o.owner, true, o.deputies
	if p.Severity, err = patchset.ParseSeverity(o.severity); err != nil {
		return p, err
	}
	if o.found != "" {
		var found time.Time
		if found, err = a.parsePast("found", o.found); err != nil {
			return p, err
		}
		p.Found = found
	}
	return p, nil
}

func (d *addDoc) fill(p patchset.Patch, version string, source gitops.PatchSource) {
	in := p.At[version]
	d.Component, d.Version, d.State, d.Commit, d.Source = p.Component, version, in.State, in.Commit, in.Source
	d.Owner, d.Severity, d.Title, d.Cause = p.Owner, p.Severity, p.Title, cmp.Or(in.Cause, string(in.Culprit))
	d.Paths, d.Offsets, d.Guessed = nonNil(in.Paths), offsetDocs(source.Offsets), nonNil(source.Guessed)
}

func (d *addDoc) say(a *app) {
	a.say("%s is in %s %s: %s", d.ID, d.Component, d.Version, stateWord(d.State))
	a.say("  %s", d.Title)
	if d.Urgent != "" {
		a.say("  It is in the urgent lane as %s: git carry urgent next", d.Urgent)
	}
	for _, o := range d.Offsets {
		a.say("  %s", o)
	}
	for _, g := range d.Guessed {
		a.say("  %s", g)
	}
	switch {
	case d.State == patchset.StateWaiting:
		a.say("  It waits for %s, which is to be settled first.", d.Cause)
		a.next("git carry resolve %s --version %s", d.Cause, d.Version)
	case d.State.Parked():
		a.say("  It does not merge with what is there: %s. It is parked; the stack is as it was.", joinWords(d.Paths))
		a.next("git carry resolve %s --version %s      (owner %s)", d.ID, d.Version, d.Owner)
	case d.State == patchset.StateLanded:
		a.say("  The public base already has every change of it: nothing is carried.")
		a.next("git carry show %s", d.ID)
	case d.State == patchset.StateFailed:
		a.say("  A check does not hold.")
		a.next("git carry show %s", d.ID)
	case d.State == patchset.StateDrift:
		a.say("  It merged cleanly, but the change is no longer the one that was given; %s must look and sign.", d.Owner)
		a.next("git carry interdiff %s", d.ID)
	default:
		a.next("git carry verify %s", d.Version)
	}
}
