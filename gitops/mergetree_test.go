package gitops

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/git-carry/git-carry/gitops/gittest"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// conflictBase has a base on branch main; the commands of each test go on
// from there.
const conflictBase = `
git init
cp base f
cp base dir/a
cp other dir/b
cp third dir/c
cp bin bin
symlink one link
git add -A
git commit -m base
git tag base
git checkout -q -b upstream
%s
git add -A
git commit -q --allow-empty -m upstream
git checkout -q -b patch base
%s
git add -A
git commit -q --allow-empty -m patch
-- base --
1
2
3
4
5
6
7
-- other --
a
b
c
d
e
f
-- third --
t
h
i
r
d
-- up --
1
2
3
UP
5
6
7
-- pa --
1
2
3
PATCH
5
6
7
-- top --
TOP
2
3
4
5
6
7
-- bin --
` + "\x00\x01\n" + `-- binup --
` + "\x00\x02\n" + `-- binpa --
` + "\x00\x03\n"

func request(r *gittest.Repo) merge3.Request {
	return merge3.Request{
		Base:     merge3.Side{Commit: idOf(r, "base")},
		Upstream: merge3.Side{Commit: idOf(r, "upstream"), Label: "UPSTREAM-1.46.0-wmf.6"},
		Patch:    merge3.Side{Commit: idOf(r, "patch"), Label: "T1234"},
	}
}

func TestMergeKinds(t *testing.T) {
	k := func(path string, kind merge3.Kind) string { return path + " " + string(kind) }
	for _, tt := range []struct {
		name, upstream, patch string
		want                  []string
	}{
		{"clean", "cp top f", "cp pa f", nil},
		{"content", "cp up f", "cp pa f", []string{k("f", merge3.KindContent)}},
		{"add/add", "cp up new", "cp pa new", []string{k("new", merge3.KindAddAdd)}},
		{"modify/delete", "cp up f", "rm f", []string{k("f", merge3.KindModifyDelete)}},
		{"delete/modify", "rm f", "cp pa f", []string{k("f", merge3.KindModifyDelete)}},
		{"rename followed", "mv f g", "cp pa f", nil},
		{"rename and content", "mv f g\ncp up g", "cp pa f", []string{k("g", merge3.KindContent)}},
		{"rename/delete", "mv dir/b moved", "rm dir/b", []string{k("moved", merge3.KindRenameDelete)}},
		{"rename/rename one to two", "mv f g", "mv f h", []string{
			k("f", merge3.KindRenameRename), k("g", merge3.KindRenameRename), k("h", merge3.KindRenameRename),
		}},
		{"rename/rename two to one", "mv dir/b x", "mv dir/c x", []string{k("x", merge3.KindAddAdd)}},
		{"rename/add", "mv f x\ncp up x", "cp other x\ncp pa f", []string{k("x", merge3.KindRenameRename)}},
		{"directory rename suggested", "mkdir to\nmv dir to/dir", "cp pa dir/new", []string{k("to/dir/new", merge3.KindDirRename)}},
		{
			"directory rename split", "mkdir x\nmkdir y\nmv dir/a x/a\nmv dir/b y/b\nrm dir", "cp pa dir/new",
			[]string{k("dir", merge3.KindDirRename)},
		},
		{"file/directory", "rm f\ncp other f/x", "cp pa f", []string{k("f~T1234", merge3.KindFileDirectory)}},
		{"binary", "cp binup bin", "cp binpa bin", []string{k("bin", merge3.KindBinary)}},
		{"symlink", "rm link\nsymlink two link", "rm link\nsymlink three link", []string{k("link", merge3.KindSymlink)}},
		{"types", "rm f\nsymlink two f", "cp pa f", []string{
			k("f", merge3.KindMode), k("f~T1234", merge3.KindMode),
		}},
		{"mode and content", "chmod 755 f", "cp pa f", nil},
		{"add with modes", "cp up new\nchmod 755 new", "cp up new", []string{k("new", merge3.KindMode)}},
		{"submodule", submodule("1"), submodule("2"), []string{k("sub", merge3.KindSubmodule)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := gittest.Load(t, fmt.Sprintf(conflictBase, tt.upstream, tt.patch))
			m := NewGitMerger(testScratch(t, r))
			res, err := m.Merge(t.Context(), request(r))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range res.Conflicts {
				got = append(got, k(c.Path, c.Kind))
			}
			if strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
				t.Errorf("conflicts %q, want %q\n%+v", got, tt.want, res.Conflicts)
			}
			sameAsCrafted(t, r, m, request(r), res)
		})
	}
}

