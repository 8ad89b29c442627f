package cmd

import (
	"context"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/fingerprint"
	"github.com/git-carry/git-carry/patchset/mailbox"
)

// What a public review needs: the patches on the tip of the public main branch, in the
// form in which the public may see them.

// releasedDoc is a patch as it was written.
type releasedDoc struct {
	ID        string         `json:"id"`
	Component string         `json:"component"`
	Onto      patchset.ID    `json:"onto"` // the public commit below the first of its component
	Commit    patchset.ID    `json:"commit"`
	State     patchset.State `json:"state"`  // how it merged there
	Path      string         `json:"path"`   // of the patch file, from DIR
	Branch    string         `json:"branch"` // in the clone

	base patchset.Base
}

// shownAction is the ledger's word for an entry that says what left the vault.
const shownAction = "release-plan"

// reviewBranch is the branch that --branch makes.
const reviewBranch = "public-review"

// write makes what was asked for of the steps that may go out. All is made and looked at
// before anything leaves.
func (o *releasePlanOptions) write(ctx context.Context, a *app, s *step, plan []patchset.ReleaseStep, doc *releasePlanDoc) error {
	chosen, err := o.mayLeave(s, plan)
	if err != nil {
		return err
	}
	if len(chosen) == 0 {
		return patchset.Faultf(patchset.CodePending, "nothing could be public now").WithHint("see why: git carry release-plan")
	}
	if err := o.mayBranch(chosen); err != nil {
		return err
	}
	clone, err := o.places(ctx, a)
	if err != nil {
		return err
	}
	if doc.Written, doc.Public, err = o.rebase(ctx, a, s, chosen); err != nil {
		return err
	}
	if err := a.mustBePublic(ctx, s, chosen, doc.Written); err != nil {
		return err
	}
	files := map[string][]byte{}
	for i := range doc.Written {
		if err := doc.Written[i].format(ctx, s, o.export, files); err != nil {
			return err
		}
	}
	if err := o.recordShown(ctx, a, chosen); err != nil {
		return err
	}
	if o.branch != "" {
		err = makeBranch(ctx, s, clone, doc.Written)
	}
	if err == nil && len(files) > 0 {
		if err = (modes{0o600, 0o700}).newDir(a.path(o.export), files); err != nil {
			err = patchset.Faultf(patchset.CodeFailed, "writing the patch files: %w", err)
		}
	}
	return err
}

// mayLeave picks the steps that may go out, or refuses one that was asked for.
func (o *releasePlanOptions) mayLeave(s *step, plan []patchset.ReleaseStep) ([]patchset.ReleaseStep, error) {
	if len(o.ids) == 0 {
		return slices.DeleteFunc(slices.Clone(plan), func(r patchset.ReleaseStep) bool { return !r.Ready() }), nil
	}
	for _, r := range plan {
		p := r.Patch
		switch {
		case r.Hindrance != "":
			return nil, patchset.Faultf(patchset.CodeConflicts, "%s %s", p.ID, r.Hindrance).WithHint("git carry show %s", p.ID)
		case p.Embargoed() && !o.embargoed:
			return nil, patchset.Faultf(patchset.CodePolicy, "%s is still embargoed, and release-plan ends no embargo", p.ID).
				WithHint("if the hole is public: git carry disclose %s --where URL", p.ID).
				WithHint("for a review that is not public: --embargoed --reason TEXT")
		}
	}
	if o.embargoed {
		return plan, s.mustBeSomebody()
	}
	return plan, nil
}

// mayBranch refuses a branch of two repositories.
func (o *releasePlanOptions) mayBranch(chosen []patchset.ReleaseStep) error {
	first := chosen[0].Patch
	for _, r := range chosen {
		if p := r.Patch; o.branch != "" && p.Component != first.Component {
			return patchset.Faultf(patchset.CodeUsage, "%s is in %s and %s in %s: a branch is of one component", first.ID, first.Component, p.ID, p.Component).
				WithHint("name the patches of one: git carry release-plan %s --branch DIR", first.ID)
		}
	}
	return nil
}

// places looks whether what was asked for can be written, before anything is recorded. It
// gives the clone, nil where there is none.
func (o *releasePlanOptions) places(ctx context.Context, a *app) (*gitops.Source, error) {
	if o.export != "" {
		if err := mustBeNew(a.path(o.export)); err != nil {
			return nil, err
		}
	}
	if o.branch == "" {
		return nil, nil
	}
	git, err := a.git()
	if err != nil {
		return nil, err
	}
	return gitops.OpenSource(ctx, git, a.path(o.branch))
}

