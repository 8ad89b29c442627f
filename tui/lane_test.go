package tui

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/exp/teatest"
	"pgregory.net/rapid"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/urgent"
)

var laneNine = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

func laneMinute(n int) time.Time { return laneNine.Add(time.Duration(n) * time.Minute) }

// fixtureLane has an item that goes out, with a version that conflicts and targets of every fate,
// and one that nobody has accepted yet.
func fixtureLane() Lane {
	return Lane{
		You: "kim, unverified (claims kim@example.org)", At: laneMinute(58), Empty: "The urgent lane is empty.",
		Items: []LaneItem{fixtureItem(), {
			ID: "U-2026-4", Patches: []string{"T9"}, State: urgent.Proposed, Sentence: "U-2026-4 (T9) is proposed: as bad as the other.",
			Needed: "somebody lets it into the lane", From: []string{"lee"}, Command: "git carry urgent accept U-2026-4", NotOut: 2 * time.Minute,
		}},
	}
}

func fixtureItem() LaneItem {
	span := func(stage urgent.Stage, from, to, target, limit int) urgent.Span {
		took := time.Duration(to-from) * time.Minute
		machine, remote := min(took, 20*time.Second), min(took, 40*time.Second)
		s := urgent.Span{
			Stage: stage, Start: laneMinute(from), End: laneMinute(to), Took: took, Machine: machine, Remote: remote, People: took - machine - remote,
			Target: time.Duration(target) * time.Minute, Limit: time.Duration(limit) * time.Minute, Median: time.Duration(target-1) * time.Minute,
		}
		if to == 58 {
			s.End = time.Time{}
		}
		return s
	}
	arrival := func(target, detail string) urgent.Arrival {
		return urgent.Arrival{Target: target, There: detail == "", At: laneMinute(50), Detail: detail}
	}
	stack := func(version string, state patchset.State, waits string, there ...string) LaneVersion {
		v := LaneVersion{Waits: waits, Approvers: []string{"sam", "deb", "lee"}}
		v.Component, v.Version, v.States, v.Content, v.Commit = "core", version, map[string]patchset.State{"T1": state}, "c0", "0123456789012345678901234567890123456789"
		v.Testing = []urgent.Arrival{arrival("canary", "")}
		for i, detail := range there {
			v.Stable = append(v.Stable, arrival(fmt.Sprintf("mirror-%d", i+1), detail))
		}
		return v
	}
	conflict := stack("1.46.0-wmf.6", patchset.StateConflict, "T1 is conflict there", "never sent")
	conflict.Content, conflict.Approvers, conflict.Problems = "", nil, []string{"T1 conflict: Foo.php"}
	conflict.Whose, conflict.Command = "owner priya", "git carry resolve T1 --version 1.46.0-wmf.6"
	target := func(name string, fate urgent.Fate, took int, detail string) LaneTarget {
		r := urgent.Reach{Target: name, Fate: fate, At: laneMinute(50), Took: time.Duration(took) * time.Second}
		k := urgent.Reached{Component: "core", Version: "1.46.0-wmf.5", Fate: fate, Arrival: arrival(name, detail)}
		if fate == urgent.FateVerified {
			r.There = 1
		}
		r.Stacks = []urgent.Reached{k}
		return LaneTarget{Reach: r, URL: "https://" + name + ".example.org/app.git"}
	}
	six := target("six", urgent.FateWrong, 0, "partial: ipv6 has it not")
	six.Stacks[0].Seen = urgent.Presence{Verdict: urgent.Partial, At: laneMinute(50), Serves: "0123", Families: map[string]urgent.Verdict{"ipv4": urgent.Present, "ipv6": urgent.Absent}}
	dead := target("dead", urgent.FateDead, 0, "unreachable: no route to host")
	dead.Command = "git carry urgent excuse U-2026-3 --target dead --reason TEXT"
	item := LaneItem{
		ID: "U-2026-3", Patches: []string{"T1"}, State: urgent.Releasing, Sentence: "U-2026-3 (T1) is releasing: 5 of 9 stacks are on their targets.",
		Needed: "3 targets to have it: six, dead, slow", From: []string{}, Command: "git carry urgent release U-2026-3",
		Also:   []string{"if one is dead: git carry urgent excuse U-2026-3 --target NAME --reason TEXT"},
		NotOut: 58 * time.Minute, Threshold: 3,
		Spans: []urgent.Span{
			span(urgent.Intake, 0, 4, 10, 20), span(urgent.Carry, 4, 5, 1, 10), span(urgent.Testing, 5, 9, 5, 20),
			span(urgent.Approval, 9, 49, 20, 30), span(urgent.Release, 49, 58, 10, 20), span(urgent.Total, 0, 58, 45, 60),
		},
		Ends: map[urgent.Stage]time.Time{urgent.Release: laneMinute(62)},
		Versions: []LaneVersion{
			stack("1.46.0-wmf.4", patchset.StateClean, "", "", ""), stack("1.46.0-wmf.5", patchset.StateMoved, "slow, dead", "", "never answered"), conflict,
		},
		People: []LanePerson{
			{Person: "sam", Says: "+1", Counts: true, In: []string{"1.46.0-wmf.4", "1.46.0-wmf.5"}, Why: "tried it: login works", Label: "sam, key verified", At: laneMinute(20)},
			{Person: "deb", Says: "-1 HOLDS", In: []string{"1.46.0-wmf.4"}, Why: "the page is white\x1b[2J\u202e", Label: "deb, unverified", At: laneMinute(30)},
			{Person: "priya", Says: "+1 VOID", Why: "is the author of T1", At: laneMinute(31)},
			{Person: "lee", Says: "may vote"},
			{Person: "ana", Says: "may not", Why: "is a co-author of T1"},
		},
		Targets: []LaneTarget{
			six, dead, target("slow", urgent.FateLagging, 0, "absent: Foo.php:12: not there"), target("漢字", urgent.FateVerified, 65, ""),
			target("near", urgent.FateVerified, 2, ""), target("old", urgent.FateExcused, 0, "unreachable"),
		},
		Story: []Moment{{laneMinute(49), "kim release of U-2026-3 took 40s"}, {laneMinute(0), "sam opened U-2026-3 for T1: used in\nthe wild\x1b[2J"}},
	}
	return item
}

