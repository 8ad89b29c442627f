package serve

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/git-carry/git-carry/patchset"
	"pgregory.net/rapid"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func fleet() []Target {
	t := []Target{{ID: "origin", URL: "https://origin.example.org/a.git", Class: patchset.ClassOrigin, Weight: 100, Required: true}}
	for _, id := range []string{"m1", "m2", "m3"} {
		t = append(t, Target{ID: id, URL: "https://" + id + ".example.org/a.git", Weight: 100, Required: true})
	}
	return append(t, Target{ID: "inner", URL: "/srv/a.git", Class: patchset.ClassPrivate, Weight: 1000})
}

// words is a file in short: "origin m1@25 m2! -m3:absent".
func words(f File) string {
	var out []string
	for _, e := range f.Serve {
		s := e.ID
		if e.Ramp != 0 {
			s += fmt.Sprintf("@%d", e.Ramp)
		}
		s += strings.Repeat("?", e.Missed)
		if e.Held != "" {
			s += "!" + e.Held
		}
		out = append(out, s)
	}
	for _, o := range f.Withdrawn {
		out = append(out, fmt.Sprintf("-%s:%s", o.ID, o.Reason))
	}
	return strings.Join(out, " ")
}

// A panic, round by round: what is seen, and what becomes of the list.
func TestNextFollowsTheRules(t *testing.T) {
	good, absent, silent := Sight{State: Good, Reason: "present"}, Sight{State: Bad, Reason: "absent"}, Sight{State: Silent, Reason: "unreachable"}
	corrupt := Sight{State: Bad, Reason: "corrupt"}
	before := Sight{State: Good, Reason: "present", Before: true}
	for name, tc := range map[string]struct {
		floor     int
		confirmed bool
		rounds    []map[string]Sight
		want      []string
	}{
		"two probes, then a quarter, a half, all": {
			20, false,
			[]map[string]Sight{{"m1": good, "m2": absent, "m3": before}, {"m1": good, "m2": good}, {"m1": good, "m2": good}, {"m1": good, "m2": absent}, {"m1": good, "m2": good}},
			[]string{
				"m3 origin -m1:unverified -m2:absent", "m1@25 m3? origin -m2:absent", "m1@50 m2@25 m3?? origin",
				"m1 origin -m2:absent -m3:unverified", "m1 origin -m2:absent -m3:unverified",
			},
		},
		"silence withdraws after three": {
			0, false,
			[]map[string]Sight{{"m1": before}, {"m1": silent}, {"m1": silent}, {"m1": silent}, {"m1": good}, {"m1": good}},
			[]string{
				"m1 origin -m2:unverified -m3:unverified", "m1? origin -m2:unverified -m3:unverified", "m1?? origin -m2:unverified -m3:unverified",
				"origin -m1:unreachable -m2:unverified -m3:unverified", "origin -m1:unreachable -m2:unverified -m3:unverified", "m1@25 origin -m2:unverified -m3:unverified",
			},
		},
		"silence is forgotten": {
			0, false,
			[]map[string]Sight{{"m1": before}, {"m1": silent}, {"m1": silent}, {"m1": good}, {"m1": silent}},
			[]string{
				"m1 origin -m2:unverified -m3:unverified", "m1? origin -m2:unverified -m3:unverified", "m1?? origin -m2:unverified -m3:unverified",
				"m1 origin -m2:unverified -m3:unverified", "m1? origin -m2:unverified -m3:unverified",
			},
		},
		"bad at once": {
			0, false,
			[]map[string]Sight{{"m1": before, "m2": before, "m3": before}, {"m1": corrupt, "m2": absent, "m3": good}},
			[]string{"m1 m2 m3 origin", "m3 origin -m1:corrupt -m2:absent"},
		},
		"the floor holds some back, the worst goes": {
			60, false,
			[]map[string]Sight{{"m1": absent, "m2": silent, "m3": good}, {"m1": good}},
			[]string{"m2!unreachable m3!unverified origin -m1:absent", "m2?!unreachable m3?!unverified origin -m1:absent"},
		},
		"the floor gives way to two people": {
			60, true,
			[]map[string]Sight{{"m1": absent, "m2": silent, "m3": good}},
			[]string{"origin -m1:absent -m2:unreachable -m3:unverified"},
		},
		"an origin stays, and what is wrong with it is said": {
			0, false,
			[]map[string]Sight{{"origin": absent}},
			[]string{"origin!absent -m1:unverified -m2:unverified -m3:unverified"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			f, now := File{}, noon
			for i, seen := range tc.rounds {
				now = now.Add(30 * time.Second)
				r := Round{
					Targets: fleet(), Seen: seen, Now: now, Valid: 10 * time.Minute, TTL: time.Minute,
					Alarm: &Alarm{Items: []string{"U-2026-1"}, Floor: tc.floor, Confirmed: tc.confirmed},
				}
				next, err := r.Next(f)
				if err != nil {
					t.Fatal(err)
				}
				if got := words(next); got != tc.want[i] {
					t.Errorf("round %d: %s\nwant %s", i+1, got, tc.want[i])
				}
				f = next
			}
		})
	}
}

