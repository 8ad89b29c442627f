package gitops

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/git-carry/git-carry/gitops/gittest"
	"github.com/git-carry/git-carry/patchset/mailbox"
)

// What a commit changes is told as git tells it.
func TestDiffEqualsGit(t *testing.T) {
	r := gittest.Load(t, `git init
git add change noeol moved gone mode binary
symlink change link
symlink change become
git add link become
git commit -m base
cp change2 change
cp noeol2 noeol
git mv moved elsewhere
git rm -q gone
chmod 755 mode
cp binary2 binary
rm link
symlink elsewhere link
rm become
cp change2 become
cp change2 new
git add -A
git update-index --add --cacheinfo 160000,1111111111111111111111111111111111111111,sub
git commit -m everything
git update-index --cacheinfo 160000,2222222222222222222222222222222222222222,sub
git commit -m pointer
-- change --
1
2
3
4
-- change2 --
1
two
3
4
5
-- noeol --
a
-- noeol2 --
a
b
-- moved --
one
two
three
four
-- gone --
bye
-- mode --
x
-- binary --
a`+"\x00"+`b
-- binary2 --
b`+"\x00"+`b
`)
	w := NewWorkbench(testScratch(t, r), EngineOwn)
	for _, rev := range []string{"HEAD~2", "HEAD~1", "HEAD"} {
		text, err := w.DiffText(t.Context(), idOf(r, rev), 0)
		if err != nil {
			t.Fatal(err)
		}
		want, err := mailbox.ParseDiff(text)
		if err != nil {
			t.Fatal(err)
		}
		got, err := w.Diff(t.Context(), idOf(r, rev))
		if err != nil {
			t.Fatal(err)
		}
		for _, files := range [][]mailbox.FileChange{want, got} {
			for i := range files {
				if files[i].Binary != nil {
					files[i].Binary = &mailbox.BinaryChange{} // ours tells the ids alone
				}
				files[i].OldBlob, files[i].NewBlob = "", ""
				if files[i].OldMode == files[i].NewMode {
					files[i].OldMode, files[i].NewMode = "", "" // a plain rename does not tell
				}
				for j := range files[i].Hunks {
					files[i].Hunks[j].Section = ""
				}
			}
		}
		if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%s (-git, +ours):\n%s", rev, d)
		}
	}
}
