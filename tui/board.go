package tui

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/patchset"
)

// Board is where everything stands: patches down, versions across.
type Board struct {
	Version  string   // that is being prepared
	Versions []string // oldest first
	You      string   // who looks at it
	Rows     []BoardRow
}

// BoardRow is one patch on the board.
type BoardRow struct {
	Patch, Title, Component string
	Owner                   string // a name; "" when nobody owns it
	Severity                patchset.Severity
	Life                    patchset.Life
	// Age and Limit are in days; Limit 0 is none.
	Age, Limit int
	// States are by version; a version that the patch is not in has none.
	States map[string]patchset.State
	// Blocks tells that the version cannot be published because of it, and Problems
	// why.
	Blocks   bool
	Problems []string
	// Cause is a line about the public commit or patch behind its state.
	Cause string
	// Next is a sentence about what to do now, and by whom; "" for nothing.
	Next string
	// Resolve tells that [BoardResult.Resolve] makes sense for it.
	Resolve  bool
	Timeline []Moment // newest first
}

// Moment is something that happened to a patch.
type Moment struct {
	At   time.Time
	What string
}

// overdue tells whether the patch is older than its limit.
func (r BoardRow) overdue() bool { return r.Limit > 0 && r.Age > r.Limit }

// BoardSession is a look at a board, a value.
type BoardSession struct {
	b       Board
	rows    []BoardRow // in order, those that fit the filter
	at      int
	detail  bool
	scroll  int
	filter  string
	typing  bool
	message string
	help    bool
	result  BoardResult
}

// Result is what the person wants, once Press said that the look is over.
func (s BoardSession) Result() BoardResult {
	out := s.result
	if r, ok := s.row(); ok {
		out.At = r.Patch
	}
	return out
}

// BoardResult is how a look at a board ended. cmd goes on from there, and shows
// the board again.
type BoardResult struct {
	// Resolve names a patch that the person wants to settle; "" for leaving.
	Resolve string
	// Refresh tells that the person wants to see the newest state.
	Refresh bool
	// Audit tells that the person wants the audit screen.
	Audit bool
	// Urgent tells that the person wants the urgent lane.
	Urgent bool
	// At is the patch that was in front, to begin with it the next time.
	At string
}

// NewBoardSession looks at a board, with a patch in front or, with "", what blocks
// the version first.
func NewBoardSession(b Board, at string) BoardSession {
	s := BoardSession{b: b}
	s.b.Rows = slices.Clone(b.Rows)
	slices.SortStableFunc(s.b.Rows, func(x, y BoardRow) int {
		return cmp.Or(rank(x.Blocks)-rank(y.Blocks), x.Severity.Compare(y.Severity), cmp.Compare(y.Age, x.Age), cmp.Compare(x.Patch, y.Patch))
	})
	s = s.filtered("")
	s.at = max(0, slices.IndexFunc(s.rows, func(r BoardRow) bool { return r.Patch == at }))
	return s
}

func (s BoardSession) writing() bool { return s.typing }

func (s BoardSession) render(size Size, t Theme) string { return RenderBoard(s, size, t) }

func rank(first bool) int {
	if first {
		return 0
	}
	return 1
}

// filtered keeps the rows that hold a text in their id, title, component or owner.
func (s BoardSession) filtered(by string) BoardSession {
	s.filter, s.at, s.rows = by, 0, nil
	for _, r := range s.b.Rows {
		all := strings.ToLower(strings.Join([]string{r.Patch, r.Title, r.Component, r.Owner, string(r.Severity)}, "\n"))
		if strings.Contains(all, strings.ToLower(by)) {
			s.rows = append(s.rows, r)
		}
	}
	return s
}

// row is the patch in front; false when there is none.
func (s BoardSession) row() (BoardRow, bool) {
	if s.at < len(s.rows) {
		return s.rows[s.at], true
	}
	return BoardRow{}, false
}

// boardKeys are the keys of the board, for the footer and the help.
var boardKeys = []lookKey{
	{"enter", "enter open", "the patch, its age and what happened to it", 0},
	{"r", "r resolve", "settle the conflict of the patch", 0},
	{"j down", "j k move", "next patch", 90},
	{"k up", "", "previous patch", 0},
	{"n", "n blocking", "the next patch that keeps the version back", 60},
	{"/", "/ filter", "only patches with this text", 60},
	{"a", "a audit", "the audit: ages, limits, owners", 60},
	{"u", "u urgent", "the urgent lane: where its items stand", 100},
	{"R", "R refresh", "read the newest state", 110},
	{"?", "? keys", "this list", 0},
	{"esc", "esc back", "back, or all patches again", 60},
	{"q ctrl+c", "q leave", "leave", 0},
}

// Press does what a key means. done tells that the look is over; then the result
// says what is wanted.
func (s BoardSession) Press(key string) (next BoardSession, done bool) {
	s.message = ""
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
		if s.detail || s.help {
			s.detail, s.help, s.scroll = false, false, 0
			return s, false
		}
		if key == "q" {
			return s, true
		}
		s = s.filtered("")
	case "enter":
		_, s.detail = s.row()
		s.scroll = 0
	case "n":
		s = s.nextBlocking()
	case "/":
		s = s.filtered("")
		s.typing, s.detail = true, false
	case "?":
		s.help, s.scroll = true, 0
	case "r":
		if r, ok := s.row(); ok && r.Resolve {
			s.result.Resolve = r.Patch
			return s, true
		}
		s.message = "there is no conflict to settle in this patch"
		if r, ok := s.row(); ok && r.Cause != "" {
			s.message += ": " + r.Cause
		}
	case "R", "a", "u":
		s.result.Refresh, s.result.Audit, s.result.Urgent = key == "R", key == "a", key == "u"
		return s, true
	default:
		s.message = key + " is no key here; ? lists them"
	}
	return s, false
}

func (s BoardSession) moved(by int) BoardSession {
	if s.detail || s.help {
		s.scroll = max(0, min(s.scroll+by, len(s.b.Rows)+200))
		return s
	}
	s.at = min(max(s.at+by, 0), max(len(s.rows)-1, 0))
	return s
}

func (s BoardSession) nextBlocking() BoardSession {
	for i := range s.rows {
		if at := (s.at + 1 + i) % len(s.rows); s.rows[at].Blocks {
			s.at = at
			return s
		}
	}
	s.message = "nothing keeps " + s.b.Version + " back"
	return s
}

// typed takes a key while the filter is being typed.
func (s BoardSession) typed(key string) BoardSession {
	filter, typing := typedFilter(s.filter, key)
	if s.typing = typing; filter != s.filter {
		s = s.filtered(filter)
	}
	return s
}