func TestOver(t *testing.T) {
	seen := map[string]Sight{}
	for _, id := range []string{"origin", "m1", "m2", "m3"} {
		seen[id] = Sight{State: Good, Before: true}
	}
	alarm := func(floor int, until time.Time) *Alarm {
		return &Alarm{Items: []string{"U-2026-1"}, Floor: floor, Confirmed: true, Until: until}
	}
	late := noon.Add(49 * time.Hour)
	for name, tc := range map[string]struct {
		alarm *Alarm
		but   map[string]Sight
		now   time.Time
		want  bool
	}{
		"all are back":             {alarm(30, noon.Add(48*time.Hour)), nil, noon, true},
		"one lags":                 {alarm(30, noon.Add(48*time.Hour)), map[string]Sight{"m1": {State: Bad, Reason: "absent"}}, noon, false},
		"one lags, the time is up": {alarm(30, noon.Add(48*time.Hour)), map[string]Sight{"m1": {State: Bad, Reason: "absent"}}, late, true},
		"below the floor":          {alarm(90, noon.Add(48*time.Hour)), map[string]Sight{"m1": {State: Bad, Reason: "absent"}}, late, false},
		"the origin lacks it":      {alarm(30, noon.Add(48*time.Hour)), map[string]Sight{"origin": {State: Bad, Reason: "absent"}}, noon, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := Round{Targets: fleet(), Seen: map[string]Sight{}, Alarm: tc.alarm, Now: tc.now, Valid: time.Hour, TTL: time.Minute}
			for id, s := range seen {
				r.Seen[id] = s
			}
			for id, s := range tc.but {
				r.Seen[id] = s
			}
			f, err := r.Next(File{})
			if err != nil {
				t.Fatal(err)
			}
			if why := r.Over(f); (why != "") != tc.want {
				t.Errorf("%s: over %q, want %t", words(f), why, tc.want)
			}
		})
	}
}

// Whatever is seen, in whatever order: some server is named, the origins always and
// private ones never; what is bad is there only because of the floor; and no round
// goes below the floor by itself.
func TestNextKeepsItsPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var targets []Target
		for i := range rapid.IntRange(1, 8).Draw(t, "targets") {
			targets = append(targets, Target{
				ID: fmt.Sprintf("t%d", i), URL: fmt.Sprintf("https://t%d.example.org/", i), Weight: rapid.IntRange(1, 300).Draw(t, "weight"),
				Class: rapid.SampledFrom([]string{patchset.ClassMirror, patchset.ClassMirror, patchset.ClassOrigin, patchset.ClassPrivate}).Draw(t, "class"),
			})
		}
		floor, confirmed := rapid.IntRange(0, 100).Draw(t, "floor"), rapid.Bool().Draw(t, "confirmed")
		f, now := File{}, noon
		for range rapid.IntRange(1, 12).Draw(t, "rounds") {
			now = now.Add(time.Duration(rapid.IntRange(-60, 60).Draw(t, "seconds")) * time.Second)
			r := Round{Targets: targets, Seen: map[string]Sight{}, Now: now, Valid: time.Minute, TTL: time.Second}
			for _, target := range targets {
				r.Seen[target.ID] = Sight{
					State: rapid.SampledFrom([]State{Good, Bad, Silent}).Draw(t, "state"), Reason: "reason", Before: rapid.Bool().Draw(t, "before"),
				}
			}
			if rapid.IntRange(0, 5).Draw(t, "alarm") > 0 {
				r.Alarm = &Alarm{Floor: floor, Confirmed: confirmed}
			}
			next, err := r.Next(f)
			if err != nil {
				if len(next.Serve) > 0 {
					t.Fatalf("refused, although it names servers: %v", err)
				}
				return
			}
			holds(t, r, f, next)
			if again, err := mustParse(t, next).Encode(); err != nil || string(again) != string(mustEncode(t, next)) {
				t.Fatalf("read and written again it is another: %v", err)
			}
			f = next
		}
	})
}

