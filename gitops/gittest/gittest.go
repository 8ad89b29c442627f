// Package gittest builds real git repositories for tests from short scripts.
//
// A script is a txtar archive: the comment is a list of commands, the files
// are what the commands work on.
//
//	at 2026-01-02T03:04:05Z
//	as Ann <ann@example.org>
//	git init
//	git add a.txt
//	git commit -m 'first'
//	cp two.txt a.txt
//	git commit -a -m 'second'
//
//	-- a.txt --
//	one
//	-- two.txt --
//	two
//
// The files are put beside the repository, in a directory of their own. cp,
// chmod and git add take one from there when the work tree lacks it. The
// commands:
//
//	at TIME             author and committer date from here on, RFC 3339
//	as NAME <MAIL>      author and committer
//	git ARGS            git in the work tree, hermetic, with those dates and names
//	cp FROM TO          copy a file of the archive, else of the work tree
//	mv FROM TO, rm PATH, mkdir PATH
//	chmod MODE PATH     octal
//	symlink TARGET PATH
//
// A word may be in single quotes, in which everything stands for itself. A
// line that starts with # is a comment.
package gittest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"
)

// Repo is a repository with a work tree.
type Repo struct {
	Dir    string // the work tree
	GitDir string // Dir/.git

	t     testing.TB
	files string // where the archive's files are
	env   []string
	date  string
	name  string
	mail  string
}

// Load builds the repository that script describes in a directory of the test.
// The test fails when a command does.
func Load(t testing.TB, script string) *Repo {
	t.Helper()
	root := t.TempDir()
	r := &Repo{
		Dir: filepath.Join(root, "repo"), GitDir: filepath.Join(root, "repo", ".git"),
		t: t, files: filepath.Join(root, "files"), env: baseEnv(root),
		date: "2026-01-01T00:00:00Z", name: "Test Author", mail: "author@example.org",
	}
	archive := txtar.Parse([]byte(script))
	r.must(os.MkdirAll(r.Dir, 0o755))
	r.must(os.MkdirAll(r.files, 0o755))
	for _, f := range archive.Files {
		r.must(writeFile(filepath.Join(r.files, f.Name), string(f.Data)))
	}
	r.Run(string(archive.Comment))
	return r
}

// Run does further commands, one a line.
func (r *Repo) Run(script string) {
	r.t.Helper()
	for i, line := range strings.Split(script, "\n") {
		words, err := split(line)
		if err == nil && len(words) > 0 {
			err = r.do(words)
		}
		if err != nil {
			r.t.Fatalf("gittest: line %d: %s: %v", i+1, line, err)
		}
	}
}

// Write puts a file into the work tree.
func (r *Repo) Write(path, content string) {
	r.t.Helper()
	r.must(writeFile(r.path(path), content))
}

// Git runs git in the work tree and returns its output without the last line
// break.
func (r *Repo) Git(args ...string) string {
	r.t.Helper()
	out, err := r.git(args)
	if err != nil {
		r.t.Fatalf("gittest: %v", err)
	}
	return out
}

// ID is the full id that rev names.
func (r *Repo) ID(rev string) string {
	r.t.Helper()
	return r.Git("rev-parse", "--verify", rev)
}

// Environ is the hermetic environment in which the repository's git runs.
func (r *Repo) Environ() []string {
	return append(r.env[:len(r.env):len(r.env)],
		"GIT_AUTHOR_NAME="+r.name, "GIT_AUTHOR_EMAIL="+r.mail, "GIT_AUTHOR_DATE="+r.date,
		"GIT_COMMITTER_NAME="+r.name, "GIT_COMMITTER_EMAIL="+r.mail, "GIT_COMMITTER_DATE="+r.date)
}

func baseEnv(home string) []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "LC_ALL=C", "TZ=UTC",
		"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0",
		"GIT_CONFIG_COUNT=2", "GIT_CONFIG_KEY_0=init.defaultBranch", "GIT_CONFIG_VALUE_0=main",
		"GIT_CONFIG_KEY_1=core.autocrlf", "GIT_CONFIG_VALUE_1=false",
	}
}

