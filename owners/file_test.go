package owners

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const example = `# written by hand
format = 1
policy.require = ""

[[person]]
id = "priya"
name = "Priya \"P\" N."   # [[person]] in a comment
emails = ["Priya@Example.org", "p@example.org"]
keys = [
  "` + ed25519Line + `",
]
deputies = ["tomas"]
away = [{ from = 2026-12-20, to = "2027-01-05" }]
contact = ["mail:priya@example.org"]

[[person]]
id = "tomas"
name = '''Tomas = [K].'''
deputies = ["priya"]
status = "left"
`

func TestParse(t *testing.T) {
	r, err := Parse([]byte(example))
	if err != nil {
		t.Fatal(err)
	}
	key, err := ParseKey(ed25519Line)
	if err != nil {
		t.Fatal(err)
	}
	want := Registry{Policy: DefaultPolicy(), People: []Person{
		{
			ID: "priya", Name: `Priya "P" N.`, Emails: []string{"Priya@Example.org", "p@example.org"},
			Keys: []Key{key}, Deputies: []string{"tomas"},
			Away:    []Away{{"2026-12-20", "2027-01-05"}},
			Contact: []string{"mail:priya@example.org"}, Status: Active,
		},
		{ID: "tomas", Name: "Tomas = [K].", Deputies: []string{"priya"}, Status: Left},
	}}
	if !reflect.DeepEqual(r, want) {
		t.Errorf("got  %+v\nwant %+v", r, want)
	}
}

func TestParseInlineAndSubTables(t *testing.T) {
	for name, file := range map[string]string{
		"inline":    "format = 1\nperson = [{id = \"a\", name = \"A\", away = [{from = 2026-01-01, to = 2026-01-02}]}]",
		"sub-table": "format = 1\n[[person]]\nid = \"a\"\nname = \"A\"\n[[person.away]]\nfrom = 2026-01-01\nto = 2026-01-02",
	} {
		t.Run(name, func(t *testing.T) {
			r, err := Parse([]byte(file))
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := r.AwayOn("a", "2026-01-02"); !ok {
				t.Error("the range was not read")
			}
		})
	}
}