// submodule moves a submodule; the commits that it names are nowhere.
func submodule(digit string) string {
	return "git update-index --add --cacheinfo 160000," + strings.Repeat(digit, 40) + ",sub\nmkdir sub"
}

// craftedMerge forces the base by commits made up for it, in a repository that
// knows nothing else: what every git since 2.38 does alike.
func craftedMerge(ctx context.Context, s *Scratch, r merge3.Request) (string, error) {
	base, err := s.WriteCommit(patchsetCommit(r.Base.Tree))
	if err != nil {
		return "", err
	}
	args := []string{"merge-tree", "--write-tree", "-z", "--no-messages"}
	for _, side := range []merge3.Side{r.Upstream, r.Patch} {
		id, err := s.WriteCommit(patchsetCommit(side.Tree, base))
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(s.dir, "refs", "heads", side.Label), []byte(id+"\n"), 0o600); err != nil {
			return "", err
		}
		args = append(args, side.Label)
	}
	var out strings.Builder
	_, err = s.Git(ctx, Cmd{Args: args, Stdout: &out})
	if code, failed := exitCode(err); failed && code == 1 {
		err = nil
	}
	tree, _, _ := strings.Cut(out.String(), "\x00")
	return tree, err
}

func sameAsCrafted(t *testing.T, r *gittest.Repo, m *GitMerger, req merge3.Request, res merge3.Result) {
	t.Helper()
	if err := m.complete(t.Context(), &req); err != nil {
		t.Fatal(err)
	}
	grafted, err := (&GitMerger{s: m.s, graft: true}).Merge(t.Context(), req) // what git before 2.40 needs works in all
	if err != nil || !reflect.DeepEqual(grafted, res) {
		t.Errorf("merged %+v, with a graft file %+v, %v", res, grafted, err)
	}
	want, err := craftedMerge(t.Context(), testScratch(t, r), req)
	if err != nil || string(res.Tree) != want {
		t.Errorf("merged tree %s, with crafted commits %s, %v", res.Tree, want, err)
	}
}

// Any three trees merge as with crafted commits, and the report of conflicts
// fits the tree.
func TestMergeRandom(t *testing.T) {
	r := gittest.Load(t, "git init\ngit commit --allow-empty -m x\n")
	s, crafted := testScratch(t, r), testScratch(t, r)
	root := idOf(r, "HEAD")
	lines := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "d", "", "x\r"}), 0, 8)
	files := rapid.MapOfN(rapid.SampledFrom([]string{"f", "g", "d/f", "d/g", "e/f", "f/x"}), lines, 0, 4)
	rapid.Check(t, func(t *rapid.T) {
		side := func(name string) merge3.Side {
			tree := randomTree(t, files.Draw(t, name), s, crafted)
			id, err := s.WriteCommit(patchsetCommit(tree, root))
			if err != nil {
				t.Fatal(err)
			}
			return merge3.Side{Commit: id, Tree: tree, Label: name}
		}
		req := merge3.Request{Base: side("base"), Upstream: side("upstream"), Patch: side("patch")}
		res, err := NewGitMerger(s).Merge(context.Background(), req)
		if err != nil && strings.Contains(err.Error(), "Assertion") {
			t.Skip("git itself gives up: ", err) // 2.39 does, on two renames to one file
		}
		if err != nil {
			t.Fatal(err)
		}
		want, err := craftedMerge(context.Background(), crafted, req)
		if err != nil || string(res.Tree) != want {
			t.Fatalf("merged tree %s, with crafted commits %s, %v", res.Tree, want, err)
		}
		for _, c := range res.Conflicts {
			if c.Kind == merge3.KindOther || c.Message == "" {
				t.Errorf("conflict that nobody explains: %+v", c)
			}
		}
	})
}

