package patchset

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/git-carry/git-carry/patchset/merge3"
	"github.com/google/go-cmp/cmp"
)

func TestCheckWithin(t *testing.T) {
	cases := []struct {
		pattern, path string
		file, dir     bool // looked at as a file, as a directory
	}{
		{"a.php", "a.php", true, false},
		{"src/a.php", "src", false, true},
		{"src/a.php", "src/a.php", true, false},
		{"src/a.php", "src/b", false, false},
		{"src/*.php", "src/x.php", true, false},
		{"src/*.php", "src/x/y.php", false, false},
		{"**", "a", true, true},
		{"**", "a/b/c", true, true},
		{"src/**", "src", false, true},
		{"src/**", "src/a/b", true, true},
		{"src/**", "lib", false, false},
		{"**/x.c", "x.c", true, true},
		{"**/x.c", "a/b/x.c", true, true},
		{"a/**/z/*.c", "a/z/q.c", true, true},
		{"a/**/z/*.c", "a/b/c/z/q.c", true, true},
		{"a/**/z/*.c", "a/b/q.c", false, true},
	}
	for _, c := range cases {
		check := Check{Present: "x", Path: c.pattern}
		if err := check.Valid(); err != nil {
			t.Errorf("%s: %v", c.pattern, err)
		}
		if got := check.Within(c.path, false); got != c.file {
			t.Errorf("%s looks into the file %s: %v", c.pattern, c.path, got)
		}
		if got := check.Within(c.path, true); got != c.dir {
			t.Errorf("%s looks into the directory %s: %v", c.pattern, c.path, got)
		}
	}
}

func TestCheckValid(t *testing.T) {
	bad := map[string]Check{
		"nothing":         {Path: "a"},
		"two":             {Present: "x", Absent: "y", Path: "a"},
		"no path":         {Present: "x"},
		"absolute":        {Present: "x", Path: "/etc/passwd"},
		"upwards":         {Present: "x", Path: "a/../b"},
		"pattern":         {Present: "x", Path: "a/[b"},
		"expression":      {Present: "(", Regexp: true, Path: "a"},
		"zero":            {Present: "a\x00b", Path: "a"},
		"long":            {Present: strings.Repeat("x", maxCheckText+1), Path: "a"},
		"limit of a text": {Present: "x", Path: "a", Seconds: 3},
		"empty program":   {Command: []string{"", "x"}},
		"zero in word":    {Command: []string{"a", "\x00"}},
		"many words":      {Command: slices.Repeat([]string{"x"}, maxCheckWords+1)},
		"command, path":   {Command: []string{"a"}, Path: "a"},
		"for ever":        {Command: []string{"a"}, Seconds: maxSeconds + 1},
		"no memory":       {Command: []string{"a"}, MemoryMB: 1},
	}
	for name, c := range bad {
		if c.Valid() == nil {
			t.Errorf("%s is accepted: %+v", name, c)
		}
	}
}

func TestCheckFind(t *testing.T) {
	text := []byte("one\ntwo three\nfour")
	cases := []struct {
		check Check
		line  int
	}{
		{Check{Present: "three\nfour"}, 2},
		{Check{Absent: "five"}, 0},
		{Check{Present: "^f.*r$", Regexp: true}, 3},
		{Check{Present: "^f.*r$"}, 0},
		{Check{Absent: `t\w+ t`, Regexp: true}, 2},
	}
	for _, c := range cases {
		if got := c.check.Find(text); got != c.line {
			t.Errorf("%+v is found on line %d, want %d", c.check, got, c.line)
		}
	}
}

// fakeTree is a tree as a list of files.
type fakeTree map[string]string

func (f fakeTree) WalkFiles(_ context.Context, _ ID, _ func(string) bool, visit func(string, merge3.Entry) error) error {
	for path, text := range f {
		if err := visit(path, merge3.Entry{Mode: merge3.ModeFile, ID: ID(text)}); err != nil {
			return err
		}
	}
	return nil
}

func (f fakeTree) ReadBlob(_ context.Context, id ID) ([]byte, error) { return []byte(id), nil }

func (f fakeTree) Commit(context.Context, ID) (Commit, error) { return Commit{}, nil }

// stackWith is a ledger with one patch in a stack, and that stack.
func stackWith(checks map[string]Check, results map[CheckAt]CheckResult) (Ledger, Stack) {
	l := Ledger{}.Clone()
	l.Components["core"] = Component{Name: "core"}
	l.Versions["1.0"] = Version{Name: "1.0", Bases: map[string]Base{"core": {Commit: "b"}}}
	l.Patches["T1"] = Patch{
		ID: "T1", Component: "core", Owner: "priya", CarryID: "aaaabbbbcccc", Checks: checks, Results: results,
		At: map[string]Incarnation{"1.0": {State: StateMoved, Commit: "c", Why: "elsewhere"}},
	}
	return l, l.Stack("core", "1.0")
}

