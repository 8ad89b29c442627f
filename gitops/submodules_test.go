package gitops

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// git itself says what a relative URL comes to.
func TestSubmoduleURLAgainstGit(t *testing.T) {
	parents := []string{"https://example.org/a/core.git", "https://example.org/a/core/", "ssh://git@example.org/a/b/core", "git@example.org:a/core.git", "example.org:core", "/srv/git/core"}
	urls := []string{"../Foo", "./Foo", "../../Foo", "../x/../Foo", "././Foo", "../Foo.git/", "https://example.com/Foo"}
	for _, parent := range parents {
		for raw, want := range gitResolves(t, parent, urls) {
			got, err := SubmoduleURL(parent, raw)
			if err != nil {
				if parent+raw != "example.org:core"+"../../Foo" { // git makes ".:Foo" of it
					t.Errorf("%s + %s: %v", parent, raw, err)
				}
				continue
			}
			if filepath.IsAbs(want) {
				want = filepath.Clean(want)
			}
			if got != want {
				t.Errorf("%s + %s = %s, git says %s", parent, raw, got, want)
			}
		}
	}
}

// gitResolves is the URLs that git submodule init notes.
func gitResolves(t *testing.T, parent string, urls []string) map[string]string {
	t.Helper()
	dir := t.TempDir()
	run := func(stdin string, args ...string) string {
		c := exec.Command("git", append([]string{"-C", dir}, args...)...)
		c.Stdin = strings.NewReader(stdin)
		out, err := c.Output()
		if err != nil {
			t.Fatalf("git %v: %v", args, err)
		}
		return string(out)
	}
	run("", "init", "-q")
	run("", "remote", "add", "origin", parent)
	var file, index strings.Builder
	for i, url := range urls {
		fmt.Fprintf(&file, "[submodule \"s%d\"]\n\tpath = s%d\n\turl = %s\n", i, i, url)
		fmt.Fprintf(&index, "160000 %s\ts%d\n", strings.Repeat("1", 40), i)
	}
	if err := os.WriteFile(filepath.Join(dir, ".gitmodules"), []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	run(index.String(), "update-index", "--add", "--index-info")
	run("", "submodule", "init")
	resolved := map[string]string{}
	for i, url := range urls {
		resolved[url] = strings.TrimSpace(run("", "config", fmt.Sprintf("submodule.s%d.url", i)))
	}
	return resolved
}

func TestSubmoduleURLRefuses(t *testing.T) {
	for parent, urls := range map[string][]string{
		"https://example.org/core": {"", "-u", "ext::sh -c x", "/etc", "file:///etc", "../../../x", "foo", "http://u:p@example.org/x", "ssh://-oProxyCommand=x/y"},
		"/srv/core":                {"", "--upload-pack=x", "fd::1"},
	} {
		for _, raw := range urls {
			if got, err := SubmoduleURL(parent, raw); err == nil {
				t.Errorf("%s + %q = %q, want an error", parent, raw, got)
			}
		}
	}
	if got, err := SubmoduleURL("/srv/core", "/srv/Foo"); err != nil || got != "/srv/Foo" {
		t.Errorf("a path in a local repository = %q, %v", got, err)
	}
}

func FuzzGitmodules(f *testing.F) {
	f.Add([]byte("[submodule \"x\"]\n\tpath = x\n\turl = ../x\n"))
	f.Add([]byte("[submodule \"\"]\npath\n[submodule]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		sections, err := parseGitmodules(data)
		if err != nil {
			return
		}
		for _, s := range sections {
			_ = checkSubmodulePath(s.Options.Get("path"))
			if url, err := SubmoduleURL("https://example.org/core", s.Options.Get("url")); err == nil && strings.HasPrefix(url, "-") {
				t.Errorf("%q is an option", url)
			}
		}
	})
}
