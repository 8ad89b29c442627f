package cmd

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/urgent"
)

// adviseAlso adds what is open beside the next step: what one person has begun and a second must
// say too, versions that are behind, places that pin what was fixed, the review of broken glass.
func (a *app) adviseAlso(ctx context.Context, look urgentLook, state urgent.State, ad *urgentAdvice) error {
	look.adviseSecond(ad)
	if line := look.warning(); line != "" && !look.Out() {
		ad.Also = append(ad.Also, line)
	}
	if state != urgent.Proposed && len(look.ToCarry()) == 0 {
		if err := a.alsoBehind(ctx, look, ad); err != nil {
			return err
		}
	}
	for _, version := range look.Item.Accepted.Versions {
		if lacking := pointing(look.ledger, version, patchset.RingStable); look.Item.Released.Happened() && len(lacking) > 0 {
			ad.Also = append(ad.Also, fmt.Sprintf("%s: what pins it in %s is not there yet: git carry publish %s", cutList(lacking, 3), version, shellWord(version)))
		}
	}
	if look.GlassBroken() && !look.Item.Reviewed.Happened() {
		ad.Also = append(ad.Also, "the glass was broken, and that is to be looked at afterwards: git carry urgent review "+look.Item.ID+" --reason TEXT"+look.keyFlag())
	}
	return nil
}

// adviseSecond says what waits for a second person.
func (look *urgentLook) adviseSecond(ad *urgentAdvice) {
	item := look.Item
	if back := slices.Sorted(maps.Keys(item.Back)); len(back) == 1 && !item.RolledBack.Happened() {
		ad.Also = append(ad.Also, fmt.Sprintf("%s wants it taken back; if a second person does: git carry urgent rollback %s --reason TEXT%s", back[0], item.ID, look.keyFlag()))
	}
	if len(look.Glass) == 1 && !item.Released.Happened() {
		ad.Also = append(ad.Also, fmt.Sprintf("%s would break the glass; if a second person would: git carry urgent break-glass %s --reason TEXT%s", look.Glass[0], item.ID, look.keyFlag()))
	}
}

// alsoBehind names the stacks that are behind, and once for each version what brings it on.
func (a *app) alsoBehind(ctx context.Context, look urgentLook, ad *urgentAdvice) error {
	told := map[string]bool{}
	for _, k := range look.Behind() {
		line := fmt.Sprintf("%s %s is behind: %s", k.Component, k.Version, look.whyBehind(k))
		if !told[k.Version] {
			argv, whose, err := a.stepBehind(ctx, look, k.Version)
			if err != nil {
				return err
			}
			if whose != "" {
				line += "; " + whose
			}
			if len(argv) > 0 {
				line += ": " + shellWords(argv)
			}
			told[k.Version] = true
		}
		ad.Also = append(ad.Also, line)
	}
	return nil
}
