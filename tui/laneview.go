package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/patchset/printable"
	"github.com/git-carry/git-carry/patchset/urgent"
)

// RenderLane draws a lane: exactly Height lines of Width cells each.
func RenderLane(s LaneSession, size Size, t Theme) string {
	return t.look(size, laneFrame{s, s.front(), size, t}.rows)
}

// laneFrame is one drawing of a lane.
type laneFrame struct {
	s    LaneSession
	item LaneItem
	size Size
	t    Theme
}

func (d laneFrame) rows() []line {
	head := []line{d.banner(), d.headline()}
	foot := []line{d.t.rule(d.size.Width), d.keys(), d.message()}
	height := d.size.Height - len(head) - len(foot)
	var body []line
	switch {
	case d.s.help:
		body = scrolled(d.help(), d.s.scroll, height)
	case len(d.s.lane.Items) == 0:
		body = tall(wrapped(plain, d.size.Width, cmp.Or(d.s.lane.Empty, "The urgent lane is empty.")), height)
	case d.s.detail:
		body = scrolled(d.detail(), d.s.scroll, height)
	default:
		body = tall(d.overview(height), height)
	}
	return append(append(head, body...), foot...)
}

func (d laneFrame) banner() line {
	what := " URGENT  " + strings.TrimSpace(d.item.ID+"  "+printable.Cut(strings.Join(d.item.Patches, ", "), 30))
	if n := len(d.s.lane.Items); n > 1 {
		what += fmt.Sprintf("  %d of %d, n next", d.s.index()+1, n)
	}
	return banner(d.size.Width, what, d.s.lane.You)
}

// grave are the states in which something has gone another way than it should.
var grave = []urgent.State{urgent.Held, urgent.Conflicted, urgent.RolledBack}

// headline is the figure that counts: for how long the fix is ready and not out, and when it will be.
func (d laneFrame) headline() line {
	if d.item.ID == "" {
		return nil
	}
	state, in := string(d.item.State), title
	if slices.Contains(grave, d.item.State) {
		state, in = strings.ToUpper(state), alarm
	}
	out := text(in, " %s", state)
	total, known := d.total()
	switch {
	case known && total.Begun() && total.End.IsZero():
		out = append(out, text(plain, "  ready but not out ")...)
		out = append(out, text(lateInk(total), "%s", clockWords(d.item.NotOut))...)
		out = append(out, text(lateInk(total), " %s", lateOf(total))...)
	case known && total.Begun():
		out = append(out, text(plain, "  it took %s %s", clockWords(total.Took), lateOf(total))...)
	}
	if at := d.out(); !at.IsZero() {
		out = append(out, text(plain, "  out at about %s", clockTime(at))...)
		out = append(out, text(plain, " UTC, in %s", clockWords(at.Sub(d.s.lane.At)))...)
	}
	return out
}

// total is the whole way; false where there is none.
func (d laneFrame) total() (urgent.Span, bool) {
	for _, s := range d.item.Spans {
		if s.Stage == urgent.Total {
			return s, true
		}
	}
	return urgent.Span{}, false
}

// out is when the last stage will be over; zero when it is, or when that is not to be said.
func (d laneFrame) out() time.Time {
	var last time.Time
	for _, at := range d.item.Ends {
		if at.After(last) {
			last = at
		}
	}
	if !last.After(d.s.lane.At) {
		return time.Time{}
	}
	return last
}

// laneNames are the titles of the sections.
var laneNames = [laneSections]string{"NOW", "STAGES", "VERSIONS", "PEOPLE", "TARGETS", "STORY"}

// lanePart is a section as it is drawn: the row in front of it, and lines that do not move above.
type lanePart struct {
	head  []line
	rows  []line
	least int    // lines that are always there
	at    int    // the row to have in sight while the section is not in front
	words string // what it comes to, beside the title
	in    ink
}

func (p lanePart) height() int { return len(p.head) + len(p.rows) }

func (d laneFrame) parts() [laneSections]lanePart {
	return [laneSections]lanePart{d.now(), d.stages(), d.versions(), d.people(), d.targets(), d.story()}
}

// minLaneHeight is the height of the body from which on every section has its title there.
const minLaneHeight = 14

// overview has the section in front as far as there is room, and of the others what is left: their
// titles say what they come to.
func (d laneFrame) overview(height int) []line {
	parts := d.parts()
	front := d.s.section
	if height < minLaneHeight {
		return append([]line{d.title(front, parts[front], height-1)}, d.part(front, parts[front], height-1)...)
	}
	var out []line
	for i, n := range shares(parts, front, height-len(parts)) {
		p, in := parts[i], laneSection(i)
		out = append(append(out, d.title(in, p, n)), d.part(in, p, n)...)
	}
	return out
}