func holds(t *rapid.T, r Round, last, next File) {
	if len(next.Serve) == 0 || next.Generation <= last.Generation {
		t.Fatalf("%d servers, generation %d after %d", len(next.Serve), next.Generation, last.Generation)
	}
	for _, target := range r.Targets {
		e, in := find(next.Serve, target.ID)
		_, out := findOut(next.Withdrawn, target.ID)
		switch {
		case target.Class == patchset.ClassPrivate && (in || out):
			t.Fatalf("%s is private and named", target.ID)
		case target.Class == patchset.ClassPrivate:
		case in == out:
			t.Fatalf("%s is served %t and withdrawn %t", target.ID, in, out)
		case target.Class == patchset.ClassOrigin && !in:
			t.Fatalf("the origin %s is not served", target.ID)
		case next.Mode == Panic && in && r.Seen[target.ID].State == Bad && e.Held == "":
			t.Fatalf("%s is bad and served", target.ID)
		}
	}
	if next.Mode == Panic && last.Mode != Panic && !r.Alarm.Confirmed && next.Floor.Actual < r.Alarm.Floor {
		t.Fatalf("%d%% is below the floor of %d%%", next.Floor.Actual, r.Alarm.Floor)
	}
	if next.Mode == Panic && last.Mode == Panic && !r.Alarm.Confirmed && next.Floor.Actual < min(r.Alarm.Floor, last.Floor.Actual) {
		t.Fatalf("%d%% after %d%%, below the floor of %d%%", next.Floor.Actual, last.Floor.Actual, r.Alarm.Floor)
	}
}

func mustEncode(t interface{ Fatalf(string, ...any) }, f File) []byte {
	data, err := f.Encode()
	if err != nil {
		t.Fatalf("%v", err)
	}
	return data
}

func mustParse(t interface{ Fatalf(string, ...any) }, f File) File {
	got, err := Parse(mustEncode(t, f))
	if err != nil {
		t.Fatalf("%v", err)
	}
	return got
}

