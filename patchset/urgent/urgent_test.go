package urgent

import (
	"reflect"
	"testing"
	"time"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/mailbox"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestWhatIsWrittenIsRead(t *testing.T) {
	files := map[string][]byte{}
	put := func(name string, fact any) {
		t.Helper()
		data, err := Encode(fact)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = data
	}
	event := patchset.Event{At: noon, By: "sam", Reason: "it burns"}
	place := patchset.Place{Target: "a", Stack: "1.0/extensions/Foo"}
	want := Item{
		ID: "U-2026-1", Patches: []string{"T1", "T2"}, Opened: event, Ready: noon, Supersedes: "U-2025-9", Live: []string{"1.0"}, Authors: []string{"lee"},
		Accepted: Acceptance{event, []string{"1.0", "1.1"}, []string{"kim"}}, Rejected: event, Released: Arriving{event, map[Stage]Run{Total: {Started: noon, Ended: noon}}}, RolledBack: event, Reviewed: event, Retired: event,
		Back:   map[string]patchset.Event{"kim": event},
		Holds:  map[string]patchset.Event{"lee": event},
		Lifts:  map[Lifting]Lift{{"lee", "sam"}: {event, noon}},
		Runs:   map[Stage]Run{Carry: {noon, noon.Add(time.Second), noon, 1500 * time.Millisecond, time.Minute}},
		Seen:   map[patchset.Place]Presence{place: {Verdict: Partial, Commit: "aa", Serves: "bb", At: noon, Families: map[string]Verdict{"ipv6": Absent}}},
		Extras: map[string]patchset.Event{"bundle": event}, Excused: map[string]patchset.Event{"z": event},
	}
	put(File(want.ID, "item"), want)
	put(File(want.ID, "accepted"), want.Accepted)
	for _, fact := range []string{"rejected", "rolledback", "reviewed", "retired", "holds/lee", "back/kim", "extras/bundle", "excused/z"} {
		put(File(want.ID, fact), event)
	}
	put(File(want.ID, "released"), want.Released)
	put(File(want.ID, "lifts/lee/sam"), want.Lifts[Lifting{"lee", "sam"}])
	put(File(want.ID, "runs/carry"), want.Runs[Carry])
	put(PresenceFile(want.ID, place), want.Seen[place])
	put(PolicyFile, Policy{Approvals: 2, First: []string{"a"}, Limits: map[Stage]int{Total: 90}})
	drill := Drill{Event: event, Where: "loopback", Versions: 3, OK: true, Stages: want.Runs}
	put(DrillFile("20261122-1"), drill)
	files[VoteFile(want.ID, "sam", "abc")] = []byte("signed")
	files["urgent/serve/current.json"] = []byte("{}")
	files["owners.toml"] = []byte("not ours")

	got, err := Read(files)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Items[want.ID], want) {
		t.Errorf("read %+v\nwant %+v", got.Items[want.ID], want)
	}
	if !reflect.DeepEqual(got.Drills["20261122-1"], drill) {
		t.Errorf("drill %+v, want %+v", got.Drills["20261122-1"], drill)
	}
	if got.Policy.Approvals != 2 || got.Policy.Expiry != 24 || got.Policy.Limit(Total) != 90*time.Minute || got.Policy.Target(Total) != 45*time.Minute {
		t.Errorf("policy %+v", got.Policy)
	}
	if string(got.Signed[want.ID]["votes/sam/abc"]) != "signed" {
		t.Errorf("signed %v", got.Signed)
	}
	files[File(want.ID, "rejected")] = []byte("at = 1\nnew = 2\n")
	if _, err := Read(files); err == nil {
		t.Error("a fact that is not understood was passed over")
	}
}

func TestFreeID(t *testing.T) {
	l := Lane{Items: map[string]Item{"U-2026-9": {}, "U-2026-10": {}, "U-2025-77": {}}}
	if got := l.FreeID(noon); got != "U-2026-11" {
		t.Errorf("FreeID = %s", got)
	}
	if got := l.FreeID(noon.AddDate(1, 0, 0)); got != "U-2027-1" {
		t.Errorf("next year: %s", got)
	}
}

func change(old, now string) []Change {
	return []Change{{"T1", "core", []mailbox.FileChange{{
		Kind: mailbox.KindModify, OldPath: "a", NewPath: "a", OldMode: "100644", NewMode: "100644", OldBlob: "1", NewBlob: "2",
		Hunks: []mailbox.Hunk{{OldStart: 7, Lines: []mailbox.Line{{Op: '-', Text: []byte(old)}, {Op: '+', Text: []byte(now)}}}},
	}}}}
}

