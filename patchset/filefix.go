package patchset

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// A fix in a branch that somebody else made is proved by content: each of its hunks is
// looked for in the branch's files, whatever commits brought them there.

// Form is a file in one tree; the zero Form is no file.
type Form struct {
	Mode string
	ID   ID
	Text []byte
}

// Exists tells whether there is a file.
func (f Form) Exists() bool { return f.Mode != "" }

// Plain tells whether it is a file with a text or bytes of its own: neither a symbolic link, whose text
// is a path, nor a submodule.
func (f Form) Plain() bool {
	return f.Exists() && f.Mode != merge3.ModeSymlink && f.Mode != merge3.ModeGitlink
}

// equal tells whether two trees have the same at a path.
func (f Form) equal(other Form) bool { return f.Mode == other.Mode && bytes.Equal(f.Text, other.Text) }

// FileFix is what a patch does to one file, and what the file is elsewhere.
type FileFix struct {
	Path       string // in the branch, or in the stack where the branch does not have it
	Old, Fixed Form   // before and after the patch
	Stack      Form   // at the tip of the patch's stack, where later patches may have changed it
	Branch     Form   // in the branch that is asked
}

// Lack is a part of a fix that a branch does not have.
type Lack struct {
	Path  string `json:"path"`
	Line  int    `json:"line"` // in the branch's file, counted from 1; 0: the whole file
	Words string `json:"words"`

	part int
}

// Lacks tells into how many parts the fix falls (its hunks, or the file as a whole) and
// which of them the branch does not have. What a later patch of the stack changed again
// is not asked for.
func (f FileFix) Lacks() (parts int, lacks []Lack) {
	all := f.parts()
	for i, p := range all {
		if _, words := p(f.Stack); words != "" {
			continue
		}
		parts++
		if line, words := p(f.Branch); words != "" {
			if len(all) > 1 {
				words = fmt.Sprintf("hunk %d of %d: %s", i+1, len(all), words)
			}
			lacks = append(lacks, Lack{f.Path, line, words, i})
		}
	}
	return parts, lacks
}

// Without is the file in the stack as it would be without the parts that are lacking,
// which may be that of other patches too: stack is what came of those. Where that cannot
// be told it is stack itself.
func (f FileFix) Without(stack Form, lacks []Lack) Form {
	switch {
	case len(lacks) == 0:
		return stack
	case !f.Old.Exists():
		return Form{}
	case !f.Fixed.Exists():
		return f.Old
	}
	lacking := map[int]bool{}
	for _, l := range lacks {
		lacking[l.part] = true
	}
	less, part := f.Old, 0
	if f.changesMode() {
		if part++; !lacking[0] {
			less.Mode = f.Fixed.Mode
		}
	}
	changes, text := f.changes()
	if !text {
		if !lacking[part] {
			less.Text = f.Fixed.Text
		}
		return less
	}
	var kept []merge3.Change
	for i, c := range changes {
		if !lacking[part+i] {
			kept = append(kept, c)
		}
	}
	less.Text = with(f.Old.Text, kept...)
	merged := merge3.Text(f.Fixed.Text, stack.Text, less.Text, merge3.TextOptions{MaxWork: maxPartWork})
	if !merged.Clean() {
		return stack
	}
	less.Text = merged.Bytes()
	return less
}

// part tells whether a file has a part of the fix: "" when it does, else in words what
// is wrong and at which line.
type part func(now Form) (line int, words string)

const (
	// maxParts bounds into how many parts the fix of one file is taken apart.
	maxParts = 200
	// maxPartWork bounds the comparison for one of them: see merge3.TextOptions.
	maxPartWork = 50 << 20

	noFile   = "the file is not there"
	notPlain = "something else than a file is there"
)

func (f FileFix) parts() []part {
	switch {
	case !f.Fixed.Exists():
		return []part{gone}
	case !f.Old.Exists():
		return []part{f.added}
	}
	var parts []part
	if f.changesMode() {
		parts = append(parts, f.mode)
	}
	changes, text := f.changes()
	if !text {
		return append(parts, f.exact)
	}
	if len(changes) > maxParts {
		return append(parts, hunk(f.Old.Text, changes...))
	}
	for _, c := range changes {
		parts = append(parts, hunk(f.Old.Text, c))
	}
	return parts
}

func (f FileFix) changesMode() bool { return f.Old.Mode != f.Fixed.Mode }

// changes are the hunks of the fix; text is false for what has none.
func (f FileFix) changes() (changes []merge3.Change, text bool) {
	if f.Old.Mode == merge3.ModeSymlink || f.Fixed.Mode == merge3.ModeSymlink ||
		f.Old.Mode == merge3.ModeGitlink || f.Fixed.Mode == merge3.ModeGitlink {
		return nil, false
	}
	return merge3.Changes(f.Old.Text, f.Fixed.Text)
}

// gone asks of a file that the fix removes.
func gone(now Form) (int, string) {
	if now.Exists() {
		return 0, "the file is still there"
	}
	return 0, ""
}