// rebase carries the patches to the tips of the public main branches and gives them
// their public form. public are those that are there already.
func (o *releasePlanOptions) rebase(ctx context.Context, a *app, s *step, chosen []patchset.ReleaseStep) (out []releasedDoc, public []string, err error) {
	var components []patchset.Component
	wanted := map[string]bool{}
	for _, r := range chosen {
		if c := s.ledger.Components[r.Patch.Component]; !slices.Contains(components, c) {
			components = append(components, c)
		}
		wanted[r.Patch.ID] = true
	}
	req := patchset.TrainRequest{From: newestStacks(s.ledger)}
	forecast := &forecastOptions{noFetch: o.noFetch}
	if req.Bases, err = forecast.points(ctx, a, s, components, a.recallForecasts(s.vault)); err != nil {
		return nil, nil, err
	}
	secret := s.secretWords(chosen)
	for _, w := range s.ledger.Work(req) {
		items := slices.DeleteFunc(w.Items, func(item patchset.Item) bool { return !wanted[item.Patch] })
		outcomes, err := patchset.CarryStack(ctx, s.bench, w.Base.Commit, items, a.now())
		if err != nil {
			return nil, nil, fmt.Errorf("component %s: %w", w.Component, err)
		}
		made, landed, err := s.publicForms(ctx, w, outcomes, secret)
		if err != nil {
			return nil, nil, err
		}
		out, public = append(out, made...), append(public, landed...)
	}
	return out, nonNil(public), nil
}

// secretWords are those of the policy, and the names of patches that stay in the vault
// and are embargoed: also where one that leaves is on the same task.
func (r reading) secretWords(leaving []patchset.ReleaseStep) patchset.SecretWords {
	words := slices.Clone(r.registry.Policy.SecretWords)
	for id, p := range r.ledger.Patches {
		leaves := slices.ContainsFunc(leaving, func(x patchset.ReleaseStep) bool { return x.Patch.ID == id })
		if !p.Embargoed() || leaves {
			continue
		}
		for _, name := range []string{id, p.Task} {
			if strings.ContainsAny(name, "0123456789") { // else it may be any word
				words = append(words, name)
			}
		}
	}
	return patchset.NewSecretWords(words)
}

// publicForms puts the outcomes of one component on each other in their public form.
func (s *step) publicForms(ctx context.Context, w patchset.StackWork, outcomes []patchset.Outcome, secret patchset.SecretWords) (out []releasedDoc, public []string, err error) {
	tip := w.Base.Commit
	for _, o := range outcomes {
		in := o.Incarnation
		switch {
		case in.State == patchset.StateLanded || in.State == patchset.StateRetired:
			public = append(public, o.Patch)
			continue
		case !in.State.InStack():
			return nil, nil, patchset.Faultf(patchset.CodeConflicts, "%s does not merge with %s of %s (%s): %s", o.Patch, w.Base.Ref, w.Component, w.Base.Commit.Short(), joinWords(in.Paths)).
				WithHint("who changed what there: git carry forecast --component %s", shellWord(w.Component))
		}
		tip, err = s.publicForm(ctx, o.Patch, in.Commit, tip, secret)
		if err != nil {
			return nil, nil, err
		}
		out = append(out, releasedDoc{ID: o.Patch, Component: w.Component, Onto: w.Base.Commit, Commit: tip, State: in.State, base: w.Base})
	}
	return out, public, nil
}

// publicForm makes the public form of a carried commit on a parent. A secret word that is
// not in the message cannot be taken out.
func (s *step) publicForm(ctx context.Context, id string, carried, parentID patchset.ID, secret patchset.SecretWords) (patchset.ID, error) {
	c, err := s.bench.Commit(ctx, carried)
	if err != nil {
		return "", err
	}
	diff, err := s.bench.DiffText(ctx, carried, 0)
	if err != nil {
		return "", err
	}
	changes, err := mailbox.ParseDiff(diff)
	if err != nil {
		return "", fmt.Errorf("what %s changes: %w", id, err)
	}
	place := ""
	if secret.In(c.Author) {
		place = "its author"
	}
	for _, file := range changes {
		found, err := s.secretInFile(ctx, file, secret)
		if err != nil {
			return "", err
		}
		if found {
			place = file.Path()
		}
	}
	if place != "" {
		return "", patchset.Faultf(patchset.CodePolicy, "%s has a secret word in %s, and nothing was written", id, place).
			WithHint("give it another form: git carry replace %s", id).
			WithHint("if the word is no secret any more: git carry owners policy --secret-words WORD,…")
	}
	parent, err := s.bench.Commit(ctx, parentID)
	if err != nil {
		return "", err
	}
	return s.bench.WriteCommit(ctx, patchset.PublicForm(c, parentID, parent, secret))
}

