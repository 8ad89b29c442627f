package tui

import (
	"fmt"
	"strings"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/printable"
)

// RenderBoard draws a board: exactly Height lines of Width cells each.
func RenderBoard(s BoardSession, size Size, t Theme) string {
	return t.look(size, boardFrame{s, size, t}.rows)
}

// boardFrame is one drawing of a board.
type boardFrame struct {
	s    BoardSession
	size Size
	t    Theme
}

func (d boardFrame) rows() []line {
	head := []line{d.banner()}
	foot := []line{d.t.rule(d.size.Width), d.next(), d.keys(), d.message()}
	height := d.size.Height - len(head) - len(foot)
	var body []line
	switch {
	case d.s.help:
		body = scrolled(d.help(), d.s.scroll, height)
	case d.s.detail:
		body = scrolled(d.detail(), d.s.scroll, height)
	default:
		body = d.table(height)
	}
	return append(append(head, body...), foot...)
}

func (d boardFrame) banner() line {
	blocking := 0
	for _, r := range d.s.b.Rows {
		if r.Blocks {
			blocking++
		}
	}
	what := fmt.Sprintf(" TRAIN %s  %s", d.s.b.Version, count(len(d.s.b.Rows), "patch", "patches"))
	switch blocking {
	case 0:
		what += ", nothing blocks"
	default:
		what += fmt.Sprintf(", %d BLOCK", blocking)
	}
	return banner(d.size.Width, what, d.s.b.You)
}

// columns of the table before the versions, with their widths; the last ones go
// first where there is no room.
var columns = []struct {
	name  string
	width int
	cell  func(BoardRow) string
}{
	{"PATCH", 12, func(r BoardRow) string { return r.Patch }},
	{"COMPONENT", 18, func(r BoardRow) string { return r.Component }},
	{"OWNER", 10, func(r BoardRow) string {
		if r.Owner == "" {
			return "(none!)"
		}
		return r.Owner
	}},
	{"AGE", 6, func(r BoardRow) string {
		if r.overdue() {
			return fmt.Sprintf("%dd!", r.Age)
		}
		return fmt.Sprintf("%dd", r.Age)
	}},
	{"SEVERITY", 9, func(r BoardRow) string { return string(r.Severity) }},
}

// stateWidth is the width of a version's column.
const stateWidth = 10

// layout is how wide the first columns are, and which versions there is room for.
// The newest version is always among them; what is left over goes to the owner
// and the component.
func (d boardFrame) layout() (widths []int, versions []string) {
	room := d.size.Width - 2
	cols := len(columns)
	switch {
	case room < 50:
		cols = 1
	case room < 70:
		cols = 3
	}
	for _, c := range columns[:cols] {
		widths = append(widths, c.width)
		room -= c.width
	}
	n := min(max(1, room/stateWidth), len(d.s.b.Versions))
	if spare := room - n*stateWidth; cols >= 3 && spare > 0 {
		widths[2] += min(spare, 10)
		widths[1] += min(max(0, spare-10), 20)
	}
	return widths, d.s.b.Versions[len(d.s.b.Versions)-n:]
}

func cell(s string, width int) string {
	s = printable.Cut(s, width-1)
	return s + strings.Repeat(" ", max(0, width-printable.Width(s)))
}

func (d boardFrame) table(height int) []line {
	widths, versions := d.layout()
	head := line{{title, "  "}}
	for i, w := range widths {
		head = append(head, span{title, cell(columns[i].name, w)})
	}
	for _, v := range versions {
		name := shortVersion(v)
		if v == d.s.b.Version {
			name += " *"
		}
		head = append(head, span{title, cell(name, stateWidth)})
	}
	out := []line{head}
	under := d.below()
	if height < 16 {
		under = nil
	}
	room := height - 1 - len(under)
	top := min(max(0, d.s.at-room/2), max(0, len(d.s.rows)-room))
	for i := top; i < min(len(d.s.rows), top+room); i++ {
		out = append(out, d.tableRow(i, widths, versions))
	}
	if len(d.s.rows) == 0 {
		out = append(out, text(dim, "  no patch here"))
	}
	return append(tall(out, 1+room), under...)
}

func (d boardFrame) tableRow(i int, widths []int, versions []string) line {
	r := d.s.rows[i]
	sign, in := " ", plain
	if r.Blocks {
		sign, in = "!", alarm
	}
	here := " "
	if i == d.s.at {
		here = ">"
	}
	out := line{{current, here}, {in, sign}}
	for n, w := range widths {
		in := plain
		if n == 0 && i == d.s.at {
			in = current
		}
		out = append(out, span{in, cell(columns[n].cell(r), w)})
	}
	for _, v := range versions {
		out = append(out, d.state(r, v))
	}
	return out
}

// state is the word of a cell: in capitals where it keeps the version back.
func (d boardFrame) state(r BoardRow, version string) span {
	s, in := r.States[version], plain
	word := string(s)
	switch {
	case word == "":
		return span{dim, cell("-", stateWidth)}
	case s.Blocks() || s == patchset.StateDrift && r.Blocks && version == d.s.b.Version:
		word, in = strings.ToUpper(word), alarm
	case s == patchset.StateClean:
		in = dim
	}
	return span{in, cell(word, stateWidth)}
}

