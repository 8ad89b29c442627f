// Package urgent is the lane of a fix that cannot wait: an item takes one patch, or
// several, to every live version and every target at once, and the ledger keeps what
// people decided on the way. Nothing is carried or published here: that, the ordinary
// commands do. Where an item stands follows from what they left in the ledger.
package urgent

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/pattern"
)

// Item is what passes the lane. Its id says nothing of what it is about.
type Item struct {
	ID      string         `toml:"-"`
	Patches []string       `toml:"patches"`
	Opened  patchset.Event `toml:"opened"`
	// Ready is when the fix was there, if that was before the item was opened.
	Ready time.Time `toml:"ready,omitempty"`
	// Supersedes is the item whose fix proved incomplete; "" for none.
	Supersedes string `toml:"supersedes,omitempty"`
	// Live are the versions that it was asked for; none: those that the policy says.
	Live []string `toml:"live,omitempty"`
	// Authors are people who wrote it, as whoever opened it says.
	Authors []string `toml:"authors,omitempty"`

	Accepted   Acceptance     `toml:"-"`
	Rejected   patchset.Event `toml:"-"`
	Released   Arriving       `toml:"-"`
	RolledBack patchset.Event `toml:"-"`
	Reviewed   patchset.Event `toml:"-"` // the review that breaking the glass opened is closed
	Retired    patchset.Event `toml:"-"`
	// Back are the people who want it taken back; two are needed.
	Back map[string]patchset.Event `toml:"-"`
	// Holds are by the person who holds; Lifts by the one who holds and the one who lifts.
	Holds map[string]patchset.Event   `toml:"-"`
	Lifts map[Lifting]Lift            `toml:"-"`
	Runs  map[Stage]Run               `toml:"-"`
	Seen  map[patchset.Place]Presence `toml:"-"`
	// Extras are what was made after the fix was out, by name.
	Extras map[string]patchset.Event `toml:"-"`
	// Excused are the targets that nobody waits for, by name.
	Excused map[string]patchset.Event `toml:"-"`
	// Calm is when its panic was last called off.
	Calm patchset.Event `toml:"-"`
	// Witnesses are other forms of its fixes, by name.
	Witnesses map[string]Witness `toml:"-"`
}

// Acceptance is the decision to let an item into the lane.
type Acceptance struct {
	patchset.Event
	// Versions are the live versions at that moment: what "everywhere" means.
	Versions []string `toml:"versions"`
	Authors  []string `toml:"authors,omitempty"` // who wrote it, as whoever accepted it says
}

// Arriving is the first time that every target had it, and how long the stages took until
// then: stacks and targets move on afterwards.
type Arriving struct {
	patchset.Event
	Stages map[Stage]Run `toml:"stages"`
}

// Lifting is whose hold, and who lifts it.
type Lifting struct{ Holder, By string }

// Lift takes back one hold: that of the time Of, and no later one of the same person.
type Lift struct {
	patchset.Event
	Of time.Time `toml:"of"`
}

// Run is the work of one stage, as the program that did it measured it. A stage that
// took several runs has them added up.
type Run struct {
	Started time.Time `toml:"started"`
	Ended   time.Time `toml:"ended"`
	// First is when the first target had it, if the stage is one that delivers.
	First time.Time `toml:"first,omitempty"`
	// Machine and Remote are what it spent working and waiting for others' servers.
	Machine time.Duration `toml:"machine"`
	Remote  time.Duration `toml:"remote"`
}

// Add is r and a later run of the same stage together.
func (r Run) Add(later Run) Run {
	if r.Started.IsZero() {
		return later
	}
	r.Ended, r.Machine, r.Remote = later.Ended, r.Machine+later.Machine, r.Remote+later.Remote
	if r.First.IsZero() {
		r.First = later.First
	}
	return r
}

// Verdict is what a probe found of a stack on a target.
type Verdict string