// added asks of a file that the fix adds. Later patches may have added to it, so it is
// compared with the stack's.
func (f FileFix) added(now Form) (int, string) {
	switch {
	case !now.Exists():
		return 0, noFile
	case !f.Stack.Exists(), now.equal(f.Stack):
		return 0, ""
	case now.Mode != f.Stack.Mode:
		return 0, modeWords(now, f.Stack)
	}
	changes, text := merge3.Changes(now.Text, f.Stack.Text)
	if !text {
		return 0, "the content is another"
	}
	for _, c := range changes {
		if c.NewLines > 0 {
			return c.OldStart, "lines of the new file are not there"
		}
	}
	return 0, ""
}

func (f FileFix) mode(now Form) (int, string) {
	switch {
	case !now.Exists():
		return 0, noFile
	case now.Mode != f.Fixed.Mode:
		return 0, modeWords(now, f.Fixed)
	}
	return 0, ""
}

func modeWords(now, want Form) string {
	return fmt.Sprintf("the mode is %s, not %s", now.Mode, want.Mode)
}

// exact asks of what is no text.
func (f FileFix) exact(now Form) (int, string) {
	switch {
	case !now.Exists():
		return 0, noFile
	case !bytes.Equal(now.Text, f.Fixed.Text), now.Plain() != f.Fixed.Plain():
		return 0, "the content is another"
	}
	return 0, ""
}

// hunk asks whether changes of a text have been made in another form of it: merging
// them into it leaves it as it is. Where that is in dispute, because the lines next to
// it are others, the lines in dispute have what was added and not what was removed.
func hunk(old []byte, changes ...merge3.Change) part {
	fixed := with(old, changes...)
	return func(now Form) (int, string) {
		switch {
		case !now.Exists():
			return 0, noFile
		case !now.Plain():
			return 0, notPlain
		}
		r := merge3.Text(old, now.Text, fixed, merge3.TextOptions{Style: merge3.StyleDiff3, MaxWork: maxPartWork})
		switch {
		case r.Binary:
			return 0, "the content is another"
		case r.Clean():
			left, _ := merge3.Changes(now.Text, r.Bytes())
			if len(left) == 0 {
				return 0, ""
			}
			return left[0].OldStart, "not there"
		}
		line := 1
		for _, s := range r.Regions {
			if s.Hunk == nil {
				line += bytes.Count(s.Text, newline)
				continue
			}
			if !made(s.Hunk.Upstream, changes) && !(len(s.Hunk.Upstream) == 0 && moved(now.Text, old, changes)) {
				return line, "not there, and the lines next to it are others"
			}
			line += bytes.Count(s.Hunk.Upstream, newline)
		}
		return 0, ""
	}
}

var newline = []byte("\n")

// made tells whether lines have what changes add, in one piece each, and no longer what
// they remove.
func made(lines []byte, changes []merge3.Change) bool {
	for _, c := range changes {
		if len(c.New) > 0 && runs(lines, c.New) == 0 {
			return false
		}
		if len(c.Old) > 0 && runs(lines, c.Old) > runs(c.New, c.Old) {
			return false
		}
	}
	return true
}

// nearby is how many lines around a change tell it from one like it in another place:
// with a single one, functions that look alike are taken for each other.
const nearby = 3

// moved tells whether a text whose lines have gone from their place has them elsewhere as
// the changes leave them, with what is around them, and nowhere as they were.
func moved(now, old []byte, changes []merge3.Change) bool {
	for _, c := range changes {
		before, after := around(old, c)
		was := slices.Concat(before, c.Old, after)
		if len(before) == 0 || len(after) == 0 || runs(now, slices.Concat(before, c.New, after)) != 1 || runs(now, was) > 0 {
			return false
		}
	}
	return true
}

// around is what a text has before and after a change: up to nearby lines of each.
func around(text []byte, c merge3.Change) (before, after []byte) {
	lines := bytes.SplitAfter(text, newline)
	from, to := min(c.OldStart-1, len(lines)), min(c.OldStart-1+c.OldLines, len(lines))
	return bytes.Join(lines[max(0, from-nearby):from], nil), bytes.Join(lines[to:min(len(lines), to+nearby)], nil)
}

// runs counts how often a run of whole lines is in a text.
func runs(text, run []byte) (n int) {
	text, run = append(ended(newline), ended(text)...), append(ended(newline), ended(run)...)
	for {
		i := bytes.Index(text, run)
		if i < 0 {
			return n
		}
		n, text = n+1, text[i+len(run)-1:]
	}
}

// ended is a copy of a text whose last line has a line break.
func ended(text []byte) []byte {
	text = bytes.Clone(text)
	if len(text) > 0 && text[len(text)-1] != '\n' {
		text = append(text, '\n')
	}
	return text
}

// with makes changes to the text that they were found in.
func with(text []byte, changes ...merge3.Change) []byte {
	var out []byte
	rest, line := text, 1
	for _, c := range changes {
		for ; line < c.OldStart; line++ {
			end := bytes.IndexByte(rest, '\n') + 1
			out, rest = append(out, rest[:end]...), rest[end:]
		}
		out, rest = append(out, c.New...), rest[len(c.Old):]
		line += c.OldLines
	}
	return append(out, rest...)
}
