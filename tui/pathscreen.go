package tui

import (
	"fmt"
	"strings"

	"github.com/git-carry/git-carry/patchset/merge3"
	"github.com/git-carry/git-carry/patchset/printable"
)

// pathScreen draws a conflict that is settled for the path as a whole, or a file
// that somebody edited as a whole.
func (d frame) pathScreen() []line {
	f := d.s.f()
	out := []line{d.t.rule(d.size.Width, span{title, strings.ToUpper(string(f.Kind))}, span{plain, "  " + printable.Cut(f.Path, max(8, d.size.Width-24))})}
	for _, l := range f.sentences() {
		out = append(out, d.wrapped(plain, " "+l)...)
	}
	if f.Message != "" {
		out = append(out, d.wrapped(dim, " "+f.Message)...)
	}
	for _, side := range []Side{Upstream, Patch} {
		if commit, subject := d.who(side); commit != "" {
			out = append(out, text(dim, " %-8s  %s", side, printable.Cut(commit+": "+subject, max(4, d.size.Width-12))))
		}
	}
	out = append(out, nil)
	for _, side := range []Side{Base, Upstream, Patch} {
		out = append(out, append(line{{title, " " + fmt.Sprintf("%-14s", "["+side.number()+"] "+strings.ToUpper(string(side)))}}, text(plain, "%s", f.entryWords(side))...))
	}
	out = append(append(out, nil), d.choiceLines()...)
	if text, ok := d.s.w().content(f); ok && len(f.Text) > 0 {
		n := min(merge3.CountLines(text), d.s.scroll+d.size.Height) // what is below is not in sight
		out = append(append(out, d.t.rule(d.size.Width, span{title, "RESULT"})), d.resultLines(0, n)...)
	} else if diff := d.pathDiff(); len(diff) > 0 {
		out = append(append(out, d.t.rule(d.size.Width, span{title, "What the patch does to the file"})), diff...)
	}
	return out
}

// wrapped breaks a sentence into lines.
func (d frame) wrapped(i ink, s string) []line { return wrapped(i, d.size.Width, s) }

// sentences say what each side did.
func (f *File) sentences() []string {
	gone := func(what string) []string {
		switch {
		case f.Upstream.Absent() && !f.Patch.Absent():
			return []string{"Upstream DELETED this file. The patch " + what + " it."}
		case f.Patch.Absent() && !f.Upstream.Absent():
			return []string{"The patch DELETES this file. Upstream " + strings.TrimSuffix(what, "s") + "d it."}
		}
		return nil
	}
	switch f.Kind {
	case merge3.KindModifyDelete:
		return gone("changes")
	case merge3.KindRenameDelete:
		if out := gone("renames"); out != nil {
			return out
		}
		return []string{"One side renamed this file, the other deleted it."}
	case merge3.KindRenameRename:
		return []string{"Both sides renamed: one file to two names, or two files to one.", "Keep the name that is right, and delete the others, each in its turn."}
	case merge3.KindDirRename:
		return []string{"A directory was renamed on one side, and the other put a file into the old one."}
	case merge3.KindFileDirectory:
		out := []string{"One side has a file where the other has a directory. Only one of them can stand there."}
		if f.aside() {
			out = append(out, "This is the file, put aside under a name that cannot stay: carry over what matters, then delete it.")
		}
		return out
	case merge3.KindMode:
		return []string{fmt.Sprintf("Both sides changed what kind of file it is: upstream %s to %s, the patch %s to %s.",
			modeWord(f.Base.Mode), modeWord(f.Upstream.Mode), modeWord(f.Base.Mode), modeWord(f.Patch.Mode))}
	case merge3.KindSymlink:
		return []string{"Both sides changed where this symbolic link points. Take one of them."}
	case merge3.KindSubmodule:
		return []string{"Both sides moved this submodule to another commit. Take one of them."}
	case merge3.KindBinary:
		return []string{"Both sides changed this binary file. Only a whole side can be taken."}
	}
	if len(f.Text) > 0 {
		return []string{"The file was edited as a whole."}
	}
	return []string{"This cannot be settled line by line. Take one side, or delete the path."}
}

