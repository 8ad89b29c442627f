package patchset_test

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
	"github.com/git-carry/git-carry/patchset/radar"
)

// fakeBench is git in memory: a tree is a set of files, each one line, and a
// merge takes whole files.
type fakeBench struct {
	commits memory[patchset.Commit]
	trees   memory[map[string]string]
	again   map[string]string // what is found of a patch in the finished stack
}

func newFakeBench() *fakeBench {
	return &fakeBench{}
}

// memory holds what is known by an id, for several goroutines.
type memory[V any] struct{ sync.Map }

func (m *memory[V]) put(id patchset.ID, v V) { m.Store(id, v) }

// at is the zero value for an id that is not known.
func (m *memory[V]) at(id patchset.ID) V {
	v, _ := m.Load(id)
	known, _ := v.(V)
	return known
}

func hashOf(s string) patchset.ID {
	sum := sha1.Sum([]byte(s))
	return patchset.ID(hex.EncodeToString(sum[:]))
}

func (f *fakeBench) tree(files map[string]string) patchset.ID {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(&b, "%s=%s\n", name, files[name])
	}
	id := hashOf("tree " + b.String())
	f.trees.put(id, maps.Clone(files))
	return id
}

func (f *fakeBench) commit(parent patchset.ID, message string, files map[string]string) patchset.ID {
	c := patchset.Commit{Tree: f.tree(files), Author: "A <a@example.org> 1000 +0000", Committer: "A <a@example.org> 1000 +0000", Message: []byte(message)}
	if parent != "" {
		c.Parents = []patchset.ID{parent}
	}
	id, _ := f.WriteCommit(context.Background(), c)
	return id
}

func (f *fakeBench) Commit(_ context.Context, id patchset.ID) (patchset.Commit, error) {
	c := f.commits.at(id)
	if c.Tree == "" {
		return c, fmt.Errorf("no commit %s", id)
	}
	return c, nil
}

func (f *fakeBench) ReadAhead(context.Context, patchset.ID, []patchset.Item) {}

func (f *fakeBench) WriteCommit(_ context.Context, c patchset.Commit) (patchset.ID, error) {
	id := hashOf(fmt.Sprintf("%v", c))
	f.commits.put(id, c)
	return id, nil
}

