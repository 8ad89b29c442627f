package patchset

import (
	"context"
	"crypto/sha1"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/git-carry/git-carry/patchset/merge3"
	"pgregory.net/rapid"
)

// draftBench is a DraftBench in memory: trees are maps, and the merge is given.
type draftBench struct {
	blobs   map[ID][]byte
	trees   map[ID]map[string]ConflictSide
	commits map[ID]Commit
	merged  ID
}

func newDraftBench() *draftBench {
	return &draftBench{map[ID][]byte{}, map[ID]map[string]ConflictSide{}, map[ID]Commit{}, ""}
}

func fakeID(v any) ID { return ID(fmt.Sprintf("%x", sha1.Sum(fmt.Append(nil, v)))) }

func (b *draftBench) file(text string) ConflictSide {
	id, _ := b.WriteBlob(context.Background(), []byte(text))
	return ConflictSide{Mode: modeFile, ID: id}
}

func (b *draftBench) tree(files map[string]ConflictSide) ID {
	id := fakeID(files)
	b.trees[id] = files
	return id
}

func (b *draftBench) Commit(_ context.Context, id ID) (Commit, error) { return b.commits[id], nil }

func (b *draftBench) WriteCommit(_ context.Context, c Commit) (ID, error) {
	id := fakeID(c)
	b.commits[id] = c
	return id, nil
}

func (b *draftBench) Merge(context.Context, merge3.Request) (merge3.Result, error) {
	return merge3.Result{Tree: b.merged}, nil
}

func (b *draftBench) Blob(_ context.Context, id ID) ([]byte, error) { return b.blobs[id], nil }

func (b *draftBench) WriteBlob(_ context.Context, data []byte) (ID, error) {
	id := fakeID(string(data))
	b.blobs[id] = data
	return id, nil
}

func (b *draftBench) Entry(_ context.Context, tree ID, path string) (ConflictSide, bool, error) {
	if e, ok := b.trees[tree][path]; ok {
		return e, true, nil
	}
	for name := range b.trees[tree] {
		if strings.HasPrefix(name, path+"/") {
			return ConflictSide{Mode: "040000", ID: fakeID(path)}, true, nil
		}
	}
	return ConflictSide{}, false, nil
}

func (b *draftBench) EditTree(_ context.Context, tree ID, changes map[string]ConflictSide) (ID, error) {
	files := maps.Clone(b.trees[tree])
	for path, e := range changes {
		if e == (ConflictSide{}) {
			delete(files, path)
		} else {
			files[path] = e
		}
	}
	return b.tree(files), nil
}

// read is the text at a path of a draft, "-" where there is none.
func (b *draftBench) read(d *Draft, path string) string {
	e, ok := b.trees[d.r.Tree][path]
	if !ok {
		return "-"
	}
	return string(b.blobs[e.ID])
}

const twoDisputes = "<<<<<<< UPSTREAM\nU1\n||||||| 1111111111111111111111111111111111111111\nb1\n=======\np1\n>>>>>>> PATCH\n" +
	"same\n<<<<<<< UPSTREAM\nU2\n||||||| 1111111111111111111111111111111111111111\nb2\n=======\np2\n>>>>>>> PATCH\n"

// textConflict is a conflict with two disputes in "f" and a modify/delete of "gone".
func textConflict() (*draftBench, Conflict) {
	b := newDraftBench()
	b.merged = b.tree(map[string]ConflictSide{"f": b.file(twoDisputes), "gone": b.file("kept\n"), "dir/x": b.file("x\n")})
	b.commits[fakeID("up")] = Commit{Tree: fakeID("t"), Author: "U <u> 5 +0000", Committer: "U <u> 5 +0000"}
	b.commits[fakeID("src")] = Commit{Tree: fakeID("t"), Author: "P <p> 9 +0000", Committer: "P <p> 9 +0000", Message: []byte("fix\n")}
	return b, Conflict{
		Record: fakeID("record"), Upstream: fakeID("up"), Source: fakeID("src"), Base: fakeID("base"),
		Paths: []ConflictPath{
			{Path: "f", Kind: merge3.KindContent, Base: b.file("b1\nsame\nb2\n"), Upstream: b.file("U1\nsame\nU2"), Patch: b.file("p1\nsame\np2\n")},
			{Path: "gone", Kind: merge3.KindModifyDelete, Base: b.file("old\n"), Patch: b.file("kept\n")},
		},
	}
}

func startDraft(t *testing.T) (*draftBench, *Draft) {
	t.Helper()
	b, k := textConflict()
	d, err := NewDraft(t.Context(), b, k)
	if err != nil {
		t.Fatal(err)
	}
	return b, d
}