func modeWord(mode string) string {
	word := map[string]string{
		"": "nothing", merge3.ModeFile: "ordinary", merge3.ModeExecutable: "executable", merge3.ModeSymlink: "symbolic link",
		merge3.ModeGitlink: "submodule", "040000": "directory", merge3.ModeTree: "directory",
	}[mode]
	if word == "" {
		return mode
	}
	if mode == "" {
		return word
	}
	return word + " (" + mode + ")"
}

// entryWords describe one side's version of the path.
func (f *File) entryWords(side Side) string {
	e := f.side(side)
	if e.Absent() {
		return "no such path"
	}
	words := []string{modeWord(e.Mode)}
	switch {
	case e.Mode == merge3.ModeSymlink && e.Data != nil:
		words = append(words, "to "+string(e.Data))
	case e.Mode != merge3.ModeGitlink && e.Mode != merge3.ModeSymlink:
		words = append(words, fmt.Sprintf("%d bytes", e.Size))
	}
	words = append(words, e.ID.Short())
	if e.Note != "" {
		words = append(words, e.Note)
	}
	if side != Base && e.same(f.Base) {
		words = append(words, "as in base")
	}
	return strings.Join(words, "  ")
}

// choiceLines say what can be done, and what was decided.
func (d frame) choiceLines() []line {
	s, f, w := d.s, d.s.f(), d.s.w()
	out := []line{append(line{{title, " DECIDED  "}}, text(plain, "%s", f.decided(w))...)}
	if w.whole.how == "" {
		out[0] = line{{title, " DECIDED  "}, {alarm, "nothing yet"}}
	}
	choose := func(key, format string, args ...any) {
		out = append(out, append(line{{title, "   " + key + "  "}}, text(plain, format, args...)...))
	}
	if !f.nowhere() && len(f.Text) == 0 {
		for _, side := range []Side{Base, Upstream, Patch} {
			if s.problem(side) == "" {
				choose(side.number(), "%s", f.takeWords(side))
			}
		}
	}
	if f.nowhere() {
		choose("o", "accept what git put there")
	}
	if len(f.Text) == 0 {
		choose("d", "delete the path")
	}
	if editable(s) {
		choose("e", "edit the file by hand")
	}
	if len(f.Text) > 0 {
		choose("1 2 3", "settle the disputes of the text one by one instead")
	}
	if s.touched() {
		choose("x", "open it again")
	}
	return out
}

// takeWords say what becomes of the path when a side is taken.
func (f *File) takeWords(side Side) string {
	e := f.side(side)
	switch {
	case e.Absent() && side == Upstream && !f.Patch.Absent() && (f.Kind == merge3.KindModifyDelete || f.Kind == merge3.KindRenameDelete):
		return "upstream: accept the deletion. The fix is then GONE here"
	case e.Absent():
		return string(side) + ": the path goes"
	case side == Patch:
		return "patch: keep it, with the fix"
	case side == Upstream && !f.Patch.same(f.Base):
		return "upstream: as upstream has it, without the fix"
	}
	return string(side) + ": as " + string(side) + " has it"
}

// decided says what was decided about the path.
func (f *File) decided(w work) string {
	switch d := w.whole; {
	case d.marker > 0:
		return fmt.Sprintf("%s, but line %d is still a conflict marker", d.how, d.marker)
	case d.remove:
		return "the path is deleted"
	case d.take != "" && f.nowhere():
		return "as git put it"
	case d.take != "":
		return "[" + d.take.number() + "] " + f.takeWords(d.take)
	default:
		return d.how
	}
}

// maxPathDiff bounds the lines of change that are shown below a path.
const maxPathDiff = 2000

// pathDiff is what the patch does to a file of text.
func (d frame) pathDiff() []line {
	f := d.s.f()
	if !f.comparesLines() || f.Patch.Absent() || f.Base.Absent() {
		return nil
	}
	lines := diffLines(splitLines(f.Base.Data), splitLines(f.Patch.Data))
	var out []line
	for i, l := range lines {
		if l.op == ' ' && !changedNear(lines, i) {
			continue
		}
		if out = append(out, d.diffLine(l, nil)); len(out) == maxPathDiff {
			break
		}
	}
	return out
}

func changedNear(lines []diffLine, i int) bool {
	for n := max(0, i-nearby); n < min(len(lines), i+nearby+1); n++ {
		if lines[n].op != ' ' {
			return true
		}
	}
	return false
}