// below is what there is to know at once about the patch in front.
func (d boardFrame) below() []line {
	r, ok := d.s.row()
	if !ok {
		return nil
	}
	out := []line{d.t.rule(d.size.Width, span{title, printable.Line(r.Patch)}, span{plain, "  " + printable.Cut(r.Title, max(4, d.size.Width-20))})}
	for _, p := range r.Problems[:min(len(r.Problems), 2)] {
		out = append(out, append(line{{title, " STATE  "}}, text(plain, "%s", p)...))
	}
	if r.Cause != "" {
		out = append(out, append(line{{title, " CAUSE  "}}, text(plain, "%s", r.Cause)...))
	}
	return append(out, append(line{{title, " AGE    "}}, text(plain, "%s", r.ageWords())...))
}

func (r BoardRow) ageWords() string {
	words := count(r.Age, "day", "days")
	switch {
	case r.overdue():
		words += fmt.Sprintf(", limit %d: OVERDUE by %s", r.Limit, count(r.Age-r.Limit, "day", "days"))
	case r.Limit > 0:
		words += fmt.Sprintf(", limit %d", r.Limit)
	}
	return words + ", " + string(r.Life)
}

// next is the one sentence about what to do: about the patch in front, else about
// the first that blocks.
func (d boardFrame) next() line {
	r, _ := d.s.row()
	if r.Next == "" {
		for _, x := range d.s.b.Rows {
			if r = x; x.Blocks && x.Next != "" {
				break
			}
		}
	}
	if r.Next == "" {
		return text(title, "NEXT  nothing: %s can be verified", d.s.b.Version)
	}
	if front, _ := d.s.row(); r.Resolve && front.Patch == r.Patch {
		return append(line{{title, "NEXT  press r: "}}, text(plain, "%s, %s", r.Patch, r.Next)...)
	}
	return append(line{{title, "NEXT  "}}, text(plain, "%s: %s", r.Patch, r.Next)...)
}

func (d boardFrame) keys() line {
	r, _ := d.s.row()
	return footer(boardKeys, d.size.Width, func(keys string) bool {
		return keys == "r" && !r.Resolve || keys == "esc" && !d.s.detail && !d.s.help && d.s.filter == ""
	})
}

func (d boardFrame) message() line {
	switch {
	case d.s.typing:
		return append(line{{title, "/"}}, text(plain, "%s_", d.s.filter)...)
	case d.s.message != "":
		return text(title, "%s", d.s.message)
	case d.s.filter != "":
		return text(dim, "only patches with %q; esc shows all", d.s.filter)
	}
	return nil
}

func (d boardFrame) help() []line {
	out := helpLines(d.t, d.size.Width, boardKeys)
	return append(out, nil, text(dim, " ! keeps the version back. Words in capitals keep a version back. * is the version that is prepared."))
}

// detail draws one patch: its age, where it is, what happened to it.
func (d boardFrame) detail() []line {
	r, _ := d.s.row()
	owner := r.Owner
	if owner == "" {
		owner = "NOBODY"
	}
	out := []line{
		d.t.rule(d.size.Width, span{title, "PATCH " + printable.Line(r.Patch)}),
		text(plain, " %s", printable.Cut(r.Title, d.size.Width-2)),
		append(line{{title, " OWNER  "}}, text(plain, "%s   %s   %s", owner, r.Component, r.Severity)...),
		append(line{{title, " AGE    "}}, text(plain, "%s", r.ageWords())...),
	}
	if bar := d.ageBar(r); bar != nil {
		out = append(out, bar)
	}
	for _, p := range r.Problems {
		out = append(out, append(line{{title, " STATE  "}}, text(plain, "%s", p)...))
	}
	if r.Cause != "" {
		out = append(out, append(line{{title, " CAUSE  "}}, text(plain, "%s", r.Cause)...))
	}
	out = append(out, d.t.rule(d.size.Width, span{title, "WHERE IT IS"}))
	for i := len(d.s.b.Versions) - 1; i >= 0; i-- {
		v := d.s.b.Versions[i]
		if r.States[v] != "" {
			out = append(out, line{{plain, " " + cell(v, 24)}, d.state(r, v)})
		}
	}
	out = append(out, d.t.rule(d.size.Width, span{title, "TIMELINE"}, span{dim, " newest first"}))
	for _, m := range r.Timeline {
		out = append(out, m.line())
	}
	return out
}

// ageBar draws an age against its limit.
func (d boardFrame) ageBar(r BoardRow) line {
	if r.Limit <= 0 {
		return nil
	}
	room := min(60, d.size.Width-14)
	whole := max(r.Age, r.Limit)
	filled, limit := r.Age*room/whole, r.Limit*room/whole
	in := plain
	if r.overdue() {
		in = alarm
	}
	bar := strings.Repeat("#", min(filled, limit)) + strings.Repeat(".", max(0, limit-filled)) + "|" + strings.Repeat("#", max(0, filled-limit))
	return line{{plain, "        ["}, {in, bar}, {plain, "]"}}
}
