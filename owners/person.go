package owners

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Status tells whether a person still takes part.
type Status string

// The states of a person. Somebody who left stays in the registry, because the
// past names them and an id is never given to another person.
const (
	Active Status = "active"
	Left   Status = "left"
)

// Person is one human being who owns patches, deputises or signs.
type Person struct {
	// ID is the word by which patches and commands name the person: 1 to 64
	// ASCII letters, digits, '-', '_' and '.', of which the first is a letter or
	// a digit. Two ids may not differ in letter case alone.
	ID string
	// Name is for people to read. Required.
	Name string
	// Emails find the person by an author's or a committer's address, letter case
	// aside. They prove nothing.
	Emails []string
	// Keys are the SSH keys that the person signs with.
	Keys []Key
	// Compromised are keys of the person that others may hold. Nothing that they
	// signed counts, whenever it was. They stay here, so that nobody takes one up again.
	Compromised []Key
	// Deputies are ids of people who may sign for this person, most preferred first.
	Deputies []string
	// Away lists the days on which the person cannot be asked.
	Away []Away
	// Contact holds ways to reach the person, such as "mail:priya@example.org".
	Contact []string
	// Status is Active or Left; empty means Active.
	Status Status
	// Note is one line for other people.
	Note string
}

// Away is a range of days, both ends included.
type Away struct {
	From, To Date
}

// Covers tells whether day lies in the range.
func (a Away) Covers(day Date) bool { return a.From <= day && day <= a.To }

// Date is a day as written in the registry: "2026-12-20". Dates compare as strings.
type Date string

// DateOf is the day of t in t's own time zone.
func DateOf(t time.Time) Date { return Date(t.Format(time.DateOnly)) }

// valid tells whether d is a real day of a four-digit year.
func (d Date) valid() bool {
	t, err := time.Parse(time.DateOnly, string(d))
	return err == nil && DateOf(t) == d
}

// String is the id with the name: "priya (Priya N.)".
func (p Person) String() string { return fmt.Sprintf("%s (%s)", p.ID, p.Name) }

// Active tells whether the person still takes part.
func (p Person) Active() bool { return p.Status != Left }

// AwayOn returns the range that keeps the person away on day, the one that ends
// last if several do, and whether there is one.
func (p Person) AwayOn(day Date) (Away, bool) {
	var found Away
	for _, a := range p.Away {
		if a.Covers(day) && a.To > found.To {
			found = a
		}
	}
	return found, found.To != ""
}

// normal returns a copy that shares nothing with p, in the one form that a
// registry holds: a status spelled out, absent lists nil.
func (p Person) normal() Person {
	if p.Status == "" {
		p.Status = Active
	}
	p.Emails = copyOf(p.Emails)
	p.Keys = copyOf(p.Keys)
	p.Compromised = copyOf(p.Compromised)
	p.Deputies = copyOf(p.Deputies)
	p.Away = copyOf(p.Away)
	p.Contact = copyOf(p.Contact)
	return p
}

func copyOf[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return slices.Clone(list)
}

// flaw is what is wrong with a person or the policy: the key of the file that
// holds it, a sentence, and commands that help.
type flaw struct {
	key   string
	what  string
	hints []string
}

func flawf(key, format string, args ...any) *flaw {
	return &flaw{key: key, what: fmt.Sprintf(format, args...)}
}

// check finds the first flaw that can be seen without looking at other people.
func (p Person) check() *flaw {
	if p.ID == "" {
		return flawf("id", "is missing")
	}
	if !validID(p.ID) {
		return flawf("id", "%s is not an id: use 1 to %d letters, digits, '-', '_' or '.', the first a letter or a digit", quote(p.ID), maxID)
	}
	if strings.TrimSpace(p.Name) == "" {
		return flawf("name", "is missing")
	}
	if p.Status != Active && p.Status != Left {
		return flawf("status", "%s is neither %q nor %q", quote(string(p.Status)), Active, Left)
	}
	for _, f := range []*flaw{
		checkLine("name", p.Name),
		checkLine("note", p.Note),
		checkLines("contact", p.Contact),
		checkEmails(p.Emails),
		checkKeys("keys", p.Keys),
		checkKeys("compromised", p.Compromised),
		p.checkDeputies(),
		checkAway(p.Away),
	} {
		if f != nil {
			return f
		}
	}
	return nil
}

const (
	maxID   = 64  // bytes of an id
	maxLine = 500 // bytes of a name, note, reason, contact, address
)

func validID(id string) bool {
	if id == "" || len(id) > maxID || strings.IndexByte("-_.", id[0]) >= 0 {
		return false
	}
	for _, c := range []byte(id) {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (c < '0' || c > '9') && strings.IndexByte("-_.", c) < 0 {
			return false
		}
	}
	return true
}

func checkEmails(emails []string) *flaw {
	for _, e := range emails {
		local, domain, ok := strings.Cut(e, "@")
		if !ok || local == "" || domain == "" || strings.ContainsAny(e, " <>,;\"") || strings.Contains(domain, "@") {
			return flawf("emails", "%s is not an e-mail address", quote(e))
		}
	}
	return checkLines("emails", emails)
}

func checkKeys(key string, keys []Key) *flaw {
	for _, k := range keys {
		if again, err := ParseKey(k.String()); err != nil {
			return flawf(key, "%v", err)
		} else if again != k {
			return flawf(key, "%s is not in the form that ParseKey returns", quote(k.String()))
		}
	}
	return nil
}

func (p Person) checkDeputies() *flaw {
	for i, d := range p.Deputies {
		if d == p.ID {
			return flawf("deputies", "nobody deputises for oneself")
		}
		if slices.Contains(p.Deputies[:i], d) {
			return flawf("deputies", "%s is named twice", quote(d))
		}
	}
	return nil
}

func checkAway(ranges []Away) *flaw {
	for _, a := range ranges {
		for _, d := range []Date{a.From, a.To} {
			if !d.valid() {
				return flawf("away", "%s is not a date such as 2026-12-20; a range needs from and to", quote(string(d)))
			}
		}
		if a.To < a.From {
			return flawf("away", "the range ends on %s, before it begins on %s", a.To, a.From)
		}
	}
	return nil
}

func checkLines(key string, lines []string) *flaw {
	for _, l := range lines {
		if strings.TrimSpace(l) == "" {
			return flawf(key, "holds an empty text")
		}
		if f := checkLine(key, l); f != nil {
			return f
		}
	}
	return nil
}

func checkLine(key, s string) *flaw {
	if len(s) > maxLine {
		return flawf(key, "is %d bytes long; the limit is %d", len(s), maxLine)
	}
	if !printable(s) {
		return flawf(key, "%s is not one line of printable characters", quote(s))
	}
	return nil
}
