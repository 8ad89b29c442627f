package tui

import (
	"cmp"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/patchset/printable"
	"github.com/git-carry/git-carry/patchset/urgent"
)

// laneSection is a part of the screen that can be in front.
type laneSection int

const (
	laneNow laneSection = iota
	laneStages
	laneVersions
	lanePeople
	laneTargets
	laneStory
	laneSections
)

// LaneSession is a look at the urgent lane as a value: [LaneSession.Press] gives the next one.
type LaneSession struct {
	lane    Lane
	item    string // in front
	section laneSection
	at      [laneSections]int
	fate    urgent.Fate // only targets of that fate; "" for all
	filter  string
	typing  bool
	detail  bool
	help    bool
	scroll  int
	message string
	copies  string // what goes to the clipboard now
	wants   LaneWish
}

// LaneWish is what a person wants who ends a look at the lane.
type LaneWish int

// The wishes.
const (
	LaneLeave LaneWish = iota
	LaneBoard
	LaneRefresh
)

// NewLaneSession looks at a lane.
func NewLaneSession(l Lane) LaneSession { return LaneSession{section: laneStages}.With(l) }

// With is the same look at a newer state of the lane: what was in front stays there.
func (s LaneSession) With(l Lane) LaneSession {
	before := [laneSections]string{}
	for i := range laneSections {
		before[i] = s.key(i)
	}
	s.lane, s.wants = l, LaneLeave
	if i := s.index(); i < len(l.Items) {
		s.item = l.Items[i].ID
	}
	for i := range laneSections {
		rows := s.keys(i)
		if at := slices.Index(rows, before[i]); at >= 0 {
			s.at[i] = at
		}
		s.at[i] = min(s.at[i], max(0, len(rows)-1))
	}
	return s
}

// Wish is what the person wants, once Press said that the look is over.
func (s LaneSession) Wish() LaneWish { return s.wants }

func (s LaneSession) writing() bool { return s.typing }

func (s LaneSession) copied() string { return s.copies }

func (s LaneSession) render(size Size, t Theme) string { return RenderLane(s, size, t) }

// index is which item is in front.
func (s LaneSession) index() int {
	return max(0, slices.IndexFunc(s.lane.Items, func(i LaneItem) bool { return i.ID == s.item }))
}

// front is the item in front; an empty one when the lane is empty.
func (s LaneSession) front() LaneItem {
	if i := s.index(); i < len(s.lane.Items) {
		return s.lane.Items[i]
	}
	return LaneItem{}
}

// keys name the rows of a section, so that one is found again when the lane has changed.
func (s LaneSession) keys(in laneSection) []string {
	var out []string
	switch in {
	case laneNow:
		out = append(out, "now")
	case laneStages:
		for _, span := range s.front().Spans {
			out = append(out, string(span.Stage))
		}
	case laneVersions:
		for _, v := range s.versions() {
			out = append(out, v.name())
		}
	case lanePeople:
		for _, p := range s.people() {
			out = append(out, p.Person+" "+p.Says+" "+strings.Join(p.In, " "))
		}
	case laneTargets:
		for _, r := range s.targets() {
			out = append(out, r.Target)
		}
	case laneStory:
		for _, m := range s.story() {
			out = append(out, m.At.String()+m.What)
		}
	}
	return out
}

// key names the row in front of a section; "" when there is none.
func (s LaneSession) key(in laneSection) string {
	if rows := s.keys(in); s.at[in] < len(rows) {
		return rows[s.at[in]]
	}
	return ""
}

// fits tells whether the words of a row pass the filter.
func (s LaneSession) fits(words ...string) bool {
	return s.filter == "" || strings.Contains(strings.ToLower(strings.Join(words, "\n")), strings.ToLower(s.filter))
}

func only[R any](rows []R, fits func(R) bool) []R {
	return slices.DeleteFunc(slices.Clone(rows), func(r R) bool { return !fits(r) })
}

// versions are the stacks that pass the filter; so are people, targets and story.
func (s LaneSession) versions() []LaneVersion {
	return only(s.front().Versions, func(v LaneVersion) bool { return s.fits(v.name(), v.Waits, v.Whose) })
}

func (s LaneSession) people() []LanePerson {
	return only(s.front().People, func(p LanePerson) bool { return s.fits(p.Person, p.Says, p.Why) })
}

func (s LaneSession) targets() []LaneTarget {
	return only(s.front().Targets, func(r LaneTarget) bool {
		return (s.fate == "" || r.Fate == s.fate) && s.fits(r.Target, string(r.Fate), reachWhy(r.Reach))
	})
}

func (s LaneSession) story() []Moment {
	return only(s.front().Story, func(m Moment) bool { return s.fits(m.What) })
}

