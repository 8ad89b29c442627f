package audit

import (
	"slices"
	"time"

	"github.com/git-carry/git-carry/patchset"
)

// Account is everything that the full report says, worked out once for all formats.
// It has two halves. Totals are numbers, days and words of our own; nothing that a
// person typed is in them. Details are the rest, nil in a report for the public: what
// is not there cannot be shown.
type Account struct {
	Totals  Totals
	Details *Details
}

// Public is the account without anything that could name a patch, a person, a
// component or a version, and with its days cut to weeks.
func (a Account) Public() Account {
	return Account{Totals: a.Totals.cutToWeeks()}
}

// Totals are what may be published.
type Totals struct {
	AsOf          time.Time
	Entries       int       // in the ledger
	LastEntry     time.Time // when the newest of them was made
	Summary       Summary
	MostOverdue   int             // days
	Problems      map[Problem]int // open patches, by what an audit can fail on
	FoundUnknown  int             // carried patches whose age begins with the first carry, or not at all
	Severities    []SeverityTotal
	Ages          []AgeBin
	ToPublic      Spread // days from found, else carried, until public
	ToCarried     Spread // days from found until it was first carried, of those ever carried
	InStacks      Spread // days from first carried until public
	ToResolve     Spread // days from conflict until it was settled in the stack
	Working       Spread // of those, until the result that was settled on was made
	Answering     Spread // and from there until it was settled
	Consents      []ConsentTotal
	Added         int // patches ever
	WentPublic    int
	Dropped       int
	Conflicts     int // ever: versions in which a patch did not merge by itself
	Waiting       int // ever: parked only because of another
	OpenConflicts int // conflicts that nothing has settled
	Months        []Month
	Weeks         []Week
	Trains        []Train
	Deadlines     []Deadline      // by week
	ResolveTimes  []time.Duration // one per resolution, sorted
}

// With is how many open patches have a problem.
func (t Totals) With(p Problem) int { return t.Problems[p] }

// SeverityTotal counts the open patches of a severity.
type SeverityTotal struct {
	Severity     patchset.Severity // one of patchset.Severities, or Other
	LimitDays    int
	Carried      int
	Overdue      int
	OldestDays   int
	OldestStart  time.Time // where the age of the oldest carried one begins; zero: none
	NextDeadline time.Time // the first moment at which one more is overdue; zero: none
	States       []StateTotal
}

// ConsentTotal counts the signatures that were given in one role.
type ConsentTotal struct {
	As       string // one of consentRoles, or Other
	Count    int
	Verified int // a key proved them
}

// consentRoles are the roles that are counted apart.
var consentRoles = []string{"owner", "delegate", "deputy", "override"}

// Other stands for a word that this program does not know. A ledger may hold any.
const Other = "other"

// StateTotal counts patches by their state in the newest version that knows them.
type StateTotal struct {
	State patchset.State
	Count int
}

// Train counts one version.
type Train struct {
	Number    int // from 1, the oldest version
	Made      time.Time
	Carried   int // patches in a stack or parked
	Conflicts int // that did not merge by themselves
	Waiting   int
	Landed    int // landed or retired there
}

// Details are what names patches, people and places.
type Details struct {
	Store, Tip, Version string
	Trains              []string // the names of Totals.Trains
	Patches             []Dossier
	Owners, Components  []Group
	People              []Work
	Cases               []Case
	Consents            []Fact // signatures and overrides, newest first
	Live                []Live
	History             []Fact
}

// Dossier is a patch with its story.
type Dossier struct {
	Row
	Title                     string
	Added, Disclosed, Dropped patchset.Event
	Landed                    patchset.Event
	Deputies                  []string
	Trains                    int // carries that it survived
	Cases                     []Case
	Owners                    []Fact // changes of owner
	Left                      time.Time
	Carries                   []time.Time // when the versions that carry it were made, sorted
	Changes                   int         // corrections of what its deadline rests on
}

