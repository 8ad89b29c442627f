package owners

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// FormatVersion is the number of the registry's file format.
const FormatVersion = 1

// MaxRegistrySize bounds owners.toml, in bytes.
const MaxRegistrySize = 1 << 20

// Parse reads owners.toml. It is strict: an unknown key, a wrong type, an unknown
// format number or a person who breaks a rule refuses the whole file. An empty
// file is refused too, because a registry that was lost must not pass for one
// without rules. The error is a *RegistryError.
func Parse(data []byte) (Registry, error) {
	if strings.TrimSpace(string(data[:min(len(data), MaxRegistrySize)])) == "" {
		return Registry{}, broken(0, "", "the registry is missing or empty")
	}
	root, flaw := readTOML(data, MaxRegistrySize)
	if flaw != nil {
		return Registry{}, broken(flaw.line, flaw.key, flaw.what)
	}
	if n := root.number("format"); n > FormatVersion {
		return Registry{}, newerFormat(n, root)
	} else if n == 0 {
		root.fail("format", "must be %d", FormatVersion)
	}
	r := Registry{Policy: readPolicy(root.table("policy"))}
	for _, t := range root.tables("person") {
		r.People = append(r.People, readPerson(t))
	}
	root.done()
	if f := root.doc.flaw; f != nil {
		return Registry{}, broken(f.line, f.key, f.what)
	}
	if i, f := r.firstFlaw(); f != nil {
		err := r.errorAt(i, f)
		err.Line = root.doc.layout.find(i, pathOf(i, f.key))
		return Registry{}, err
	}
	r.sort()
	return r, nil
}

// pathOf is the key of person i, or of the policy if i is negative.
func pathOf(i int, key string) string {
	if i < 0 {
		return "policy." + key
	}
	return "person." + key
}

func broken(line int, key, problem string) *RegistryError {
	return &RegistryError{Line: line, Key: key, Problem: problem, hints: []string{"git carry log", "git carry undo"}}
}

func newerFormat(n int, root *table) *RegistryError {
	e := broken(root.doc.layout.find(-1, "format"), "format",
		fmt.Sprintf("is %d, and this program knows %d: a newer git-carry wrote the file", n, FormatVersion))
	e.hints = []string{"git carry doctor"}
	return e
}

func readPolicy(t *table) Policy {
	p := Policy{
		Require: t.text("require"), OverridePeople: t.number("override_people"), Sandbox: t.text("sandbox"), Drift: t.text("drift"),
		SecretWords: t.texts("secret_words"), Publisher: t.text("publisher"), Namespace: t.text("namespace"),
	}
	limits := t.table("limits")
	p.Limits = Limits{
		Critical: limits.number("critical"),
		High:     limits.number("high"),
		Medium:   limits.number("medium"),
		Low:      limits.number("low"),
	}
	if short := limits.number("med"); short != 0 {
		if p.Limits.Medium != 0 {
			limits.fail("med", "is the same as medium; give one")
		}
		p.Limits.Medium = short
	}
	limits.done()
	t.done()
	return p.normal()
}

func readPerson(t *table) Person {
	p := Person{
		ID:          t.text("id"),
		Name:        t.text("name"),
		Emails:      t.texts("emails"),
		Keys:        readKeys(t, "keys"),
		Compromised: readKeys(t, "compromised"),
		Deputies:    t.texts("deputies"),
		Contact:     t.texts("contact"),
		Status:      Status(t.text("status")),
		Note:        t.text("note"),
	}
	for _, a := range t.tables("away") {
		p.Away = append(p.Away, Away{From: a.date("from"), To: a.date("to")})
		a.done()
	}
	t.done()
	return p.normal()
}

func readKeys(t *table, name string) []Key {
	var keys []Key
	for _, line := range t.texts(name) {
		k, err := ParseKey(line)
		if err != nil {
			t.fail(name, "%v", err)
		}
		keys = append(keys, k)
	}
	return keys
}

// Format writes owners.toml in its one canonical form: Parse(Format(r)) is r for
// every valid r, and equal registries have equal bytes. Comments that a person
// put into a file do not survive.
func Format(r Registry) []byte {
	var w tomlWriter
	policy := r.Policy.normal()
	w.line("# The people of this vault. Change it with: git carry owner add|edit")
	w.line("format = %d", FormatVersion)
	w.line("")
	w.line("[policy]")
	w.line("require = %s # %q: only signatures made with a key count", tomlText(policy.Require), RequireKey)
	w.line("override_people = %d", policy.OverridePeople)
	if policy.Sandbox != Sandboxes[0] { // earlier programs do not know it
		w.line("sandbox = %s # what check commands must at least be held by", tomlText(policy.Sandbox))
	}
	if policy.Drift != "" { // nor this
		w.line("drift = %s # nobody is asked about it", tomlText(policy.Drift))
	}
	w.texts("secret_words", policy.SecretWords) // nor these
	if policy.Publisher != "" {
		w.line("publisher = %s", tomlText(policy.Publisher))
		w.line("namespace = %s", tomlText(policy.Namespace))
	}
	w.line("")
	w.line("[policy.limits] # days from found to public")
	for _, l := range policy.Limits.byName() {
		w.line("%s = %d", l.name, l.days)
	}
	people := slices.Clone(r.People)
	slices.SortFunc(people, func(a, b Person) int { return cmp.Compare(a.ID, b.ID) })
	for _, p := range people {
		writePerson(&w, p.normal())
	}
	return []byte(w.String())
}

func writePerson(w *tomlWriter, p Person) {
	w.line("")
	w.line("[[person]]")
	w.line("id = %s", tomlText(p.ID))
	w.line("name = %s", tomlText(p.Name))
	w.texts("emails", p.Emails)
	w.keys("keys", p.Keys)
	w.keys("compromised", p.Compromised)
	w.texts("deputies", p.Deputies)
	if len(p.Away) > 0 {
		w.line("away = [")
		for _, a := range p.Away {
			w.line("  { from = %s, to = %s },", a.From, a.To)
		}
		w.line("]")
	}
	w.texts("contact", p.Contact)
	w.line("status = %s", tomlText(string(p.Status)))
	if p.Note != "" {
		w.line("note = %s", tomlText(p.Note))
	}
}

// tomlWriter collects the lines of a TOML file.
type tomlWriter struct{ strings.Builder }

func (w *tomlWriter) line(format string, args ...any) {
	fmt.Fprintf(w, format+"\n", args...)
}

// texts writes a list of strings, one on a line if there are several, and
// nothing for none.
func (w *tomlWriter) texts(key string, list []string) {
	switch len(list) {
	case 0:
	case 1:
		w.line("%s = [%s]", key, tomlText(list[0]))
	default:
		w.line("%s = [", key)
		for _, s := range list {
			w.line("  %s,", tomlText(s))
		}
		w.line("]")
	}
}

func (w *tomlWriter) keys(key string, keys []Key) {
	var lines []string
	for _, k := range keys {
		lines = append(lines, k.String())
	}
	w.texts(key, lines)
}

// tomlText is s as a TOML basic string.
func tomlText(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r < ' ' || r == 0x7f:
			b.WriteString(`\u` + strconv.FormatInt(0x10000+int64(r), 16)[1:])
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
