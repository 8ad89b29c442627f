package patchset

import (
	"maps"
	"slices"
	"strings"
)

// Step is one entry of the ledger and the facts that it changed: their new content, or
// nil where a fact is gone.
type Step struct {
	ID      ID
	Entry   Entry
	Changes Facts
}

// Fork is a ledger that two sides went on with from one entry: what the facts were
// there, and what each side has recorded since, oldest first.
type Fork struct {
	Before      Facts
	Own, Others []Step
}

// Answers settle clashes: the names of what is to be as our side, or as the others, have it.
type Answers struct{ Ours, Theirs []string }

// Rejoined is own steps put on top of the others'.
type Rejoined struct {
	// Clashes are questions without an answer. While there are any, the rest is empty.
	Clashes []Clash
	Steps   []RejoinedStep
	// Mend are facts that an answer in favour of our side still has to set.
	Mend Facts
	// Overruled are steps of the others of which such an answer takes something back.
	Overruled []Step
}

// RejoinedStep is an own step with what is left of its changes.
type RejoinedStep struct {
	Step
	GivenUp bool // an answer took something of it away
	// Already: all of it, or the rest, the others had recorded too.
	Already bool
}

// Clash is what both sides have changed, each to something else.
type Clash struct {
	// Names are the words by which an answer can mean it, the shortest first.
	Names []string    `json:"names"`
	Facts []ClashFact `json:"facts"`
}

// ClashFact is one fact of a clash. Ours and Theirs are the entries that changed it last.
type ClashFact struct {
	Path   string            `json:"path"`
	What   string            `json:"what"`
	Differ []FieldDifference `json:"differ"`
	Ours   Step              `json:"-"`
	Theirs Step              `json:"-"`
}

// Rejoin works out how own steps go on top of the others'. A fact that one side alone
// has changed is taken from that side. Where both did, the side that went on from
// what the other says has the last word. What remains are clashes, which only a person
// can settle: there is no mixing of two contents.
func (f Fork) Rejoin(answers Answers) (Rejoined, error) {
	r := newRejoin(f)
	unused, err := r.ask(answers)
	if err != nil {
		return Rejoined{}, err
	}
	if len(unused) > 0 {
		return Rejoined{}, Faultf(CodeUsage, "nothing about %s is in dispute", strings.Join(unused, ", ")).
			WithHint("git carry sync --dry-run")
	}
	if len(r.open) > 0 {
		return Rejoined{Clashes: r.open}, nil
	}
	return r.replay(), nil
}

// rejoin is a Rejoin under way.
type rejoin struct {
	Fork
	own, others map[string][]change // by fact, the state before first
	fate        map[string]fate
	groups      groups
	open        []Clash
	mend        map[string]bool // facts that an answer gives to our side
	overruled   []Step
}

// change is a content of a fact and the step that made it.
type change struct {
	data []byte
	step Step
}

// fate is what becomes of the own changes of a fact.
type fate struct {
	skip    int // that many of them, the others have
	givenUp bool
	clash   bool
}

func newRejoin(f Fork) *rejoin {
	r := &rejoin{Fork: f, fate: map[string]fate{}, groups: groups{}, mend: map[string]bool{}}
	r.own, r.others = f.changes(f.Own), f.changes(f.Others)
	for path := range r.own {
		r.fate[path] = r.fateOf(path)
	}
	r.couple()
	return r
}

func (f Fork) changes(steps []Step) map[string][]change {
	out := map[string][]change{}
	for _, s := range steps {
		for path, data := range s.Changes {
			if out[path] == nil {
				out[path] = []change{{data: f.Before[path]}}
			}
			out[path] = append(out[path], change{data, s})
		}
	}
	return out
}

func (r *rejoin) fateOf(path string) fate {
	own, others := r.own[path], r.others[path]
	all := len(own) - 1
	if len(others) == 0 {
		return fate{}
	}
	ours, theirs := last(own), last(others)
	switch {
	case sameFact(path, theirs.data, own[0].data):
		return fate{} // the others went there and back
	case holds(path, others, ours.data):
		return fate{skip: all} // they went on from where we are
	case isResult(path):
		return fate{skip: all} // it counts for one commit only, and the gate asks again
	}
	for i := all; i > 0; i-- {
		if sameFact(path, own[i].data, theirs.data) {
			return fate{skip: i} // we went on from where they are
		}
	}
	return fate{clash: true}
}

func last(changes []change) change { return changes[len(changes)-1] }

func holds(path string, changes []change, data []byte) bool {
	return slices.ContainsFunc(changes, func(c change) bool { return sameFact(path, c.data, data) })
}

