package owners

import (
	"testing"

	"pgregory.net/rapid"
)

func TestIdentify(t *testing.T) {
	r := team(t)
	for email, want := range map[string]string{
		"priya@example.org": "priya, unverified (claims priya@example.org)",
		"Priya@Example.org": "priya, unverified (claims Priya@Example.org)",
		"lee@example.org":   "lee, unverified (claims lee@example.org)",
		"who@example.org":   "unverified (claims who@example.org)",
		"":                  "unverified (claims Priya N.)",
	} {
		if got := r.Identify(Claim{Name: "Priya N.", Email: email}).String(); got != want {
			t.Errorf("%q: got %q, want %q", email, got, want)
		}
	}
}

func TestActAs(t *testing.T) {
	r := team(t)
	a, err := r.ActAs("priya", Claim{Email: "root@deploy"})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := a.String(), "priya, unverified (claims root@deploy)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := r.ActAs("nobody", Claim{}); err == nil {
		t.Error("acted as nobody")
	}
}

func TestAssuranceLabel(t *testing.T) {
	c := Claim{Name: "Priya N.", Email: "priya@example.org"}
	for _, tt := range []struct {
		a    Assurance
		c    Claim
		want string
	}{
		{Verified, c, "key verified (SHA256:abc)"},
		{Unverified, c, "unverified (claims priya@example.org)"},
		{"", Claim{}, "unverified (claims nobody)"},
		{"VERIFIED", c, "unverified (claims priya@example.org)"},
		{Unverified, Claim{Email: "a\x1b[2J\u202e@b"}, "unverified (claims a\ufffd[2J\ufffd@b)"},
	} {
		if got := (Actor{Claim: tt.c, Assurance: tt.a, Key: "SHA256:abc"}).Label(); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.a, got, tt.want)
		}
	}
}

func TestLabelsNeverDrawOnTheTerminal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		any := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
		c := Claim{Name: any.Draw(t, "name"), Email: any.Draw(t, "email")}
		s := Signature{Person: any.Draw(t, "person"), As: As(any.Draw(t, "as")), Claim: c, Proof: any.Draw(t, "proof")}
		a := Actor{Person: any.Draw(t, "actor"), Claim: c, Assurance: Assurance(any.Draw(t, "assurance")), Key: any.Draw(t, "key")}
		for _, label := range []string{s.Label(), a.String()} {
			if !printable(label) {
				t.Fatalf("%q", label)
			}
		}
	})
}
