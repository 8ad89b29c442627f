// Package house holds no code. Its tests are the rules of the house that a
// compiler does not know; docs/ARCHITECTURE.md gives the reasons.
package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

const module = "github.com/git-carry/git-carry"

// mayImport says which of our rooms a room may import. A room is a folder at the
// top with all that is below it; each may import itself.
var mayImport = map[string][]string{
	"patchset": {},
	"owners":   {},
	"gitops":   {"patchset", "owners"},
	"tui":      {"patchset", "owners"},
	"cmd":      {"patchset", "owners", "gitops", "tui"},
	"bench":    {"patchset", "owners", "gitops"},
}

// mayUse says which rooms alone may use these packages, and all below them.
var mayUse = map[string][]string{
	"os/exec":                    {"gitops", "bench"},
	"github.com/go-git":          {"gitops"},
	"github.com/spf13/cobra":     {"cmd"},
	"github.com/charmbracelet":   {"tui"},
	"charm.land":                 {"tui"},
	"os/signal":                  {"cmd", "bench"},
	"net/http":                   {},
	"net/smtp":                   {},
	"github.com/wneessen":        {"gitops"},
	"github.com/mattn/go-isatty": {"cmd"},
}

// noDisk are rooms whose values are pure: no files, no clock of their own, no
// terminal. (Reading an fs.FS that is handed in is fine.)
var noDisk = []string{"patchset", "owners"}

type source struct {
	path string // from the top, with slashes
	room string
	test bool
	file *ast.File
	fset *token.FileSet
}

func sources(t *testing.T) []source {
	t.Helper()
	var out []source
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata"):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go"):
			return nil
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		room, _, below := strings.Cut(name, "/")
		if !below {
			room = ""
		}
		out = append(out, source{name, room, strings.HasSuffix(name, "_test.go"), file, fset})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 50 {
		t.Fatalf("only %d sources found: this test looks in the wrong place", len(out))
	}
	return out
}

func (s source) imports() []string {
	var out []string
	for _, spec := range s.file.Imports {
		p, _ := strconv.Unquote(spec.Path.Value) // the parser has checked it
		out = append(out, p)
	}
	return out
}

func within(p, root string) bool { return p == root || strings.HasPrefix(p, root+"/") }

func TestImportDirection(t *testing.T) {
	for _, s := range sources(t) {
		allowed, known := mayImport[s.room]
		if s.room == "" {
			continue
		}
		if !known {
			t.Errorf("%s: %s is a new room: say in mayImport whom it may import", s.path, s.room)
			continue
		}
		for _, p := range s.imports() {
			rest, ours := strings.CutPrefix(p, module+"/")
			room, _, _ := strings.Cut(rest, "/")
			helper := s.test && within(p, module+"/gitops/gittest")
			if ours && room != s.room && !slices.Contains(allowed, room) && !helper {
				t.Errorf("%s imports %s: %s may import only itself and %v", s.path, p, s.room, allowed)
			}
			if ours && !s.test && within(p, module+"/gitops/gittest") {
				t.Errorf("%s imports %s, which is for tests", s.path, p)
			}
			for root, rooms := range mayUse {
				if !s.test && within(p, root) && !slices.Contains(rooms, s.room) && !isGitTest(s) {
					t.Errorf("%s imports %s: only %v may", s.path, p, rooms)
				}
			}
		}
	}
}

// isGitTest: the builder of repositories for tests lives outside _test files.
func isGitTest(s source) bool { return strings.HasPrefix(s.path, "gitops/gittest/") }

