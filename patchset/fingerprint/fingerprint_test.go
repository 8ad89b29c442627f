package fingerprint

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/git-carry/git-carry/patchset/mailbox"
)

const fix = `--- a/a.c
+++ b/a.c
@@ -1,4 +1,8 @@
 {
 	open_session(session);
+	if (!token_is_valid(session->token))
+		return refuse_session(session, "why");
+	audit_login_attempt(session, session->token);
+	return;
 	serve(session);
 }
`

func seenIn(t *testing.T, diff string) Seen {
	t.Helper()
	files, err := mailbox.ParseDiff([]byte(diff))
	if err != nil {
		t.Fatal(err)
	}
	seen := Seen{}
	seen.Change(files, true, Place{})
	return seen
}

func secretOf(seen Seen, more ...Mark) Secret {
	s := Secret{Name: "T1", Marks: more}
	for t := range seen {
		s.Marks = append(s.Marks, t)
	}
	return s
}

// bothSets are the secrets in memory and as a file that was written and read.
func bothSets(t *testing.T, secrets ...Secret) map[string]*Set {
	t.Helper()
	memory, err := New(t.Context(), [16]byte{1}, secrets)
	if err != nil {
		t.Fatal(err)
	}
	m := mill{salt: [16]byte{2}, cost: 2}
	made, err := newSet(t.Context(), m, secrets)
	if err != nil {
		t.Fatal(err)
	}
	made.Made = time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	file, err := Parse(made.Format())
	if err != nil {
		t.Fatal(err)
	}
	return map[string]*Set{"memory": memory, "file": file}
}

func judged(t *testing.T, s *Set, seen Seen) string {
	t.Helper()
	hits, err := s.Hits(t.Context(), seen)
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, f := range s.Judge(hits) {
		words = append(words, fmt.Sprintf("%d: %s", f.Patch, f.Words()))
	}
	return strings.Join(words, "; ")
}

func TestKnownAgain(t *testing.T) {
	sets := bothSets(t, secretOf(seenIn(t, fix), Mark{Commit, "c1"}, Mark{CarryID, "0123456789abcdef"}))
	text := func(s string) Seen {
		seen := Seen{}
		seen.Text([]byte(s), Place{})
		return seen
	}
	for name, c := range map[string]struct {
		seen Seen
		want string
	}{
		"the patch":           {seenIn(t, fix), "1: the same change"},
		"elsewhere in a file": {seenIn(t, strings.Replace(fix, "-1,4 +1,8", "-90,4 +95,8", 1)), "1: the same change"},
		"indented":            {seenIn(t, strings.ReplaceAll(fix, "\t", "        ")), "1: the same change but for white space"},
		"renamed":             {seenIn(t, strings.ReplaceAll(fix, "a.c", "b.c")), "1: 3 of 3 telling added lines"},
		"as text":             {text(fix), "1: 3 of 3 telling added lines"},
		"quoted":              {text("> +" + strings.ReplaceAll(fix, "\n+", "\n> +")), "1: 3 of 3 telling added lines"},
		"half of it":          {text("  if ( !token_is_valid( session->token ) )\nfoo\naudit_login_attempt(session, session->token);"), "1: 2 of 3 telling added lines"},
		"a line of it":        {text("audit_login_attempt(session, session->token);"), ""},
		"short lines":         {text("\treturn;\n{\n}\n"), ""},
		"taken out":           {seenIn(t, strings.NewReplacer("\n+\t", "\n-\t", "-1,4 +1,8", "-1,8 +1,4").Replace(fix)), ""},
		"its id":              {Seen{{Commit, "c1"}: Place{}}, "1: its commit"},
		"a tree of that id":   {Seen{{Tree, "c1"}: Place{}}, ""},
		"Carry-Id":            {text("Words\n\ncarry-ID: 0123456789ABCDEF\n"), "1: its Carry-Id"},
		"another Carry-Id":    {text("Carry-Id: 0123456789abcdee\n"), ""},
		"nothing":             {Seen{}, ""},
	} {
		for kind, set := range sets {
			if got := judged(t, set, c.seen); got != c.want {
				t.Errorf("%s, %s: %q, want %q", name, kind, got, c.want)
			}
		}
	}
}

