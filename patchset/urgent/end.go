package urgent

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/patchset"
)

// Owed are the extras that were put off and are not made yet; none before the fix is out.
func (s Standing) Owed() []string {
	if !s.released() {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(s.Policy.Extras), func(name string) bool { return s.Item.Extras[name].Happened() })
}

// Unfinished says why the item cannot leave the lane yet, a line each; none: it can.
func (s Standing) Unfinished() []string {
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	if !s.released() {
		add("it is not on every target")
	}
	if s.PublicAt.IsZero() {
		add("it is not public")
	} else if end := s.PublicAt.Add(s.Policy.keep()); s.Now.Before(end) {
		add("it stays until %s, %d days after it became public", end.UTC().Format(time.DateOnly), s.Policy.KeepDays)
	}
	for _, k := range s.Stacks {
		if !k.public() {
			add("%s %s does not have it by the normal way: %s", k.Component, k.Version, "git carry train "+k.Version)
		}
	}
	for _, h := range s.Holds {
		add("%s holds it: %s", h.Person, h.Reason)
	}
	if s.GlassBroken() && !s.Item.Reviewed.Happened() {
		add("nobody has looked at why the glass was broken")
	}
	for _, name := range s.Owed() {
		add("%s is owed", name)
	}
	return lines
}

// Unreleased says what the stacks wait for that are not on their targets yet and that a
// release would not serve now, a line each, with the stacks that it is about.
func (s Standing) Unreleased() []string {
	if s.released() {
		return nil
	}
	var lines []string
	if !s.Item.Accepted.Happened() {
		return []string{"nobody has let it into the lane"}
	}
	for _, h := range s.Holds {
		lines = append(lines, fmt.Sprintf("%s holds it: %s", h.Person, h.Reason))
	}
	stacks := map[string][]string{}
	for _, k := range s.Stacks {
		for _, why := range s.waits(k) {
			if !slices.Contains(lines, why) {
				lines = append(lines, why)
			}
			stacks[why] = append(stacks[why], k.Component+" "+k.Version)
		}
	}
	for i, why := range lines {
		if about := stacks[why]; len(about) > maxAbout {
			lines[i] += fmt.Sprintf(" (%s and %d more)", strings.Join(about[:maxAbout], ", "), len(about)-maxAbout)
		} else if len(about) > 0 {
			lines[i] += " (" + strings.Join(about, ", ") + ")"
		}
	}
	return lines
}

// maxAbout is how many stacks a line of [Standing.Unreleased] names.
const maxAbout = 4

// waits is all that one stack waits for, in words; see [Standing.Waits] for the first.
func (s Standing) waits(k Stack) (lines []string) {
	switch wait := s.Waits(k); {
	case wait == WaitNothing || k.begun():
		return nil
	case wait == WaitCarry:
		return []string{"it is not carried there"}
	case wait == WaitBehind && k.parked():
		return []string{"it conflicts there"}
	case wait == WaitBehind && len(k.Problems) > 0:
		return []string{"the version may not go out: " + k.Problems[0]}
	case wait == WaitOthers:
		return []string{"the policy lets none go before the others"}
	}
	for _, a := range k.Testing {
		if !a.There && !a.Excused {
			lines = append(lines, "the testing target "+a.Target+" was not seen to serve it"+detail(a))
		}
	}
	if n := s.Lacking(k); n > 0 {
		lines = append(lines, fmt.Sprintf("%d of %d approvals are missing", n, s.Threshold()))
	}
	if end := s.SoakedAt(); s.Now.Before(end) {
		lines = append(lines, "it stays on the testing targets until "+end.UTC().Format("15:04")+" UTC")
	}
	return lines
}

func detail(a Arrival) string {
	if a.Detail == "" {
		return ""
	}
	return ": " + a.Detail
}

// Used tells whether this vault has ever had anything to do with the lane.
func (l Lane) Used() bool { return len(l.Items) > 0 || len(l.Drills) > 0 }

// DrillIDs lists the drills, oldest first.
func (l Lane) DrillIDs() []string {
	ids := slices.Collect(maps.Keys(l.Drills))
	slices.SortFunc(ids, patchset.CompareVersions)
	return ids
}

// FreeDrill is the id of the next drill of a day.
func (l Lane) FreeDrill(at time.Time) string {
	for n := 1; ; n++ {
		id := fmt.Sprintf("%s-%d", at.UTC().Format(time.DateOnly), n)
		if _, taken := l.Drills[id]; !taken {
			return id
		}
	}
}

// Last is the newest drill that went well, and when that was.
func (l Lane) Last() (Drill, bool) {
	var last Drill
	for _, id := range l.DrillIDs() {
		if d := l.Drills[id]; d.OK && !d.At.Before(last.At) {
			last = d
		}
	}
	return last, !last.At.IsZero()
}

// DrillDue gives the last drill and tells whether the next one is due. A vault that has no
// target needs none.
func (l Lane) DrillDue(targets map[string]patchset.Target, now time.Time) (last Drill, due bool) {
	last, drilled := l.Last()
	if len(targets) == 0 {
		return last, false
	}
	return last, !drilled || now.Sub(last.At) > time.Duration(l.Policy.DrillDays)*24*time.Hour
}
