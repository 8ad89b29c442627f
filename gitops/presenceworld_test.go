package gitops

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/git-carry/git-carry/gitops/gittest"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/urgent"
)

// mirrorWorld has a fix, and what becomes of it on the way to mirrors. Each branch is
// what one mirror serves as deploy.
var mirrorWorld = `
git init
git add app.c lib.c
git commit -m base
git branch stale
cp fixed.c app.c
git commit -a -m fix
git branch fixed
cp lib2.c lib.c
git commit -a -m later
git branch ahead
git checkout -b reverted fixed
git revert --no-edit HEAD
git checkout -b byhand stale
cp lib2.c lib.c
git commit -a -m unrelated
cp fixed.c app.c
git commit -a -m 'the same by hand'
git checkout -b dropped byhand~
git merge -s ours -m 'merge of the fix, lost' fixed
git checkout -b otherwise stale
cp equivalent.c app.c
git commit -a -m 'the same in other words'
git checkout -b half stale
cp half.c app.c
git commit -a -m 'half of it'
git checkout -b lookalike stale
cp lookalike.c app.c
git commit -a -m 'the fix in the wrong function'
git checkout -b moved fixed
cp moved.c app.c
git commit -a -m 'the function elsewhere in the file'
git checkout -b renamed fixed
git mv app.c program.c
git commit -m renamed
git checkout --orphan strange
git rm -rfq .
cp lib2.c other.c
git add other.c
git commit -m 'another history'
-- lib.c --
one
-- lib2.c --
two
` + worldFile("app.c", appTop+appReads("get", "")+appReads("put", "")+appLast(1)) +
	worldFile("fixed.c", appTop+appReads("get", appBounds)+appReads("put", "")+appLast(0)) +
	worldFile("equivalent.c", appTop+appReads("get", "\tif (!inside(i, n)) return -1;\n")+appReads("put", "")+appLast(0)) +
	worldFile("half.c", appTop+appReads("get", "")+appReads("put", "")+appLast(0)) +
	worldFile("lookalike.c", appTop+appReads("get", "")+appReads("put", appBounds)+appLast(0)) +
	worldFile("moved.c", appTop+appReads("put", "")+appLast(0)+appReads("get", appBounds))

// The functions of app.c. The fix is that get looks at the bounds and that last gives 0.
const (
	appTop    = "void top(void) {}\n"
	appBounds = "\tif (i < 0 || i >= n)\n\t\treturn -1;\n"
)

func appReads(name, check string) string {
	return fmt.Sprintf("\nint %s(int i) {\n\tint n = size();\n\tint *p = table();\n%s\tlog(%q);\n\treturn p[i];\n}\n", name, check, name)
}

func appLast(n int) string { return fmt.Sprintf("\nint last(void) {\n\treturn %d;\n}\n", n) }

func worldFile(name, text string) string { return "-- " + name + " --\n" + text }

// mirrors makes a bare repository for each branch of the world, in one directory.
func mirrors(t testing.TB, world *gittest.Repo, filters bool, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		bare := filepath.Join(dir, name)
		world.Git("init", "--quiet", "--bare", bare)
		world.Git("push", "--quiet", bare, name+":refs/heads/deploy", "stale:refs/heads/old")
		world.Git("-C", bare, "config", "uploadpack.allowFilter", fmt.Sprint(filters))
	}
	return dir
}

// lose removes an object of a bare repository.
func lose(t *testing.T, world *gittest.Repo, bare, rev string) {
	t.Helper()
	id := world.ID(rev)
	if err := os.Remove(filepath.Join(bare, "objects", id[:2], id[2:])); err != nil {
		t.Fatal(err)
	}
}

// worldFix is the fix of the world as the vault would ask for it.
func worldFix(t testing.TB, world *gittest.Repo, witnesses ...urgent.Witness) urgent.Fix {
	t.Helper()
	bench := NewWorkbench(testScratch(t, world), EngineOwn)
	files, err := bench.Fixes(t.Context(), idOf(world, "fixed"), idOf(world, "fixed^{tree}"), idOf(world, "stale^{tree}"))
	if err != nil {
		t.Fatal(err)
	}
	fix := urgent.Fix{Files: files, Witnesses: witnesses, Before: map[string]patchset.Form{}}
	for _, w := range witnesses {
		if fix.Before[w.Path], err = bench.FormAt(t.Context(), idOf(world, "stale^{tree}"), w.Path); err != nil {
			t.Fatal(err)
		}
	}
	return fix
}

// ask probes deploy in a repository.
func ask(t testing.TB, v *Vault, url, branch string, fix urgent.Fix) []Probed {
	t.Helper()
	probed, _, err := v.Probe(t.Context(), Probe{
		URL: url, Branches: []patchset.AskedBranch{{Branch: branch, Files: fix.Asks()}}, Timeout: 20 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	return probed
}