func TestPolicyIsRead(t *testing.T) {
	r, err := Parse([]byte("format = 1\n[policy]\nrequire = \"key\"\noverride_people = 3\nsandbox = \"partial\"\n[policy.limits]\ncritical = 1\nmed = 45\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := Policy{Require: RequireKey, OverridePeople: 3, Sandbox: "partial", Limits: Limits{Critical: 1, High: 30, Medium: 45, Low: 180}}
	if !reflect.DeepEqual(r.Policy, want) {
		t.Errorf("got %+v, want %+v", r.Policy, want)
	}
}

// Every broken file is refused with its own words and the line where a person
// would look.
func TestParseBroken(t *testing.T) {
	const head = "format = 1\n\n"
	person := func(lines ...string) string {
		return head + "[[person]]\nid = \"ann\"\nname = \"Ann\"\n" + strings.Join(lines, "\n") + "\n"
	}
	two := func(first, second string) string {
		return person(first) + "[[person]]\nid = \"bob\"\nname = \"Bob\"\n" + second + "\n"
	}
	tests := []struct {
		name, file string
		line       int
		words      string
	}{
		{"nothing", "", 0, "missing or empty"},
		{"only spaces", " \n\t\n", 0, "missing or empty"},
		{"no format", "[policy]\n", 0, "format: must be 1"},
		{"format 0", "format = 0", 1, "must be at least 1"},
		{"newer format", "\nformat = 2", 2, "a newer git-carry wrote the file"},
		{"format as text", `format = "1"`, 1, "must be a whole number"},
		{"too large", head + "# " + strings.Repeat("x", MaxRegistrySize), 0, "the limit is 1048576"},
		{"no TOML", head + "person: ann", 3, ""},
		{"not UTF-8", head + "# \xff", 3, ""},
		{"same key twice", person(`note = "a"`, `note = "b"`), 7, "already"},
		{"deep brackets", head + "x = " + strings.Repeat("[", 20), 3, "brackets inside each other"},
		{"deep key", head + strings.Repeat("a.", 100) + "b = 1", 3, "dots outside strings"},
		{"unknown key", head + "people = 3", 3, "people: is an unknown key"},
		{"unknown key of a person", two(`note = "x"`, `nick = "B"`), 10, "person.nick: is an unknown key"},
		{"key in other case", person(`Note = "x"`), 6, "person.Note: is an unknown key"},
		{"unknown key of a range", person(`away = [{from = 2026-01-01, to = 2026-01-02, why = "x"}]`), 6, "person.away.why: is an unknown key"},
		{"unknown policy", head + "[policy]\nthreshold = 1", 4, "policy.threshold: is an unknown key"},
		{"unknown limit", head + "[policy.limits]\nmoderate = 1", 4, "policy.limits.moderate: is an unknown key"},
		{"one table for people", head + "[person]\nid = \"a\"", 3, "must be a list of tables"},
		{"people as numbers", head + "person = [1]", 3, "must hold tables only"},
		{"policy as text", head + `policy = "key"`, 3, "must be a table"},
		{"require what", head + "[policy]\nrequire = \"keys\"", 4, `"keys" is neither "key" nor empty`},
		{"override of none", head + "[policy]\noverride_people = 0", 4, "must be at least 1"},
		{"a sandbox of sand", head + "[policy]\nsandbox = \"sand\"", 4, "must be one of full, partial, none"},
		{"override of one", head + "[policy]\noverride_people = 1", 4, "one person alone never overrides"},
		{"limit 0", head + "[policy.limits]\nhigh = 0", 4, "must be at least 1"},
		{"limit too long", head + "[policy.limits]\nlow = 99999", 4, "must be 1 to 36500 days"},
		{"limit twice", head + "[policy.limits]\nmedium = 1\nmed = 1", 5, "is the same as medium"},
		{"no id", head + "[[person]]\nname = \"A\"", 3, "id: is missing"},
		{"bad id", head + "[[person]]\nid = \"../a\"", 4, "is not an id"},
		{"long id", head + "[[person]]\nid = \"" + strings.Repeat("a", 65) + `"`, 4, "is not an id"},
		{"id twice", two("", "") + "[[person]]\nid = \"Ann\"\nname = \"A\"", 12, "Ann is taken by ann"},
		{"no name", head + "[[person]]\nid = \"a\"", 3, "name: is missing"},
		{"name with newline", head + "[[person]]\nid = \"a\"\nname = \"A\\nB\"", 5, "not one line of printable"},
		{"name with bidi mark", head + "[[person]]\nid = \"a\"\nname = \"A\u202eB\"", 5, "not one line of printable"},
		{"name as number", head + "[[person]]\nid = \"a\"\nname = 7", 5, "must be a text in quotes"},
		{"long note", person(`note = "` + strings.Repeat("x", 501) + `"`), 6, "the limit is 500"},
		{"emails as text", person(`emails = "a@b"`), 6, "must be a list"},
		{"emails of numbers", person(`emails = [1]`), 6, "must hold texts"},
		{"no e-mail", person(`emails = ["ann"]`), 6, "is not an e-mail address"},
		{"e-mail with name", person(`emails = ["Ann <a@b>"]`), 6, "is not an e-mail address"},
		{"e-mail of two", two(`emails = ["a@example.org"]`, `emails = ["A@Example.ORG"]`), 10, "is already an address of ann"},
		{"key of two", two(`keys = ["`+ed25519Line+`"]`, `keys = ["`+ed25519Line+` again"]`), 10, "is already a key of ann"},
		{"key not base64", person(`keys = ["ssh-ed25519 ???"]`), 6, "is not base64"},
		{"deputy unknown", person(`deputies = ["zoe"]`), 6, `"zoe" is not in the registry`},
		{"deputy oneself", person(`deputies = ["ann"]`), 6, "nobody deputises for oneself"},
		{"deputy twice", two("", `deputies = ["ann", "ann"]`), 10, "is named twice"},
		{"range backwards", person(`away = [{from = 2026-02-01, to = 2026-01-01}]`), 6, "before it begins"},
		{"range without end", person(`away = [{from = 2026-02-01}]`), 6, "a range needs from and to"},
		{"range of times", person(`away = [{from = 2026-02-01T00:00:00Z, to = 2026-02-03}]`), 6, "must be a date"},
		{"no such day", person(`away = [{from = "2026-02-30", to = 2026-03-03}]`), 6, "is not a date"},
		{"empty contact", person(`contact = [""]`), 6, "holds an empty text"},
		{"status", person(`status = "leave"`), 6, `"leave" is neither "active" nor "left"`},
	}
	seen := map[string]string{}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := Parse([]byte(tt.file))
			var re *RegistryError
			if !errors.As(err, &re) {
				t.Fatalf("got %v, want a *RegistryError", err)
			}
			if !reflect.DeepEqual(r, Registry{}) {
				t.Error("something was returned beside the error")
			}
			wantText(t, err, tt.words)
			if re.Line != tt.line {
				t.Errorf("line %d, want %d: %v", re.Line, tt.line, err)
			}
			if other := seen[err.Error()]; other != "" && tt.name != "only spaces" {
				t.Errorf("same words as %q: %v", other, err)
			}
			seen[err.Error()] = tt.name
		})
	}
}