func TestJudge(t *testing.T) {
	command := Check{Command: []string{"true"}}
	other := Check{Command: []string{"false"}}
	at := CheckAt{"1.0", "run"}
	cases := map[string]struct {
		checks  map[string]Check
		results map[CheckAt]CheckResult
		why     string // "": all well
	}{
		"all well":        {checks: map[string]Check{"p": {Present: "good", Path: "a"}, "q": {Absent: "bad", Path: "**"}}},
		"gone":            {checks: map[string]Check{"p": {Present: "better", Path: "a"}}, why: `check p: "better" in a must be there and is not; elsewhere`},
		"there":           {checks: map[string]Check{"p": {Absent: "ood", Path: "*"}}, why: `check p: "ood" in * must not be there and is: a:1; elsewhere`},
		"no file":         {checks: map[string]Check{"p": {Absent: "x", Path: "z"}}, why: "check p: there is no file z any more; elsewhere"},
		"not run yet":     {checks: map[string]Check{"run": command}},
		"of another tree": {checks: map[string]Check{"run": command}, results: map[CheckAt]CheckResult{at: {Commit: "x", Of: command.Digest()}}},
		"of another form": {checks: map[string]Check{"run": command}, results: map[CheckAt]CheckResult{at: {Commit: "c", Of: other.Digest()}}},
		"passed":          {checks: map[string]Check{"run": command}, results: map[CheckAt]CheckResult{at: {Commit: "c", Of: command.Digest(), Passed: true}}},
		"failed": {
			checks:  map[string]Check{"run": command, "a": {Present: "x", Path: "z"}},
			results: map[CheckAt]CheckResult{at: {Commit: "c", Of: command.Digest(), Why: "exit status 2"}},
			why:     "check a: there is no file z any more; check run: exit status 2; elsewhere",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			l, s := stackWith(c.checks, c.results)
			if err := l.Judge(t.Context(), fakeTree{"a": "good"}, s); err != nil {
				t.Fatal(err)
			}
			in := l.Patches["T1"].At["1.0"]
			want := Incarnation{State: StateMoved, Commit: "c", Why: "elsewhere"}
			if c.why != "" {
				want.State, want.Why, want.Grounds = StateFailed, c.why, in.Grounds
			}
			if diff := cmp.Diff(want, in); diff != "" || (len(in.Grounds) > 0) != (c.why != "") {
				t.Error(diff)
			}
		})
	}
}

func TestMissingChecks(t *testing.T) {
	run := Check{Command: []string{"true"}}
	l, s := stackWith(map[string]Check{"run": run, "text": {Present: "x", Path: "a"}, "known": run}, map[CheckAt]CheckResult{
		{"1.0", "known"}: {Commit: "c", Of: run.Digest(), Passed: true},
		{"1.0", "run"}:   {Commit: "older", Of: run.Digest(), Passed: true},
	})
	got := l.MissingChecks("core", "1.0")
	if len(got) != 1 || got[0].Check != "run" || got[0].Stack.Tip() != s.Tip() {
		t.Errorf("got %+v", got)
	}
}

// TestChecksAreFacts: what is recorded is read back, as a whole and file by file, and a
// check that is taken away takes its results along.
func TestChecksAreFacts(t *testing.T) {
	at := time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)
	l, _ := stackWith(nil, nil)
	l.Store = Store{Format: Format, ID: "x"}
	p := l.Patches["T1"]
	p.Severity, p.At["1.0"] = Low, Incarnation{State: StateClean}
	l.Patches["T1"] = p
	v := l.Versions["1.0"]
	v.Bases["core"] = Base{Commit: ID(strings.Repeat("a", 40))}
	before := l.Clone()
	c := Check{Command: []string{"sh", "-c", "a b"}, Seconds: 3, By: "priya", At: at}
	l.SetCheck("T1", "run", &c)
	l.SetResult("T1", CheckAt{"1.0", "run"}, CheckResult{Commit: ID(strings.Repeat("b", 40)), Of: c.Digest(), At: at, Why: "exit status 1", Output: "a\nb\t\x1b"})
	files, err := l.Files()
	if err != nil {
		t.Fatal(err)
	}
	again, err := ReadLedger(files)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(l.Patches["T1"].Results, again.Patches["T1"].Results); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(l.Patches["T1"].Checks, again.Patches["T1"].Checks); diff != "" {
		t.Error(diff)
	}
	for name := range files {
		if strings.Contains(name, "/checks/") || strings.Contains(name, "/results/") {
			if err := again.Set(name, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	l.SetCheck("T1", "run", nil)
	for name, ledger := range map[string]Ledger{"file by file": again, "as a whole": l} {
		got, err := ledger.Files()
		if err != nil {
			t.Fatal(err)
		}
		want, err := before.Files()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