func (f *fakeBench) Merge(_ context.Context, r merge3.Request) (merge3.Result, error) {
	base, up, patch := f.trees.at(r.Base.Tree), f.trees.at(r.Upstream.Tree), f.trees.at(r.Patch.Tree)
	out := maps.Clone(up)
	var res merge3.Result
	names := map[string]bool{}
	for _, t := range []map[string]string{base, up, patch} {
		for name := range t {
			names[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		b, u, p := base[name], up[name], patch[name]
		switch {
		case p == b || p == u:
		case u == b:
			if p == "" {
				delete(out, name)
			} else {
				out[name] = p
			}
		default:
			out[name] = "<" + u + "|" + p + ">"
			res.Conflicts = append(res.Conflicts, merge3.Conflict{Path: name, Kind: merge3.KindContent})
		}
	}
	res.Tree = f.tree(out)
	return res, nil
}

func (f *fakeBench) changes(id patchset.ID) map[string][2]string {
	c := f.commits.at(id)
	parent := f.trees.at(f.commits.at(c.Parent()).Tree)
	out := map[string][2]string{}
	for name, text := range f.trees.at(c.Tree) {
		if parent[name] != text {
			out[name] = [2]string{parent[name], text}
		}
	}
	for name, text := range parent {
		if _, ok := f.trees.at(c.Tree)[name]; !ok {
			out[name] = [2]string{text, ""}
		}
	}
	return out
}

func (f *fakeBench) Compare(_ context.Context, a, b patchset.ID) (patchset.Comparison, error) {
	return patchset.Comparison{Same: maps.Equal(f.changes(a), f.changes(b))}, nil
}

func (f *fakeBench) Around(context.Context, patchset.ID, patchset.ID) ([]radar.Finding, error) {
	return nil, nil
}

func (f *fakeBench) AroundPublic(context.Context, patchset.ID, patchset.ID, patchset.ID, patchset.Places) ([]radar.Finding, error) {
	return nil, nil
}

func (f *fakeBench) Again(_ context.Context, _ patchset.ID, fixes []patchset.StackFix) ([][]radar.Finding, error) {
	found := make([][]radar.Finding, len(fixes))
	for i, fix := range fixes {
		if words := f.again[fix.Patch]; words != "" {
			found[i] = []radar.Finding{{Kind: radar.Elsewhere, Path: "elsewhere", Line: 3, Words: words}}
		}
	}
	return found, nil
}

func (f *fakeBench) Bringer(context.Context, patchset.ID, patchset.ID, radar.Finding) (patchset.ID, error) {
	return "", nil
}

func (f *fakeBench) FavourPatch(_ context.Context, r merge3.Request, res merge3.Result) (patchset.ID, error) {
	files := maps.Clone(f.trees.at(res.Tree))
	for _, k := range res.Conflicts {
		files[k.Path] = f.trees.at(r.Patch.Tree)[k.Path]
	}
	return f.tree(files), nil
}

func (f *fakeBench) Evidence(context.Context, patchset.Query) (patchset.Evidence, error) {
	return patchset.Evidence{}, nil
}

func (f *fakeBench) Changed(_ context.Context, id patchset.ID) ([]string, error) {
	return slices.Sorted(maps.Keys(f.changes(id))), nil
}

func (f *fakeBench) Follow(_ context.Context, source, since, base patchset.ID, _ patchset.Places) (patchset.Places, bool, error) {
	before, after := f.trees.at(f.commits.at(since).Tree), f.trees.at(f.commits.at(base).Tree)
	places, same := patchset.Places{}, true
	for name := range f.changes(source) {
		places[name], same = name, same && before[name] == after[name]
	}
	return places, same, nil
}

func (f *fakeBench) Undone(_ context.Context, fix, _, base patchset.ID, _ patchset.Places, _ bool) (patchset.Undoing, error) {
	for name, change := range f.changes(fix) {
		if f.trees.at(f.commits.at(base).Tree)[name] != change[1] {
			return patchset.Undoing{Happened: true, Words: "changes " + name}, nil
		}
	}
	return patchset.Undoing{}, nil
}

func (f *fakeBench) Touching(context.Context, patchset.ID, patchset.ID, []string) ([]patchset.ID, error) {
	return nil, nil
}

func (f *fakeBench) Contains(_ context.Context, tip, commit patchset.ID) (bool, error) {
	for id := tip; id != ""; id = f.commits.at(id).Parent() {
		if id == commit {
			return true, nil
		}
	}
	return false, nil
}

var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// stack makes source commits, one per patch, each changing one file, on a base.
func (f *fakeBench) stack(base patchset.ID, edits ...[2]string) []patchset.Item {
	files := maps.Clone(f.trees.at(f.commits.at(base).Tree))
	tip := base
	var items []patchset.Item
	for i, e := range edits {
		files[e[0]] = e[1]
		tip = f.commit(tip, fmt.Sprintf("fix %d\n", i+1), files)
		items = append(items, patchset.Item{
			Patch: fmt.Sprintf("T%d", i+1), CarryID: fmt.Sprintf("carryid%08d", i+1), Position: i + 1, Source: tip, From: "v1",
		})
	}
	return items
}

func states(outcomes []patchset.Outcome) string {
	var words []string
	for _, o := range outcomes {
		s := o.Patch + ":" + string(o.Incarnation.State)
		if o.Incarnation.Cause != "" {
			s += "<" + o.Incarnation.Cause
		}
		words = append(words, s)
	}
	return strings.Join(words, " ")
}

func TestCarryStackTellsWhatBecameOfEachPatch(t *testing.T) {
	old := map[string]string{"a": "a1", "b": "b1", "c": "c1"}
	for name, tt := range map[string]struct {
		upstream map[string]string
		edits    [][2]string
		want     string
	}{
		"nothing changed":                     {old, [][2]string{{"a", "A"}, {"b", "B"}}, "T1:clean T2:clean"},
		"upstream elsewhere":                  {map[string]string{"a": "a1", "b": "b1", "c": "c2"}, [][2]string{{"a", "A"}}, "T1:clean"},
		"upstream has the fix":                {map[string]string{"a": "A", "b": "b1"}, [][2]string{{"a", "A"}, {"b", "B"}}, "T1:landed T2:clean"},
		"a conflict stops only it":            {map[string]string{"a": "a2", "b": "b1"}, [][2]string{{"a", "A"}, {"b", "B"}}, "T1:conflict T2:clean"},
		"another waits for it":                {map[string]string{"a": "a2", "b": "b1"}, [][2]string{{"a", "A"}, {"a", "AA"}, {"b", "B"}}, "T1:conflict T2:waiting<T1 T3:clean"},
		"two conflicts of their own":          {map[string]string{"a": "a2", "b": "b2"}, [][2]string{{"a", "A"}, {"b", "B"}}, "T1:conflict T2:conflict"},
		"a second patch with the same change": {old, [][2]string{{"a", "A"}, {"b", "B"}, {"b", "B"}}, "T1:clean T2:clean T3:clean"},
		"a chain of waiting":                  {map[string]string{"a": "a2"}, [][2]string{{"a", "A"}, {"a", "AA"}, {"a", "AAA"}}, "T1:conflict T2:waiting<T1 T3:waiting<T2"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFakeBench()
			v1 := f.commit("", "v1\n", old)
			v2 := f.commit("", "v2\n", tt.upstream)
			out, err := patchset.CarryStack(context.Background(), f, v2, f.stack(v1, tt.edits...), now)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, states(out)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCarryStackUsesTheSignedResolution(t *testing.T) {
	f := newFakeBench()
	v1 := f.commit("", "v1\n", map[string]string{"a": "a1", "b": "b1"})
	v2 := f.commit("", "v2\n", map[string]string{"a": "a2", "b": "b1"})
	items := f.stack(v1, [2]string{"a", "A"}, [2]string{"a", "AA"})
	out, err := patchset.CarryStack(context.Background(), f, v2, items, now)
	if err != nil {
		t.Fatal(err)
	}
	upstream := f.commits.at(out[0].Conflict.Upstream)
	items[0].Signed, _ = f.WriteCommit(context.Background(),
		patchset.Carried(f.commits.at(items[0].Source), out[0].Conflict.Upstream, upstream, f.tree(map[string]string{"a": "A", "b": "b1"}), items[0].CarryID))
	out, err = patchset.CarryStack(context.Background(), f, v2, items, now)
	if err != nil {
		t.Fatal(err)
	}
	if got := states(out); got != "T1:resolved T2:clean" {
		t.Errorf("got %s", got)
	}
	if out[0].Incarnation.Commit != items[0].Signed {
		t.Errorf("the stack holds %s, signed was %s", out[0].Incarnation.Commit, items[0].Signed)
	}
}

// When one of two conflicts in a stack is settled, what somebody proposed for the
// other one still stands, carried onto the new stack.
func TestCarryStackKeepsProposals(t *testing.T) {
	ctx := context.Background()
	f := newFakeBench()
	v1 := f.commit("", "v1\n", map[string]string{"a": "a1", "b": "b1"})
	v2 := f.commit("", "v2\n", map[string]string{"a": "a2", "b": "b2"})
	items := f.stack(v1, [2]string{"a", "A"}, [2]string{"b", "B"})
	out, err := patchset.CarryStack(ctx, f, v2, items, now)
	if err != nil {
		t.Fatal(err)
	}
	settle := func(i int, files map[string]string) patchset.ID {
		k := out[i].Conflict
		id, _ := f.WriteCommit(ctx, patchset.Carried(f.commits.at(items[i].Source), k.Upstream, f.commits.at(k.Upstream), f.tree(files), items[i].CarryID))
		return id
	}
	proposed := settle(1, map[string]string{"a": "a2", "b": "B2"})
	items[0].Signed = settle(0, map[string]string{"a": "A2", "b": "b2"})
	items[1].Proposal = &patchset.Resolution{Conflict: out[1].Conflict.Record, Tree: f.commits.at(proposed).Tree, Result: proposed}
	out, err = patchset.CarryStack(ctx, f, v2, items, now)
	if err != nil {
		t.Fatal(err)
	}
	if got := states(out); got != "T1:resolved T2:proposed" {
		t.Fatalf("got %s", got)
	}
	kept := out[1].Proposal
	if kept.Conflict != out[1].Conflict.Record || f.commits.at(kept.Result).Parent() != out[0].Incarnation.Commit {
		t.Errorf("the proposal was not carried onto the new stack: %+v", kept)
	}
	if got := f.trees.at(kept.Tree)["b"]; got != "B2" {
		t.Errorf("the proposal says %q now", got)
	}
}

// Whatever upstream does: every patch has an outcome, the stack is a chain of
// single parents in order, a second run gives the same, and no conflict hides a
// patch that would have merged alone.
func TestCarryStackLaws(t *testing.T) {
	file := rapid.SampledFrom([]string{"a", "b", "c"})
	text := rapid.SampledFrom([]string{"1", "2", "3", "4"})
	rapid.Check(t, func(t *rapid.T) {
		f := newFakeBench()
		files := rapid.MapOfN(file, text, 1, 3)
		v1 := f.commit("", "v1\n", files.Draw(t, "v1"))
		v2 := f.commit("", "v2\n", files.Draw(t, "v2"))
		var edits [][2]string
		for range rapid.IntRange(1, 6).Draw(t, "patches") {
			edits = append(edits, [2]string{file.Draw(t, "file"), text.Draw(t, "text")})
		}
		items := f.stack(v1, edits...)
		out, err := patchset.CarryStack(context.Background(), f, v2, items, now)
		if err != nil {
			t.Fatal(err)
		}
		again, err := patchset.CarryStack(context.Background(), f, v2, items, now)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(out, again); diff != "" {
			t.Fatalf("a second run differs: %s", diff)
		}
		if len(out) != len(items) {
			t.Fatalf("%d outcomes for %d patches", len(out), len(items))
		}
		tip, seen := v2, map[string]bool{}
		for i, o := range out {
			if o.Patch != items[i].Patch {
				t.Fatalf("outcome %d is about %s", i, o.Patch)
			}
			in := o.Incarnation
			if in.State.InStack() {
				if got := f.commits.at(in.Commit).Parents; len(got) != 1 || got[0] != tip {
					t.Fatalf("%s stands on %v, not on %s", o.Patch, got, tip)
				}
				tip = in.Commit
			}
			if in.State.Parked() != (o.Conflict != nil) {
				t.Fatalf("%s is %s, its conflict record is %v", o.Patch, in.State, o.Conflict)
			}
			if in.State == patchset.StateWaiting && !seen[in.Cause] {
				t.Fatalf("%s waits for %s, which is not parked before it", o.Patch, in.Cause)
			}
			seen[o.Patch] = in.State.Parked()
		}
	})
}
