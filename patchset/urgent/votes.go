package urgent

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Vote is what one person thinks of one content.
type Vote struct {
	Person  string
	Content string
	Score   int // 1, 0 or -1
	At      time.Time
	Reason  string
	Label   string // how sure it is whose it is, in words
	Ignored string // why it does not count; "" when it does
}

// maxAhead is how much a voter's clock may be ahead. A vote of a day to come would count
// for longer than others.
const maxAhead = time.Hour

// Weigh says of each vote whether it counts. barred are the people who do not approve
// this item, each with the reason; a vote against counts from everybody.
func (p Policy) Weigh(votes []Vote, barred map[string]string, now time.Time) []Vote {
	votes = slices.Clone(votes)
	for i, v := range votes {
		switch why, is := barred[v.Person]; {
		case v.Ignored != "" || v.Score < 0:
		case is:
			votes[i].Ignored = why
		case now.Sub(v.At) > p.expiry():
			votes[i].Ignored = fmt.Sprintf("older than %d hours", p.Expiry)
		case v.At.Sub(now) > maxAhead:
			votes[i].Ignored = "from a clock that is wrong: it is dated " + v.At.UTC().Format(time.RFC3339)
		}
	}
	slices.SortFunc(votes, func(a, b Vote) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Person, b.Person), cmp.Compare(a.Content, b.Content))
	})
	return votes
}

// For lists who approves a content, in the order in which they did.
func For(votes []Vote, content string) []string {
	var people []string
	for _, v := range votes {
		if v.Content == content && v.Score > 0 && v.Ignored == "" && !slices.Contains(people, v.Person) {
			people = append(people, v.Person)
		}
	}
	return people
}

// Hold is what keeps an item from its targets.
type Hold struct {
	Person string
	At     time.Time
	Reason string
	Vote   bool // it is a vote against
	// Lifters have said that it should be lifted; one more is needed.
	Lifters []string
}

// Held lists the holds that stand: what people put on hold, and votes against a content
// that is in a stack. One is lifted by the person who holds, or by two others.
func (i Item) Held(votes []Vote, contents map[string]bool) []Hold {
	var holds []Hold
	for person, h := range i.Holds {
		holds = append(holds, Hold{Person: person, At: h.At, Reason: h.Reason})
	}
	for _, v := range votes {
		if v.Score < 0 && v.Ignored == "" && contents[v.Content] {
			holds = append(holds, Hold{Person: v.Person, At: v.At, Reason: v.Reason, Vote: true})
		}
	}
	holds = slices.DeleteFunc(holds, func(h Hold) bool { return i.lifted(h) })
	for n, h := range holds {
		holds[n].Lifters = i.lifters(h)
	}
	slices.SortFunc(holds, func(a, b Hold) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Person, b.Person)) })
	return slices.CompactFunc(holds, func(a, b Hold) bool { return a.Person == b.Person && a.At.Equal(b.At) })
}

func (i Item) lifters(h Hold) []string {
	var by []string
	for l, lift := range i.Lifts {
		if l.Holder == h.Person && lift.Of.Equal(h.At) {
			by = append(by, l.By)
		}
	}
	slices.Sort(by)
	return by
}

func (i Item) lifted(h Hold) bool {
	by := i.lifters(h)
	return slices.Contains(by, h.Person) || len(by) >= 2
}
