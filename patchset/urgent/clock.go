package urgent

import (
	"slices"
	"time"
)

// Span is the time that a stage took, or has taken so far.
type Span struct {
	Stage      Stage
	Start, End time.Time // End is zero while it goes on, both are while it has not begun
	Took       time.Duration
	// What was spent: by this program, by others' servers, and by people. They add up to Took.
	Machine, Remote, People time.Duration
	Target, Limit           time.Duration
	// Median is how long it took in earlier items, zero when there were none.
	Median time.Duration
}

// Begun tells whether the stage has begun.
func (s Span) Begun() bool { return !s.Start.IsZero() }

// Late says whether it took longer than its target, or than its limit: "", "late" or "over".
func (s Span) Late() string {
	switch {
	case s.Begun() && s.Took > s.Limit:
		return "over"
	case s.Begun() && s.Took > s.Target:
		return "late"
	}
	return ""
}

// ReportAfter is after how long a fix that is ready and not out is to be reported,
// whatever the reason.
const ReportAfter = 180 * time.Minute

// Times are the stages of the item in their order, and at the end the whole.
func (s Standing) Times() []Span {
	if s.Item.Released.Happened() {
		return s.recorded()
	}
	ends := map[Stage]time.Time{
		Intake: s.Item.Accepted.At, Carry: s.carriedAt(), Testing: s.testedAt(), Approval: s.approvedAt(), Release: s.releasedAt(),
	}
	start := s.Item.Opened.At
	var spans []Span
	total := Span{Stage: Total, Start: s.readyAt(), End: ends[Release]}
	for _, stage := range Stages {
		span := Span{Stage: stage, Start: start, End: ends[stage]}
		if span.Start.IsZero() {
			span.End = time.Time{}
		}
		if !span.End.IsZero() && span.End.Before(span.Start) {
			span.End = span.Start
		}
		start = span.End
		s.measure(&span, s.Item.Runs[stage])
		total.Machine, total.Remote = total.Machine+span.Machine, total.Remote+span.Remote
		spans = append(spans, span)
	}
	s.measure(&total, Run{Machine: total.Machine, Remote: total.Remote})
	return append(spans, total)
}

// recorded are the times that were written down when it was released.
func (s Standing) recorded() []Span { return s.of(s.Item.Released.Stages) }

// Spans are the times of a drill.
func (d Drill) Spans(p Policy) []Span { return Standing{Policy: p}.of(d.Stages) }

func (s Standing) of(stages map[Stage]Run) []Span {
	var spans []Span
	for _, stage := range append(slices.Clone(Stages), Total) {
		run := stages[stage]
		span := Span{Stage: stage, Start: run.Started, End: run.Ended}
		s.measure(&span, run)
		spans = append(spans, span)
	}
	return spans
}

// Record is what is kept of the times once it is out.
func Record(spans []Span) map[Stage]Run {
	kept := map[Stage]Run{}
	for _, span := range spans {
		if span.Begun() {
			kept[span.Stage] = Run{Started: span.Start.UTC(), Ended: span.End.UTC(), Machine: span.Machine, Remote: span.Remote}
		}
	}
	return kept
}

func (s Standing) measure(span *Span, run Run) {
	span.Target, span.Limit = s.Policy.Target(span.Stage), s.Policy.Limit(span.Stage)
	if !span.Begun() {
		return
	}
	end := span.End
	if end.IsZero() {
		end = s.stopped()
	}
	span.Took = max(0, end.Sub(span.Start))
	span.Machine = min(run.Machine, span.Took)
	span.Remote = min(run.Remote, span.Took-span.Machine)
	span.People = span.Took - span.Machine - span.Remote
}

// stopped is until when what goes on is counted.
func (s Standing) stopped() time.Time {
	for _, end := range []time.Time{s.Item.Rejected.At, s.Item.RolledBack.At, s.Item.Retired.At} {
		if !end.IsZero() {
			return end
		}
	}
	return s.Now
}