// A fix that only takes lines away is known by those.
func TestRemovedLines(t *testing.T) {
	removal := strings.NewReplacer("\n+\t", "\n-\t", "-1,4 +1,8", "-1,8 +1,4").Replace(fix)
	for kind, set := range bothSets(t, secretOf(seenIn(t, removal))) {
		if got := judged(t, set, seenIn(t, strings.ReplaceAll(removal, "a.c", "b.c"))); got != "1: 3 of 3 telling removed lines" {
			t.Errorf("%s: %q", kind, got)
		}
	}
}

func TestNeed(t *testing.T) {
	for lines, want := range map[int]int{0: 1, 1: 1, 2: 2, 3: 2, 8: 2, 9: 3, 256: 64} {
		if got := Need(lines); got != want {
			t.Errorf("Need(%d) = %d, want %d", lines, got, want)
		}
	}
}

// What is written has no word of what it protects, and is the same for the same salt.
func TestFileTellsNothing(t *testing.T) {
	secrets := []Secret{secretOf(seenIn(t, fix)), {Name: "T2", Marks: []Mark{{Commit, "c2"}}}}
	write := func(salt byte, secrets ...Secret) []byte {
		s, err := NewFile(t.Context(), [16]byte{salt}, time.Date(2026, 11, 28, 17, 0, 0, 0, time.UTC), secrets)
		if err != nil {
			t.Fatal(err)
		}
		return s.Format()
	}
	data := write(1, secrets...)
	for _, word := range []string{"T1", "T2", "a.c", "token", "17:00"} {
		if bytes.Contains(data, []byte(word)) {
			t.Errorf("the file has %q", word)
		}
	}
	if !bytes.Equal(data, write(1, secrets[1], secrets[0])) {
		t.Error("the order of the patches shows")
	}
	for line := range strings.Lines(string(data)) {
		kind, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if len(kind) == 1 && bytes.Contains(write(2, secrets...), []byte(line)) {
			t.Errorf("another salt gives %q too", line)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	s, err := newSet(context.Background(), mill{cost: 2}, []Secret{{Marks: []Mark{{Commit, "c"}, {Added, "l"}}}})
	if err != nil {
		t.Fatal(err)
	}
	s.Public = []string{strings.Repeat("a", 40)}
	good := s.Format()
	if _, err := Parse(good); err != nil {
		t.Fatal(err)
	}
	again := func(old, now string) []byte {
		body, _, _ := cutLastLine(bytes.Replace(good, []byte(old), []byte(now), 1))
		return sealed(body)
	}
	for name, data := range map[string][]byte{
		"empty": nil, "cut": good[:len(good)-10], "one line less": append(bytes.Clone(good[:60]), good[80:]...),
		"newer": again("prints 1", "prints 2"), "no cost": again("cost 2", "cost 1"), "much cost": again("cost 2", "cost 1073741824"),
		"odd cost": again("cost 2", "cost 3"), "short salt": again("salt 00", "salt "), "no day": again("made 0", "made x"),
		"long line": again("\n+ ", "\n+ 00"), "unknown": again("\n+ ", "\n? "), "before a patch": again("patch\n", ""),
		"bad id": again("public a", "public "), "head alone": sealed([]byte(fileHead + "\n")),
	} {
		if _, err := Parse(data); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	s, err := newSet(context.Background(), mill{cost: 2}, []Secret{{Marks: []Mark{{Commit, "c"}, {Added, "l"}}}, {}})
	if err != nil {
		f.Fatal(err)
	}
	body, _, _ := cutLastLine(s.Format())
	f.Add(body)
	f.Add([]byte(fileHead + "\nmade 2026-11-28\nsalt 00\ncost 2\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		set, err := Parse(sealed(body))
		if err != nil {
			return
		}
		again, err := Parse(set.Format())
		if err != nil {
			t.Fatalf("what was read cannot be written and read: %v", err)
		}
		if !bytes.Equal(set.Format(), again.Format()) {
			t.Error("written twice, it differs")
		}
		if _, err := again.Hits(t.Context(), Seen{{Commit, "c"}: Place{}}); err != nil {
			t.Error(err)
		}
	})
}

func FuzzSeen(f *testing.F) {
	f.Add([]byte(fix))
	f.Fuzz(func(t *testing.T, text []byte) {
		seen := Seen{}
		seen.Text(text, Place{})
		for mark := range seen {
			if mark.Kind == Added && Essence([]byte(mark.Text)) != mark.Text {
				t.Errorf("the essence of %q is another", mark.Text)
			}
		}
	})
}
