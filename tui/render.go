package tui

import (
	"fmt"
	"strings"

	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset/printable"
)

// Size is the size of a terminal in cells.
type Size struct{ Width, Height int }

// minimum is the smallest terminal that a session is drawn on.
var minimum = Size{40, 12}

// Render draws a session: exactly Height lines of Width cells each, without a
// line break at the end.
func Render(s Session, size Size, t Theme) string {
	var rows []line
	switch {
	case len(s.files) == 0:
		rows = []line{text(plain, "nothing is in dispute; q leaves")}
	case size.Width < minimum.Width || size.Height < minimum.Height:
		rows = []line{text(plain, "needs %dx%d, now %dx%d", minimum.Width, minimum.Height, size.Width, size.Height), text(plain, "q leaves, the draft is kept")}
	default:
		rows = frame{s, size, t}.rows()
	}
	return t.screen(rows, size)
}

// frame is one drawing of a session.
type frame struct {
	s    Session
	size Size
	t    Theme
}

// rows are banner, body, meter, keys and message, from top to bottom. All but the
// body are always in sight.
func (d frame) rows() []line {
	foot := append([]line{d.t.rule(d.size.Width), d.meterLine()}, d.keyLines()...)
	foot = append(foot, d.messageLine())
	head := d.banner()
	body := d.body(d.size.Height - len(head) - len(foot))
	return append(append(head, body...), foot...)
}

func (d frame) body(height int) []line {
	switch s := d.s; {
	case s.screen == ScreenHandOff:
		return tall(d.handOffWindow(height), height)
	case s.screen == ScreenResolve && s.hunked() && s.w().whole.how == "":
		return tall(d.resolver(height), height)
	}
	return d.scrolledTo(d.text(), height)
}

// text is the whole text of a screen that is read from top to bottom.
func (d frame) text() []line {
	switch d.s.screen {
	case ScreenHelp:
		return d.help()
	case ScreenFiles:
		return d.fileList()
	case ScreenWhy:
		return d.why()
	case ScreenHints:
		return d.hintList()
	case ScreenReview:
		return d.reviewText()
	}
	return d.pathScreen()
}

// scrolledTo is the part of a text that is in sight, with a word about the rest.
func (d frame) scrolledTo(lines []line, height int) []line {
	top := d.s.scroll
	if s := d.s.screen; s == ScreenFiles || s == ScreenHints {
		top = max(0, d.s.chosen-height/2)
	}
	top = min(top, max(0, len(lines)-height))
	rest := len(lines) - top - height
	out := tall(append([]line(nil), lines[top:]...), height)
	if rest > 0 {
		out[height-1] = text(dim, "  … %d more lines: j", rest+1)
	}
	return out
}

// banner says what is being settled, whose it is and who sits here.
func (d frame) banner() []line {
	s, c := d.s, d.s.c
	what := fmt.Sprintf(" RESOLVE %s for %s  %s", c.Patch, c.Version, c.Component)
	if c.Severity != "" {
		what += "  " + string(c.Severity)
	}
	where := fmt.Sprintf("file %d/%d  conflict %d/%d  %d left ", s.file+1, len(s.files), s.number(s.file, s.hunk), s.Total(), s.Left())
	if d.size.Width < 72 {
		what = fmt.Sprintf(" %s for %s", c.Patch, shortVersion(c.Version))
		where = fmt.Sprintf("%d/%d  %d left ", s.number(s.file, s.hunk), s.Total(), s.Left())
	}
	what = printable.Text(what)
	gap := d.size.Width - printable.Width(what) - printable.Width(where)
	row := text(heading, "%s%s%s", what, strings.Repeat(" ", max(2, gap)), where)
	if gap < 2 {
		row = append(text(heading, "%s  ", printable.Cut(what, max(8, d.size.Width-printable.Width(where)-2))), span{heading, where})
	}
	owner := d.wrapped(title, s.ownerLine())
	if d.size.Height < 24 {
		owner = []line{text(title, " %s", s.ownerLine())}
	}
	return append([]line{row}, owner[:min(len(owner), 3)]...) // a fingerprint takes a row nearly
}

// number is the number of a dispute among all, from 1.
func (s Session) number(file, hunk int) int {
	n := hunk + 1
	for i := range file {
		n += s.units(i)
	}
	return n
}