// Source is what an account is made from.
type Source struct {
	Facts   Facts // every patch, closed and dropped ones too
	Ledger  patchset.Ledger
	History []Fact // oldest first
	Entries int
	Last    Entry
	Limits  func(patchset.Severity) int
}

// NewAccount works everything out.
func NewAccount(src Source) Account {
	report := New(src.Facts)
	cases := newCases(src)
	d := &Details{
		Store: src.Ledger.Store.ID, Tip: src.Last.ID, Version: report.Version,
		Patches: newDossiers(report, src, cases), Cases: cases,
		People: newWork(cases), Live: newLive(src.Ledger), History: src.History,
	}
	for _, f := range slices.Backward(src.History) {
		if f.Kind == KindSigned || f.Kind == KindOverride {
			d.Consents = append(d.Consents, f)
		}
	}
	d.Owners, d.Components = newGroups(report.Rows, ownerOf), newGroups(report.Rows, componentOf)
	t := newTotals(report, src, d)
	t.Trains, d.Trains = Trains(src.Ledger)
	return Account{t, d}
}

func newDossiers(r Report, src Source, cases []Case) []Dossier {
	casesOf := map[string][]Case{}
	for _, c := range cases {
		casesOf[c.Patch] = append(casesOf[c.Patch], c)
	}
	owners, left, changes := map[string][]Fact{}, map[string]time.Time{}, map[string]int{}
	for _, f := range src.History {
		switch f.Kind {
		case KindOwner:
			owners[f.Patch] = append(owners[f.Patch], f)
		case KindSeverity, KindFound:
			changes[f.Patch]++
		}
		if f.To != "" && f.Version != "" && !patchset.State(f.To).Carried() || f.Kind == KindRetired {
			left[f.Patch] = f.At
		}
	}
	out := make([]Dossier, 0, len(r.Rows))
	for _, row := range r.Rows {
		p := src.Ledger.Patches[row.ID]
		d := Dossier{
			Row: row, Title: p.Title, Deputies: p.Deputies, Added: p.Added, Disclosed: p.Disclosed, Landed: p.Landed, Dropped: p.Dropped,
			Trains: max(0, row.VersionsCarried-1), Cases: casesOf[row.ID], Owners: owners[row.ID], Changes: changes[row.ID],
		}
		for version, in := range p.At {
			if in.State.Carried() {
				d.Carries = append(d.Carries, src.Ledger.Versions[version].Made)
			}
		}
		slices.SortFunc(d.Carries, time.Time.Compare)
		switch {
		case !row.DroppedAt.IsZero():
			d.Left = row.DroppedAt
		case !row.State.Carried():
			d.Left = firstKnown(left[row.ID], row.PublicAt, row.CarriedSince)
		}
		out = append(out, d)
	}
	return out
}

func firstKnown(times ...time.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

// Open tells whether something is left to do for the patch.
func (d Dossier) Open() bool { return !d.Life.Over() }

// Trains counts every version, oldest first, in one walk over the patches, and names them.
func Trains(l patchset.Ledger) (trains []Train, names []string) {
	names = l.VersionNames()
	trains = make([]Train, len(names))
	number := make(map[string]int, len(names))
	for i, name := range names {
		number[name] = i
		trains[i] = Train{Number: i + 1, Made: l.Versions[name].Made}
	}
	for _, p := range l.Patches {
		for version, in := range p.At {
			i, known := number[version]
			if !known {
				continue
			}
			switch {
			case in.State.Carried():
				trains[i].Carried++
			case in.State == patchset.StateLanded || in.State == patchset.StateRetired:
				trains[i].Landed++
			}
		}
	}
	for at, k := range l.Conflicts {
		i, known := number[at.Version]
		switch {
		case !known:
		case k.Cause != "":
			trains[i].Waiting++
		default:
			trains[i].Conflicts++
		}
	}
	return trains, names
}
