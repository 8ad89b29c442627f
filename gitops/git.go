package gitops

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode"

	"github.com/git-carry/git-carry/patchset/pattern"
)

const (
	maxCaptured = 256 << 20       // bytes of stdout that Run keeps in memory
	maxStderr   = 4 << 10         // bytes of stderr that a GitError keeps
	killGrace   = 5 * time.Second // between SIGTERM and SIGKILL
)

// Git is the installed git, found once. It is safe for concurrent use.
type Git struct {
	path    string
	environ []string
	// version asks git once. Hardly any command needs the answer and each would wait
	// for it, so it is asked for while the command begins.
	version func() (Version, error)
}

// FindGit looks for git on the PATH of environ (the form of os.Environ). The
// error is a [*GitNotFoundError]. That git is too old for us shows when it is used.
func FindGit(environ []string) (*Git, error) {
	path, err := lookPath("git", lookupEnv(environ, "PATH"))
	if err != nil {
		return nil, err
	}
	g := &Git{path: path, environ: environ}
	g.version = sync.OnceValues(g.askVersion)
	go func() { _, _ = g.version() }()
	return g, nil
}

func (g *Git) askVersion() (Version, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	out, err := g.run(ctx, Cmd{Args: []string{"version"}})
	if err != nil {
		return Version{}, fmt.Errorf("ask git for its version: %w", err)
	}
	v, err := parseVersion(string(out))
	if err == nil && !v.AtLeast(2, 38) {
		err = &GitTooOldError{Path: g.path, Version: v}
	}
	return v, err
}

// Version is what `git version` said; the error is a [*GitTooOldError] below 2.38:
// older ones have no merge-tree --write-tree.
func (g *Git) Version() (Version, error) { return g.version() }

// atLeast is false when the version is not known; then whatever is run will tell why.
func (g *Git) atLeast(major, minor int) bool {
	v, err := g.version()
	return err == nil && v.AtLeast(major, minor)
}

// Path is the absolute path of the git program.
func (g *Git) Path() string { return g.path }

// Cmd is one run of git.
type Cmd struct {
	// Dir is the working directory; empty means "/", so that nothing can depend
	// on where the program was started.
	Dir string
	// GitDir becomes GIT_DIR. When empty git looks for a repository from Dir
	// upwards, and commands that need none may be run.
	GitDir string
	// Args starts with the subcommand. Data goes behind --end-of-options.
	Args []string
	// Stdin may be nil: then git reads nothing.
	Stdin io.Reader
	// Stdout receives the output; when nil, Run returns it.
	Stdout io.Writer
	// Stderr receives a copy of what git says while it runs: progress.
	Stderr io.Writer
	// Env holds NAME=value pairs that are put in last and so win.
	Env []string
	// Network lets the command talk to other machines, with the person's own
	// configuration (proxies, ssh, credential helpers). Without it only local
	// paths can be reached and no configuration but the repository's is read.
	Network bool
	// Interactive lets git ask for credentials on the terminal.
	Interactive bool
	// Config holds further configuration, key and value; it wins over all else.
	Config [][2]string
}

// Run runs git to its end and returns what it wrote to stdout (nothing when
// c.Stdout is set). A failure of git is a [*GitError], or a [*GitTooOldError] if
// that may be why; when ctx ended first the error wraps the context's cause. Ending
// ctx sends SIGTERM, then SIGKILL after a grace.
func (g *Git) Run(ctx context.Context, c Cmd) ([]byte, error) {
	out, err := g.run(ctx, c)
	var old *GitTooOldError
	if err != nil && ctx.Err() == nil {
		if _, unfit := g.version(); errors.As(unfit, &old) {
			return out, old
		}
	}
	return out, err
}

func (g *Git) run(ctx context.Context, c Cmd) ([]byte, error) {
	cmd := g.command(ctx, c)
	var captured limitedBuffer
	captured.limit = maxCaptured
	if cmd.Stdout == nil {
		cmd.Stdout = &captured
	}
	var stderr tailBuffer
	cmd.Stderr = &stderr
	if c.Stderr != nil {
		cmd.Stderr = io.MultiWriter(&stderr, c.Stderr)
	}
	if err := cmd.Run(); err != nil {
		return nil, runError(ctx, c.Args, err, stderr.Bytes())
	}
	return captured.Bytes(), nil
}

