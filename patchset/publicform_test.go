package patchset

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPublicMessage(t *testing.T) {
	secret := NewSecretWords([]string{"Nightingale", "build.internal", "T1"})
	for _, c := range []struct{ name, message, want string }{
		{"a subject alone", "Close it\n", "Close it\n"},
		{"our trailer goes, others stay", "Close it\n\nBug: T2\nCarry-Id: 0123\nChange-Id: I1\n", "Close it\n\nBug: T2\nChange-Id: I1\n"},
		{"one of ours to come", "Close it\n\ncarry-Anything: x\n", "Close it\n"},
		{"a trailer with a secret word", "Close it\n\nSeen-At: BUILD.INTERNAL:80\nBug: T2\n", "Close it\n\nBug: T2\n"},
		{"a prefix", "nightingale: close it\n", "close it\n"},
		{"a prefix in brackets", "[Nightingale]: close it\n", "close it\n"},
		{"in the text", "Close it\n\nNightingale nightingale nightingale said so.\n", "Close it\n\n[...] [...] [...] said so.\n"},
		{"parts of other words stay", "Close T12 and xT1, nightingales sing\n", "Close T12 and xT1, nightingales sing\n"},
		{"beside punctuation", "Like (T1), T1.\n", "Like ([...]), [...].\n"},
		{"a dot is a dot", "Close buildXinternal\n", "Close buildXinternal\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := string(PublicMessage([]byte(c.message), secret)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	if got := string(PublicMessage([]byte("Close it\n\nCarry-Id: 0123\n"), SecretWords{})); got != "Close it\n" {
		t.Errorf("without secret words: %q", got)
	}
}

// TestPublicMessageHasNoSecret: whatever is around it, no secret word and no trailer of ours
// comes through, and doing it twice changes nothing more.
func TestPublicMessageHasNoSecret(t *testing.T) {
	words := []string{"nightingale", "köln", "a.b", "T1"}
	secret := NewSecretWords(words)
	piece := rapid.OneOf(rapid.SampledFrom(append(words, "Carry-Id: 1", "\n", "\n\n", ": ", " ", ".", "[", "KÖLN", "Bug: T1", "a", "-")), rapid.StringN(0, 3, 8))
	rapid.Check(t, func(t *rapid.T) {
		message := strings.Join(rapid.SliceOfN(piece, 0, 20).Draw(t, "message"), "")
		got := string(PublicMessage([]byte(message), secret))
		if secret.In(got) {
			t.Fatalf("%q became %q", message, got)
		}
		if len(Trailers([]byte(got), CarryTrailer)) > 0 {
			t.Fatalf("%q became %q, with a trailer", message, got)
		}
	})
}
