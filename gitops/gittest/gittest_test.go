package gittest

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestLoad(t *testing.T) {
	r := Load(t, `
# a comment
git init
at 2026-01-02T03:04:05Z
as 'Ann Example' <ann@example.org>
git add a.txt dir/b.txt
git commit -m 'first one'
cp new.txt a.txt
mv dir/b.txt c.txt
chmod 755 c.txt
symlink a.txt link
mkdir d
rm nothing
git add -A
git commit -m second

-- a.txt --
one
-- dir/b.txt --
b
-- new.txt --
two
`)
	if got, want := r.Git("log", "--format=%s|%an <%ae>|%cs"), "second|Ann Example <ann@example.org>|2026-01-02\n"+
		"first one|Ann Example <ann@example.org>|2026-01-02"; got != want {
		t.Errorf("log:\n%s\nwant:\n%s", got, want)
	}
	want := "100644 blob f719efd430d52bcfc8566a43b2eb655688d38871\ta.txt\n" +
		"100755 blob 61780798228d17af2d34fce4cfbdf35556832472\tc.txt\n" +
		"120000 blob 8d14cbf983b3fad683171c9418998d9f68340823\tlink"
	if got := r.Git("ls-tree", "-r", "HEAD"); got != want {
		t.Errorf("tree:\n%s\nwant:\n%s", got, want)
	}
	if _, err := os.Stat(filepath.Join(r.Dir, "new.txt")); err == nil {
		t.Error("new.txt is in the work tree though no command put it there")
	}
}

func TestSplit(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want []string
		fail bool
	}{
		{"", nil, false},
		{"  # git x", nil, false},
		{"a  b\tc", []string{"a", "b", "c"}, false},
		{"a 'b c' ''", []string{"a", "b c", ""}, false},
		{"x'y z'w", []string{"xy zw"}, false},
		{"a 'b", nil, true},
	} {
		got, err := split(tt.in)
		if !slices.Equal(got, tt.want) || (err != nil) != tt.fail {
			t.Errorf("split(%q) = %q, %v; want %q", tt.in, got, err, tt.want)
		}
	}
}
