package gitops

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// What is listed as private is that place and no other, however alike it looks.
func TestSamePlace(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"private.git", "public.git"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("public.git", filepath.Join(dir, "link.git")); err != nil {
		t.Fatal(err)
	}
	const web, ssh = "https://git.example.org/team/private.git", "ssh://git@git.example.org/team/private.git"
	for _, c := range []struct {
		listed, url string
		same        bool
	}{
		{web, web, true},
		{web, web + "/", true},
		{ssh, ssh, true},
		{filepath.Join(dir, "private.git"), "private.git", true},
		{"private.git", "file://" + filepath.Join(dir, "private.git"), true},
		{"private.git", "./public.git/../private", true},
		{"private.git", "link.git", false},
		{web, strings.Replace(web, "example.org", "example.org:8443", 1), false},
		{web, strings.Replace(web, "https", "http", 1), false},
		{web, strings.Replace(web, "example.org", "example.org.evil.test", 1), false},
		{web, "https://evil.test/git.example.org/team/private.git", false},
		{web, "https://git.example.org@evil.test/team/private.git", false},
		{web, "https://user:word@git.example.org/team/private.git", false},
		{web, strings.Replace(web, "private", "%70rivate", 1), false},
		{web, "https://git.example.org/team/../open/team/private.git", false},
		{web, strings.Replace(web, "private", "PRIVATE", 1), false},
		{web, ssh, false},
		{ssh, "git.example.org:team/private.git", false},
		{ssh, strings.Replace(ssh, "git@", "other@", 1), false},
		{"", "", false},
	} {
		if got := SamePlace(c.listed, c.url, dir); got != c.same {
			t.Errorf("SamePlace(%q, %q) = %v", c.listed, c.url, got)
		}
	}
}

func TestReadPush(t *testing.T) {
	one, two, none := strings.Repeat("1", 40), strings.Repeat("2", 40), strings.Repeat("0", 40)
	updates, err := ReadPush(strings.NewReader("refs/heads/a " + one + " refs/heads/b " + two + "\n\n" +
		"HEAD^{/fix it} " + one + " refs/heads/new " + none + "\n(delete) " + none + " refs/heads/gone " + two + "\n"))
	if err != nil || len(updates) != 3 {
		t.Fatalf("%v, %v", updates, err)
	}
	out := OutgoingOf(updates, nil)
	if len(out.Tips) != 2 || len(out.Have) != 1 || out.Have[0] != merge3.ID(two) {
		t.Errorf("%v", out)
	}
	for _, bad := range []string{"x", "a b c d", one + " " + two, "r " + one + " r " + two[1:], "r " + one + " r -" + two[1:]} {
		if _, err := ReadPush(strings.NewReader(bad + "\n")); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func FuzzBundleHead(f *testing.F) {
	id := strings.Repeat("a", 40)
	f.Add("# v2 git bundle\n-" + id + " words\n" + id + " refs/heads/a\n\nPACK")
	f.Add("# v3 git bundle\n@object-format=sha1\n" + id + " HEAD\n\n")
	f.Fuzz(func(t *testing.T, head string) {
		out, err := readBundleHead(bufio.NewReader(strings.NewReader(head)))
		for _, id := range append(out.Tips, out.Have...) {
			if err == nil && !id.Valid() {
				t.Errorf("%q is no id", id)
			}
		}
	})
}