// TestEffects: outside the few places that are meant for it, nothing prints to
// the terminal, reads the real environment or clock, or ends the process.
func TestEffects(t *testing.T) {
	const env, main = "cmd/env.go", "cmd/git-carry/main.go"
	const crashes = "gitops/crash_on.go"    // of the builds that tests kill
	const quietStart = "tui/quiet/quiet.go" // puts back what it hides from Bubble Tea
	effects := []struct {
		calls   *regexp.Regexp
		allowed []string
		why     string
	}{
		{regexp.MustCompile(`^fmt\.(Print|Println|Printf)$`), nil, "print through app.say and app.table: they clean what comes from data"},
		{regexp.MustCompile(`^os\.(Stdout|Stderr|Stdin|Args)$`), []string{env}, "streams and arguments come in an Env"},
		{regexp.MustCompile(`^os\.(Getenv|LookupEnv|Environ|Getwd|UserHomeDir)$`), []string{env, crashes, quietStart}, "the environment comes in an Env"},
		{regexp.MustCompile(`^os\.Exit$`), []string{main}, "exit codes are returned"},
		{regexp.MustCompile(`^(log\.(Print|Fatal|Panic)[a-z]*)$`), nil, "there is no log: return errors"},
		{regexp.MustCompile(`^exec\.(Command|CommandContext)$`), []string{"gitops/"}, "processes are started in gitops"},
	}
	for _, s := range sources(t) {
		if s.test || s.room == "bench" || isGitTest(s) {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := sel.X.(*ast.Ident)
			if !ok {
				return true
			}
			name := x.Name + "." + sel.Sel.Name
			for _, e := range effects {
				if e.calls.MatchString(name) && !slices.ContainsFunc(e.allowed, func(p string) bool { return strings.HasPrefix(s.path, p) }) {
					t.Errorf("%s: %s: %s", s.fset.Position(sel.Pos()), name, e.why)
				}
			}
			if name == "time.Now" && slices.Contains(noDisk, s.room) {
				t.Errorf("%s: the time comes in as an argument", s.fset.Position(sel.Pos()))
			}
			return true
		})
	}
}

func TestPureRoomsTouchNoFiles(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || !slices.Contains(noDisk, s.room) {
			continue
		}
		for _, p := range s.imports() {
			if p == "os" || p == "net" || p == "path/filepath" {
				t.Errorf("%s imports %s: %s is pure values", s.path, p, s.room)
			}
		}
	}
}

// TestEveryPackageIsIntroduced: each package opens with what it is for.
func TestEveryPackageIsIntroduced(t *testing.T) {
	introduced := map[string]bool{}
	for _, s := range sources(t) {
		dir := path.Dir(s.path)
		if !s.test || dir == "." {
			introduced[dir] = introduced[dir] || s.file.Doc != nil
		}
	}
	for dir, ok := range introduced {
		if !ok {
			t.Errorf("%s: no package comment", dir)
		}
	}
}

// TestEveryScriptIsPlayed: a session lies where the player looks, is named by
// topic and case, and opens with why it exists.
func TestEveryScriptIsPlayed(t *testing.T) {
	name := regexp.MustCompile(`^[a-z]+(_[a-z0-9]+)*\.txtar$`)
	played := 0
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && strings.HasPrefix(d.Name(), ".") && file != "." {
			return skipOr(err)
		}
		if d.IsDir() || filepath.Ext(file) != ".txtar" {
			return nil
		}
		if filepath.ToSlash(filepath.Dir(file)) != "testdata/script" {
			if strings.HasPrefix(filepath.ToSlash(file), "testdata/") {
				t.Errorf("%s: nobody plays it there; sessions belong into testdata/script", file)
			}
			return nil
		}
		played++
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if !name.MatchString(d.Name()) {
			t.Errorf("%s: name it topic_case.txtar", file)
		}
		if !strings.HasPrefix(string(text), "# ") {
			t.Errorf("%s: open with a comment that says why it exists", file)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if played == 0 {
		t.Error("no sessions in testdata/script")
	}
}

func skipOr(err error) error {
	if err != nil {
		return err
	}
	return fs.SkipDir
}

// TestReadmeSession: what README.md shows is what the program says. The script is
// played by cmd/git-carry.
func TestReadmeSession(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile("testdata/script/readme_session.txtar")
	if err != nil {
		t.Fatal(err)
	}
	archive := txtar.Parse(script)
	for _, f := range archive.Files {
		if strings.HasSuffix(f.Name, ".txt") && !strings.Contains(string(readme), string(f.Data)) {
			t.Errorf("README.md does not show this output of readme_session.txtar:\n%s", f.Data)
		}
	}
	for line := range strings.Lines(string(readme)) {
		command, ok := strings.CutPrefix(line, "$ git carry ")
		if ok && !strings.Contains(string(archive.Comment), command) {
			t.Errorf("readme_session.txtar does not play: git carry %s", command)
		}
	}
}
