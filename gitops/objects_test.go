package gitops

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/git-carry/git-carry/gitops/gittest"
	"github.com/git-carry/git-carry/gitops/objstore"
	"github.com/git-carry/git-carry/patchset/merge3"
)

func TestReader(t *testing.T) {
	r := gittest.Load(t, "git init\ngit add a\ngit commit -m x\n-- a --\nhello\n")
	reader := NewReader(testGit(t), r.GitDir)
	defer reader.Close()
	blob := idOf(r, "HEAD:a")

	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				if obj, err := reader.Read(t.Context(), blob); err != nil || obj.Type != "blob" || string(obj.Data) != "hello\n" {
					t.Errorf("Read: %v, %v", obj, err)
				}
			}
		})
	}
	wg.Wait()

	_, err := reader.Read(t.Context(), merge3.ID(strings.Repeat("1", 40)))
	var missing *MissingObjectError
	if !errors.As(err, &missing) {
		t.Errorf("missing object: %v", err)
	}
	for _, id := range []merge3.ID{"", "HEAD", blob[:39], merge3.ID(strings.ToUpper(string(blob))), blob + "\n", "--all"} {
		if _, err := reader.Read(t.Context(), id); err == nil {
			t.Errorf("Read(%q) was let through", id)
		}
	}
	strict := NewReader(testGit(t), r.GitDir)
	defer strict.Close()
	strict.MaxSize = 5
	var large *ObjectTooLargeError
	if _, err := strict.Read(t.Context(), blob); !errors.As(err, &large) || large.Size != 6 {
		t.Errorf("large object: %v", err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := reader.Read(ctx, blob); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if err := reader.Close(); err != nil {
		t.Error(err)
	}
	if _, err := reader.Read(t.Context(), blob); !errors.Is(err, objstore.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

const (
	someTree   = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
	commitHead = "tree " + someTree + "\n"
	people     = "author A <a@x> 1 +0000\ncommitter C <c@x> 2 -0130\n"
)

func TestParseCommit(t *testing.T) {
	raw := commitHead + "parent " + someTree + "\nparent " + someTree + "\n" + people +
		"encoding latin1\ngpgsig -----BEGIN\n tree x\n -----END\nmergetag object x\n y\nmergetag object y\n\nsubject\n\nb\xe4h\n"
	c, extra, err := ParseCommit([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	if c.Tree != someTree || len(c.Parents) != 2 || c.Author != "A <a@x> 1 +0000" || c.Committer != "C <c@x> 2 -0130" ||
		c.Encoding != "latin1" || string(c.Message) != "subject\n\nb\xe4h\n" || strings.Join(extra, " ") != "gpgsig mergetag mergetag" {
		t.Errorf("%+v %q", c, extra)
	}
	for name, raw := range map[string]string{
		"empty":             "",
		"no message":        commitHead + people,
		"two trees":         commitHead + commitHead + people + "\n",
		"tree later":        commitHead + people + commitHead + "\n",
		"two authors":       commitHead + people + "author B <b@x> 1 +0000\n\n",
		"parent later":      commitHead + people + "parent " + someTree + "\n\n",
		"two signatures":    commitHead + people + "gpgsig x\ngpgsig y\n\n",
		"no author":         commitHead + "committer C <c@x> 2 -0130\n\n",
		"NUL":               commitHead + strings.Replace(people, "A", "\x00", 1) + "\n",
		"CR":                commitHead + strings.Replace(people, "A", "A\r", 1) + "\n",
		"short id":          "tree 4b825dc\n" + people + "\n",
		"upper case id":     "tree " + strings.ToUpper(someTree) + "\n" + people + "\n",
		"continued nothing": commitHead + people + " x\n\n",
	} {
		if c, _, err := ParseCommit([]byte(raw)); err == nil {
			t.Errorf("%s: let through as %+v", name, c)
		}
	}
}

// git and we must read and write the same bytes.
func TestObjectsAgreeWithGit(t *testing.T) {
	r := gittest.Load(t, `
git init
git add a.b ab
git commit -m first
mkdir d
cp one d/x
cp one d.a
cp one d0
symlink d/x l
git add -A
git commit -m 'second' -m 'body'
git checkout -q -b side HEAD~
git commit --allow-empty -m side
git merge --no-edit main
-- a.b --
1
-- ab --
2
-- one --
3
`)
	s := testScratch(t, r)
	for rev := range strings.FieldsSeq(r.Git("rev-list", "--all")) {
		c, err := s.ReadCommit(t.Context(), merge3.ID(rev))
		if err != nil {
			t.Fatal(err)
		}
		if id, err := s.WriteCommit(c); err != nil || string(id) != rev {
			t.Errorf("commit %s is written as %s, %v", rev, id, err)
		}
		entries, err := s.ReadTree(t.Context(), c.Tree)
		if err != nil {
			t.Fatal(err)
		}
		for i, j := 0, len(entries)-1; i < j; i, j = i+1, j-1 {
			entries[i], entries[j] = entries[j], entries[i]
		}
		if id, err := s.WriteTree(entries); err != nil || id != c.Tree {
			t.Errorf("tree %s is written as %s, %v", c.Tree, id, err)
		}
	}
}

func TestParseTreeRefuses(t *testing.T) {
	id := strings.Repeat("\x01", 20)
	for name, raw := range map[string]string{
		"cut":          "100644 a\x00" + id[:19],
		"no NUL":       "100644 a",
		"slash":        "100644 a/b\x00" + id,
		"no name":      "100644 \x00" + id,
		"no mode":      " a\x00" + id,
		"bad mode":     "10064x a\x00" + id,
		"long mode":    "0100644 a\x00" + id,
		"twice":        "100644 a\x00" + id + "100644 a\x00" + id,
		"out of order": "100644 b\x00" + id + "100644 a\x00" + id,
		"dir order":    "40000 a\x00" + id + "100644 a.b\x00" + id,
	} {
		if got, err := ParseTree([]byte(raw), 20); err == nil {
			t.Errorf("%s: let through as %v", name, got)
		}
	}
}

func FuzzParseCommit(f *testing.F) {
	f.Add([]byte(commitHead + people + "\nmessage\n"))
	f.Add([]byte(commitHead + "parent " + someTree + "\n" + people + "encoding x\ngpgsig y\n z\n\n\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, extra, err := ParseCommit(raw)
		if err == nil && len(extra) == 0 && !bytes.Equal(EncodeCommit(c), raw) {
			t.Errorf("%q is encoded as %q", raw, EncodeCommit(c))
		}
	})
}

func FuzzParseTree(f *testing.F) {
	f.Add([]byte("100644 a\x00" + strings.Repeat("\x01", 20) + "40000 b\x00" + strings.Repeat("\x02", 20)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		entries, err := ParseTree(raw, 20)
		if err != nil {
			return
		}
		for _, e := range entries {
			if strings.HasPrefix(e.Mode, "0") {
				return // old and zero-padded: git rewrites it
			}
		}
		if again, err := EncodeTree(entries); err != nil || !bytes.Equal(again, raw) {
			t.Errorf("%q is encoded as %q, %v", raw, again, err)
		}
	})
}
