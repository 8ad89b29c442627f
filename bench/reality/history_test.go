package main

import (
	"testing"
	"time"

	"github.com/git-carry/git-carry/patchset"
)

func day(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }

func TestStart(t *testing.T) {
	c := component{weeks: map[string]week{
		"1.1.0-wmf.8": {cut: day(1)}, "1.1.0-wmf.9": {cut: day(8)}, "1.1.0-wmf.10": {cut: day(15)}, "1.1.0-wmf.11": {cut: day(22)},
	}}
	for _, test := range []struct {
		name             string
		authored, public time.Time
		contains         []string
		start, present   string
	}{
		{"the first week after it was written", day(3), day(20), []string{"1.1.0-wmf.11"}, "1.1.0-wmf.9", "1.1.0-wmf.11"},
		{"written and public in one week", day(9), day(10), []string{"1.1.0-wmf.10", "1.1.0-wmf.11"}, "1.1.0-wmf.9", "1.1.0-wmf.10"},
		{"older than the branches", day(1), day(1), []string{"1.1.0-wmf.8", "1.1.0-wmf.9"}, "", "1.1.0-wmf.8"},
		{"in no branch yet", day(23), day(24), nil, "", ""},
	} {
		f := fix{authored: test.authored, public: test.public, contains: map[string]bool{}}
		for _, v := range test.contains {
			f.contains[v] = true
		}
		if start, present := c.start(f); start != test.start || present != test.present {
			t.Errorf("%s: got %q, %q, want %q, %q", test.name, start, present, test.start, test.present)
		}
	}
}

func TestJudge(t *testing.T) {
	landed, clean, conflict := state{word: patchset.StateLanded}, state{word: patchset.StateClean}, state{word: patchset.StateConflict}
	for _, test := range []struct {
		want string
		told [3]state // in weeks 2, 3 and 4; week 3 is the first that has it
	}{
		{judgedRight, [3]state{clean, landed, landed}},
		{judgedLate, [3]state{clean, conflict, landed}},
		{judgedEarly, [3]state{landed, landed, landed}},
		{judgedMissed, [3]state{clean, conflict, conflict}},
	} {
		weeks := []string{"2", "3", "4"}
		c := &carried{fix: fix{component: "c", contains: map[string]bool{"3": true, "4": true}}, start: "1", told: map[string]state{"1": clean}}
		for i, w := range weeks {
			c.told[w] = test.told[i]
		}
		r := &run{ran: append([]string{"1"}, weeks...), world: &world{components: map[string]component{"c": {}}}}
		if v := r.judge(c); v.judgement != test.want {
			t.Errorf("%v: got %+v", test.want, v)
		}
	}
}
