package owners

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// signed is a valid, unverified signature on someStatement.
func signed(person string, as As, reason string) Signature {
	return Signature{
		Statement: someStatement(), Person: person, As: as, Reason: reason,
		At:    time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC),
		Claim: Claim{Name: "N", Email: person + "@example.org"},
	}
}

func mustEncode(t testing.TB, s Signature) []byte {
	t.Helper()
	data, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestSignatureEncode(t *testing.T) {
	s := signed("tomas", AsDeputy, `priya said "yes"`)
	s.At = time.Date(2026, 3, 4, 7, 6, 7, 999, time.FixedZone("", 2*3600))
	want := `format = 1
person = "tomas"
as = "deputy"
reason = "priya said \"yes\""
at = 2026-03-04T05:06:07Z
assurance = "unverified"

[claim]
name = "N"
email = "tomas@example.org"

[statement]
store = "s-1"
patch = "T401234"
version = "1.46.0-wmf.6"
component = "extensions/AbuseFilter"
base = "` + id("a") + `"
conflict = "c-9"
source = "` + id("b") + `"
result = "` + id("c") + `"
tree = "` + id("d") + `"
purpose = "resolve"
`
	if got := string(mustEncode(t, s)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestSignatureEncodeRefuses(t *testing.T) {
	for name, change := range map[string]func(*Signature){
		"proof that is none":      func(s *Signature) { s.Proof = "trust me" },
		"no person":               func(s *Signature) { s.Person = "" },
		"other role":              func(s *Signature) { s.As = "friend" },
		"deputy without reason":   func(s *Signature) { s.As, s.Reason = AsDeputy, "  " },
		"override without reason": func(s *Signature) { s.As, s.Reason = AsOverride, "" },
		"reason of two lines":     func(s *Signature) { s.Reason = "a\nb" },
		"long reason":             func(s *Signature) { s.Reason = strings.Repeat("x", 501) },
		"claim with escape":       func(s *Signature) { s.Claim.Email = "\x1b]0;x" },
		"no time":                 func(s *Signature) { s.At = time.Time{} },
		"year 10000":              func(s *Signature) { s.At = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"broken statement":        func(s *Signature) { s.Statement.Tree = "HEAD" },
	} {
		t.Run(name, func(t *testing.T) {
			s := signed("priya", AsOwner, "")
			change(&s)
			_, err := s.Encode()
			var se *SignatureError
			if !errors.As(err, &se) {
				t.Errorf("got %v, want a *SignatureError", err)
			}
		})
	}
}

func TestParseSignatureRefuses(t *testing.T) {
	good := string(mustEncode(t, signed("priya", AsOwner, "")))
	swap := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("nothing to swap: %q", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	for name, tt := range map[string]struct {
		file  string
		line  int
		words string
	}{
		"empty":               {"", 0, "format: must be 1"},
		"other format":        {swap("format = 1", "format = 2"), 1, "format: must be 1"},
		"claims verified":     {swap(`"unverified"`, `"verified"`), 5, "without a proof it must be"},
		"no assurance":        {swap("assurance = \"unverified\"\n", ""), 0, "without a proof it must be"},
		"proof and assurance": {good + "[proof]\nssh = \"x\"\n", 5, "says none"},
		"proof that is none":  {swap("assurance = \"unverified\"\n", "") + "[proof]\nssh = \"x\"\n", 0, "proof: is no SSH signature"},
		"empty proof":         {swap(`"unverified"`, `"verified"`) + "[proof]\nssh = \"\"\n", 5, "without a proof"},
		"unknown in proof":    {good + "[proof]\ngpg = \"x\"\n", 23, "proof.gpg: is an unknown key"},
		"unknown key":         {swap("as = ", "ssh = \"x\"\nas = "), 3, "ssh: is an unknown key"},
		"unknown in claim":    {swap("[claim]\n", "[claim]\nkey = 1\n"), 8, "claim.key: is an unknown key"},
		"unknown in stmt":     {swap("store = ", "extra = 1\nstore = "), 12, "statement.extra: is an unknown key"},
		"local time":          {swap("07Z", "07"), 4, "at: must be a time"},
		"date alone":          {swap("2026-03-04T05:06:07Z", "2026-03-04"), 4, "at: must be a time"},
		"time as text":        {swap("2026-03-04T05:06:07Z", `"now"`), 4, "at: must be a time"},
		"person missing":      {swap(`person = "priya"`, ""), 0, "person:"},
		"statement missing":   {good[:strings.Index(good, "[statement]")], 0, "statement: purpose"},
		"result cut":          {swap(id("c"), "cccc"), 0, "statement: result"},
		"deputy, no reason":   {swap(`"owner"`, `"deputy"`), 0, "reason: is missing"},
		"syntax":              {good + "x = ?\n", 22, "expected value"},
		"huge":                {good + "#" + strings.Repeat("x", MaxSignatureSize), 0, "the limit is"},
		"two of one key":      {swap("[claim]", "as = \"owner\"\n[claim]"), 7, "already"},
		"statement as string": {good[:strings.Index(good, "[claim]")] + "statement = \"x\"\n", 7, "must be a table"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseSignature([]byte(tt.file))
			var se *SignatureError
			if !errors.As(err, &se) {
				t.Fatalf("got %v, want a *SignatureError", err)
			}
			wantText(t, err, tt.words)
			if se.Line != tt.line {
				t.Errorf("line %d, want %d: %v", se.Line, tt.line, err)
			}
		})
	}
}

func TestSignatureRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Signature{
			Statement: genStatement().Draw(t, "statement"),
			Person:    rapid.StringMatching(`[A-Za-z0-9][A-Za-z0-9._-]{0,20}`).Draw(t, "person"),
			As:        rapid.SampledFrom([]As{AsOwner, AsDeputy, AsOverride}).Draw(t, "as"),
			Reason:    genLine(1).Draw(t, "reason"),
			At:        time.Unix(rapid.Int64Range(0, 1<<37).Draw(t, "at"), 0).UTC(),
			Claim:     Claim{Name: genLine(0).Draw(t, "name"), Email: genLine(0).Draw(t, "email")},
		}
		if rapid.Bool().Draw(t, "prove") {
			s = mustSign(t, s, laptop)
		}
		data, err := s.Encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseSignature(data)
		if err != nil || again != s {
			t.Fatalf("read back as %+v, %v\n%s", again, err, data)
		}
	})
}

func FuzzSignature(f *testing.F) {
	f.Add(mustEncode(f, signed("priya", AsOwner, "")))
	f.Add(mustEncode(f, signed("tomas", AsDeputy, "away")))
	f.Add(mustEncode(f, mustSign(f, signed("priya", AsOwner, ""), laptop)))
	f.Add([]byte("format = 1\nat = 0001-01-01T00:00:00+14:00\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := ParseSignature(data)
		if err != nil {
			if !printable(err.Error()) {
				t.Fatalf("error %q", err)
			}
			return
		}
		if v := team(t).Consent(Owner{ID: "priya"}, s.Statement, []Signature{s}, nil); v.OK && !v.Unverified {
			t.Fatal("a file made itself verified")
		}
		first := mustEncode(t, s)
		again, err := ParseSignature(first)
		if err != nil || again != s || !bytes.Equal(mustEncode(t, again), first) {
			t.Fatalf("no round trip: %v\n%+v\n%+v", err, s, again)
		}
	})
}
