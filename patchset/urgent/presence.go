package urgent

import (
	"maps"
	"slices"
	"time"

	"github.com/git-carry/git-carry/patchset"
)

// Excused is no verdict of a probe: a person said that nobody waits for the target.
const Excused Verdict = "excused"

// gravest lists the verdicts, the one that matters most first.
var gravest = []Verdict{Corrupt, Reverted, Absent, Partial, Diverged, Unreachable, Unknown, Present}

// Worst is the gravest of some verdicts; Unknown for none.
func Worst(verdicts ...Verdict) Verdict {
	for _, v := range gravest {
		if slices.Contains(verdicts, v) {
			return v
		}
	}
	return Unknown
}

// Whole is the verdict on something of which every part has one: Partial where some parts
// have the fix and others certainly do not.
func Whole(verdicts ...Verdict) Verdict {
	worst := Worst(verdicts...)
	if slices.Contains(verdicts, Present) && (worst == Absent || worst == Diverged) {
		return Partial
	}
	return worst
}

// Outcome is what a verdict means for those who wait for a fix, or for its being taken
// back.
type Outcome string

// The outcomes.
const (
	Well    Outcome = "well"
	Waiting Outcome = "waiting" // it is not there yet, or nobody knows
	Wrong   Outcome = "wrong"   // waiting does not mend it
)

// For is what the verdict means where the fix is expected to be there, or to be gone.
func (v Verdict) For(gone bool) Outcome {
	switch {
	case !gone && v == Present, gone && (v == Absent || v == Reverted):
		return Well
	case v == Corrupt, v == Diverged, !gone && (v == Reverted || v == Partial):
		return Wrong
	}
	return Waiting
}

// Look is what was found of one stack on one target.
type Look struct {
	Item      string
	Place     patchset.Place
	Component string
	Version   string
	Branch    string
	Commit    patchset.ID // the stack's tip in the vault
	Serves    patchset.ID // "" when nobody knows
	Families  map[string]Judgement
	Gone      bool // the fix is expected to be gone
}

// Presence is the fact that comes of a look, after what was known before. A fix that was
// there, and is not in another commit that is served now, was taken back.
func (l Look) Presence(before Presence, at time.Time, by string) Presence {
	now := Presence{Commit: l.Commit, Serves: l.Serves, At: at.UTC().Truncate(time.Second), By: by, Families: map[string]Verdict{}}
	for _, family := range slices.Sorted(maps.Keys(l.Families)) {
		j := l.Families[family]
		v, was := j.Verdict, before.Verdict
		if before.Families[family] != "" {
			was = before.Families[family]
		}
		if v == Absent && (was == Reverted || was == Present && l.Serves != before.Serves) {
			v = Reverted
		}
		now.Families[family] = v
	}
	now.Verdict = Whole(slices.Collect(maps.Values(now.Families))...)
	for _, family := range slices.Sorted(maps.Keys(l.Families)) {
		if v := now.Families[family]; now.Detail == "" && (v == now.Verdict || v != Present) {
			now.Detail = l.Families[family].Words
		}
	}
	delete(now.Families, "") // a path, or a host whose addresses are not known
	return now
}

// News tells whether it says something else than what was known.
func (p Presence) News(before Presence) bool {
	return p.Verdict != before.Verdict || p.Commit != before.Commit || !maps.Equal(p.Families, before.Families)
}

// Expected lists the stacks that an item has to be in: of each component of its patches,
// the versions it was accepted for, or was asked for, else all with a base.
func (i Item) Expected(l patchset.Ledger) []patchset.Spot {
	versions := i.Accepted.Versions
	if len(versions) == 0 {
		versions = i.Live
	}
	if len(versions) == 0 {
		versions = l.VersionNames()
	}
	var spots []patchset.Spot
	for _, v := range versions {
		for _, id := range i.Patches {
			component := l.Patches[id].Component
			spot := patchset.Spot{Version: v, Patch: component}
			if _, based := l.Versions[v].Bases[component]; based && !slices.Contains(spots, spot) {
				spots = append(spots, spot)
			}
		}
	}
	return spots
}