func TestReaders(t *testing.T) {
	file := func(mode Mode, generation int64, ids ...string) File {
		f := File{Format: Format, Mode: mode, Generation: generation, Issued: noon, Expires: noon.Add(10 * time.Minute), TTL: 60}
		for _, id := range ids {
			e := Entry{ID: id, URL: "https://" + id + ".example.org/a.git", Class: Mirror, Weight: 100}
			if strings.HasPrefix(id, "origin") {
				e.Class, e.Weight = Origin, 50
			}
			f.Serve = append(f.Serve, e)
		}
		return f
	}
	held := file(Panic, 7, "origin", "m1")
	for name, tc := range map[string]struct {
		offered File
		ok      bool
	}{
		"newer": {file(Panic, 8, "m1"), true}, "older": {file(Normal, 6, "m1"), false},
		"the same": {held, true}, "the same generation, another content": {file(Panic, 7, "m1"), false},
	} {
		if err := tc.offered.Replaces(held); (err == nil) != tc.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, tc := range map[string]struct {
		f    File
		now  time.Time
		want string
	}{
		"in time": {held, noon, "origin m1"}, "panic, run out": {held, noon.Add(time.Hour), "origin"},
		"normal, run out": {file(Normal, 7, "origin", "m1"), noon.Add(time.Hour), "origin m1"}, "panic, run out, no origin": {file(Panic, 7, "m1"), noon.Add(time.Hour), "m1"},
	} {
		entries, why := tc.f.Usable(tc.now)
		var ids []string
		for _, e := range entries {
			ids = append(ids, e.ID)
		}
		if got := strings.Join(ids, " "); got != tc.want {
			t.Errorf("%s: %s (%s), want %s", name, got, why, tc.want)
		}
	}
}

func TestForms(t *testing.T) {
	r := Round{Targets: fleet(), Now: noon, Valid: time.Hour, TTL: time.Minute}
	r.Targets[2].Weight = 500
	f, err := r.Next(File{})
	if err != nil {
		t.Fatal(err)
	}
	want := "# normal generation 1795348800 until 2026-11-22T13:00:00Z\nhttps://m2.example.org/a.git\nhttps://m1.example.org/a.git\n" +
		"https://m3.example.org/a.git\nhttps://origin.example.org/a.git\n"
	if got := string(f.Hosts()); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	link, err := f.Metalink("serve.json", mustEncode(t, f))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`<metalink xmlns="urn:ietf:params:xml:ns:metalink">`, `<file name="serve.json">`, `<hash type="sha-256">`, `<metaurl priority="1" mediatype="application/x-git">https://m2.example.org/a.git</metaurl>`} {
		if !strings.Contains(string(link), part) {
			t.Errorf("the metalink has no %s:\n%s", part, link)
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	r := Round{Targets: fleet(), Now: noon, Valid: time.Hour, TTL: time.Minute}
	for name, spoil := range map[string]func(f *File){
		"format":     func(f *File) { f.Format = "git-carry/serve/v2" },
		"mode":       func(f *File) { f.Mode = "calm" },
		"generation": func(f *File) { f.Generation = 0 },
		"expires":    func(f *File) { f.Expires = f.Issued },
		"empty":      func(f *File) { f.Serve = nil },
		"twice":      func(f *File) { f.Serve = append(f.Serve, f.Serve[0]) },
		"url":        func(f *File) { f.Serve[0].URL = "https://a\nb" },
		"option":     func(f *File) { f.Serve[0].URL = "--upload-pack=x" },
		"remark":     func(f *File) { f.Serve[0].URL = "# https://a" },
		"weight":     func(f *File) { f.Serve[0].Weight = 0 },
		"both":       func(f *File) { f.Withdrawn = []Out{{ID: f.Serve[0].ID, Reason: "absent", Since: noon}} },
	} {
		f, err := r.Next(File{})
		if err != nil {
			t.Fatal(err)
		}
		f.Serve = slices.Clone(f.Serve)
		if spoil(&f); f.Check() == nil {
			t.Errorf("%s: such a file is taken", name)
		}
	}
}

func TestNothingFollowsTheFile(t *testing.T) {
	f, err := Round{Targets: fleet(), Now: noon, Valid: time.Hour, TTL: time.Minute}.Next(File{})
	if err != nil {
		t.Fatal(err)
	}
	for _, more := range []string{"}", "]", "{}", "x"} {
		if _, err := Parse(append(mustEncode(t, f), more...)); err == nil {
			t.Errorf("a file with %q after it is taken", more)
		}
	}
}

// FuzzParse: whatever a server gives, what is taken can be written again and means the
// same, and names a server at any time.
func FuzzParse(f *testing.F) {
	r := Round{Targets: fleet(), Now: noon, Valid: time.Hour, TTL: time.Minute, Alarm: &Alarm{Items: []string{"U-2026-1"}}}
	file, err := r.Next(File{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(mustEncode(f, file))
	f.Add([]byte(`{"format":"git-carry/serve/v1","serve":[{}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := Parse(data)
		if err != nil {
			return
		}
		for _, now := range []time.Time{noon, noon.AddDate(100, 0, 0)} {
			if entries, _ := got.Usable(now); len(entries) == 0 {
				t.Fatal("no server is left")
			}
		}
		again, err := got.Encode()
		if err != nil {
			return // a year that JSON cannot write
		}
		if back, err := Parse(again); err != nil || back.Replaces(got) != nil {
			t.Fatalf("%v\n%s", err, again)
		}
	})
}
