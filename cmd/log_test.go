package cmd

import "testing"

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

// To undo again and again switches between two sentences; they do not grow.
func TestReversal(t *testing.T) {
	sentence, action := "carried 2 patches to 1.6: 1 clean, 1 conflict", "train"
	for i, want := range []string{undid, redid, undid, redid} {
		verb, what := reversal(sentence, action)
		if verb != want || what != "carried 2 patches to 1.6: 1 clean, 1 conflict" {
			t.Fatalf("undo %d: %q, %q", i+1, verb, what)
		}
		sentence, action = verb+": "+what, "undo"
	}
}
