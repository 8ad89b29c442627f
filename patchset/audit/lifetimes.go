package audit

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/git-carry/git-carry/patchset/printable"
)

// maxLifetimes is how many patches the chart of lifetimes has room for.
const maxLifetimes = 40

// lifetimesChart has a bar for each patch, from the day it was found to the day it was
// let go. The page has them all in a table.
func lifetimesChart(a Account) Chart {
	all := a.Details.Patches
	shown := lifetimes(all)
	c := Chart{
		Name: "lifetimes", Title: "The life of each patch",
		Text: "A bar from the day it was first carried until it was let go, dotted before from the day it was found. Striped: past its limit and still secret. " +
			"Thin marks: versions. Crosses: conflicts. Circle: public. Square: dropped.",
	}
	if len(shown) == 0 {
		return nothing(c, "No patch was ever carried.")
	}
	if len(shown) < len(all) {
		c.Text += fmt.Sprintf(" %d of %d patches: the oldest that are open, then the newest.", len(shown), len(all))
	}
	d := drawing{name: c.Name}
	d.WriteString(`<defs><pattern id="lifetimes-late" width="6" height="6" patternUnits="userSpaceOnUse"><rect class="late" width="6" height="6"/>` + patternMarks[1] + `</pattern></defs>`)
	const left, right, row = 106, 470, 20
	s := span{a.Totals.AsOf, a.Totals.AsOf, left, right}
	for _, p := range shown {
		s.from = earliestOf(s.from, p.AgeStart)
	}
	y := 8.0
	for _, p := range shown {
		d.text("end", left-8, y+13, printable.Cut(p.ID, 13))
		d.lifetime(p, s, y, a.Totals.AsOf)
		y += row
	}
	d.timeAxis(s, y+2)
	c.svg, c.high = d.String(), int(y)+28
	return c
}

// lifetimes picks the patches to draw: open ones before closed ones, the oldest of
// those and the newest of these.
func lifetimes(all []Dossier) []Dossier {
	var open, over []Dossier
	for _, p := range all {
		switch {
		case p.AgeStart.IsZero():
		case p.Open():
			open = append(open, p)
		default:
			over = append(over, p)
		}
	}
	byStart := func(a, b Dossier) int { return cmp.Or(a.AgeStart.Compare(b.AgeStart), cmp.Compare(a.ID, b.ID)) }
	slices.SortFunc(open, byStart)
	slices.SortFunc(over, func(a, b Dossier) int { return byStart(b, a) })
	shown := append(open, over...)
	shown = shown[:min(len(shown), maxLifetimes)]
	slices.SortFunc(shown, byStart)
	return shown
}

func (d *drawing) lifetime(p Dossier, s span, y float64, asOf time.Time) {
	const high = 12
	carried, end := firstKnown(p.CarriedSince, p.AgeStart), firstKnown(p.Left, asOf)
	middle := y + 2 + high/2
	if p.AgeStart.Before(carried) {
		d.line("before", s.x(p.AgeStart), middle, s.x(carried), middle)
	}
	d.rect("life", s.x(carried), y+2, max(1.5, s.x(end)-s.x(carried)), high)
	late := p.AgeStart.AddDate(0, 0, p.LimitDays+1)
	secret := earliestOf(earliestOf(end, p.PublicAt), p.DroppedAt)
	if late.Before(carried) {
		late = carried
	}
	if late.Before(secret) {
		fmt.Fprintf(d, `<rect class="edge" fill="url(#lifetimes-late)" x="%s" y="%s" width="%s" height="%d"/>`, px(s.x(late)), px(y+2), px(s.x(secret)-s.x(late)), high)
	}
	for _, t := range p.Carries {
		if t.After(carried) && t.Before(end) {
			d.line("carry", s.x(t), y+2, s.x(t), y+2+high)
		}
	}
	for _, k := range p.Cases {
		if k.Cause == "" {
			d.cross(s.x(k.Found), middle)
		}
	}
	switch {
	case !p.PublicAt.IsZero():
		d.circle("open", s.x(p.PublicAt), middle, 4.5)
	case !p.DroppedAt.IsZero():
		d.rect("open", s.x(p.DroppedAt)-4, middle-4, 8, 8)
	}
}