// What people approved is every byte of the change, and not where it stands.
func TestContent(t *testing.T) {
	is := Content(change("if x:\n", "  return\n"))
	moved := change("if x:\n", "  return\n")
	moved[0].Files[0].Hunks[0].OldStart = 900
	moved[0].Files[0].OldBlob, moved[0].Files[0].NewBlob = "3", "4"
	if Content(moved) != is {
		t.Error("a carry that only moves the lines is another content")
	}
	indented := change("if x:\n", "    return\n")
	mode := change("if x:\n", "  return\n")
	mode[0].Files[0].NewMode = "100755"
	binary := change("if x:\n", "  return\n")
	binary[0].Files[0].Binary = &mailbox.BinaryChange{Missing: true}
	other := change("if x:\n", "  return\n")
	other[0].Files[0].Binary = &mailbox.BinaryChange{Missing: true}
	other[0].Files[0].NewBlob = "3"
	seen := map[string]string{is: "the change"}
	for name, c := range map[string][]Change{"indentation": indented, "mode": mode, "binary": binary, "another blob": other, "nothing": nil} {
		got := Content(c)
		if seen[got] != "" {
			t.Errorf("%s is the same content as %s", name, seen[got])
		}
		seen[got] = name
	}
}

// standing is an item that one step at a time brings to its end.
func standing() Standing {
	arrival := func(there bool) []Arrival { return []Arrival{{Target: "t", There: there, At: noon.Add(-time.Hour)}} }
	return Standing{
		Policy: Policy{}.Normal(), Now: noon,
		Item: Item{ID: "U-2026-1", Accepted: Acceptance{patchset.Event{At: noon}, []string{"1.0", "1.1"}, nil}},
		Stacks: []Stack{
			{Component: "core", Version: "1.0", States: map[string]patchset.State{"T1": patchset.StateClean}, Content: "c", Testing: arrival(true), Stable: arrival(true)},
			{Component: "core", Version: "1.1", States: map[string]patchset.State{"T1": patchset.StateMoved}, Content: "c", Testing: arrival(true), Stable: arrival(true)},
		},
		Votes: []Vote{{Person: "a", Content: "c", Score: 1, At: noon}, {Person: "b", Content: "c", Score: 1, At: noon}, {Person: "d", Content: "c", Score: 1, At: noon}},
	}
}

func TestStates(t *testing.T) {
	set := func(s *Standing, version int, state patchset.State) {
		s.Stacks[version].States = map[string]patchset.State{"T1": state}
	}
	nowhere := func(s *Standing) {
		for i := range s.Stacks {
			s.Stacks[i].Stable = []Arrival{{Target: "t"}}
		}
	}
	for name, c := range map[string]struct {
		want State
		make func(s *Standing)
	}{
		"all there":                             {Released, func(*Standing) {}},
		"was there, and the stack has moved on": {Released, func(s *Standing) { nowhere(s); s.Item.Released.At = noon }},
		"disclosed":                             {Public, func(s *Standing) { s.PublicAt = noon }},
		"not out, though disclosed":             {Approved, func(s *Standing) { s.PublicAt = noon; nowhere(s) }},
		"retired":                               {Retired, func(s *Standing) { s.Item.Retired.At = noon }},
		"rejected":                              {Rejected, func(s *Standing) { s.Item.Rejected.At = noon }},
		"superseded":                            {Superseded, func(s *Standing) { s.Successor = "U-2026-2" }},
		"rolled back":                           {RolledBack, func(s *Standing) { s.Item.RolledBack.At = noon }},
		"not accepted":                          {Proposed, func(s *Standing) { s.Item.Accepted = Acceptance{}; set(s, 0, ""); nowhere(s) }},
		"nothing carried":                       {Accepted, func(s *Standing) { set(s, 0, ""); set(s, 1, "") }},
		"one version without it":                {Carrying, func(s *Standing) { set(s, 1, ""); s.Stacks[0].Stable = nil }},
		"one stable target without it":          {Releasing, func(s *Standing) { s.Stacks[1].Stable = []Arrival{{Target: "t"}} }},
		"that target is excused":                {Released, func(s *Standing) { s.Stacks[1].Stable = []Arrival{{Target: "t", Excused: true}} }},
		"no stable target":                      {Approved, func(s *Standing) { s.Stacks[0].Stable, s.Stacks[1].Stable = nil, nil }},
		"a conflict stops only itself":          {Approved, func(s *Standing) { nowhere(s); set(s, 1, patchset.StateConflict) }},
		"out, but for a conflict":               {Releasing, func(s *Standing) { set(s, 1, patchset.StateConflict) }},
		"a conflict, and nothing in parts":      {Conflicted, func(s *Standing) { s.Policy.Whole = true; nowhere(s); set(s, 1, patchset.StateConflict) }},
		"conflicts everywhere":                  {Conflicted, func(s *Standing) { set(s, 0, patchset.StateConflict); set(s, 1, patchset.StateWaiting) }},
		"landed in one version":                 {Released, func(s *Standing) { set(s, 0, patchset.StateLanded); s.Stacks[0].Stable = []Arrival{{Target: "t"}} }},
		"verify is against all": {Carried, func(s *Standing) {
			nowhere(s)
			s.Stacks[0].Problems = []string{"x"}
			s.Stacks[1].Problems = []string{"x"}
		}},
		"testing target without it":      {Ready, func(s *Standing) { nowhere(s); s.Stacks[1].Testing = []Arrival{{Target: "t"}} }},
		"an approval too few":            {InTesting, func(s *Standing) { nowhere(s); s.Votes = s.Votes[:2] }},
		"approved something else":        {InTesting, func(s *Standing) { nowhere(s); s.Stacks[1].Content = "other" }},
		"an approval that is ignored":    {InTesting, func(s *Standing) { nowhere(s); s.Votes[0].Ignored = "author" }},
		"too soon":                       {InTesting, func(s *Standing) { nowhere(s); s.Now = noon.Add(-55 * time.Minute) }},
		"automatic needs five":           {InTesting, func(s *Standing) { nowhere(s); s.Policy.Auto = true }},
		"broken glass needs one":         {Approved, func(s *Standing) { nowhere(s); s.Votes = s.Votes[:1]; s.Glass = []string{"x", "y"} }},
		"broken glass needs one of them": {InTesting, func(s *Standing) { nowhere(s); s.Votes = nil; s.Glass = []string{"x", "y"} }},
		"one alone breaks no glass":      {InTesting, func(s *Standing) { nowhere(s); s.Votes = s.Votes[:1]; s.Glass = []string{"x"} }},
		"held":                           {Held, func(s *Standing) { nowhere(s); s.Holds = []Hold{{Person: "x"}} }},
		"held half way":                  {Held, func(s *Standing) { s.Stacks[1].Stable = []Arrival{{Target: "t"}}; s.Holds = []Hold{{Person: "x"}} }},
	} {
		t.Run(name, func(t *testing.T) {
			s := standing()
			c.make(&s)
			if got := s.State(); got != c.want {
				t.Errorf("is %s, want %s", got, c.want)
			}
		})
	}
}

