package audit

import (
	"cmp"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/patchset"
)

// Filter says which rows are wanted. Its zero value wants all.
type Filter struct {
	Owner, Component string
	Severity         patchset.Severity
	Problems         []Problem // one of these at least
	Text             string    // in the id, the component, the owner, the severity or the state, in any case
}

// All tells whether the filter leaves nothing out.
func (f Filter) All() bool {
	return f.Owner+f.Component+string(f.Severity)+f.Text == "" && len(f.Problems) == 0
}

// Wants tells whether a row passes the filter.
func (f Filter) Wants(r Row) bool {
	return (f.Owner == "" || f.Owner == r.Owner) && (f.Component == "" || f.Component == r.Component) &&
		(f.Severity == "" || f.Severity == r.Severity) && (len(f.Problems) == 0 || r.hasAny(f.Problems)) && (f.Text == "" || r.holds(f.Text))
}

func (r Row) holds(text string) bool {
	all := strings.Join([]string{r.ID, r.Component, r.Owner, string(r.Severity), string(r.State)}, "\n")
	return strings.Contains(strings.ToLower(all), strings.ToLower(text))
}

// Only is the report on the rows that pass the filter: what it counts is counted of them.
func (r Report) Only(f Filter) Report {
	rows := make([]Row, 0, len(r.Rows))
	for _, row := range r.Rows {
		if f.Wants(row) {
			rows = append(rows, row)
		}
	}
	r.Rows, r.Summary = rows, summarize(rows)
	return r
}

// Order is what rows are sorted by. The words are part of the contract with scripts.
type Order string

// The orders. Rows that are equal in one stay in that of [OrderOverdue].
const (
	OrderOverdue   Order = "overdue" // the longest overdue first
	OrderAge       Order = "age"     // the oldest first
	OrderSeverity  Order = "severity"
	OrderOwner     Order = "owner"
	OrderComponent Order = "component"
	OrderConflicts Order = "conflicts" // the most first
)

// Orders lists every order.
var Orders = []Order{OrderOverdue, OrderAge, OrderSeverity, OrderOwner, OrderComponent, OrderConflicts}

// ParseOrder reads one of [Orders].
func ParseOrder(word string) (Order, error) {
	if o := Order(word); slices.Contains(Orders, o) {
		return o, nil
	}
	return "", patchset.Faultf(patchset.CodeUsage, "%q is no order", word).WithHint("known: %v", Orders)
}

// Sorted is the report with its rows in an order.
func (r Report) Sorted(o Order) Report {
	r.Rows = slices.Clone(r.Rows)
	slices.SortStableFunc(r.Rows, byUrgency)
	slices.SortStableFunc(r.Rows, func(a, b Row) int {
		switch o {
		case OrderAge:
			return b.AgeDays - a.AgeDays
		case OrderSeverity:
			return a.Severity.Compare(b.Severity)
		case OrderOwner:
			return cmp.Compare(a.Owner, b.Owner)
		case OrderComponent:
			return cmp.Compare(a.Component, b.Component)
		case OrderConflicts:
			return b.Conflicts - a.Conflicts
		}
		return 0
	})
	return r
}

// Group is the carried patches of an owner, a component or a severity.
type Group struct {
	Name       string
	Carried    int
	Overdue    int
	DueSoon    int
	OldestDays int
	Age        Spread
	Conflicts  int
}

// Groupings are what a report can be grouped by.
var Groupings = []string{"owner", "component", "severity"}

// Groups puts the carried patches together by one of [Groupings], the most overdue first.
func (r Report) Groups(by string) ([]Group, error) {
	key, ok := map[string]func(Row) string{
		"owner": ownerOf, "component": componentOf, "severity": func(r Row) string { return string(r.Severity) },
	}[by]
	if !ok {
		return nil, patchset.Faultf(patchset.CodeUsage, "%q is nothing that patches are grouped by", by).WithHint("known: %v", Groupings)
	}
	return newGroups(r.Rows, key), nil
}

func ownerOf(r Row) string     { return r.Owner }
func componentOf(r Row) string { return r.Component }

func newGroups(rows []Row, key func(Row) string) []Group {
	groups := map[string]*Group{}
	ages := map[string][]float64{}
	for _, r := range rows {
		if !r.Carrying() {
			continue
		}
		name := key(r)
		g := groups[name]
		if g == nil {
			g = &Group{Name: name}
			groups[name] = g
		}
		g.Carried++
		g.Conflicts += r.Conflicts
		g.OldestDays = max(g.OldestDays, r.AgeDays)
		if r.Overdue {
			g.Overdue++
		}
		if r.DueSoon() {
			g.DueSoon++
		}
		ages[name] = append(ages[name], float64(r.AgeDays))
	}
	out := make([]Group, 0, len(groups))
	for name, g := range groups {
		g.Age = spreadOf(ages[name])
		out = append(out, *g)
	}
	slices.SortFunc(out, func(a, b Group) int {
		return cmp.Or(b.Overdue-a.Overdue, b.OldestDays-a.OldestDays, cmp.Compare(a.Name, b.Name))
	})
	return out
}