func TestTakeHunkByHunk(t *testing.T) {
	b, d := startDraft(t)
	if err := d.Take(t.Context(), "f", 2, "both"); err != nil {
		t.Fatal(err)
	}
	want := strings.ReplaceAll(twoDisputes[:strings.Index(twoDisputes, "same")], strings.Repeat("1", 40), "BASE") + "same\nU2\np2\n"
	if got := b.read(d, "f"); got != want {
		t.Errorf("after hunk 2:\n%s\nwant\n%s", got, want)
	}
	disputes, err := d.Disputes(t.Context(), "f")
	if err != nil || len(disputes) != 1 || disputes[0].Number != 1 || string(disputes[0].Hunk.Base) != "b1\n" {
		t.Fatalf("open: %v, %v", disputes, err)
	}
	if err := d.Take(t.Context(), "f", 2, "patch"); err == nil {
		t.Error("a settled hunk was settled again")
	}
	if err := d.Take(t.Context(), "f", 1, "upstream"); err != nil {
		t.Fatal(err)
	}
	if got := b.read(d, "f"); got != "U1\nsame\nU2\np2\n" || d.IsOpen("f") {
		t.Errorf("f is %q, open %v", got, d.IsOpen("f"))
	}
	// A settled file is settled anew from the conflict.
	if err := d.Take(t.Context(), "f", 0, "base"); err != nil || b.read(d, "f") != "b1\nsame\nb2\n" {
		t.Errorf("f is %q, %v", b.read(d, "f"), err)
	}
}

func TestTakeWholeSides(t *testing.T) {
	for _, tt := range []struct{ word, f, gone string }{
		{"upstream", "U1\nsame\nU2", "-"}, // and that side ends without a line break
		{"patch", "p1\nsame\np2\n", "kept\n"},
		{"base", "b1\nsame\nb2\n", "old\n"},
	} {
		b, d := startDraft(t)
		if err := d.TakeAll(t.Context(), tt.word); err != nil {
			t.Fatal(err)
		}
		if b.read(d, "f") != tt.f || b.read(d, "gone") != tt.gone || len(d.Resolution().Open) != 0 {
			t.Errorf("%s: f %q, gone %q, open %v", tt.word, b.read(d, "f"), b.read(d, "gone"), d.Resolution().Open)
		}
	}
	_, d := startDraft(t)
	if err := d.Take(t.Context(), "gone", 0, "both"); err == nil {
		t.Error("both sides of a modify/delete were taken")
	}
}

func TestTakeLastLineWithoutBreak(t *testing.T) {
	for _, tt := range []struct{ patch, marked, want string }{
		{"a\nnew", "new\n", "a\nnew"},
		{"a\nnew\n", "new\n", "a\nnew\n"},
		{"a\r\nnew", "new\r\n", "a\r\nnew"},
		{"a\r\nnew\r\n", "new\r\n", "a\r\nnew\r\n"},
	} {
		b, k := textConflict()
		head := tt.patch[:strings.Index(tt.patch, "new")]
		b.merged = b.tree(map[string]ConflictSide{"f": b.file(head + "<<<<<<< UPSTREAM\nup\n||||||| BASE\n=======\n" + tt.marked + ">>>>>>> PATCH\n")})
		k.Paths = []ConflictPath{{Path: "f", Kind: merge3.KindContent, Patch: b.file(tt.patch)}}
		d, err := NewDraft(t.Context(), b, k)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.TakeAll(t.Context(), "patch"); err != nil || b.read(d, "f") != tt.want {
			t.Errorf("%q: %q, %v", tt.patch, b.read(d, "f"), err)
		}
	}
}

func TestTakeNeverKeepsAnEngineName(t *testing.T) {
	b, k := textConflict()
	k.Paths = []ConflictPath{{Path: "dir~PATCH", Kind: merge3.KindFileDirectory, Patch: b.file("a file\n")}}
	b.merged = b.tree(map[string]ConflictSide{"dir/x": b.file("x\n"), "dir~PATCH": b.file("a file\n")})
	d, err := NewDraft(t.Context(), b, k)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Take(t.Context(), "dir~PATCH", 0, "patch"); err == nil {
		t.Error("dir~PATCH would have gone into the stack")
	}
	if err := d.Take(t.Context(), "dir~PATCH", 0, "upstream"); err != nil || b.read(d, "dir~PATCH") != "-" {
		t.Errorf("%v, %q", err, b.read(d, "dir~PATCH"))
	}
}

