package tui

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/audit"
)

// Audit is what the audit screen shows: the open patches, and what they come to.
type Audit struct {
	Report audit.Report
	// Limits is how many days a severity allows.
	Limits func(patchset.Severity) int
	// Trains are the versions, oldest first, with their names.
	Trains     []audit.Train
	TrainNames []string
	You        string
	Past       bool // the ledger as it was at Report.AsOf, and not as it is
	// Said is what came of what the person wanted, in a sentence.
	Said string
	// Timelines are by patch, newest first.
	Timelines map[string][]Moment
}

// AuditView is how a person looks at an audit; the zero value is how it begins.
type AuditView struct {
	Filter audit.Filter
	Order  audit.Order
	Public bool   // what may be published: counts only
	At     string // the patch in front
}

// AuditResult is how a look at an audit ended. cmd goes on from there, and shows the
// audit again with the same view.
type AuditResult struct {
	View AuditView
	// Export names a file that the person wants the audit in.
	Export string
	// AsOf is the day that the person wants to see, where Travel is set; "" for now.
	AsOf    string
	Travel  bool
	Refresh bool
	Board   bool // the person wants the board
}

// AuditSession is a look at an audit, a value.
type AuditSession struct {
	a       Audit
	view    AuditView
	report  audit.Report // what passes the filter, in order
	at      int
	detail  bool
	help    bool
	scroll  int
	asks    auditQuestion
	text    string // that is being typed
	message string
	result  AuditResult
}

// auditQuestion is what is being typed.
type auditQuestion int

const (
	asksNothing auditQuestion = iota
	asksText
	asksFile
	asksDay
)

// NewAuditSession looks at an audit.
func NewAuditSession(a Audit, view AuditView) AuditSession {
	if view.Order == "" {
		view.Order = audit.OrderOverdue
	}
	s := AuditSession{a: a, view: view, message: a.Said}
	return s.narrowed(view)
}

// Result is what the person wants, once Press said that the look is over.
func (s AuditSession) Result() AuditResult {
	out := s.result
	out.View = s.view
	out.View.At = s.front()
	return out
}

// front is the id of the patch in front, or "".
func (s AuditSession) front() string {
	if r, ok := s.row(); ok {
		return r.ID
	}
	return ""
}

// narrowed shows what a view wants, with the same patch in front where it is still there.
func (s AuditSession) narrowed(view AuditView) AuditSession {
	s.view = view
	s.report = s.a.Report.Only(view.Filter).Sorted(view.Order)
	s.at = max(0, slices.IndexFunc(s.report.Rows, func(r audit.Row) bool { return r.ID == view.At }))
	return s
}

// row is the patch in front; false when there is none, or none may be shown.
func (s AuditSession) row() (audit.Row, bool) {
	if s.view.Public || s.at >= len(s.report.Rows) {
		return audit.Row{}, false
	}
	return s.report.Rows[s.at], true
}

func (s AuditSession) writing() bool { return s.asks != asksNothing }

func (s AuditSession) render(size Size, t Theme) string { return RenderAudit(s, size, t) }

// auditKeys are the keys of the audit, for the footer and the help.
var auditKeys = []lookKey{
	{"enter", "enter open", "the patch, its clocks and what happened to it", 60},
	{"j down", "j k move", "next patch", 110},
	{"k up", "", "previous patch", 0},
	{"f", "f problem", "only patches with a problem, one after the other; then all again", 0},
	{"o", "o owner", "only those of this owner; again: of all", 50},
	{"c", "c component", "only those of this component; again: of all", 110},
	{"v", "v severity", "only those of this severity; again: of all", 110},
	{"/", "/ text", "only patches with this text", 80},
	{"s", "s sort", "the next order of " + orderList(), 61},
	{"d", "d day", "how it was at the end of a day", 100},
	{"P", "P public", "what may be published: counts only; again: all", 110},
	{"x", "x export", "write what is shown to a file: .csv .json .txt; the whole report: .html .prom .ics", 0},
	{"R", "R refresh", "read the newest state", 120},
	{"b", "b board", "the train board", 90},
	{"?", "? keys", "this list", 0},
	{"esc", "", "back, or all patches again, or to the board", 0},
	{"q ctrl+c", "q leave", "leave", 0},
}

func orderList() string {
	var words []string
	for _, o := range audit.Orders {
		words = append(words, string(o))
	}
	return strings.Join(words, ", ")
}