// ownerLine says whose the patch is, who sits here, how we know, and what they
// may do.
func (s Session) ownerLine() string {
	c := s.c
	how := c.Actor.Label()
	you := c.Actor.Person
	if you == "" {
		you = "not in the registry"
	}
	switch {
	case c.Owner.ID == "":
		return fmt.Sprintf("NO OWNER: nobody can sign this patch. You may draft. You: %s, %s.", you, how)
	case c.As == owners.AsOwner:
		return fmt.Sprintf("OWNER %s = YOU, %s. You may resolve and sign.", c.Owner.Name, how)
	case c.As == owners.AsDelegate:
		return fmt.Sprintf("OWNER %s. YOU are the delegate %s, %s. You may resolve and sign.", c.Owner.Name, you, how)
	case c.As == owners.AsDeputy:
		return fmt.Sprintf("OWNER %s. YOU are the deputy %s, %s. You may sign, with a reason.", c.Owner.Name, you, how)
	case c.As == owners.AsOverride:
		return fmt.Sprintf("OWNER %s, NOT YOU (%s, %s). OVERRIDE: it takes a second person and a reason.", c.Owner.Name, you, how)
	}
	return fmt.Sprintf("OWNER %s, NOT YOU (%s, %s). You may draft a PROPOSAL. May sign: %s.", c.Owner.Name, you, how, s.signers())
}

func (s Session) signers() string {
	var out []string
	for _, r := range s.c.Signers {
		out = append(out, string(r.As)+" "+r.Person.Name)
	}
	if out == nil {
		return "nobody who is active"
	}
	return strings.Join(out, ", ")
}

// meterLine is the check that is always in sight.
func (d frame) meterLine() line {
	s, m := d.s, d.s.Meter()
	head, words := fmt.Sprintf("conflicts left %d of %d", s.Left(), s.Total()), [2]string{"fix lines ", "upstream lines "}
	if d.size.Width < wide {
		head, words = fmt.Sprintf("left %d", s.Left()), [2]string{"fix ", "upstream "}
	}
	out := append(text(title, "CHECK "), text(plain, "%s", head)...)
	for i, c := range []Count{m.Fix, m.Upstream} {
		in, shown := plain, c.words()
		if len(c.Lost) > 0 {
			in = alarm
		}
		if d.size.Width < 72 {
			c.Open = 0
			shown = c.words()
		}
		out = append(out, span{dim, " | "})
		out = append(out, text(in, "%s%s", words[i], shown)...)
	}
	if s.signed {
		out = append(out, span{dim, " | "}, span{title, "SIGNED"})
	}
	return out
}

// keyLines are the keys that work now, as many as there is room for.
func (d frame) keyLines() []line {
	rows := 3
	switch {
	case d.size.Height < 18:
		rows = 1
	case d.size.Height < 30:
		rows = 2
	}
	var out []line
	var row line
	help := false // the key for the whole list is there
	for _, b := range d.s.active() {
		if b.short == "" {
			continue
		}
		i := strings.LastIndexByte(b.short, ' ')
		key, word := b.short[:i], b.short[i+1:]
		next := line{{title, key}, {plain, " " + word + "  "}}
		if row.width()+next.width() > d.size.Width-8 && len(out) == rows-1 {
			if !help {
				row = append(row, span{title, "?"}, span{dim, " more"})
			}
			break
		}
		if row.width()+next.width() > d.size.Width {
			out, row = append(out, row), nil
		}
		row = append(row, next...)
		help = help || key == "?"
	}
	return tall(append(out, row), rows)
}

// messageLine holds what was said last or is being typed, else what to do next.
func (d frame) messageLine() line {
	s := d.s
	switch {
	case s.asking != nil:
		l := text(title, "%s ", s.asking.label)
		typed := text(plain, "%s_", s.asking.text)
		if skip := l.width() + typed.width() - d.size.Width; skip > 0 {
			return append(l, typed...).fit(skip, d.size.Width)
		}
		return append(l, typed...)
	case s.message != "":
		return text(title, "%s", s.message)
	case s.awaiting:
		return text(title, "working …")
	case s.prefix != "":
		return text(title, "%s", s.prefix)
	}
	return text(dim, "%s", s.next())
}

// next is a sentence about what to do now.
func (s Session) next() string {
	c := s.c
	switch {
	case s.signed && s.screen == ScreenResolve:
		return "NEXT  signed: q leaves"
	case s.signed:
		return "NEXT  signed: esc, then q leaves"
	case s.screen == ScreenReview && s.maySign():
		return "NEXT  read this, then s signs it"
	case s.screen != ScreenResolve:
		return ""
	case s.Left() > 0 && !s.isOpen(s.file, s.hunk):
		return "NEXT  this one is decided; ]u goes to the next that is open"
	case s.Left() > 0 && s.hunked():
		return "NEXT  choose the lines for the result: 1, 2, 3, b, 0, or e to write them"
	case s.Left() > 0:
		return "NEXT  choose what becomes of the path"
	case c.Owner.ID == "":
		return fmt.Sprintf("NEXT  all decided. %s needs an owner before anybody can sign: git carry own %s", c.Patch, c.Patch)
	case !s.maySign():
		return fmt.Sprintf("NEXT  all decided: s hands the proposal to %s", c.Owner.Name)
	}
	return "NEXT  all decided: s shows what is signed, and signs"
}