func (r *Repo) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatalf("gittest: %v", err)
	}
}

// do runs one command.
func (r *Repo) do(words []string) error {
	verb, args := words[0], words[1:]
	want := map[string]int{"at": 1, "cp": 2, "mv": 2, "rm": 1, "mkdir": 1, "chmod": 2, "symlink": 2}
	if n, ok := want[verb]; ok && n != len(args) {
		return fmt.Errorf("%s takes %d arguments", verb, n)
	}
	switch verb {
	case "at":
		_, err := time.Parse(time.RFC3339, args[0])
		r.date = args[0]
		return err
	case "as":
		return r.as(strings.Join(args, " "))
	case "git":
		if len(args) > 0 && args[0] == "add" {
			r.bring(args[1:])
		}
		_, err := r.git(args)
		return err
	case "cp":
		return r.copy(args[0], args[1])
	case "mv":
		return os.Rename(r.path(args[0]), r.path(args[1]))
	case "rm":
		return os.RemoveAll(r.path(args[0]))
	case "mkdir":
		return os.MkdirAll(r.path(args[0]), 0o755)
	case "chmod":
		mode, err := strconv.ParseUint(args[0], 8, 32)
		if err != nil {
			return err
		}
		r.bring(args[1:])
		return os.Chmod(r.path(args[1]), os.FileMode(mode))
	case "symlink":
		return os.Symlink(args[0], r.path(args[1]))
	}
	return fmt.Errorf("unknown command %q", verb)
}

func (r *Repo) path(name string) string { return filepath.Join(r.Dir, name) }

func (r *Repo) as(person string) error {
	name, rest, ok := strings.Cut(person, " <")
	mail, end, closed := strings.Cut(rest, ">")
	if !ok || !closed || end != "" {
		return fmt.Errorf("not a person: %q", person)
	}
	r.name, r.mail = name, mail
	return nil
}

func (r *Repo) git(args []string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env = r.Dir, r.Environ()
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return strings.TrimSuffix(string(out), "\n"), nil
}

// bring copies the files that words name from the archive, where the work tree
// has none.
func (r *Repo) bring(words []string) {
	for _, word := range words {
		if _, err := os.Lstat(r.path(word)); err == nil {
			continue
		}
		if info, err := os.Stat(filepath.Join(r.files, word)); err == nil && info.Mode().IsRegular() {
			r.must(r.copy(word, word))
		}
	}
}

func (r *Repo) copy(from, to string) error {
	data, err := os.ReadFile(filepath.Join(r.files, from))
	if err != nil {
		if data, err = os.ReadFile(r.path(from)); err != nil {
			return err
		}
	}
	return writeFile(r.path(to), string(data))
}

// split takes a line apart into words.
func split(line string) ([]string, error) {
	if strings.HasPrefix(strings.TrimSpace(line), "#") {
		return nil, nil
	}
	var words []string
	var word strings.Builder
	inWord, quoted := false, false
	for _, c := range line {
		switch {
		case c == '\'':
			quoted, inWord = !quoted, true
		case !quoted && (c == ' ' || c == '\t' || c == '\r'):
			if inWord {
				words = append(words, word.String())
			}
			word.Reset()
			inWord = false
		default:
			word.WriteRune(c)
			inWord = true
		}
	}
	if quoted {
		return nil, fmt.Errorf("quote is not closed")
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}

// writeFile makes the directories that it needs.
func writeFile(path, content string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(content), 0o644)
}

// InMemory puts the temporary directories of a test binary on a file system in
// memory where there is one: hundreds of small repositories with every write synced
// to a disk would spend their time waiting for it. Call it from TestMain.
func InMemory() {
	const shm = "/dev/shm"
	if dir, err := os.MkdirTemp(shm, "git-carry-test-"); err == nil {
		_ = os.Remove(dir)
		_ = os.Setenv("TMPDIR", shm)
	}
}
