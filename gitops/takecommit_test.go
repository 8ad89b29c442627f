package gitops

import (
	"errors"
	"slices"
	"testing"

	"github.com/git-carry/git-carry/gitops/gittest"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// Only the commit, its tree and its parent's tree come along: no other history.
func TestTakeCommitBringsNoHistory(t *testing.T) {
	vault := gittest.Load(t, patchRepo)
	other := gittest.Load(t, patchRepo)
	other.Write("secret", "nobody else must see this\n")
	other.Git("add", "secret")
	other.Git("commit", "-q", "-m", "private")
	secret := idOf(other, "HEAD:secret")
	other.Git("rm", "-q", "secret")
	other.Write("base", "a file that the vault lacks\n")
	other.Git("add", "base")
	other.Git("commit", "-q", "-m", "still private")
	private := idOf(other, "HEAD")
	other.Write("a", "one\n2\nthree\n")
	other.Git("commit", "-q", "-a", "-m", "the fix")

	w := NewWorkbench(testScratch(t, vault), EngineOwn)
	from, err := OpenSource(t.Context(), testGit(t), other.Dir)
	if err != nil {
		t.Fatal(err)
	}
	id, err := w.TakeCommit(t.Context(), from, "HEAD", idOf(vault, "HEAD"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := w.ReadCommit(t.Context(), id)
	if err != nil || c.Tree != idOf(other, "HEAD^{tree}") || string(c.Message) != "the fix\n" {
		t.Fatalf("%+v, %v", c, err)
	}
	parent, err := w.ReadCommit(t.Context(), c.Parent())
	if err != nil || parent.Tree != idOf(other, "HEAD~1^{tree}") || len(parent.Parents) != 0 {
		t.Fatalf("%+v, %v", parent, err)
	}
	made := madeHere(t, w.Scratch)
	for _, id := range []merge3.ID{secret, private} {
		if slices.Contains(made, string(id)) {
			t.Errorf("%s came along", id)
		}
	}
	if _, err := w.Git(t.Context(), Cmd{Args: []string{"fsck", "--strict", string(id)}}); err != nil {
		t.Error(err)
	}
}

// A commit on what the vault has is taken as it is, id and all.
func TestTakeCommitOnAKnownParent(t *testing.T) {
	vault := gittest.Load(t, patchRepo)
	other := gittest.Load(t, patchRepo)
	other.Write("a", "one\n2\nthree\n")
	other.Git("commit", "-q", "-a", "-m", "the fix")
	other.Git("checkout", "-q", "-b", "side", "HEAD~1")
	other.Git("commit", "-q", "--allow-empty", "-m", "empty")
	other.Git("merge", "-q", "--no-ff", "-m", "merge", "@{-1}")
	w := NewWorkbench(testScratch(t, vault), EngineOwn)
	from, err := OpenSource(t.Context(), testGit(t), other.Dir)
	if err != nil {
		t.Fatal(err)
	}
	near := idOf(vault, "HEAD")
	if got, err := w.TakeCommit(t.Context(), from, "HEAD^2", near); err != nil || got != idOf(other, "HEAD^2") {
		t.Errorf("%s, %v", got, err)
	}
	for _, rev := range []string{"HEAD", "HEAD~1"} { // a merge, an empty commit
		var fault *patchset.Fault
		if _, err := w.TakeCommit(t.Context(), from, rev, near); !errors.As(err, &fault) {
			t.Errorf("%s: %v", rev, err)
		}
	}
	var unknown *UnknownRevisionError
	for _, rev := range []string{"--all", "nope", "HEAD\nx", ""} {
		if _, err := w.TakeCommit(t.Context(), from, rev, near); !errors.As(err, &unknown) {
			t.Errorf("%q: %v", rev, err)
		}
	}
}
