package owners

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

// tomlFlaw is what is wrong with a TOML file.
type tomlFlaw struct {
	line int    // from 1; 0 when unknown
	key  string // dotted; "" when no key is concerned
	what string
}

// document is a TOML file that is being read strictly: every key must be asked
// for, and have the right type. Reading goes on after a flaw, so that the one
// reported is the first in the file.
type document struct {
	layout layout
	flaw   *tomlFlaw
}

// table is a table of a document. Every method that reads a key also takes it
// off; what is left when done is called is unknown.
type table struct {
	doc    *document
	n      int    // which [[table]] this is, negative for the others
	path   string // "person"; "" for the whole file
	values map[string]any
}

// readTOML parses a file of at most limit bytes.
func readTOML(data []byte, limit int) (*table, *tomlFlaw) {
	if len(data) > limit {
		return nil, &tomlFlaw{what: fmt.Sprintf("the file has %d bytes; the limit is %d", len(data), limit)}
	}
	layout, flaw := scanLayout(data)
	if flaw != nil {
		return nil, flaw
	}
	values := map[string]any{}
	if err := toml.Unmarshal(data, &values); err != nil {
		p := toml.ParseError{Message: err.Error()}
		errors.As(err, &p)
		return nil, &tomlFlaw{line: p.Position.Line, what: clean(p.Message)}
	}
	return &table{doc: &document{layout: layout}, n: -1, values: values}, nil
}

func (t *table) key(name string) string {
	if t.path == "" {
		return name
	}
	return t.path + "." + name
}

// fail records a flaw of a key unless one that stands before it is known.
func (t *table) fail(name, format string, args ...any) {
	line := t.doc.layout.find(t.n, t.key(name))
	if t.doc.flaw == nil || 0 < line && line < t.doc.flaw.line {
		t.doc.flaw = &tomlFlaw{line: line, key: clean(t.key(name)), what: fmt.Sprintf(format, args...)}
	}
}

func (t *table) take(name string) (any, bool) {
	v, ok := t.values[name]
	delete(t.values, name)
	return v, ok
}

// done reports the keys that nobody asked for.
func (t *table) done() {
	var unknown []string
	for name := range t.values {
		unknown = append(unknown, name)
	}
	slices.Sort(unknown)
	for _, name := range unknown {
		t.fail(name, "is an unknown key")
	}
}

// text reads a string; an absent key is "".
func (t *table) text(name string) string {
	v, ok := t.take(name)
	if !ok {
		return ""
	}
	s, ok := v.(string)
	if !ok {
		t.fail(name, "must be a text in quotes")
	}
	return s
}

// texts reads a list of strings; an absent key is nil.
func (t *table) texts(name string) []string {
	v, ok := t.take(name)
	if !ok {
		return nil
	}
	list, ok := v.([]any)
	if !ok {
		t.fail(name, `must be a list such as ["one", "two"]`)
		return nil
	}
	var texts []string
	for _, item := range list {
		s, ok := item.(string)
		if !ok {
			t.fail(name, "must hold texts in quotes only")
		}
		texts = append(texts, s)
	}
	return texts
}

// number reads a whole number of at least 1; an absent key is 0.
func (t *table) number(name string) int {
	v, ok := t.take(name)
	if !ok {
		return 0
	}
	n, ok := v.(int64)
	if !ok {
		t.fail(name, "must be a whole number")
	} else if n < 1 || n > math.MaxInt32 {
		t.fail(name, "is %d; it must be at least 1", n)
	}
	return int(n)
}

// date reads a day, bare or in quotes; an absent key is "".
func (t *table) date(name string) Date {
	v, _ := t.take(name)
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return Date(v)
	case time.Time:
		// The name by which the parser marks a date without a time of day.
		if v.Location().String() == "date-local" {
			return DateOf(v)
		}
	}
	t.fail(name, "must be a date such as 2026-12-20")
	return ""
}

// instant reads a point in time with its offset from UTC.
func (t *table) instant(name string) time.Time {
	v, _ := t.take(name)
	at, ok := v.(time.Time)
	if !ok || strings.HasSuffix(at.Location().String(), "-local") {
		t.fail(name, "must be a time such as 2026-12-20T09:30:00Z")
	}
	return at.UTC()
}

// table reads a table; an absent key is an empty one.
func (t *table) table(name string) *table {
	v, ok := t.take(name)
	values, isTable := v.(map[string]any)
	if ok && !isTable {
		t.fail(name, "must be a table")
	}
	return &table{t.doc, t.n, t.key(name), values}
}

// tables reads a list of tables, written [[name]] or inline.
func (t *table) tables(name string) []*table {
	v, ok := t.take(name)
	if !ok {
		return nil
	}
	var items []map[string]any
	switch v := v.(type) {
	case []map[string]any:
		items = v
	case []any:
		for _, item := range v {
			values, ok := item.(map[string]any)
			if !ok {
				t.fail(name, "must hold tables only")
				return nil
			}
			items = append(items, values)
		}
	default:
		t.fail(name, "must be a list of tables")
	}
	var list []*table
	for i, values := range items {
		n := t.n
		if t.path == "" {
			n = i
		}
		list = append(list, &table{t.doc, n, t.key(name), values})
	}
	return list
}
