package cmd

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/git-carry/git-carry/patchset/printable"
)

// schema names the shape of a JSON document.
func schema(command string) string { return "git-carry/" + command + "/v1" }

// printJSON writes one document on stdout.
func (a *app) printJSON(doc any) {
	enc := json.NewEncoder(a.env.Stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	_ = enc.Encode(doc) // a closed pipe is the reader's wish
}

// show prints the document with --json, else the words.
func (a *app) show(doc any, words func()) {
	if a.json {
		a.printJSON(doc)
		return
	}
	words()
}

// say prints a line on stdout: the product, for people. Arguments that come from
// data are cleaned.
func (a *app) say(format string, args ...any) {
	fmt.Fprint(a.env.Stdout, printable.Text(fmt.Sprintf(format, args...)), "\n")
}

// talk prints a line on stderr: advice, progress, warnings.
func (a *app) talk(format string, args ...any) {
	if !a.quiet {
		fmt.Fprint(a.env.Stderr, printable.Text(fmt.Sprintf(format, args...)), "\n")
	}
}

// next prints the exact command to type next. It is talk: pipes get data only.
func (a *app) next(format string, args ...any) {
	if !a.json {
		a.talk("Next:  "+format, args...)
	}
}

// table prints rows; the first is the head.
func (a *app) table(rows [][]string) { fmt.Fprint(a.env.Stdout, printable.Table(rows)) }

// fittedTable prints a table that fits into the terminal: without spare columns, which it names, and with
// what is still too wide cut. In a pipe all of it is there.
func (a *app) fittedTable(rows [][]string, spare ...string) {
	if !a.env.Terminals.Stdout {
		a.table(rows)
		return
	}
	fitted, without := printable.Fit(rows, a.env.columns(), spare...)
	a.table(fitted)
	if len(without) > 0 {
		a.talk("A wider terminal, or a pipe, has %s, too.", joinWords(without))
	}
}

// date prints a day as people write it; "" for the zero time.
func date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

// stamp is a time for JSON: UTC, RFC 3339; "" for the zero time.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// count is "1 patch", "2 patches".
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func joinWords(words []string) string { return strings.Join(words, ", ") }

// joinFew is joinWords for a line that must stay readable: of many words the first ones and
// how many more there are.
func joinFew(words []string) string {
	const most = 16
	if len(words) <= most+1 {
		return joinWords(words)
	}
	return fmt.Sprintf("%s and %d more", joinWords(words[:most]), len(words)-most)
}
