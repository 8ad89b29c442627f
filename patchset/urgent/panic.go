package urgent

import (
	"cmp"
	"slices"
	"time"
)

// The acts by which somebody wants users to be sent only to targets that have the fix.
const (
	ActPanic = "panic"
	// ActBelow also lets less capacity be left than the floor asks for.
	ActBelow = "panic-below-floor"
)

// Word is what one person said of panic.
type Word struct {
	Person string
	At     time.Time
	Reason string
	Below  bool // the floor may be gone below
	Label  string
}

// Alarm is where the panic of an item stands.
type Alarm struct {
	Words []Word    // that count, the first first
	Since time.Time // when a second person agreed; zero while nobody has
	Until time.Time // when it ends by itself
	Below bool      // somebody but the first lets the floor be gone below
}

// On tells whether it is engaged.
func (a Alarm) On() bool { return !a.Since.IsZero() }

// Alarm weighs what people said since it was last called off. It takes two; a later
// word of either gives it more time.
func (i Item) Alarm(words []Word, p Policy) Alarm {
	words = slices.DeleteFunc(slices.Clone(words), func(w Word) bool { return i.Calm.Happened() && !w.At.After(i.Calm.At) })
	slices.SortFunc(words, func(x, y Word) int { return cmp.Or(x.At.Compare(y.At), cmp.Compare(x.Person, y.Person)) })
	a := Alarm{Words: words}
	if len(words) < 2 {
		return a
	}
	a.Since, a.Until = words[1].At, words[len(words)-1].At.Add(time.Duration(p.PanicHours)*time.Hour)
	a.Below = slices.ContainsFunc(words[1:], func(w Word) bool { return w.Below })
	return a
}

// Pace is how long to wait until the targets are asked again, age being the time since
// somebody last began to wait for them.
func Pace(age time.Duration, alarm bool) time.Duration {
	switch {
	case age < 15*time.Minute:
		return 30 * time.Second
	case age < time.Hour:
		return 2 * time.Minute
	case alarm:
		return 10 * time.Minute
	}
	return time.Hour
}