// command prepares the process of c with everything but stderr set.
func (g *Git) command(ctx context.Context, c Cmd) *exec.Cmd {
	cmd := exec.CommandContext(ctx, g.path, c.Args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = killGrace
	// Ctrl-C at the terminal reaches the whole process group. Only what may have to
	// ask the person there stays in ours; the rest ends when ctx does.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: !c.Network && !c.Interactive}
	cmd.Dir = c.Dir
	if cmd.Dir == "" {
		cmd.Dir = "/"
	}
	cmd.Env = g.childEnv(c)
	cmd.Stdin = c.Stdin
	cmd.Stdout = c.Stdout
	return cmd
}

// GitError is a git command that failed.
type GitError struct {
	// Args is the program and its subcommand, never data.
	Args []string
	// ExitCode is -1 when git did not start or was killed.
	ExitCode int
	// Stderr is what git said: at most 4 KiB, without control characters or
	// credentials.
	Stderr string

	err error
}

func (e *GitError) Error() string {
	s := fmt.Sprintf("%s: %v", strings.Join(e.Args, " "), e.err)
	if e.Stderr != "" {
		s += ": " + e.Stderr
	}
	return s
}

func (e *GitError) Unwrap() error { return e.err }

func runError(ctx context.Context, args []string, err error, stderr []byte) error {
	name := []string{"git"}
	if len(args) > 0 {
		name = append(name, args[0])
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", strings.Join(name, " "), context.Cause(ctx))
	}
	e := &GitError{Args: name, ExitCode: -1, Stderr: cleanStderr(stderr), err: err}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		e.ExitCode = exit.ExitCode()
	}
	return e
}

// exitCode tells with which status git itself failed; false for other errors.
func exitCode(err error) (int, bool) {
	var e *GitError
	if !errors.As(err, &e) {
		return 0, false
	}
	return e.ExitCode, true
}

// hintLine is git's advice to somebody who types git commands.
var hintLine = pattern.Of(`(?m)^(hint:.*|Please make sure you have the correct access rights|and the repository exists\.)\n?`)

var urlUser = pattern.Of(`(://)[^/\s]+@`)

// cleanStderr makes git's words safe to show: no control or format characters
// but line breaks, no user or password of a URL, no hints.
func cleanStderr(b []byte) string {
	s := strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t', r == '\r':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(string(b), "?"))
	s = hintLine().ReplaceAllString(s, "")
	return strings.TrimSpace(urlUser().ReplaceAllString(s, "${1}***@"))
}

// limitedBuffer keeps what is written and fails beyond its limit.
type limitedBuffer struct {
	bytes.Buffer
	limit int
}

func (b *limitedBuffer) Write(p []byte) (int, error) {
	if b.Len()+len(p) > b.limit {
		return 0, fmt.Errorf("output is larger than %d bytes", b.limit)
	}
	return b.Buffer.Write(p)
}

// tailBuffer keeps the last bytes written: git says why it failed at the end.
type tailBuffer struct{ b []byte }

func (t *tailBuffer) Write(p []byte) (int, error) {
	t.b = append(t.b, p...)
	if len(t.b) > 2*maxStderr {
		t.b = append(t.b[:0], t.b[len(t.b)-maxStderr:]...)
	}
	return len(p), nil
}

func (t *tailBuffer) Bytes() []byte { return t.b[max(0, len(t.b)-maxStderr):] }

// Version is a version of git.
type Version struct{ Major, Minor, Patch int }

// AtLeast tells whether v is major.minor or newer.
func (v Version) AtLeast(major, minor int) bool {
	return v.Major > major || v.Major == major && v.Minor >= minor
}

func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch) }

var versionLine = pattern.Of(`^git version (\d{1,5})\.(\d{1,5})(?:\.(\d{1,5}))?`)

func parseVersion(s string) (Version, error) {
	m := versionLine().FindStringSubmatch(s)
	if m == nil {
		return Version{}, fmt.Errorf("cannot read the version of git from %.80q", s)
	}
	// The expression leaves only short runs of digits, or nothing for no patch level.
	number := func(s string) int { n, _ := strconv.Atoi(s); return n }
	return Version{number(m[1]), number(m[2]), number(m[3])}, nil
}

// GitNotFoundError says that there is no git on PATH.
type GitNotFoundError struct{ Path string }

func (e *GitNotFoundError) Error() string { return "git is not installed: not found on PATH" }

// Hints names what to do.
func (e *GitNotFoundError) Hints() []string {
	return []string{"install git 2.38 or newer, or put it on PATH"}
}

// GitTooOldError says that the git that was found cannot merge trees.
type GitTooOldError struct {
	Path    string
	Version Version
}

func (e *GitTooOldError) Error() string {
	return fmt.Sprintf("git %s at %s is too old: 2.38 or newer is needed", e.Version, e.Path)
}

// Hints names what to do.
func (e *GitTooOldError) Hints() []string {
	return []string{"install git 2.38 or newer, and put it before " + filepath.Dir(e.Path) + " on PATH"}
}

// lookPath is exec.LookPath for a PATH that is given instead of the process's
// own. Relative entries are passed over, as exec does.
func lookPath(name, path string) (string, error) {
	for _, dir := range filepath.SplitList(path) {
		if !filepath.IsAbs(dir) {
			continue
		}
		file := filepath.Join(dir, name)
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return file, nil
		}
	}
	return "", &GitNotFoundError{Path: path}
}