// TestLaneFrames plays testdata/lane/lane.txt as [playLook] says.
func TestLaneFrames(t *testing.T) {
	playLook(t, "testdata/lane/lane.txt", NewLaneSession(fixtureLane()), func(s LaneSession, done bool) (string, LaneSession) {
		return fmt.Sprintf("done %v wish %d copied %q\n", done, s.Wish(), s.copied()), s
	})
}

func TestEveryLaneFrameFits(t *testing.T) {
	theme := NewTheme(ThemeOptions{})
	rapid.Check(t, func(t *rapid.T) {
		l := fixtureLane()
		l.Items = l.Items[:rapid.IntRange(0, 2).Draw(t, "items")]
		s := NewLaneSession(l)
		keys := rapid.SampledFrom([]string{"tab", "left", "1", "3", "4", "5", "6", "j", "k", "G", "pgdown", "n", "N", "f", "/", "w", "漢", "backspace", "enter", "esc", "?", "y", "x", "R"})
		for i := range rapid.IntRange(0, 14).Draw(t, "keys") {
			if s, _ = s.Press(keys.Draw(t, fmt.Sprint("key ", i))); rapid.IntRange(0, 9).Draw(t, fmt.Sprint("renewed ", i)) == 0 {
				l.Items = l.Items[rapid.IntRange(0, len(l.Items)).Draw(t, fmt.Sprint("gone ", i)):]
				s = s.With(l)
			}
		}
		size := Size{rapid.IntRange(1, 170).Draw(t, "width"), rapid.IntRange(1, 50).Draw(t, "height")}
		mustFill(t, RenderLane(s, size, theme), size)
	})
}