// laneKeys are the keys of the lane, for the footer and the help.
var laneKeys = []lookKey{
	{"tab 1-6", "tab section", "the next section (shift+tab: the one before), or by its number", 0},
	{"j down", "j k move", "the next row", 90},
	{"k up", "", "the row before", 0},
	{"enter", "enter open", "all of what is in front", 66},
	{"y", "y copy", "copy the command of what is in front to the clipboard, where the terminal lets programs do that", 50},
	{"f", "f fate", "only targets that are wrong, dead, lagging …; then all again", 80},
	{"/", "/ filter", "only versions, people, targets and entries with this text", 60},
	{"n N", "n item", "the next item of the lane, the one before", 0},
	{"R", "R refresh", "read the newest state now; it is read again by itself", 110},
	{"b", "b board", "the train board", 100},
	{"?", "? keys", "this list", 0},
	{"esc", "", "back, or all rows again, or to the board", 0},
	{"q ctrl+c", "q leave", "leave; the lane runs on", 0},
}

// Press does what a key means. done tells that the look is over; then [LaneSession.Wish] says
// what is wanted.
func (s LaneSession) Press(key string) (next LaneSession, done bool) {
	s.message, s.copies, s.wants = "", "", LaneLeave
	if s.typing && key != "ctrl+c" {
		return s.typed(key), false
	}
	if by, ok := lookSteps[key]; ok {
		return s.moved(by), false
	}
	switch key {
	case "ctrl+c":
		return s, true
	case "q", "esc":
		return s.back(key)
	case "b", "R":
		s.wants = map[string]LaneWish{"b": LaneBoard, "R": LaneRefresh}[key]
		return s, true
	case "tab", "right":
		return s.to((s.section + 1) % laneSections), false
	case "shift+tab", "left":
		return s.to((s.section + laneSections - 1) % laneSections), false
	case "1", "2", "3", "4", "5", "6":
		return s.to(laneSection(key[0] - '1')), false
	case "n", "N":
		return s.nextItem(map[string]int{"n": 1, "N": -1}[key]), false
	case "enter":
		s.detail, s.scroll = s.key(s.section) != "" && len(s.lane.Items) > 0, 0
	case "y":
		return s.copy(), false
	case "f":
		return s.nextFate(), false
	case "/":
		s = s.filtered("")
		s.typing, s.detail = true, false
	case "?":
		s.help, s.scroll = true, 0
	default:
		s.message = key + " is no key here; ? lists them"
	}
	return s, false
}

// back closes what is open, then takes the filters away, then leads to the board. q leaves
// where nothing is open.
func (s LaneSession) back(key string) (LaneSession, bool) {
	switch {
	case s.detail || s.help:
		s.detail, s.help, s.scroll = false, false, 0
		return s, false
	case key == "q":
		return s, true
	case s.filter != "" || s.fate != "":
		s.fate = ""
		return s.filtered(""), false
	}
	s.wants = LaneBoard
	return s, true
}

func (s LaneSession) to(section laneSection) LaneSession {
	s.section, s.detail, s.help, s.scroll = section, false, false, 0
	return s
}

func (s LaneSession) moved(by int) LaneSession {
	if s.detail || s.help {
		s.scroll = max(0, min(s.scroll+by, maxScroll))
		return s
	}
	s.at[s.section] = min(max(s.at[s.section]+by, 0), max(len(s.keys(s.section))-1, 0))
	return s
}

func (s LaneSession) nextItem(by int) LaneSession {
	if n := len(s.lane.Items); n > 1 {
		s.item = s.lane.Items[(s.index()+by+n)%n].ID
		s.at, s.detail, s.scroll, s.fate = [laneSections]int{}, false, 0, ""
		return s
	}
	s.message = "there is no other item in the lane"
	return s
}

// nextFate goes through the fates that there are, and then to all targets.
func (s LaneSession) nextFate() LaneSession {
	s = s.to(laneTargets)
	s.at[laneTargets] = 0
	for _, f := range urgent.Fates[slices.Index(urgent.Fates, s.fate)+1:] {
		if slices.ContainsFunc(s.front().Targets, func(r LaneTarget) bool { return r.Fate == f }) {
			s.fate = f
			return s
		}
	}
	s.fate = ""
	return s
}

// copy gives the command of what is in front to the clipboard.
func (s LaneSession) copy() LaneSession {
	command := s.command()
	if command == "" {
		s.message = "there is no command here"
		return s
	}
	s.copies = printable.Line(command)
	s.message = "copied, if this terminal lets programs copy: " + command
	return s
}

// command is what to type about the row in front, else about the item.
func (s LaneSession) command() string {
	own, at := "", s.at[s.section]
	if versions := s.versions(); s.section == laneVersions && at < len(versions) {
		own = versions[at].Command
	}
	if targets := s.targets(); s.section == laneTargets && at < len(targets) {
		own = targets[at].Command
	}
	return cmp.Or(own, s.front().Command)
}

// typed takes a key while the filter is being typed.
func (s LaneSession) typed(key string) LaneSession {
	filter, typing := typedFilter(s.filter, key)
	if s.typing = typing; filter != s.filter {
		s = s.filtered(filter)
	}
	return s
}

// filtered keeps the rows that hold a text. It goes to the first section that has one.
func (s LaneSession) filtered(by string) LaneSession {
	s.filter = by
	s.at = [laneSections]int{}
	if by == "" || s.section >= laneVersions && len(s.keys(s.section)) > 0 {
		return s
	}
	for _, in := range []laneSection{laneTargets, laneVersions, lanePeople, laneStory} {
		if len(s.keys(in)) > 0 {
			s.section = in
			break
		}
	}
	return s
}