func TestFlawReportedIsTheFirstInTheFile(t *testing.T) {
	_, err := Parse([]byte("format = 1\nzzz = 1\n[[person]]\nid = 1\n[policy]\nxyz = 1\n"))
	wantText(t, err, "line 2", "zzz")
}

func TestParseErrorHints(t *testing.T) {
	_, err := Parse(nil)
	var re *RegistryError
	if !errors.As(err, &re) || len(re.Hints()) == 0 {
		t.Errorf("no hints: %v", err)
	}
}

// Files made to be slow or deep are answered in reasonable time.
func TestParseHostileShapes(t *testing.T) {
	fill := func(unit string) string { return strings.Repeat(unit, MaxRegistrySize/4/len(unit)) }
	for name, file := range map[string]string{
		"brackets":      "format = 1\nx = " + fill("["),
		"inline tables": "format = 1\nx = " + fill("{a="),
		"dots":          "format = 1\n" + fill("a."),
		"quoted dots":   "format = 1\n" + fill(`"a".`),
		"dotted header": "format = 1\n[" + fill("a."),
		"people":        "format = 1\n" + fill("[[person]]\n"),
		"unknown keys":  "format = 1\n" + fill("[[person]]\nx=1\n"),
		"quotes":        "format = 1\nx = " + fill(`"`),
		"long string":   "format = 1\nx = \"\"\"" + fill("\\\""),
		"long key":      "format = 1\n" + fill("a"),
		"long list":     "format = 1\nx = [" + fill("1,"),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Parse([]byte(file)); err == nil {
				t.Error("accepted")
			}
		})
	}
}

func TestEmptyRegistry(t *testing.T) {
	r, err := Parse(Format(Registry{}))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(r, New()) {
		t.Errorf("got %+v, want %+v", r, New())
	}
}

func TestFormatIsFriendly(t *testing.T) {
	r := team(t)
	p, _ := r.Person("priya")
	p.Away = []Away{{"2026-12-20", "2027-01-05"}}
	r, err := r.Replace(p)
	if err != nil {
		t.Fatal(err)
	}
	want := `
[[person]]
id = "priya"
name = "Priya N."
emails = ["priya@example.org"]
deputies = [
  "tomas",
  "lee",
]
away = [
  { from = 2026-12-20, to = 2027-01-05 },
]
status = "active"
`
	if got := string(Format(r)); !strings.Contains(got, want) {
		t.Errorf("got\n%s\nwhich lacks\n%s", got, want)
	}
}

// A registry made by hand can be invalid; its file must not say something else.
func TestFormatOfAnInvalidRegistryIsRefused(t *testing.T) {
	for _, name := range []string{"A\"\n[policy]\nx = \"", "A\x7f", `A\` + "\t"} {
		_, err := Parse(Format(Registry{People: []Person{{ID: "a", Name: name}}}))
		wantText(t, err, "")
	}
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := genRegistry().Draw(t, "registry")
		file := Format(r)
		again, err := Parse(file)
		if err != nil {
			t.Fatalf("%v\n%s", err, file)
		}
		if !reflect.DeepEqual(again, r) {
			t.Fatalf("got  %+v\nwant %+v\n%s", again, r, file)
		}
		if !bytes.Equal(Format(again), file) {
			t.Fatal("two formats of one registry")
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(example))
	f.Add(Format(Registry{}))
	f.Add(Format(team(f)))
	f.Add([]byte("format = 1\n[[person]]\nid = \"\"\"a\"\"\"\"\"\nname = 'b'\n"))
	f.Add([]byte("format = 1\n[[person]]\nkeys = [\"ssh-ed25519 AAAAA0000000000000000000\"]\n"))
	f.Add([]byte("\ufeffformat = 1\r\n\"person\" = [ {\"id\" = 'a', name=\"\\u0041\"} , # x\r\n ]\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Parse(data)
		if err != nil {
			var re *RegistryError
			if !errors.As(err, &re) || !printable(err.Error()) {
				t.Fatalf("error %q", err)
			}
			if lines := bytes.Count(data, []byte("\n")) + 1; re.Line < 0 || re.Line > lines {
				t.Fatalf("line %d of %d: %v", re.Line, lines, err)
			}
			return
		}
		again, err := Parse(Format(r))
		if err != nil || !reflect.DeepEqual(again, r) {
			t.Fatalf("no round trip: %v\n%+v\n%+v", err, r, again)
		}
	})
}

func ExampleFormat() {
	fmt.Print(string(Format(New())))
	// Output:
	// # The people of this vault. Change it with: git carry owner add|edit
	// format = 1
	//
	// [policy]
	// require = "" # "key": only signatures made with a key count
	// override_people = 2
	//
	// [policy.limits] # days from found to public
	// critical = 7
	// high = 30
	// medium = 60
	// low = 180
}
