package cmd

import (
	"context"
	"strings"

	"github.com/git-carry/git-carry/patchset"
)

// What replace, reorder, split and squash share: they change the stack of a version that
// may be live, so nothing may fall out of it, and no missing consent is passed over.

// reworked is a place in a stack that is to be changed.
type reworked struct {
	patchset.Patch
	version string
	before  patchset.Ledger
}

// rework finds the patch in a version, "" for the newest that carries it.
func (s *step) rework(id, version string) (reworked, error) {
	r := reworked{version: version, before: s.ledger.Clone()}
	var err error
	if r.Patch, err = s.ledger.Patch(id); err != nil {
		return r, err
	}
	if err := s.mustBeSomebody(); err != nil {
		return r, err
	}
	if version == "" {
		r.version = r.NewestWith()
	}
	if in, ok := r.At[r.version]; !ok || !in.State.Carried() {
		f := patchset.Faultf(patchset.CodeUsage, "%s is not carried in %s", id, orNewest(r.version))
		return r, f.WithHint("git carry show %s", id)
	}
	return r, nil
}

func orNewest(version string) string {
	if version == "" {
		return "any version"
	}
	return version
}

// mustBeWhole demands that a patch is in the stack with all the consent that it needs, and
// that no newer version has it: there it would come back as it was.
func (s *step) mustBeWhole(ctx context.Context, r reworked) error {
	switch newest := r.NewestWith(); {
	case newest != r.version:
		return patchset.Faultf(patchset.CodeUsage, "%s is carried in %s, too", r.ID, newest).
			WithHint("do it there: --version %s", shellWord(newest))
	case !r.At[r.version].State.InStack():
		return patchset.Faultf(patchset.CodeUsage, "%s is %s in %s, and not in the stack", r.ID, r.At[r.version].State, r.version).
			WithHint("git carry resolve %s --version %s", r.ID, shellWord(r.version))
	}
	if missing := s.consent(ctx).Missing(r.Patch, r.version); missing != "" {
		return patchset.Faultf(patchset.CodeConsent, "%s in %s: %s", r.ID, r.version, missing).
			WithHint("git carry sign %s --version %s", r.ID, shellWord(r.version))
	}
	return nil
}

// resettle carries the stack again, and refuses when a patch would fall out of it.
func (a *app) resettle(ctx context.Context, s *step, r reworked) error {
	if err := a.settle(ctx, s, r.Component, r.version); err != nil {
		return err
	}
	var lost []string
	for _, p := range r.before.Stack(r.Component, r.version).Patches {
		if in := s.ledger.Patches[p.ID].At[r.version]; in.State.Parked() {
			lost = append(lost, p.ID+" ("+strings.Join(in.Paths, ", ")+")")
		}
	}
	if len(lost) == 0 {
		return nil
	}
	return patchset.Faultf(patchset.CodeFailed, "then %s would no longer merge in %s; nothing was changed", joinWords(lost), r.version).
		WithHint("see what stands where: git carry list --component %s", shellWord(r.Component))
}
