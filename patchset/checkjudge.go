package patchset

import (
	"context"
	"fmt"
	"strings"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// FileReader walks the files of a tree, in order of path.
type FileReader interface {
	// WalkFiles visits every file, symbolic links too, in directories that enter lets it into.
	WalkFiles(ctx context.Context, tree ID, enter func(dir string) bool, visit func(path string, e merge3.Entry) error) error
	ReadBlob(ctx context.Context, id ID) ([]byte, error)
}

// CheckReader is what judging a stack needs of git.
type CheckReader interface {
	FileReader
	Commit(ctx context.Context, id ID) (Commit, error)
}

// Broken is a check that did not hold.
type Broken struct {
	Check  string
	Ground Ground
}

// String is such as `check absent: "eval(" must not be there and is: src/a.php:12`.
func (b Broken) String() string {
	if b.Ground.Path == "" {
		return b.Ground.Words
	}
	return fmt.Sprintf("%s: %s:%d", b.Ground.Words, strings.ToValidUTF8(b.Ground.Path, "\uFFFD"), b.Ground.Line)
}

// BrokenIn is what the grounds of an incarnation say against a check, in words; "" for
// nothing.
func (in Incarnation) BrokenIn(check string) string {
	for _, g := range in.Grounds {
		if g.Kind == GroundCheck && strings.HasPrefix(g.Words, "check "+check+": ") {
			return Broken{check, g}.String()
		}
	}
	return ""
}

// Assert looks whether the text of a check is where it must be, or not where it must
// not. It gives nil when all is well. A check that finds no file to look at does not
// hold: somebody moved it.
func Assert(ctx context.Context, r FileReader, tree ID, name string, c Check) (*Broken, error) {
	broken := func(path string, line int, format string, args ...any) *Broken {
		return &Broken{name, Ground{Kind: GroundCheck, Path: path, Line: line, Words: fmt.Sprintf(format, args...)}}
	}
	files, where, line := 0, "", 0
	enter := func(dir string) bool { return line == 0 && c.Within(dir, true) }
	err := r.WalkFiles(ctx, tree, enter, func(path string, e merge3.Entry) error {
		if line > 0 || e.Mode == merge3.ModeGitlink || e.Mode == merge3.ModeSymlink || !c.Within(path, false) {
			return nil
		}
		data, err := r.ReadBlob(ctx, e.ID)
		if err != nil {
			return err
		}
		files++
		where, line = path, c.Find(data)
		return nil
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("check %s: %w", name, err)
	case files == 0:
		return broken("", 0, "check %s: there is no file %s any more", name, c.Path), nil
	case c.Present != "" && line == 0:
		return broken("", 0, "check %s: %s must be there and is not", name, c), nil
	case c.Absent != "" && line > 0:
		return broken(where, line, "check %s: %s must not be there and is", name, c), nil
	}
	return nil, nil
}

// CheckWork is a command that must be run before one knows whether a version is well.
type CheckWork struct {
	Patch, Check string
	Stack        Stack
}

// MissingChecks lists the commands whose result is not known for a stack as it is.
func (l Ledger) MissingChecks(component, version string) []CheckWork {
	var out []CheckWork
	s := l.Stack(component, version)
	for _, p := range s.Patches {
		for _, name := range p.CheckNames() {
			if _, known := p.Result(CheckAt{version, name}, s.Tip()); !known && p.Checks[name].IsCommand() {
				out = append(out, CheckWork{p.ID, name, s})
			}
		}
	}
	return out
}

// Judge looks whether the checks of a stack's patches hold on it, commands as far as it
// is known what comes of them, and records those that do not. It looks at the whole stack,
// because a later patch may undo an earlier one.
func (l Ledger) Judge(ctx context.Context, r CheckReader, s Stack) error {
	for _, p := range s.Patches {
		if len(p.Checks) == 0 {
			continue
		}
		tip, err := r.Commit(ctx, s.Tip())
		if err != nil {
			return err
		}
		broken, err := s.broken(ctx, r, p, tip.Tree)
		if err != nil {
			return fmt.Errorf("%s: %w", p.ID, err)
		}
		l.fail(p.ID, s.Version, broken)
	}
	return nil
}

func (s Stack) broken(ctx context.Context, r CheckReader, p Patch, tree ID) ([]Broken, error) {
	var out []Broken
	for _, name := range p.CheckNames() {
		c := p.Checks[name]
		if c.IsCommand() {
			if res, known := p.Result(CheckAt{s.Version, name}, s.Tip()); known && !res.Passed {
				out = append(out, res.broken(name))
			}
			continue
		}
		b, err := Assert(ctx, r, tree, name, c)
		if err != nil {
			return nil, err
		}
		if b != nil {
			out = append(out, *b)
		}
	}
	return out, nil
}

// broken is a result that did not pass, as a reason.
func (r CheckResult) broken(name string) Broken {
	return Broken{name, Ground{Kind: GroundCheck, Words: fmt.Sprintf("check %s: %s", name, r.Why)}}
}

// fail records that checks of a patch did not hold in a version.
func (l Ledger) fail(id, version string, broken []Broken) {
	if len(broken) == 0 {
		return
	}
	in := l.Patches[id].At[version]
	in.State = StateFailed
	var grounds []Ground
	var why []string
	for _, b := range broken {
		grounds = append(grounds, b.Ground)
		why = append(why, b.String())
	}
	if in.Why != "" {
		why = append(why, in.Why)
	}
	in.Why = strings.Join(why, "; ")
	in.Grounds = append(grounds, in.Grounds...)
	l.Put(id, version, in)
}

// SetCheck adds or replaces a check of a patch; nil takes it away, with all that came of it.
func (l Ledger) SetCheck(id, name string, c *Check) {
	p := l.Patches[id]
	if c != nil {
		p.Checks = cloneMap(p.Checks)
		p.Checks[name] = *c
		l.Patches[id] = p
		return
	}
	delete(p.Checks, name)
	for at := range p.Results {
		if at.Check == name {
			delete(p.Results, at)
		}
	}
}

// SetResult records what came of a command.
func (l Ledger) SetResult(id string, at CheckAt, r CheckResult) {
	p := l.Patches[id]
	p.Results = cloneMap(p.Results)
	p.Results[at] = r
	l.Patches[id] = p
}