// secretInFile tells whether a change puts a secret word into a file or its name.
func (s *step) secretInFile(ctx context.Context, file mailbox.FileChange, secret patchset.SecretWords) (bool, error) {
	if secret.In(file.NewPath) {
		return true, nil
	}
	if file.Binary != nil && file.NewPath != "" {
		data, err := s.bench.Blob(ctx, patchset.ID(file.NewBlob))
		return err == nil && secret.In(string(data)), err
	}
	for _, h := range file.Hunks {
		for _, line := range h.Lines {
			if line.Op == '+' && secret.In(string(line.Text)) {
				return true, nil
			}
		}
	}
	return false, nil
}

// mustBePublic lets the guard look for embargoed patches that are not meant.
func (a *app) mustBePublic(ctx context.Context, s *step, leaving []patchset.ReleaseStep, written []releasedDoc) error {
	secrets, err := s.bench.Secrets(ctx, s.ledger)
	if err != nil {
		return err
	}
	secrets = slices.DeleteFunc(secrets, func(x fingerprint.Secret) bool {
		return slices.ContainsFunc(leaving, func(r patchset.ReleaseStep) bool { return r.Patch.ID == x.Name })
	})
	salt, err := a.salt()
	if err != nil {
		return err
	}
	g := guard{app: a, bench: s.bench}
	if g.set, err = fingerprint.New(ctx, salt, secrets); err != nil {
		return err
	}
	out := gitops.Outgoing{}
	for _, w := range written {
		out.Tips, out.Have = append(out.Tips, w.Commit), append(out.Have, w.Onto)
	}
	seen, err := s.bench.See(ctx, out)
	if err != nil {
		return err
	}
	found, err := g.judge(ctx, "", seen)
	if err == nil && !found.OK {
		f := found.Findings[0]
		err = patchset.Faultf(patchset.CodePolicy, "%s is embargoed, and the guard knows it (%s) in what would be written", f.Patch, f.Words).
			WithHint("git carry release-plan %s", f.Patch)
	}
	return err
}

// format makes the patch file, where one is asked for.
func (d *releasedDoc) format(ctx context.Context, s *step, dir string, files map[string][]byte) (err error) {
	if dir == "" {
		return nil
	}
	number := 1
	for name := range files {
		if path.Dir(name) == d.Component {
			number++
		}
	}
	d.Path = path.Join(d.Component, mailbox.FileName(number, d.ID))
	files[d.Path], err = s.bench.FormatPatch(ctx, d.Commit)
	return err
}

// recordShown puts on record that embargoed patches leave the vault, before they do.
func (o *releasePlanOptions) recordShown(ctx context.Context, a *app, leaving []patchset.ReleaseStep) error {
	if !o.embargoed {
		return nil
	}
	return a.record(ctx, shownAction, func(_ context.Context, s *step) error {
		var ids []string
		for _, r := range leaving {
			p := s.ledger.Patches[r.Patch.ID]
			if !p.Embargoed() {
				continue
			}
			place := o.export
			if place == "" {
				place = o.branch
			}
			p.Shown = a.event(s, filepath.Base(place), o.reason)
			s.ledger.Patches[p.ID] = p
			ids = append(ids, p.ID)
		}
		s.did("took %s out of the vault for a review, still embargoed", joinWords(ids))
		s.details = append(s.details, "reason: "+o.reason)
		return nil
	})
}

// makeBranch puts the newest commit into the clone, where nothing is overwritten.
func makeBranch(ctx context.Context, s *step, clone *gitops.Source, written []releasedDoc) error {
	if len(written) == 0 {
		return nil
	}
	for i := range written {
		written[i].Branch = reviewBranch
	}
	return s.bench.PutBranch(ctx, clone, reviewBranch, written[len(written)-1].Commit)
}

func (d releasePlanDoc) reportWritten(a *app) {
	for _, w := range d.Written {
		place := w.Path
		if place == "" {
			place = w.Branch
		}
		a.say("%s  %s  %s  on %s %s", w.ID, place, w.Commit.Short(), w.base.Ref, w.Onto.Short())
		if w.State == patchset.StateDrift {
			a.talk("%s merges there, but is not what its owner last saw: look at it before others do", w.ID)
		}
	}
	for _, id := range d.Public {
		a.say("%s is there already: nothing was written of it", id)
	}
}