func TestPutRefuses(t *testing.T) {
	for _, tt := range []struct {
		name, path, text string
		code             Code
	}{
		{"our marker", "f", "x\n<<<<<<< UPSTREAM\n", CodeConflicts},
		{"our separator", "f", "=======\n", CodeConflicts},
		{"a directory", "dir", "x\n", CodeUsage},
		{"below a file", "gone/x", "x\n", CodeUsage},
	} {
		b, d := startDraft(t)
		before := d.Resolution().Tree
		err := d.Put(t.Context(), tt.path, []byte(tt.text), "given")
		var f *Fault
		if !errors.As(err, &f) || f.Code != tt.code || d.Resolution().Tree != before {
			t.Errorf("%s: %v, draft changed: %v", tt.name, err, b.read(d, tt.path))
		}
	}
}

func TestEditedKeepsWhatIsNotFinished(t *testing.T) {
	b, d := startDraft(t)
	half := "new\n" + twoDisputes[strings.Index(twoDisputes, "same"):]
	half = strings.ReplaceAll(half, strings.Repeat("1", 40), "BASE")
	line, err := d.Edited(t.Context(), "f", []byte(half), "edited")
	if err != nil || line != 3 || b.read(d, "f") != half || !d.IsOpen("f") {
		t.Fatalf("line %d, %v, f %q", line, err, b.read(d, "f"))
	}
	disputes, err := d.Disputes(t.Context(), "f")
	if err != nil || len(disputes) != 1 || disputes[0].Number != 1 {
		t.Fatalf("open: %v, %v", disputes, err)
	}
	if err := d.Take(t.Context(), "f", 0, "patch"); err != nil || b.read(d, "f") != "new\nsame\np2\n" {
		t.Errorf("f %q, %v", b.read(d, "f"), err)
	}
}

func TestFinish(t *testing.T) {
	b, d := startDraft(t)
	at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	r, err := d.Finish(t.Context(), "c0ffee", "sam", at)
	if err != nil || r.Proposed() || b.commits[r.Keep].Tree != r.Tree || len(r.Open) != 2 {
		t.Fatalf("draft: %+v, %v", r, err)
	}
	d = ContinueDraft(b, d.k, r)
	if err := d.TakeAll(t.Context(), "patch"); err != nil {
		t.Fatal(err)
	}
	done, err := d.Finish(t.Context(), "c0ffee", "sam", at)
	if err != nil || !done.Proposed() || done.Keep != "" || done.OpenHunks != nil {
		t.Fatalf("proposal: %+v, %v", done, err)
	}
	c := b.commits[done.Result]
	if c.Parent() != d.k.Upstream || c.Tree != done.Tree || c.Author != "P <p> 9 +0000" || !strings.HasSuffix(string(c.Message), "Carry-Id: c0ffee\n") {
		t.Errorf("result: %+v", c)
	}
	if len(r.Open) != 2 || len(r.OpenHunks["f"]) != 2 {
		t.Errorf("going on changed the draft that was there: %+v", r)
	}
}

func TestLedgerResolve(t *testing.T) {
	l := Ledger{}.Clone()
	at := Spot{"1.2", "T1"}
	l.Patches["T1"] = Patch{ID: "T1", At: map[string]Incarnation{"1.2": {State: StateConflict, Paths: []string{"f"}}}}
	l.Resolve(at, Resolution{Result: "r"})
	if in := l.Patches["T1"].At["1.2"]; in.State != StateProposed || len(in.Paths) != 1 {
		t.Errorf("finished: %+v", in)
	}
	l.Resolve(at, Resolution{Open: []string{"f"}})
	if in := l.Patches["T1"].At["1.2"]; in.State != StateConflict {
		t.Errorf("open again: %+v", in)
	}
}

// In whatever order the hunks are taken, the text is the same, and no marker is left.
func TestTakeOrderDoesNotMatter(t *testing.T) {
	words := rapid.SampledFrom([]string{"base", "upstream", "patch", "both"})
	rapid.Check(t, func(t *rapid.T) {
		one, two := words.Draw(t, "one"), words.Draw(t, "two")
		var texts []string
		for _, order := range [][2]int{{1, 2}, {2, 1}} {
			b, k := textConflict()
			d, err := NewDraft(context.Background(), b, k)
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range order {
				if err := d.Take(context.Background(), "f", n, [2]string{one, two}[n-1]); err != nil {
					t.Fatal(err)
				}
			}
			texts = append(texts, b.read(d, "f"))
		}
		if texts[0] != texts[1] || strings.Contains(texts[0], "<<<<<<<") || strings.Contains(texts[0], ">>>>>>>") {
			t.Errorf("%q and %q", texts[0], texts[1])
		}
	})
}
