package patchset

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/patchset/merge3"
	"github.com/git-carry/git-carry/patchset/pattern"
)

// The ways to settle what a draft still has open: take a side, give the content,
// delete the path.

// Takes are the sides that can be taken, by the words for them.
var Takes = map[string]merge3.Take{
	"base": merge3.TakeBase, "upstream": merge3.TakeUpstream, "patch": merge3.TakePatch, "both": merge3.TakeBoth,
}

// TakeAll settles everything that is open the same way.
func (d *Draft) TakeAll(ctx context.Context, word string) error {
	for _, path := range slices.Clone(d.r.Open) {
		if err := d.Take(ctx, path, 0, word); err != nil {
			return err
		}
	}
	return nil
}

// Take settles a path: the dispute with that number, or with 0 all that is open
// in it. A path that was settled before is settled anew. Where there are no text
// disputes the side's version of the path is taken whole, absence included.
func (d *Draft) Take(ctx context.Context, path string, number int, word string) error {
	take, ok := Takes[word]
	if !ok {
		return Faultf(CodeUsage, "%q is no side", word).WithHint("use base, upstream, patch or both")
	}
	p, err := d.path(path)
	if err != nil {
		return err
	}
	if number != 0 {
		return d.takeHunk(ctx, p, number, word, take)
	}
	if !d.IsOpen(path) {
		if err := d.reopen(ctx, p); err != nil {
			return err
		}
	}
	absent := take == merge3.TakeBase && p.Base == ConflictSide{} // add/add: there was no such file
	if len(d.r.OpenHunks[path]) == 0 || !textual(p.Kind) || absent {
		if err := d.takeSide(ctx, p, word); err != nil {
			return err
		}
	}
	if err := d.takeHunks(ctx, path, take, func(int) bool { return true }); err != nil {
		return err
	}
	d.settled(path, "%s", word)
	return nil
}

// textual tells whether a conflict of that kind is about lines alone.
func textual(k merge3.Kind) bool { return k == merge3.KindContent || k == merge3.KindAddAdd }

func (d *Draft) takeHunk(ctx context.Context, p ConflictPath, number int, word string, take merge3.Take) error {
	open := d.r.OpenHunks[p.Path]
	if !slices.Contains(open, number) {
		f := Faultf(CodeUsage, "%s has no open hunk %d", p.Path, number)
		if len(open) == 0 {
			return f.WithHint("take the whole file: --file %s --take SIDE", p.Path)
		}
		return f.WithHint("open: %s", strings.Trim(fmt.Sprint(open), "[]"))
	}
	if err := d.takeHunks(ctx, p.Path, take, func(n int) bool { return n == number }); err != nil {
		return err
	}
	if len(d.r.OpenHunks[p.Path]) == 0 && textual(p.Kind) {
		d.settled(p.Path, "hunk %d %s", number, word)
		return nil
	}
	d.note(p.Path, "hunk %d %s", number, word)
	return nil
}

// takeHunks settles the open disputes of a text that are chosen by number.
func (d *Draft) takeHunks(ctx context.Context, path string, take merge3.Take, chosen func(number int) bool) error {
	text, entry, err := d.text(ctx, path)
	if err != nil || text == nil {
		return err
	}
	var left []int
	out := make(merge3.Marked, 0, len(text))
	numbers := d.r.OpenHunks[path]
	for i, s := range text {
		if s.Hunk == nil {
			out = append(out, s)
			continue
		}
		number := numbers[0]
		numbers = numbers[1:]
		if !chosen(number) {
			left, out = append(left, number), append(out, s)
			continue
		}
		lines, err := s.Hunk.Render(take)
		if err != nil {
			return fmt.Errorf("%s: hunk %d: %w", path, number, err)
		}
		if i == len(text)-1 {
			if lines, err = d.lastLines(ctx, path, take, lines); err != nil {
				return err
			}
		}
		out = append(out, merge3.Segment{Text: lines})
	}
	d.setHunks(path, left)
	return d.setText(ctx, path, entry.Mode, out.Text(DraftLabels))
}

// lastLines drops the line break that the engine put behind the last line of a
// side that ends without one.
func (d *Draft) lastLines(ctx context.Context, path string, take merge3.Take, lines []byte) ([]byte, error) {
	p, err := d.path(path)
	if err != nil {
		return nil, err
	}
	side := p.side(take)
	if side.Mode != modeFile && side.Mode != modeExecutable {
		return lines, nil
	}
	whole, err := d.w.Blob(ctx, side.ID)
	if err != nil || bytes.HasSuffix(whole, lines) {
		return lines, err
	}
	for _, end := range []string{"\r\n", "\n"} {
		if cut, ok := bytes.CutSuffix(lines, []byte(end)); ok && bytes.HasSuffix(whole, cut) {
			return cut, nil
		}
	}
	return lines, nil
}

// side is a side's version of the path; of both it is the one that comes last.
func (p ConflictPath) side(take merge3.Take) ConflictSide {
	switch take {
	case merge3.TakeBase:
		return p.Base
	case merge3.TakeUpstream:
		return p.Upstream
	}
	return p.Patch
}

