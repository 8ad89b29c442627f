package cmd

import (
	"slices"
	"testing"

	"github.com/git-carry/git-carry/patchset"
)

func TestMentions(t *testing.T) {
	tests := []struct {
		line, id string
		want     bool
	}{
		{"added T1 to core 1.5: clean", "T1", true},
		{"core T1: conflict", "T1", true},
		{"gave T1.", "T1", true},
		{"core T10: conflict", "T1", false},
		{"core T1-2: conflict", "T1", false},
		{"core T1-2: conflict", "T1-2", true},
		{"", "T1", false},
		{"dropped T1", "", false},
	}
	for _, tt := range tests {
		if got := mentions(tt.line, tt.id); got != tt.want {
			t.Errorf("mentions(%q, %q) = %v", tt.line, tt.id, got)
		}
	}
}

// What an entry is about is the same, whether one asks for one patch or for all.
func TestNamedIn(t *testing.T) {
	known := map[string]patchset.Patch{"T1": {}, "T1-2": {}, "T3": {}}
	e := patchset.Entry{Sentence: "carried T1, T1-2 and T1", Details: []string{"core T10: conflict", "(T3)."}}
	got := namedIn(e, known)
	if want := []string{"T1", "T1-2", "T3"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for id := range known {
		if names(e, id) != slices.Contains(got, id) {
			t.Errorf("%s: names and namedIn do not agree", id)
		}
	}
}

// To undo again and again switches between two sentences; they do not grow, and
// whoever undoes, it stays the work of the one who did it.
func TestReversal(t *testing.T) {
	e := entryDoc{Person: "priya", Sentence: "carried 2 patches to 1.6 (core): 1 clean", Action: "train"}
	for i, want := range []string{undid, redid, undid, redid} {
		verb, who, what := reversal(e)
		if verb != want || who != "priya" || what != "carried 2 patches to 1.6 (core): 1 clean" {
			t.Fatalf("undo %d: %q, %q, %q", i+1, verb, who, what)
		}
		e = entryDoc{Person: "sam", Sentence: undoSentence(verb, who, what), Action: "undo"}
	}
}
