package gitops

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/git-carry/git-carry/gitops/gittest"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// The conversation must give what a process of its own gives, whatever is in the
// files: also the mark itself, no line end, lines longer than any buffer, bytes that are no text.
func TestDifferEqualsDiffText(t *testing.T) {
	ctx := context.Background()
	w := NewWorkbench(testScratch(t, gittest.Load(t, "git init\n")), EngineOwn)
	contents := []string{
		"", "one\n", "one", diffMark, strings.TrimSuffix(diffMark, "\n"), "\n" + diffMark + diffMark,
		strings.Repeat("x", 200_000), strings.Repeat("x", 200_000) + "\n" + diffMark, "\x00binary", "\x00binary\n" + diffMark, "one\ntwo\n",
	}
	var parent merge3.ID
	for i, content := range contents {
		blob, err := w.Write("blob", []byte(content))
		if err != nil {
			t.Fatal(err)
		}
		tree, err := w.WriteTree([]merge3.TreeEntry{{Mode: merge3.ModeFile, Name: "file", ID: blob}})
		if err != nil {
			t.Fatal(err)
		}
		c := patchset.Commit{Tree: tree, Author: "A <a@example.org> 0 +0000", Committer: "A <a@example.org> 0 +0000", Message: []byte("m\n")}
		if parent != "" {
			c.Parents = []merge3.ID{parent}
		}
		id, err := w.Scratch.WriteCommit(c)
		if err != nil {
			t.Fatal(err)
		}
		want, err := w.DiffText(ctx, id, 0)
		if err != nil {
			t.Fatal(err)
		}
		got, err := w.differ.diff(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("content %d: got %.300q, want %.300q", i, got, want)
		}
		parent = id
	}
}

func TestClosedDifferRefuses(t *testing.T) {
	s := testScratch(t, gittest.Load(t, "git init\n"))
	s.differ.close(errDifferClosed)
	if _, err := s.differ.diff(context.Background(), merge3.ID(strings.Repeat("a", 40))); !errors.Is(err, errDifferClosed) {
		t.Errorf("got %v, want %v", err, errDifferClosed)
	}
}
