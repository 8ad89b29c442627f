package patchset_test

import (
	"strings"
	"testing"

	"github.com/git-carry/git-carry/patchset"
)

func TestWeighWhatSpeaksForALanding(t *testing.T) {
	const there, edited, gone, back = patchset.HunkThere, patchset.HunkEdited, patchset.HunkGone, patchset.HunkBack
	trailer := patchset.Trace{Commit: "1111111111", Bears: "Change-Id", Equal: true}
	other := patchset.Trace{Commit: "2222222222", Bears: "Change-Id"}
	same := patchset.Trace{Commit: "3333333333", Same: true, Equal: true}
	task := patchset.Trace{Commit: "4444444444", Names: "task"}
	similar := patchset.Trace{Commit: "5555555555", Shared: 70}
	faint := patchset.Trace{Commit: "6666666666", Shared: 10}
	undone := func(t patchset.Trace) patchset.Trace {
		t.Undone = patchset.Undoing{Happened: true, Commit: "9999999999", Words: "reverts it"}
		return t
	}
	const empty, clean, conflict = "empty", "clean", "conflict"
	for name, tt := range map[string]struct {
		merge  string
		traces []patchset.Trace // newest first
		fates  []patchset.HunkFate
		want   string // landed or ask, the commit, the kinds
	}{
		"empty, nobody named":                    {empty, nil, nil, "landed - empty"},
		"empty, and its id":                      {empty, []patchset.Trace{task, trailer}, nil, "landed 1 trailer empty"},
		"empty, and an equal change":             {empty, []patchset.Trace{similar, same}, nil, "landed 3 empty patch-id"},
		"empty, reverted and brought again":      {empty, []patchset.Trace{same, undone(trailer)}, nil, "landed 3 empty patch-id"},
		"empty, only a reverted one is known":    {empty, []patchset.Trace{undone(trailer)}, nil, "landed 1 trailer empty"},
		"its id, the change, edited since":       {conflict, []patchset.Trace{trailer}, []patchset.HunkFate{there, edited}, "landed 1 trailer hunks"},
		"its id, the change, a line is gone":     {conflict, []patchset.Trace{trailer}, []patchset.HunkFate{there, gone}, "ask 1 trailer hunks"},
		"its id, the change, a line is back":     {conflict, []patchset.Trace{trailer}, []patchset.HunkFate{back}, "ask 1 trailer"},
		"its id, the change, nobody looked":      {conflict, []patchset.Trace{trailer}, nil, "ask 1 trailer"},
		"its id, another change":                 {conflict, []patchset.Trace{other}, []patchset.HunkFate{there, there}, "ask 2 trailer hunks"},
		"its id, but it merges to something":     {clean, []patchset.Trace{trailer}, []patchset.HunkFate{there, edited}, "ask 1 trailer hunks"},
		"an equal change alone":                  {conflict, []patchset.Trace{same}, []patchset.HunkFate{there, edited}, "ask 3 patch-id hunks"},
		"of two with its id, the equal one":      {conflict, []patchset.Trace{other, trailer}, []patchset.HunkFate{there}, "landed 1 trailer hunks"},
		"reverted":                               {conflict, []patchset.Trace{undone(trailer)}, []patchset.HunkFate{gone}, "reverted 9 reverted trailer"},
		"reverted, the merge is clean":           {clean, []patchset.Trace{undone(same)}, nil, "reverted 9 reverted patch-id"},
		"reverted, then another with its id":     {conflict, []patchset.Trace{other, undone(trailer)}, []patchset.HunkFate{gone}, "ask 2 trailer"},
		"reverted, and one that names the task":  {conflict, []patchset.Trace{task, undone(trailer)}, []patchset.HunkFate{gone}, "reverted 9 reverted trailer"},
		"the task":                               {conflict, []patchset.Trace{similar, task}, []patchset.HunkFate{there, gone, gone}, "ask 4 hunks task"},
		"the task, but it merges":                {clean, []patchset.Trace{task}, nil, "carry -"},
		"similar":                                {conflict, []patchset.Trace{similar}, []patchset.HunkFate{gone}, "ask 5 similar"},
		"hardly similar":                         {conflict, []patchset.Trace{faint}, []patchset.HunkFate{gone}, "carry -"},
		"hunks alone":                            {conflict, nil, []patchset.HunkFate{there, there}, "carry - hunks"},
		"nothing at all":                         {conflict, nil, []patchset.HunkFate{gone}, "carry -"},
		"nothing at all, and it merges as it is": {clean, nil, nil, "carry -"},
	} {
		t.Run(name, func(t *testing.T) {
			f := patchset.Evidence{Traces: tt.traces, Fates: tt.fates}.Weigh(tt.merge == empty, tt.merge == conflict)
			got := []string{"carry", "-"}
			switch {
			case f.Landed:
				got[0] = "landed"
			case f.Ask:
				got[0] = "ask"
			case f.Undone.Happened:
				got[0], got[1] = "reverted", string(f.Undone.Commit)[:1]
			}
			if f.Public != "" && !f.Undone.Happened {
				got[1] = string(f.Public)[:1]
			}
			for _, g := range f.Grounds {
				got = append(got, string(g.Kind))
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("got %q, want %q", s, tt.want)
			}
		})
	}
}