// fewest is the least that is shown of a section that is not in front.
const fewest = 3

// shares are the lines that each section gets: what is needed now is always there, then comes what
// is in front, then the others from the top.
func shares(parts [laneSections]lanePart, front laneSection, room int) [laneSections]int {
	var out [laneSections]int
	give := func(i laneSection, most, least int) {
		n := min(parts[i].height()-out[i], most, room)
		if out[i]+n >= min(parts[i].height(), least) {
			out[i], room = out[i]+n, room-n
		}
	}
	give(laneNow, parts[laneNow].least, 0)
	give(front, room, 0)
	for i := range laneSections {
		give(i, room, fewest)
	}
	return out
}

// title is the line above a section: its number, and what it comes to.
func (d laneFrame) title(in laneSection, p lanePart, room int) line {
	name := span{title, fmt.Sprintf("%d %s", in+1, laneNames[in])}
	if in == d.s.section {
		name = span{heading, fmt.Sprintf(">%d %s<", in+1, laneNames[in])}
	}
	words, most := printable.Line(p.words), max(1, d.size.Width-len(laneNames[in])-9)
	if hidden := p.height() - room; hidden > 0 && room > 0 {
		words = printable.Cut(words, most-12) + fmt.Sprintf(" (%d more)", hidden)
	}
	words = printable.Cut(words, most)
	if words == "" {
		return d.t.rule(d.size.Width, name)
	}
	return d.t.rule(d.size.Width, name, span{p.in, "  " + words})
}

// part is a section in a number of lines, so that the row in front is in sight.
func (d laneFrame) part(in laneSection, p lanePart, n int) []line {
	n = min(n, p.height())
	head := p.head[:min(len(p.head), n)]
	room, at := n-len(head), p.at
	if in == d.s.section {
		at = d.s.at[in]
	}
	top := min(max(0, at-room/2), max(0, len(p.rows)-room))
	return append(slices.Clone(head), p.rows[top:top+room]...)
}

// here marks the row in front of the section in front.
func (d laneFrame) here(in laneSection, i int) span {
	if in == d.s.section && i == d.s.at[in] {
		return span{current, ">"}
	}
	return span{plain, " "}
}

// column is one of a table: from is the width of the screen from which on it is there.
type column[R any] struct {
	name  string
	width int
	from  int
	cell  func(R) string
}

func heads[R any](columns []column[R], width int) line {
	out := line{{title, "  "}}
	for _, c := range columns {
		if width >= c.from {
			out = append(out, span{title, cell(c.name, c.width)})
		}
	}
	return out
}

func cells[R any](in ink, columns []column[R], width int, r R) line {
	var out line
	for _, c := range columns {
		if width >= c.from {
			out = append(out, span{in, cell(c.cell(r), c.width)})
			in = plain
		}
	}
	return out
}

func (d laneFrame) keys() line {
	return footer(laneKeys, d.size.Width, func(keys string) bool {
		return keys == "n N" && len(d.s.lane.Items) < 2 || keys == "f" && len(d.item.Targets) == 0 || keys == "y" && d.s.command() == ""
	})
}

func (d laneFrame) message() line {
	switch {
	case d.s.typing:
		return append(line{{title, "/"}}, text(plain, "%s_", d.s.filter)...)
	case d.s.message != "":
		return text(title, "%s", d.s.message)
	case d.s.filter != "" || d.s.fate != "":
		words := "only "
		if d.s.fate != "" {
			words += string(d.s.fate) + " targets "
		}
		if d.s.filter != "" {
			words += fmt.Sprintf("what has %q", d.s.filter)
		}
		return text(dim, "%s; esc shows all", strings.TrimSpace(words))
	}
	return text(dim, "as of %s UTC", d.s.lane.At.UTC().Format("15:04:05"))
}

func (d laneFrame) help() []line {
	out := helpLines(d.t, d.size.Width, laneKeys)
	for _, l := range []string{
		"", "! needs a person, or is over its limit. In the bars # is the time that a stage took, . what it may still take.",
		"A target is verified when a fetch from it gave the fix; wrong: waiting does not mend it; dead: nobody reaches it; lagging: it should have it.",
	} {
		out = append(out, wrapped(dim, d.size.Width, l)...)
	}
	return out
}

// clockTime is a time of day, for a table.
func clockTime(at time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return at.UTC().Format("15:04")
}

// clockWords is a duration as a clock shows it: 0:12, 1:02:33.
func clockWords(d time.Duration) string {
	s := int(d.Round(time.Second) / time.Second)
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}
