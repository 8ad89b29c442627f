package gitops

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/git-carry/git-carry/gitops/gittest"
)

func TestParseVersion(t *testing.T) {
	for in, want := range map[string]Version{
		"git version 2.39.5\n":                 {2, 39, 5},
		"git version 2.39.5 (Apple Git-154)\n": {2, 39, 5},
		"git version 2.55.0.rc1":               {2, 55, 0},
		"git version 2.45.GIT":                 {2, 45, 0},
	} {
		if got, err := parseVersion(in); err != nil || got != want {
			t.Errorf("parseVersion(%q) = %v, %v; want %v", in, got, err, want)
		}
	}
	if v, err := parseVersion("git version two"); err == nil {
		t.Errorf("a version was read from nonsense: %v", v)
	}
	if v := (Version{2, 40, 1}); !v.AtLeast(2, 40) || !v.AtLeast(1, 99) || v.AtLeast(2, 41) || v.AtLeast(3, 0) {
		t.Error("AtLeast is wrong for 2.40.1")
	}
}

func TestFindGitErrors(t *testing.T) {
	_, err := FindGit([]string{"PATH=" + t.TempDir()})
	var missing *GitNotFoundError
	if !errors.As(err, &missing) || len(missing.Hints()) == 0 {
		t.Errorf("without git: %v", err)
	}
	dir := t.TempDir()
	const script = "#!/bin/sh\n[ $1 = version ] && echo git version 2.30.2\n"
	if err := os.WriteFile(filepath.Join(dir, "git"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	git, err := FindGit([]string{"PATH=" + dir})
	if err != nil {
		t.Fatal(err)
	}
	_, err = git.Run(t.Context(), Cmd{Args: []string{"merge-tree"}})
	var old *GitTooOldError
	if !errors.As(err, &old) || old.Version != (Version{2, 30, 2}) || len(old.Hints()) == 0 {
		t.Errorf("with an old git: %v", err)
	}
}

func TestEnvironment(t *testing.T) {
	g := testGit(t)
	_, _ = g.Version() // is not asked for any more while the environment changes
	g.environ = append(g.environ, "GIT_TRACE=1", "GIT_SSH_COMMAND=mine", "GIT_DIR=/elsewhere", "LANG=de_DE", "LC_ALL=de_DE",
		"https_proxy=http://proxy", "SSH_AUTH_SOCK=/agent", "GIT_CONFIG_PARAMETERS='a.b=c'", "GIT_EXEC_PATH=/evil")
	for _, tt := range []struct {
		name      string
		cmd       Cmd
		have, not []string
	}{
		{
			"local",
			Cmd{GitDir: "/repo"},
			[]string{
				"GIT_DIR=/repo", "LC_ALL=C", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_ALLOW_PROTOCOL=file", "GIT_TERMINAL_PROMPT=0",
				"GIT_NO_REPLACE_OBJECTS=1", "GIT_GRAFT_FILE=/dev/null",
			},
			[]string{
				"GIT_TRACE=1", "GIT_SSH_COMMAND=mine", "GIT_DIR=/elsewhere", "LANG=de_DE", "LC_ALL=de_DE",
				"GIT_CONFIG_PARAMETERS='a.b=c'", "GIT_EXEC_PATH=/evil",
			},
		},
		{
			"network",
			Cmd{Network: true, Interactive: true},
			[]string{"GIT_SSH_COMMAND=mine", "https_proxy=http://proxy", "SSH_AUTH_SOCK=/agent"},
			[]string{"GIT_TRACE=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_ALLOW_PROTOCOL=file", "GIT_TERMINAL_PROMPT=0"},
		},
	} {
		env := g.childEnv(tt.cmd)
		for _, entry := range tt.have {
			if !slices.Contains(env, entry) {
				t.Errorf("%s: %s is missing", tt.name, entry)
			}
		}
		for _, entry := range tt.not {
			if slices.Contains(env, entry) {
				t.Errorf("%s: %s is there", tt.name, entry)
			}
		}
	}
}

// What git itself says of its configuration is what counts.
func TestConfigReachesGit(t *testing.T) {
	r := gittest.Load(t, "git init\ngit config core.hooksPath evil\ngit config rerere.enabled true\n")
	g := testGit(t)
	for key, want := range map[string]string{"core.hooksPath": "/dev/null", "rerere.enabled": "false", "gc.auto": "0", "a.b": "c d"} {
		out, err := g.Run(t.Context(), Cmd{GitDir: r.GitDir, Args: []string{"config", "--get", key}, Config: [][2]string{{"a.b", "c d"}}})
		if got := strings.TrimSpace(string(out)); err != nil || got != want {
			t.Errorf("%s = %q, %v; want %q", key, got, err, want)
		}
	}
}

func TestRunErrors(t *testing.T) {
	g := testGit(t)
	_, err := g.Run(t.Context(), Cmd{Args: []string{"cat-file", "-t", "secret-name"}})
	var e *GitError
	if !errors.As(err, &e) || e.ExitCode != 128 || strings.Join(e.Args, " ") != "git cat-file" {
		t.Errorf("error %#v", err)
	}
	cause := errors.New("stopped by test")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(50*time.Millisecond, func() { cancel(cause) })
	start := time.Now()
	pr, pw, err := os.Pipe() // stdin that never ends
	if err != nil {
		t.Fatal(err)
	}
	defer pr.Close()
	defer pw.Close()
	if _, err := g.Run(ctx, Cmd{Args: []string{"hash-object", "--stdin"}, Stdin: pr}); !errors.Is(err, cause) {
		t.Errorf("after cancel: %v", err)
	}
	if d := time.Since(start); d > killGrace {
		t.Errorf("cancel took %v", d)
	}
}

func TestCleanStderr(t *testing.T) {
	in := "fatal: \x1b[31mhttps://user:p@ss@example.org/x\x07\r\n\u202ebidi\xff\n"
	if got, want := cleanStderr([]byte(in)), "fatal: [31mhttps://***@example.org/x \nbidi?"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	var b tailBuffer
	for range 100 {
		if _, err := b.Write(bytes.Repeat([]byte("x"), 999)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.Write([]byte("end")); err != nil || len(b.Bytes()) != maxStderr || !bytes.HasSuffix(b.Bytes(), []byte("end")) {
		t.Errorf("%d bytes kept", len(b.Bytes()))
	}
	in = "fatal: no such place\n\nPlease make sure you have the correct access rights\nand the repository exists.\n"
	if got, want := cleanStderr([]byte(in)), "fatal: no such place"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestResolve(t *testing.T) {
	r := gittest.Load(t, "git init\ngit commit --allow-empty -m x\ngit tag -a v1 -m v1\n")
	g := testGit(t)
	for _, rev := range []string{"main", "v1", "HEAD", r.ID("HEAD")} {
		if id, err := g.Resolve(t.Context(), r.GitDir, rev); err != nil || string(id) != r.ID("HEAD") {
			t.Errorf("Resolve(%q) = %q, %v", rev, id, err)
		}
	}
	for _, rev := range []string{"", "nope", "--all", "-x", "HEAD\nHEAD", "HEAD^{tree}", "HEAD:", strings.Repeat("0", 40)} {
		_, err := g.Resolve(t.Context(), r.GitDir, rev)
		var unknown *UnknownRevisionError
		if !errors.As(err, &unknown) {
			t.Errorf("Resolve(%q): %v", rev, err)
		}
	}
}
