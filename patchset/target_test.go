package patchset_test

import (
	"slices"
	"testing"

	"github.com/git-carry/git-carry/patchset"
)

func TestUntested(t *testing.T) {
	const tip, older = patchset.ID("2222222222222222222222222222222222222222"), patchset.ID("1111111111111111111111111111111111111111")
	has := func(id patchset.ID) map[string]patchset.Published {
		return map[string]patchset.Published{"1.0/core": {Commit: id}}
	}
	l := patchset.Ledger{Targets: map[string]patchset.Target{
		"prod":   {Name: "prod", Ring: patchset.RingStable},
		"canary": {Name: "canary", Ring: patchset.RingTesting, Published: has(tip)},
		"lab":    {Name: "lab", Ring: patchset.RingTesting, Component: "core", Published: has(older)},
		"new":    {Name: "new", Ring: patchset.RingTesting},
		"skins":  {Name: "skins", Ring: patchset.RingTesting, Component: "skin"},
	}}
	stable := patchset.Delivery{Target: "prod", Ring: patchset.RingStable, Component: "core", Version: "1.0", Tip: tip, Length: 1}
	at := func(target string) patchset.Place { return patchset.Place{Target: target, Stack: "1.0/core"} }
	for name, c := range map[string]struct {
		delivery patchset.Delivery
		tried    map[patchset.Place]bool
		want     []string
	}{
		"what was read back counts":            {stable, nil, []string{"lab", "new"}},
		"what was tried now counts more":       {stable, map[patchset.Place]bool{at("canary"): false, at("lab"): true, at("new"): true}, []string{"canary"}},
		"all well":                             {stable, map[patchset.Place]bool{at("lab"): true, at("new"): true}, nil},
		"a testing target waits for nobody":    {patchset.Delivery{Target: "lab", Ring: patchset.RingTesting, Component: "core", Version: "1.0", Tip: tip, Length: 1}, nil, nil},
		"another version was never there":      {patchset.Delivery{Target: "prod", Component: "core", Version: "1.1", Tip: tip, Length: 1}, nil, []string{"canary", "lab", "new"}},
		"an empty stack is not put where none": {patchset.Delivery{Target: "prod", Component: "core", Version: "1.0", Tip: tip}, nil, []string{"lab"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := l.Untested(c.delivery, c.tried); !slices.Equal(got, c.want) {
				t.Errorf("untested on %q, want %q", got, c.want)
			}
		})
	}
}