// couple joins groups where one fact decides over others: what a patch is, over all
// that is known of it; that it was dropped, over where it is; the base of a version,
// over the patches in it.
func (r *rejoin) couple() {
	changed := r.changed()
	for _, path := range changed {
		room, rest, _ := strings.Cut(strings.TrimSuffix(path, ".toml"), "/")
		first, second, _ := strings.Cut(rest, "/")
		var over func(topic topic) bool
		switch {
		case room == "patches" && second == "patch" && r.fate[path].clash, room == "patches" && second == "dropped":
			over = func(t topic) bool { return slices.Contains(t.names, first) }
		case room == "versions" && r.fate[path].clash:
			over = func(t topic) bool { return strings.HasPrefix(t.group, "spot "+first+" ") }
		default:
			continue
		}
		for _, other := range changed {
			if t := topicOf(other); over(t) {
				r.groups.join(topicOf(path).group, t.group)
			}
		}
	}
}

// changed lists the facts that either side has changed, in order.
func (r *rejoin) changed() []string {
	all := map[string]bool{}
	for path := range r.own {
		all[path] = true
	}
	for path := range r.others {
		all[path] = true
	}
	return slices.Sorted(maps.Keys(all))
}

// ask settles the clashes by the answers, keeps those that have none, and gives the
// answers that settled nothing.
func (r *rejoin) ask(answers Answers) (unused []string, err error) {
	used := map[string]bool{}
	members := map[string][]string{}
	for _, path := range r.changed() {
		root := r.groups.root(topicOf(path).group)
		members[root] = append(members[root], path)
	}
	for _, root := range slices.Sorted(maps.Keys(members)) {
		c := r.clash(members[root])
		if len(c.Facts) == 0 {
			continue
		}
		ours, theirs := named(c.Names, answers.Ours, used), named(c.Names, answers.Theirs, used)
		switch {
		case ours && theirs:
			return nil, Faultf(CodeUsage, "%s cannot be as both sides have it", c.Names[0]).
				WithHint("give either --ours or --theirs for it")
		case ours || theirs:
			r.settle(members[root], theirs)
		default:
			r.open = append(r.open, c)
		}
	}
	for _, name := range slices.Concat(answers.Ours, answers.Theirs) {
		if !used[name] {
			unused = append(unused, name)
		}
	}
	return unused, nil
}

func named(names, answers []string, used map[string]bool) bool {
	found := false
	for _, a := range answers {
		if slices.Contains(names, a) {
			used[a], found = true, true
		}
	}
	return found
}

// clash makes the question about a group. It has no facts when nothing clashes.
func (r *rejoin) clash(paths []string) Clash {
	c := Clash{Names: []string{}}
	var rest []string // names of facts that only belong to it
	for _, path := range paths {
		t := topicOf(path)
		if !r.fate[path].clash {
			rest = append(rest, t.names...)
			continue
		}
		ours, theirs := last(r.own[path]), last(r.others[path])
		c.Names = append(c.Names, t.names...)
		c.Facts = append(c.Facts, ClashFact{path, t.what, differences(path, ours.data, theirs.data), ours.step, theirs.step})
	}
	var names []string
	for _, name := range append(c.Names, rest...) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	c.Names = names
	return c
}

// settle gives all facts of a group to one side.
func (r *rejoin) settle(paths []string, theirs bool) {
	for _, path := range paths {
		own, others := r.own[path], r.others[path]
		switch {
		case !theirs:
			if len(others) > 0 && !holds(path, own, last(others).data) {
				r.overrule(others[1:])
			}
			r.fate[path] = fate{}
			r.mend[path] = true
		case len(own) > 0:
			r.fate[path] = fate{skip: len(own) - 1, givenUp: true}
		}
	}
}

func (r *rejoin) overrule(changes []change) {
	for _, c := range changes {
		if !slices.ContainsFunc(r.overruled, func(s Step) bool { return s.ID == c.step.ID }) {
			r.overruled = append(r.overruled, c.step)
		}
	}
}

func (r *rejoin) replay() Rejoined {
	out := Rejoined{Mend: Facts{}, Overruled: r.overruled}
	state := Facts{}
	for path, changes := range r.others {
		state[path] = last(changes).data
	}
	done := map[string]int{}
	for _, s := range r.Own {
		step := RejoinedStep{Step: Step{s.ID, s.Entry, Facts{}}}
		for path, data := range s.Changes {
			done[path]++
			switch f := r.fate[path]; {
			case done[path] > f.skip:
				step.Changes[path], state[path] = data, data
			case f.givenUp:
				step.GivenUp = true
			default:
				step.Already = true
			}
		}
		out.Steps = append(out.Steps, step)
	}
	for path := range r.mend {
		want := r.Before[path]
		if own := r.own[path]; own != nil {
			want = last(own).data
		}
		if !sameFact(path, state[path], want) {
			out.Mend[path] = want
		}
	}
	return out
}

// groups joins groups of facts: each name leads to another of its group, or is its root.
type groups map[string]string

func (g groups) root(name string) string {
	for g[name] != "" {
		name = g[name]
	}
	return name
}

func (g groups) join(a, b string) {
	if x, y := g.root(a), g.root(b); x != y {
		g[max(x, y)] = min(x, y)
	}
}
