package gitops

import (
	"errors"
	"testing"

	"github.com/git-carry/git-carry/gitops/gittest"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// --engine=check must notice: an answer that git would not give is an error.
func TestEngineCheckNoticesADifference(t *testing.T) {
	r := gittest.Load(t, `git init
git add a b
git commit -m base
git branch base
cp a2 a
git commit -a -m upstream
git branch upstream
git checkout -q base
cp b2 b
git commit -a -m patch
git branch patch
-- a --
1
-- a2 --
2
-- b --
1
-- b2 --
2
`)
	s := testScratch(t, r)
	req := merge3.Request{
		Base: merge3.Side{Commit: idOf(r, "base")}, Upstream: merge3.Side{Commit: idOf(r, "upstream")}, Patch: merge3.Side{Commit: idOf(r, "patch")},
	}
	e := NewEngine(s, EngineCheck)
	res, err := e.Merge(t.Context(), req)
	if err != nil || !res.Clean() || len(e.Asked()) != 0 {
		t.Fatalf("%+v, %v, %v", res, err, e.Asked())
	}
	wrong := res
	wrong.Tree = treeOf(t, s, idOf(r, "base"))
	var different *EngineDifferenceError
	if err := e.check(t.Context(), req, wrong); !errors.As(err, &different) || len(different.Hints()) == 0 {
		t.Errorf("another tree: %v", err)
	}
	wrong = res
	wrong.Conflicts = []merge3.Conflict{{Path: "a", Kind: merge3.KindContent}}
	if err := e.check(t.Context(), req, wrong); !errors.As(err, &different) {
		t.Errorf("another dispute: %v", err)
	}
}