// randomTree writes the same tree into both repositories. What cannot be, a
// file that is a directory too, is left out.
func randomTree(t *rapid.T, files map[string][]string, stores ...*Scratch) merge3.ID {
	if files["f"] != nil {
		delete(files, "f/x")
	}
	var tree merge3.ID
	for _, s := range stores {
		changes := map[string]merge3.Entry{}
		for path, lines := range files {
			id, err := s.Write("blob", []byte(strings.Join(lines, "\n")))
			if err != nil {
				t.Fatal(err)
			}
			changes[path] = merge3.Entry{Mode: merge3.ModeFile, ID: id}
		}
		var err error
		if tree, err = s.EditTree(context.Background(), "", changes); err != nil {
			t.Fatal(err)
		}
	}
	return tree
}

func TestMergeTrivial(t *testing.T) {
	r := gittest.Load(t, fmt.Sprintf(conflictBase, "cp up f", "cp pa f"))
	m := NewGitMerger(testScratch(t, r))
	tree := func(rev string) merge3.ID { return idOf(r, rev+"^{tree}") }
	for _, tt := range []struct{ base, upstream, patch, want string }{
		{"base", "base", "patch", "patch"},
		{"base", "upstream", "base", "upstream"},
		{"base", "patch", "patch", "patch"},
	} {
		res, err := m.Merge(t.Context(), merge3.Request{
			Base: merge3.Side{Commit: idOf(r, tt.base)}, Upstream: merge3.Side{Tree: tree(tt.upstream)}, Patch: merge3.Side{Tree: tree(tt.patch)},
		})
		if err != nil || !res.Clean() || res.Tree != tree(tt.want) {
			t.Errorf("%+v: %+v, %v", tt, res, err)
		}
	}
	_, err := m.Merge(t.Context(), merge3.Request{Base: merge3.Side{Commit: idOf(r, "base"), Tree: tree("patch")}})
	if err == nil {
		t.Error("a tree that is not the commit's was let through")
	}
	_, err = m.Merge(t.Context(), merge3.Request{Upstream: merge3.Side{Commit: merge3.ID(strings.Repeat("7", 40))}})
	var missing *MissingObjectError
	if !errors.As(err, &missing) {
		t.Errorf("missing commit: %v", err)
	}
}

// The text in dispute reads back, whatever the line ends and names.
func TestMergedTextReadsBack(t *testing.T) {
	for _, tt := range []struct{ name, upstream, patch, path, base, want string }{
		{"content", "cp up f", "cp pa f", "f", "4\n", "1\n2\n3\nPATCH\n5\n6\n7\n"},
		{"rename", "mv f g\ncp up g", "cp pa f", "g", "4\n", "1\n2\n3\nPATCH\n5\n6\n7\n"},
		{"add/add", "cp up new", "cp pa new", "new", "", "1\n2\n3\nPATCH\n5\n6\n7\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := gittest.Load(t, fmt.Sprintf(conflictBase, tt.upstream, tt.patch))
			s := testScratch(t, r)
			req := request(r)
			req.Style = merge3.StyleDiff3
			res, err := NewGitMerger(s).Merge(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			e, ok, err := s.Entry(t.Context(), res.Tree, tt.path)
			if err != nil || !ok {
				t.Fatal(ok, err)
			}
			obj, err := s.Read(t.Context(), e.ID)
			if err != nil {
				t.Fatal(err)
			}
			m, err := merge3.ParseMarked(obj.Data, merge3.MarkerLabels{
				Upstream: MarkerLabel(req.Upstream.Label), Patch: MarkerLabel(req.Patch.Label), Base: string(req.Base.Commit),
			})
			if err != nil {
				t.Fatalf("%v in\n%s", err, obj.Data)
			}
			if len(m.Hunks()) != 1 || !m.HasBase() || !strings.Contains(string(m.Hunks()[0].Base), tt.base) {
				t.Errorf("hunks %+v of\n%s", m.Hunks(), obj.Data)
			}
			if got := string(m.Take(merge3.TakePatch)); got != tt.want {
				t.Errorf("the patch's side is %q, want %q", got, tt.want)
			}
		})
	}
}