// besideName is the name that the engine gives a file that cannot have its own,
// because something else stands there.
var besideName = pattern.Of(`~(UPSTREAM|PATCH|HEAD)(_\d+)?$`)

// takeSide puts one side's version of a path into the draft.
func (d *Draft) takeSide(ctx context.Context, p ConflictPath, word string) error {
	side := p.side(Takes[word])
	switch {
	case Takes[word] == merge3.TakeBoth:
		return Faultf(CodeUsage, "%s: a %s conflict has no two texts that could both be taken", p.Path, p.Kind).
			WithHint("use --take base, upstream or patch, or --with FILE")
	case p.Base == ConflictSide{} && p.Upstream == ConflictSide{} && p.Patch == ConflictSide{}:
		return nil // the engine only asks; what it put there stands
	case side.ID != "" && besideName().MatchString(p.Path):
		return Faultf(CodeUsage, "%s is no name to keep: something else stands at the file's own", p.Path).
			WithHint("decide what stands there: --file PATH --with FILE, or --file PATH --delete").
			WithHint("then drop this copy: --file '%s' --delete", p.Path)
	}
	if err := d.free(ctx, p.Path); err != nil {
		return err
	}
	if err := d.set(ctx, p.Path, side); err != nil {
		return err
	}
	text, err := d.marked(ctx, side)
	if err != nil {
		return err
	}
	d.open(p.Path, len(text.Hunks()))
	return nil
}

// free makes sure that writing a path replaces no directory, and no file that
// would have to become one.
func (d *Draft) free(ctx context.Context, path string) error {
	entry, ok, err := d.w.Entry(ctx, d.r.Tree, path)
	if err != nil {
		return err
	}
	if ok && isDir(entry) {
		return Faultf(CodeUsage, "%s is a directory in the draft", path)
	}
	for i, c := range path {
		if c != '/' {
			continue
		}
		entry, ok, err := d.w.Entry(ctx, d.r.Tree, path[:i])
		if err != nil {
			return err
		}
		if ok && !isDir(entry) {
			return Faultf(CodeUsage, "%s is a file in the draft, so there can be no %s", path[:i], path).
				WithHint("remove it first: --file %s --delete", path[:i])
		}
	}
	return nil
}

// Put gives a path its whole content. The path need not be in dispute: code that
// moved elsewhere must be mended there. Markers that are left are refused.
func (d *Draft) Put(ctx context.Context, path string, content []byte, how string) error {
	line, err := d.LeftMarker(ctx, path, content)
	switch {
	case err != nil:
		return err
	case line > 0:
		return Faultf(CodeConflicts, "line %d of the text for %s is a conflict marker", line, path).
			WithHint("settle every dispute in it, then give it again")
	}
	if p, err := d.path(path); err == nil && (p.Kind == merge3.KindSymlink || p.Kind == merge3.KindSubmodule) {
		return Faultf(CodeUsage, "%s is no text: it is a %s", path, p.Kind).
			WithHint("use --take base, upstream or patch")
	}
	if err := d.free(ctx, path); err != nil {
		return err
	}
	if err := d.setText(ctx, path, d.modeFor(ctx, path), content); err != nil {
		return err
	}
	d.settled(path, "%s", how)
	return nil
}

// modeFor is the mode that a text at path has: that of the draft, else of the
// side that has the path, else an ordinary file.
func (d *Draft) modeFor(ctx context.Context, path string) string {
	entry, _, err := d.w.Entry(ctx, d.r.Tree, path)
	p, _ := d.path(path)
	for _, e := range []ConflictSide{entry, p.Upstream, p.Patch, p.Base} {
		if err == nil && (e.Mode == modeFile || e.Mode == modeExecutable) {
			return e.Mode
		}
	}
	return modeFile
}

// Delete removes a path.
func (d *Draft) Delete(ctx context.Context, path string) error {
	entry, ok, err := d.w.Entry(ctx, d.r.Tree, path)
	_, notDisputed := d.path(path)
	switch {
	case err != nil:
		return err
	case ok && isDir(entry):
		return Faultf(CodeUsage, "%s is a directory: name the files", path)
	case !ok && notDisputed != nil:
		return Faultf(CodeUsage, "there is no %s", path)
	}
	if err := d.set(ctx, path, ConflictSide{}); err != nil {
		return err
	}
	d.settled(path, "deleted")
	return nil
}

// Edited takes a text as an editor or a merge tool left it. Markers that are left keep the path
// open with that text, and line is the first of them; else it is 0.
func (d *Draft) Edited(ctx context.Context, path string, text []byte, how string) (line int, err error) {
	if line, err = d.LeftMarker(ctx, path, text); err != nil {
		return 0, err
	}
	if line == 0 {
		return 0, d.Put(ctx, path, text, how)
	}
	if err := d.setText(ctx, path, d.modeFor(ctx, path), text); err != nil {
		return 0, err
	}
	marked, err := merge3.ParseMarked(text, DraftLabels)
	if n := len(marked.Hunks()); err != nil || n != len(d.r.OpenHunks[path]) {
		d.open(path, n)
	}
	d.note(path, "%s, not finished", how)
	return line, nil
}