// TestLaneNeedsNoColour: without any style the lane has the same words.
func TestLaneNeedsNoColour(t *testing.T) {
	s := NewLaneSession(fixtureLane())
	for _, key := range []string{"1", "3", "4", "5", "enter"} {
		s, _ = s.Press(key)
		bare := RenderLane(s, Size{120, 40}, NewTheme(ThemeOptions{}))
		if got := ansiCode.ReplaceAllString(RenderLane(s, Size{120, 40}, NewTheme(ThemeOptions{Colours: TrueColour})), ""); got != bare {
			t.Errorf("with colours the screen says\n%s\nwithout\n%s", got, bare)
		}
	}
}

// TestLaneStaysWhereItWas: a newer state keeps the row in front in front, wherever it went.
func TestLaneStaysWhereItWas(t *testing.T) {
	s := NewLaneSession(fixtureLane())
	for _, key := range []string{"5", "j", "j"} { // slow
		s, _ = s.Press(key)
	}
	l := fixtureLane()
	targets := l.Items[0].Targets
	targets[0], targets[2] = targets[2], targets[0]
	if s = s.With(l); s.key(laneTargets) != "slow" {
		t.Errorf("in front: %q", s.key(laneTargets))
	}
	l.Items[0].Targets = targets[1:2]
	if s = s.With(l); s.key(laneTargets) != "dead" {
		t.Errorf("in front once it is gone: %q", s.key(laneTargets))
	}
	s, _ = s.Press("n")
	if s = s.With(Lane{Items: l.Items[:1]}); s.front().ID != "U-2026-3" {
		t.Errorf("in front once the item is gone: %q", s.front().ID)
	}
}

// TestLaneIsReadAnew: what is shown is renewed without a key, and an error keeps what was there.
func TestLaneIsReadAnew(t *testing.T) {
	newer := fixtureLane()
	newer.Items[0].State = urgent.Held
	m := lookModel[LaneSession]{session: NewLaneSession(fixtureLane()), size: Size{100, 30}, renew: func() func(LaneSession) LaneSession {
		return func(s LaneSession) LaneSession { return s.With(newer) }
	}}
	if m.Init() == nil {
		t.Error("nothing is ever read again")
	}
	next, later := m.Update(renewed[LaneSession]{m.renew()})
	if m = next.(lookModel[LaneSession]); m.session.front().State != urgent.Held || later == nil {
		t.Errorf("%v, and again: %v", m.session.front().State, later != nil)
	}
}

func TestLaneLoop(t *testing.T) {
	var out bytes.Buffer
	reads := 0
	renew := laneRenewal(context.Background(), func(context.Context) (Lane, error) { reads++; return Lane{}, errors.New("no vault\x1b[2J") })
	m := lookModel[LaneSession]{session: NewLaneSession(fixtureLane()), theme: NewTheme(ThemeOptions{Colours: Colours16}), out: &out, renew: renew, every: time.Millisecond}
	tm := teatest.NewTestModel(t, m, teatest.WithInitialTermSize(100, 30))
	teatest.WaitFor(t, tm.Output(), func(b []byte) bool { return bytes.Contains(b, []byte("what is shown is old: no vault")) })
	tm.Send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("3Gyb")})
	got := tm.FinalModel(t, teatest.WithFinalTimeout(5*time.Second)).(lookModel[LaneSession]).session
	if got.Wish() != LaneBoard || got.front().ID != "U-2026-3" {
		t.Errorf("wish %d, item %q", got.Wish(), got.front().ID)
	}
	if want := "\x1b]52;c;Z2l0IGNhcnJ5IHJlc29sdmUgVDEgLS12ZXJzaW9uIDEuNDYuMC13bWYuNg==\a"; out.String() != want {
		t.Errorf("to the clipboard: %q", out.String())
	}
}