// The verdicts. Only Present counts as being there.
const (
	Present     Verdict = "present"
	Absent      Verdict = "absent"
	Reverted    Verdict = "reverted"
	Partial     Verdict = "partial"
	Corrupt     Verdict = "corrupt"
	Diverged    Verdict = "diverged"
	Unreachable Verdict = "unreachable"
	Unknown     Verdict = "unknown"
)

// Presence is what an empty store that fetched from a target found there of one stack.
type Presence struct {
	Verdict Verdict `toml:"verdict"` // the worst over the families
	// Commit is the stack's tip when it was looked for, Serves what the branch held.
	Commit patchset.ID `toml:"commit"`
	Serves patchset.ID `toml:"serves,omitempty"`
	At     time.Time   `toml:"at"`
	By     string      `toml:"by,omitempty"`
	Detail string      `toml:"detail,omitempty"` // one line
	// Families are the verdicts by ipv4 and ipv6, where the target has such addresses.
	Families map[string]Verdict `toml:"families,omitempty"`
}

// Lane is all that the ledger knows of urgent items.
type Lane struct {
	Policy Policy
	Items  map[string]Item
	Drills map[string]Drill
	// Signed are the signatures (package owners) by item: of votes and of broken glass.
	Signed map[string]map[string][]byte
	// Alarms are those of people who want panic mode, by item and person.
	Alarms map[string]map[string][]byte
}

var itemPattern = pattern.Of(`^U-[0-9]{4}-[1-9][0-9]{0,5}$`)

// IsItemID tells whether a word is the id of an item, U-2026-3.
func IsItemID(id string) bool { return itemPattern().MatchString(id) }

// FreeID is the next id of a year.
func (l Lane) FreeID(now time.Time) string {
	prefix, last := fmt.Sprintf("U-%04d-", now.UTC().Year()), 0
	for id := range l.Items {
		if n, err := strconv.Atoi(strings.TrimPrefix(id, prefix)); err == nil && strings.HasPrefix(id, prefix) {
			last = max(last, n)
		}
	}
	return prefix + strconv.Itoa(last+1)
}

// IDs lists the items, oldest first.
func (l Lane) IDs() []string {
	ids := slices.Collect(maps.Keys(l.Items))
	slices.SortFunc(ids, patchset.CompareVersions)
	return ids
}

// Open lists the items that are still in the lane, oldest first.
func (l Lane) Open() []string {
	return slices.DeleteFunc(l.IDs(), func(id string) bool { return l.Items[id].Over() || l.SupersededBy(id) != "" })
}

// Over tells whether an item has left the lane.
func (i Item) Over() bool { return i.Rejected.Happened() || i.Retired.Happened() }

// SupersededBy is the accepted item that took the place of another; "" for none.
func (l Lane) SupersededBy(id string) string {
	for _, other := range l.IDs() {
		if i := l.Items[other]; i.Supersedes == id && i.Accepted.Happened() && !i.Rejected.Happened() {
			return other
		}
	}
	return ""
}

// Find gives an item by its id or by a patch of it, the newest first; with neither, the
// only one that is open.
func (l Lane) Find(word string) (Item, error) {
	if item, ok := l.Items[word]; ok {
		return item, nil
	}
	open := l.Open()
	if word == "" {
		switch len(open) {
		case 1:
			return l.Items[open[0]], nil
		case 0:
			return Item{}, patchset.Faultf(patchset.CodeUsage, "the urgent lane is empty").WithHint("git carry urgent open ID --reason TEXT")
		}
		return Item{}, patchset.Faultf(patchset.CodeUsage, "say which: %s are in the lane", strings.Join(open, ", "))
	}
	for _, ids := range [][]string{open, l.IDs()} {
		for _, id := range slices.Backward(ids) {
			if slices.Contains(l.Items[id].Patches, word) {
				return l.Items[id], nil
			}
		}
	}
	return Item{}, patchset.Faultf(patchset.CodeUsage, "%q is no urgent item, nor a patch in one", word).
		WithHint("git carry urgent status").WithHint("git carry urgent open ID --reason TEXT")
}