func (s Standing) readyAt() time.Time {
	if r := s.Item.Ready; !r.IsZero() && r.Before(s.Item.Opened.At) {
		return r
	}
	return s.Item.Opened.At
}

func (s Standing) carriedAt() time.Time {
	if !s.carried() {
		return time.Time{}
	}
	if run, ran := s.Item.Runs[Carry]; ran {
		return run.Ended
	}
	return s.Item.Accepted.At // everything had it already
}

func (s Standing) testedAt() time.Time {
	if !s.inTesting() && !s.some(Stack.begun) {
		return time.Time{}
	}
	last := s.carriedAt()
	for _, k := range s.Fit() {
		for _, a := range k.Testing {
			if a.There && a.At.After(last) {
				last = a.At
			}
		}
	}
	return last
}

// approvedAt is when the vote came that was needed for the last stack, or the soak was over.
func (s Standing) approvedAt() time.Time {
	last := s.SoakedAt()
	for _, k := range s.Fit() {
		at, ok := s.decided(k)
		if !ok && !k.begun() && !k.public() {
			return time.Time{}
		}
		if at.After(last) {
			last = at
		}
	}
	if last.IsZero() || last.After(s.Now) || s.testedAt().IsZero() {
		return time.Time{}
	}
	return last
}

// decided is when a stack had as many approvals as it needs.
func (s Standing) decided(k Stack) (at time.Time, ok bool) {
	needed, people := s.Threshold(), []string{}
	for _, v := range s.Votes {
		if v.Content == k.Content && v.Score > 0 && v.Ignored == "" && !slices.Contains(people, v.Person) {
			people = append(people, v.Person)
		}
		if len(people) == needed {
			return v.At, true
		}
	}
	return at, false
}

func (s Standing) releasedAt() time.Time {
	if !s.Arrived() {
		return time.Time{}
	}
	last := s.Item.Runs[Release].Ended
	for _, k := range s.Stacks {
		for _, a := range k.Stable {
			if a.There && a.At.After(last) {
				last = a.At
			}
		}
	}
	return last
}

// Out tells whether nobody waits for it any more: every target has it, or it was given up.
func (s Standing) Out() bool { return s.released() || s.Item.Over() || s.Successor != "" }

// NotOut is for how long the fix has been ready and not out; zero once it is.
func (s Standing) NotOut() time.Duration {
	if s.Out() {
		return 0
	}
	return max(0, s.stopped().Sub(s.readyAt()))
}

// WithMedians adds how long each stage took in other items that have been released.
func (l Lane) WithMedians(item string, spans []Span) []Span {
	spans = slices.Clone(spans)
	for i, span := range spans {
		var took []time.Duration
		for id, other := range l.Items {
			if run, has := other.Released.Stages[span.Stage]; has && id != item {
				took = append(took, run.Ended.Sub(run.Started))
			}
		}
		spans[i].Median = median(took)
	}
	return spans
}

func median(list []time.Duration) time.Duration {
	if len(list) == 0 {
		return 0
	}
	list = slices.Clone(list)
	slices.Sort(list)
	return (list[(len(list)-1)/2] + list[len(list)/2]) / 2
}

// Outlook is when each stage that is left will have ended, if every one takes as long as it did
// before, or else what it should take.
func Outlook(spans []Span, now time.Time) map[Stage]time.Time {
	at, ends := now, map[Stage]time.Time{}
	for _, span := range spans {
		if span.Stage == Total || !span.End.IsZero() {
			continue
		}
		usual := span.Median
		if usual == 0 {
			usual = span.Target
		}
		at = at.Add(max(0, usual-span.Took))
		ends[span.Stage] = at
	}
	return ends
}

// Forecast is when it will be out by the [Outlook]; zero when that is past or not to be said.
func Forecast(spans []Span, now time.Time) time.Time {
	last := now
	for _, end := range Outlook(spans, now) {
		if end.After(last) {
			last = end
		}
	}
	if last.Equal(now) {
		return time.Time{}
	}
	return last
}
