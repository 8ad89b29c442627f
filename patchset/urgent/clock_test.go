package urgent

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/git-carry/git-carry/patchset"
)

func minute(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }

// timed is an item of which every stage ended at a known minute.
func timed() Standing {
	s := standing()
	s.Policy.Soak, s.Now = -1, minute(60)
	s.Item.Opened.At, s.Item.Ready, s.Item.Accepted.At = minute(0), minute(-5), minute(4)
	s.Item.Runs = map[Stage]Run{
		Carry:   {Started: minute(5), Ended: minute(6), Machine: 20 * time.Second},
		Testing: {Started: minute(6), Ended: minute(8), Remote: time.Minute},
		Release: {Started: minute(30), Ended: minute(40), Remote: 3 * time.Minute},
	}
	for i := range s.Stacks {
		s.Stacks[i].Testing[0].At, s.Stacks[i].Stable[0].At = minute(8), minute(38+i)
	}
	s.Votes[0].At, s.Votes[1].At, s.Votes[2].At = minute(10), minute(12), minute(28)
	return s
}

func tookMinutes(spans []Span) []float64 {
	var out []float64
	for _, span := range spans {
		out = append(out, span.Took.Minutes())
	}
	return out
}

func TestTimes(t *testing.T) {
	s := timed()
	spans := s.Times()
	if got, want := tookMinutes(spans), []float64{4, 2, 2, 20, 12, 45}; !reflect.DeepEqual(got, want) {
		t.Errorf("the stages took %v minutes, want %v", got, want)
	}
	for _, span := range spans {
		if span.Machine+span.Remote+span.People != span.Took {
			t.Errorf("%s: %v, %v and %v are not %v", span.Stage, span.Machine, span.Remote, span.People, span.Took)
		}
	}
	if carry := spans[1]; carry.Machine != 20*time.Second || carry.People != 100*time.Second || carry.Late() != "late" {
		t.Errorf("carry: %+v", carry)
	}
	if release := spans[4]; release.Remote != 3*time.Minute || release.Late() != "late" {
		t.Errorf("release: %+v", release)
	}

	// Stacks and targets move on; what was written down does not.
	s.Item.Released = Arriving{patchset.Event{At: minute(40)}, Record(spans)}
	s.Stacks[0].Stable, s.Votes = []Arrival{{Target: "t"}}, nil
	if got := tookMinutes(s.Times()); !reflect.DeepEqual(got, tookMinutes(spans)) {
		t.Errorf("afterwards: %v", got)
	}
	if s.NotOut() != 0 {
		t.Error("it is out")
	}
}

func TestTimesUnderWay(t *testing.T) {
	s := timed()
	s.Votes, s.Now = s.Votes[:2], minute(33)
	for i := range s.Stacks {
		s.Stacks[i].Stable[0].There = false
	}
	spans := s.Times()
	if approval, release := spans[3], spans[4]; approval.Took != 25*time.Minute || !approval.End.IsZero() || approval.Late() != "late" || release.Begun() {
		t.Errorf("approval %+v, release %+v", approval, release)
	}
	if s.NotOut() != 38*time.Minute {
		t.Errorf("not out for %v", s.NotOut())
	}
	if at := Forecast(spans, s.Now); !at.Equal(minute(43)) { // approval is past its target, release takes 10
		t.Errorf("forecast %v", at)
	}
	run := func(minutes int) Run { return Run{Started: noon, Ended: minute(minutes)} }
	lane := Lane{Items: map[string]Item{
		s.Item.ID:  {Released: Arriving{Stages: map[Stage]Run{Release: run(500)}}},
		"U-2025-1": {Released: Arriving{Stages: map[Stage]Run{Release: run(3)}}},
		"U-2025-2": {Released: Arriving{Stages: map[Stage]Run{Release: run(5)}}},
		"U-2025-3": {},
	}}
	spans = lane.WithMedians(s.Item.ID, spans)
	if spans[4].Median != 4*time.Minute {
		t.Errorf("usual: %v", spans[4].Median)
	}
	if at := Forecast(spans, s.Now); !at.Equal(minute(37)) {
		t.Errorf("forecast by earlier items: %v", at)
	}
}

func TestUnfinished(t *testing.T) {
	s := timed()
	s.PublicAt, s.Now = minute(60), minute(60).Add(7*24*time.Hour)
	for _, name := range s.Policy.Extras {
		if s.Item.Extras == nil {
			s.Item.Extras = map[string]patchset.Event{}
		}
		s.Item.Extras[name] = patchset.Event{At: noon}
	}
	for i := range s.Stacks {
		s.Stacks[i].States = map[string]patchset.State{"T1": patchset.StateLanded}
	}
	if missing := s.Unfinished(); len(missing) > 0 {
		t.Fatalf("it stays: %q", missing)
	}
	for want, spoil := range map[string]func(*Standing){
		"it stays until": func(s *Standing) { s.Now = s.Now.Add(-time.Second) },
		"not public":     func(s *Standing) { s.PublicAt = time.Time{} },
		"by the normal way": func(s *Standing) {
			s.Stacks = append(s.Stacks, Stack{Component: "core", Version: "1.2", States: map[string]patchset.State{"T1": patchset.StateClean}})
		},
		"sam holds it":              func(s *Standing) { s.Holds = []Hold{{Person: "sam"}} },
		"why the glass was broken":  func(s *Standing) { s.Glass = []string{"a", "b"} },
		"advisory is owed":          func(s *Standing) { s.Item.Extras = map[string]patchset.Event{"bundle": {At: noon}} },
		"it is not on every target": func(s *Standing) { s.Stacks[0].States = map[string]patchset.State{"T1": patchset.StateConflict} },
	} {
		one := s
		one.Stacks = append([]Stack(nil), s.Stacks...)
		spoil(&one)
		if got := strings.Join(one.Unfinished(), "; "); !strings.Contains(got, want) {
			t.Errorf("want %q, got %q", want, got)
		}
	}
}

func TestDrillDue(t *testing.T) {
	targets := map[string]patchset.Target{"a": {}}
	l := Lane{Policy: Policy{}.Normal(), Drills: map[string]Drill{}}
	if _, due := l.DrillDue(targets, noon); !due {
		t.Error("never tried out, and not due")
	}
	if _, due := l.DrillDue(nil, noon); due {
		t.Error("due without a target")
	}
	l.Drills["1"] = Drill{Event: patchset.Event{At: noon}, OK: true}
	l.Drills["2"] = Drill{Event: patchset.Event{At: noon.AddDate(0, 0, 90)}} // it failed
	if _, due := l.DrillDue(targets, noon.AddDate(0, 0, 90)); due {
		t.Error("due on the ninetieth day")
	}
	if _, due := l.DrillDue(targets, noon.AddDate(0, 0, 90).Add(time.Second)); !due {
		t.Error("not due after ninety days, or a failed drill counts")
	}
}
