package cmd

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/git-carry/git-carry/patchset"
)

func patchIn(version, component, task string, number int) incoming {
	return incoming{Version: version, Component: component, Task: task, Number: number}
}

func TestIdentify(t *testing.T) {
	l := patchset.Ledger{}.Clone()
	l.Patches["T9"] = patchset.Patch{ID: "T9", Component: "vendor"}
	l.Patches["T9-4"] = patchset.Patch{ID: "T9-4", Component: "core"}
	for _, c := range []struct {
		in   incoming
		want string
	}{
		{patchIn("1", "core", "T1", 1), "T1"},
		{patchIn("1", "core", "T1", 2), "T1-2"},
		{patchIn("1", "extensions/X", "T1", 1), "T1-3"}, // T1-2 belongs to core
		{patchIn("1", "extensions/X", "T2", 1), "T2"},
		{patchIn("1", "vendor", "T9", 1), "T9"},
		{patchIn("1", "core", "T9", 1), "T9-4"}, // as an earlier import named it
		{patchIn("1", "skins/Y", "T9", 1), "T9-2"},
	} {
		all := []incoming{
			patchIn("1", "extensions/X", "T2", 1), patchIn("1", "core", "T1", 1), patchIn("1", "core", "T1", 2),
			patchIn("1", "extensions/X", "T1", 1), patchIn("1", "vendor", "T9", 1), patchIn("1", "core", "T9", 1),
			patchIn("1", "skins/Y", "T9", 1),
		}
		if got := identify(l, all)[c.in.identity()]; got != c.want {
			t.Errorf("%+v is %s, want %s", c.in.identity(), got, c.want)
		}
	}
}

// No two patches share an id, and what has been imported keeps its ids when the
// next version comes, whatever is in it.
func TestIdentifyIsStable(t *testing.T) {
	draw := rapid.Custom(func(rt *rapid.T) incoming {
		return patchIn("1", rapid.SampledFrom([]string{"core", "vendor", "skins/V"}).Draw(rt, "component"),
			fmt.Sprintf("T%d", rapid.IntRange(1, 3).Draw(rt, "task")), rapid.IntRange(1, 3).Draw(rt, "number"))
	})
	rapid.Check(t, func(rt *rapid.T) {
		first := rapid.SliceOf(draw).Draw(rt, "first")
		ids := identify(patchset.Ledger{}.Clone(), first)
		taken := slices.Sorted(maps.Values(ids))
		if len(slices.Compact(taken)) != len(ids) {
			rt.Fatalf("an id twice: %v", ids)
		}
		l := patchset.Ledger{}.Clone()
		for k, id := range ids {
			l.Patches[id] = patchset.Patch{ID: id, Component: k.component}
		}
		for k, id := range identify(l, first) {
			if ids[k] != id {
				rt.Fatalf("%+v was %s and is %s", k, ids[k], id)
			}
		}
	})
}

func TestShellWord(t *testing.T) {
	for in, want := range map[string]string{
		"priya@example.org": "priya@example.org", "": "''", "Sam Ito": "'Sam Ito'", "x'; rm -rf /; '": `'x'\''; rm -rf /; '\'''`, "$(id)": "'$(id)'",
	} {
		if got := shellWord(in); got != want {
			t.Errorf("%q is %s, want %s", in, got, want)
		}
	}
}