// Press does what a key means. done tells that the look is over; then the result says
// what is wanted.
func (s AuditSession) Press(key string) (next AuditSession, done bool) {
	s.message = ""
	if s.writing() && key != "ctrl+c" {
		return s.typedKey(key)
	}
	if by, ok := lookSteps[key]; ok {
		return s.moved(by), false
	}
	view := s.view
	view.At = s.front()
	switch key {
	case "ctrl+c":
		return s, true
	case "q", "esc":
		return s.back(key)
	case "enter":
		_, s.detail = s.row()
		s.scroll = 0
	case "f":
		view.Filter.Problems = nextProblem(view.Filter.Problems)
		return s.narrowed(view), false
	case "s":
		view.Order = audit.Orders[(slices.Index(audit.Orders, view.Order)+1)%len(audit.Orders)]
		return s.narrowed(view), false
	case "o", "c", "v":
		return s.narrowed(s.toggled(view, key)), false
	case "P":
		view = AuditView{Order: view.Order, Public: !view.Public, At: view.At} // of all that there is
		s.detail = false
		return s.narrowed(view), false
	case "/", "x", "d":
		s.asks = map[string]auditQuestion{"/": asksText, "x": asksFile, "d": asksDay}[key]
		s.text = ""
	case "?":
		s.help, s.scroll = true, 0
	case "R", "b":
		s.result.Refresh, s.result.Board = key == "R", key == "b"
		return s, true
	default:
		s.message = key + " is no key here; ? lists them"
	}
	return s, false
}

// back closes what is open, then takes the filters away, then leads to the board. q leaves
// where nothing is open.
func (s AuditSession) back(key string) (AuditSession, bool) {
	all := AuditView{Order: s.view.Order, Public: s.view.Public, At: s.front()}
	switch {
	case s.detail || s.help:
		s.detail, s.help, s.scroll = false, false, 0
		return s, false
	case key == "q":
		return s, true
	case !s.view.Filter.All():
		return s.narrowed(all), false
	}
	s.result.Board = true
	return s, true
}

// toggled narrows the view to what the patch in front has, or takes that away again.
func (s AuditSession) toggled(view AuditView, key string) AuditView {
	r, _ := s.row()
	toggle := func(now *string, to string) {
		if *now != "" {
			to = ""
		}
		*now = to
	}
	switch key {
	case "o":
		toggle(&view.Filter.Owner, r.Owner)
	case "c":
		toggle(&view.Filter.Component, r.Component)
	case "v":
		severity := string(view.Filter.Severity)
		toggle(&severity, string(r.Severity))
		view.Filter.Severity = patchset.Severity(severity)
	}
	return view
}

// nextProblem goes through the problems, and then to none.
func nextProblem(now []audit.Problem) []audit.Problem {
	next := 0
	if len(now) > 0 {
		next = slices.Index(audit.Problems, now[0]) + 1
	}
	if next == len(audit.Problems) {
		return nil
	}
	return audit.Problems[next : next+1 : next+1]
}

func (s AuditSession) moved(by int) AuditSession {
	if s.detail || s.help {
		s.scroll = max(0, min(s.scroll+by, maxScroll))
		return s
	}
	s.at = min(max(s.at+by, 0), max(len(s.report.Rows)-1, 0))
	return s
}

// maxScroll is further down than any page of the audit reaches.
const maxScroll = 1000

// typedKey takes a key while a line is being typed.
func (s AuditSession) typedKey(key string) (AuditSession, bool) {
	r, _ := utf8.DecodeRuneInString(key)
	switch {
	case key == "enter":
		return s.answered()
	case key == "esc":
		if s.asks == asksText {
			s = s.searched("")
		}
		s.asks = asksNothing
	case key == "backspace" && s.text != "":
		_, n := utf8.DecodeLastRuneInString(s.text)
		s.text = s.text[:len(s.text)-n]
	case utf8.RuneCountInString(key) == 1 && unicode.IsPrint(r) && len(s.text) < maxTyped:
		s.text += key
	}
	if s.asks == asksText {
		s = s.searched(s.text)
	}
	return s, false
}

func (s AuditSession) searched(text string) AuditSession {
	view := s.view
	view.Filter.Text, view.At = text, s.front()
	return s.narrowed(view)
}

// answered ends a line that was typed.
func (s AuditSession) answered() (AuditSession, bool) {
	asked, text := s.asks, strings.TrimSpace(s.text)
	s.asks = asksNothing
	switch asked {
	case asksFile:
		if text == "" {
			s.message = "nothing was written"
			return s, false
		}
		s.result.Export = text
		return s, true
	case asksDay:
		s.result.AsOf, s.result.Travel = text, true
		return s, true
	}
	return s, false
}
