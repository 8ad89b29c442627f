package audit

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/git-carry/git-carry/patchset/printable"
)

var (
	//go:embed page.html.tmpl
	pageSource string
	//go:embed page.css
	pageCSS string
)

// pageTemplate is read when the first page is written: most commands write none.
var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{
		"day": dayOf, "minute": minuteOf, "days": daysWords, "number": spreadWords, "over": Row.DaysOverdue,
		"has":   func(d Dossier, problem Problem) bool { return slices.Contains(d.Problems, problem) },
		"notes": func(d Dossier) string { return strings.Join(d.Notes(), ", ") },
		"who":   func(d Dossier) string { return strings.Join(d.workers(), ", ") },
		"short": func(id any) string { return fmt.Sprintf("%.10s", id) },
		"on": func(target string) string {
			if target == "" {
				return ""
			}
			return " on " + target
		},
		"due": func(d Dossier) string {
			if d.OverdueFrom.IsZero() {
				return ""
			}
			return dayOf(d.OverdueFrom.AddDate(0, 0, -1))
		},
		"inAll": func(sum float64, s Spread) string {
			words := number(&sum, "")
			if s.Median != nil {
				words += " (" + number(s.Median, "") + ")"
			}
			return words
		},
		"tile":  func(plain bool, section, words string) tile { return tile{plain, section, words} },
		"table": func(name, caption string) tableHead { return tableHead{name, caption} },
	}).Parse(pageSource))
})

// tableHead is what a region that may scroll needs to be known by.
type tableHead struct{ Name, Caption string }

// tile leads from a number at a glance to the section that it is from, unless the page has
// none.
type tile struct {
	Plain          bool
	Section, Words string
}

// maxPageRows bounds the tables that grow with every week. The JSON has them all.
const maxPageRows = 1000

// page is what the template sees.
type page struct {
	Totals
	*Details
	Public   bool
	CSP      string
	CSS      template.CSS
	Charts   map[string]template.HTML
	LateDays int

	Overdue, Open, Late, Given, Gone []Dossier
	AtRisk                           []Dossier // an owner problem, an override, no key
	CasesOpen, DoneCases             []Case
	Signed                           []Fact
	TrainNames                       []string
	More                             map[string]int // rows that were left out, by table
}

// HTML writes the account as one page that needs nothing from anywhere: no script, no
// picture, no font. Its policy forbids the reader's program to load any. A public
// account gives a page of numbers only.
func HTML(w io.Writer, a Account) error {
	css := chartCSS + pageCSS
	sum := sha256.Sum256([]byte(css))
	p := page{
		Totals: a.Totals, Details: a.Details, Public: a.Details == nil, CSS: template.CSS(css), LateDays: LateDays,
		CSP:    "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'",
		Charts: map[string]template.HTML{}, More: map[string]int{},
	}
	for _, c := range Charts(a) {
		p.Charts[c.Name] = template.HTML(c.Inline())
	}
	for _, t := range a.Totals.Trains {
		p.TrainNames = append(p.TrainNames, a.trainLabel(t.Number))
	}
	if a.Details != nil {
		p.sort(*a.Details)
	}
	var b strings.Builder
	if err := pageTemplate().Execute(&b, p); err != nil {
		return err
	}
	_, err := io.WriteString(w, cleanMarkup(b.String()))
	return err
}

// sort puts the patches and conflicts into the tables where they answer a question.
func (p *page) sort(d Details) {
	for _, x := range d.Patches {
		if x.Overdue {
			p.Overdue = append(p.Overdue, x)
		}
		switch {
		case x.Open():
			p.Open = append(p.Open, x)
		case !x.DroppedAt.IsZero():
			p.Given = append(p.Given, x)
		default:
			p.Gone = append(p.Gone, x)
		}
		if x.DaysPublic > 0 {
			p.Late = append(p.Late, x)
		}
		if slices.ContainsFunc(x.Problems, func(problem Problem) bool { return problem != ProblemOverdue }) || x.Open() && x.OwnerAway != "" {
			p.AtRisk = append(p.AtRisk, x)
		}
	}
	slices.SortStableFunc(p.Open, func(a, b Dossier) int { return b.AgeDays - a.AgeDays })
	slices.SortStableFunc(p.Late, func(a, b Dossier) int { return b.DaysPublic - a.DaysPublic })
	slices.SortStableFunc(p.Given, func(a, b Dossier) int { return b.DroppedAt.Compare(a.DroppedAt) })
	slices.SortStableFunc(p.Gone, func(a, b Dossier) int { return b.PublicAt.Compare(a.PublicAt) })
	for _, c := range d.Cases {
		if c.Open() {
			p.CasesOpen = append(p.CasesOpen, c)
		} else if c.Cause == "" {
			p.DoneCases = append(p.DoneCases, c)
		}
	}
	p.DoneCases = firstRows(p, "resolutions", p.DoneCases)
	p.Signed = firstRows(p, "signed", d.Consents)
	p.Open, p.Gone, p.Given = firstRows(p, "open", p.Open), firstRows(p, "gone", p.Gone), firstRows(p, "dropped", p.Given)
}

func firstRows[T any](p *page, table string, rows []T) []T {
	if extra := len(rows) - maxPageRows; extra > 0 {
		p.More[table] = extra
		return rows[:maxPageRows]
	}
	return rows
}

// cleanMarkup shows what must not reach a reader as it is, in a page that is otherwise
// escaped already, as printable.Text does in plain text.
func cleanMarkup(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, "&lt;%02X&gt;", s[i])
		case printable.Unsafe(r):
			fmt.Fprintf(&b, "&lt;U+%04X&gt;", r)
		default:
			b.WriteString(s[i : i+size])
		}
		i += size
	}
	return b.String()
}

// workers are those who made or signed a resolution of the patch, and how often.
func (d Dossier) workers() []string {
	count := map[string]int{}
	var order []string
	add := func(who string) {
		if who == "" {
			return
		}
		if count[who] == 0 {
			order = append(order, who)
		}
		count[who]++
	}
	for _, c := range d.Cases {
		add(c.By)
		for _, f := range c.Consents {
			if f.Person != c.By {
				add(f.Person)
			}
		}
	}
	slices.Sort(order)
	for i, who := range order {
		order[i] = fmt.Sprintf("%s %d×", who, count[who])
	}
	return order
}

// Took is how long a settled conflict took, or how long an open one has been waiting.
func (c Case) Took(now time.Time) time.Duration { return firstKnown(c.Settled, now).Sub(c.Found) }

func minuteOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04")
}

// daysWords says how long something took: "3 d", "5 h", "20 min".
func daysWords(d time.Duration) string {
	switch {
	case d < 0:
		return ""
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 2*day:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d d", int(d/day))
}

// spreadWords is a number that may be missing because the cases are too few.
func spreadWords(n *float64) string { return number(n, "–") }
