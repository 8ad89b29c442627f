package urgent

import (
	"testing"
	"time"

	"github.com/git-carry/git-carry/patchset"
)

func TestAlarmTakesTwo(t *testing.T) {
	at := func(minutes int) time.Time { return time.Date(2026, 11, 22, 9, minutes, 0, 0, time.UTC) }
	word := func(person string, minutes int, below bool) Word {
		return Word{Person: person, At: at(minutes), Below: below}
	}
	policy := Policy{}.Normal()
	for name, tc := range map[string]struct {
		calm  time.Time
		words []Word
		on    bool
		below bool
		until time.Time
	}{
		"nobody":              {time.Time{}, nil, false, false, time.Time{}},
		"one":                 {time.Time{}, []Word{word("sam", 1, true)}, false, false, time.Time{}},
		"two":                 {time.Time{}, []Word{word("sam", 1, true), word("priya", 2, false)}, true, false, at(2).Add(48 * time.Hour)},
		"the second agrees":   {time.Time{}, []Word{word("priya", 2, true), word("sam", 1, false)}, true, true, at(2).Add(48 * time.Hour)},
		"more time":           {time.Time{}, []Word{word("sam", 1, false), word("priya", 2, false), word("lee", 30, false)}, true, false, at(30).Add(48 * time.Hour)},
		"called off":          {at(5), []Word{word("sam", 1, false), word("priya", 2, false)}, false, false, time.Time{}},
		"called off, one new": {at(5), []Word{word("sam", 1, false), word("priya", 6, false)}, false, false, time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			a := Item{Calm: patchset.Event{At: tc.calm}}.Alarm(tc.words, policy)
			if a.On() != tc.on || a.Below != tc.below || !a.Until.Equal(tc.until) {
				t.Errorf("%+v", a)
			}
		})
	}
}

func TestPace(t *testing.T) {
	for _, tc := range []struct {
		age   time.Duration
		alarm bool
		want  time.Duration
	}{
		{0, false, 30 * time.Second},
		{14 * time.Minute, true, 30 * time.Second},
		{15 * time.Minute, false, 2 * time.Minute},
		{time.Hour, true, 10 * time.Minute},
		{time.Hour, false, time.Hour},
	} {
		if got := Pace(tc.age, tc.alarm); got != tc.want {
			t.Errorf("%s, panic %t: every %s, want %s", tc.age, tc.alarm, got, tc.want)
		}
	}
}
