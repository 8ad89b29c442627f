package tui

import (
	"bytes"
	"fmt"
	"slices"
	"sync"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// facts are what follows from a conflict alone, computed when first needed and
// kept: all sessions on the conflict share them.
type facts struct {
	files  []fileFacts
	syntax colourCache

	mu     sync.Mutex
	meters map[string]Meter
	sides  map[sideKey][]diffLine
	words  map[[2]int]combination
}

type fileFacts struct {
	f     *File
	hunks []*merge3.Hunk
	// lines counts the lines of every segment of the file's text.
	lines []int
	crlf  bool // the first line ends with CR LF
}

type sideKey struct {
	file, hunk int
	side       Side
	whole      bool
}

type combination struct {
	text []byte
	ok   bool
}

func newFacts(c *Conflict) *facts {
	k := &facts{meters: map[string]Meter{}, sides: map[sideKey][]diffLine{}, words: map[[2]int]combination{}}
	for i := range c.Files {
		f := &c.Files[i]
		ff := fileFacts{f: f, hunks: f.hunks()}
		for _, s := range f.Text {
			ff.lines = append(ff.lines, merge3.CountLines(s.Text))
		}
		first, _, _ := bytes.Cut(f.firstText(), []byte("\n"))
		ff.crlf = bytes.HasSuffix(first, []byte("\r"))
		k.files = append(k.files, ff)
	}
	return k
}

// firstText is some text of the file, its beginning if possible.
func (f *File) firstText() []byte {
	if len(f.Text) > 0 {
		first := f.Text[0]
		if first.Hunk == nil {
			return first.Text
		}
		return slices.Concat(first.Hunk.Base, first.Hunk.Upstream, first.Hunk.Patch)
	}
	for _, e := range []Entry{f.Base, f.Upstream, f.Patch} {
		if e.Data != nil {
			return e.Data
		}
	}
	return nil
}

// combined is what [Combine] makes of a hunk; not ok where it would only be one of
// the sides again.
func (k *facts) combined(file, hunk int) ([]byte, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	key := [2]int{file, hunk}
	c, known := k.words[key]
	if !known {
		h := k.files[file].hunks[hunk]
		if h.HasBase {
			c.text, c.ok = Combine(h.Base, h.Upstream, h.Patch)
			c.ok = c.ok && !bytes.Equal(c.text, h.Upstream) && !bytes.Equal(c.text, h.Patch)
		}
		k.words[key] = c
	}
	return c.text, c.ok
}

// Meter says how much of both sides' changes the result keeps as it stands: in
// the disputes, and of the patch also in what git merged by itself.
func (s Session) Meter() Meter {
	m := Meter{Fix: Count{Kept: s.c.FixElsewhere, Total: s.c.FixElsewhere}}
	for i := range s.files {
		m.add(s.fileMeter(i))
	}
	return m
}

func (s Session) fileMeter(file int) Meter {
	f, w := &s.c.Files[file], s.files[file]
	if len(w.hunks) == 0 {
		return s.facts.wholeMeter(f, w)
	}
	var m Meter
	text, isWhole := []byte(nil), w.whole.how != ""
	if isWhole {
		text, _ = w.content(f)
	}
	outside := s.facts.outside(file)
	if isWhole && isText(f.Base) && isText(f.Patch) && isText(f.Upstream) {
		m = s.facts.measure(fmt.Sprint("file ", file, " ", string(text)), f.Base.Data, f.Upstream.Data, f.Patch.Data, text)
		return m
	}
	for i, h := range s.facts.files[file].hunks {
		c := w.hunks[i]
		switch {
		case isWhole:
			m.add(s.facts.measure(fmt.Sprint("hunk ", file, i, " in ", string(text)), h.Base, h.Upstream, h.Patch, text))
		case c.open():
			m.add(s.facts.undecided(fmt.Sprint("hunk ", file, i), h.Base, h.Upstream, h.Patch))
		default:
			m.add(s.facts.measure(fmt.Sprint("hunk ", file, i, c.side, string(c.lines)), h.Base, h.Upstream, h.Patch, c.text(h)))
		}
	}
	if !w.whole.remove {
		m.Fix.Kept += outside
	}
	m.Fix.Total += outside
	return m
}

// measure is Measure, remembered by key.
func (k *facts) measure(key string, base, upstream, patch, result []byte) Meter {
	k.mu.Lock()
	defer k.mu.Unlock()
	m, known := k.meters[key]
	if !known {
		m = Measure(splitLines(base), splitLines(upstream), splitLines(patch), splitLines(result))
		k.meters[key] = m
	}
	return m
}

// undecided is the meter of texts about which nothing is decided, remembered.
func (k *facts) undecided(key string, base, upstream, patch []byte) Meter {
	k.mu.Lock()
	defer k.mu.Unlock()
	key += " open"
	m, known := k.meters[key]
	if !known {
		lines := splitLines(base)
		fix, up := changed(lines, splitLines(patch)), changed(lines, splitLines(upstream))
		m = Meter{Fix: Count{Open: fix, Total: fix}, Upstream: Count{Open: up, Total: up}}
		k.meters[key] = m
	}
	return m
}

// outside counts the patch's changed lines in a file that are in no dispute.
func (k *facts) outside(file int) int {
	ff := &k.files[file]
	if !isText(ff.f.Base) || !isText(ff.f.Patch) {
		return 0
	}
	n := k.undecided(fmt.Sprint("all of ", file), ff.f.Base.Data, ff.f.Base.Data, ff.f.Patch.Data).Fix.Total
	for i, h := range ff.hunks {
		n -= k.undecided(fmt.Sprint("hunk ", file, i), h.Base, h.Upstream, h.Patch).Fix.Total
	}
	return max(0, n)
}

// isText tells whether a side's version of a path is at hand as text.
func isText(e Entry) bool {
	return e.Data != nil && bytes.IndexByte(e.Data[:min(len(e.Data), 8000)], 0) < 0
}

// wholeMeter is the meter of a path without hunks: of the lines where there is
// text on every side that has the path, else one "line" for each side that
// changed the path.
func (k *facts) wholeMeter(f *File, w work) Meter {
	if f.nowhere() {
		return Meter{}
	}
	if f.comparesLines() {
		key := "path " + f.Path
		if w.left() > 0 {
			return k.undecided(key, f.Base.Data, f.Upstream.Data, f.Patch.Data)
		}
		text, _ := w.content(f)
		return k.measure(fmt.Sprint(key, " ", w.whole.take, string(text)), f.Base.Data, f.Upstream.Data, f.Patch.Data, text)
	}
	var m Meter
	for side, count := range map[Side]*Count{Upstream: &m.Upstream, Patch: &m.Fix} {
		e := f.side(side)
		if e.same(f.Base) {
			continue
		}
		count.Total = 1
		switch {
		case w.left() > 0:
			count.Open = 1
		case w.whole.take != "" && f.side(w.whole.take).same(e), w.whole.remove && e.Absent():
			count.Kept = 1
		default:
			count.Lost = []LostLine{{Text: f.Path + " as " + string(side) + " has it"}}
		}
	}
	return m
}

func (e Entry) same(o Entry) bool { return e.Mode == o.Mode && e.ID == o.ID }

// comparesLines tells whether a path without hunks is measured by its lines.
func (f *File) comparesLines() bool {
	lines := false
	for _, e := range []Entry{f.Base, f.Upstream, f.Patch} {
		if !e.Absent() && (!isText(e) || e.Mode != merge3.ModeFile && e.Mode != merge3.ModeExecutable) {
			return false
		}
		lines = lines || !e.Absent()
	}
	return lines && f.Kind != merge3.KindMode && f.Kind != merge3.KindBinary && f.Kind != merge3.KindRenameRename && !bytes.Equal(f.Upstream.Data, f.Patch.Data)
}