func TestVotes(t *testing.T) {
	barred := map[string]string{"author": "is the author"}
	votes := Policy{}.Normal().Weigh([]Vote{
		{Person: "author", Content: "c", Score: 1, At: noon},
		{Person: "old", Content: "c", Score: 1, At: noon.Add(-25 * time.Hour)},
		{Person: "good", Content: "c", Score: 1, At: noon.Add(-23 * time.Hour)},
		{Person: "fast", Content: "c", Score: 1, At: noon.Add(30 * time.Minute)},
		{Person: "eternal", Content: "c", Score: 1, At: noon.Add(1000 * time.Hour)},
		{Person: "shy", Content: "c", Score: 0, At: noon},
	}, barred, noon)
	if got := For(votes, "c"); !reflect.DeepEqual(got, []string{"good", "fast"}) {
		t.Errorf("for it: %v", got)
	}
	against := []Vote{{Person: "author", Content: "c", Score: -1, At: noon}}
	item := Item{Holds: map[string]patchset.Event{"lee": {At: noon}}}
	held := func() int {
		return len(item.Held(Policy{}.Normal().Weigh(against, barred, noon.Add(48*time.Hour)), map[string]bool{"c": true}))
	}
	if held() != 2 {
		t.Errorf("%d holds, want the vote against and the hold", held())
	}
	lift := func(holder, by string, of time.Time) {
		if item.Lifts == nil {
			item.Lifts = map[Lifting]Lift{}
		}
		item.Lifts[Lifting{holder, by}] = Lift{Of: of}
	}
	lift("lee", "x", noon)
	lift("author", "author", noon.Add(-time.Hour)) // of an earlier vote
	if held() != 2 {
		t.Error("one other person, or an old word, lifts a hold")
	}
	lift("lee", "y", noon)
	lift("author", "author", noon)
	if held() != 0 {
		t.Error("two others do not lift a hold, or the holder does not")
	}
	if got := (Item{}).Held(against, map[string]bool{"other": true}); len(got) != 0 {
		t.Errorf("a vote against what is no longer there holds: %v", got)
	}
}

// An author whom nobody knows may be any of the voters, and never is the only one.
func TestStrangersNeedOneApprovalMore(t *testing.T) {
	policy := Policy{}.Normal()
	for _, c := range []struct {
		s    Standing
		want int
	}{
		{Standing{Policy: policy}, 3},
		{Standing{Policy: policy, Strangers: 1}, 4},
		{Standing{Policy: policy, Strangers: 2, Glass: []string{"ann", "bob"}}, 3},
		{Standing{Policy: policy, Glass: []string{"ann", "bob"}}, 1},
	} {
		if got := c.s.Threshold(); got != c.want {
			t.Errorf("%d strangers, glass %v: %d approvals, want %d", c.s.Strangers, c.s.Glass, got, c.want)
		}
	}
}
