// Package page puts what a program measured into a document that people have
// written: the part between two marks is replaced, the rest stays as it is.
package page

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
)

// Put replaces the part of the file at path that is between the marks of name,
// or makes the file with just that part. A file without the marks is an error. Without
// a path the text is printed.
func Put(path, name, text string) error {
	if path == "" {
		_, err := fmt.Print(text)
		return err
	}
	old, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		old = []byte(begin(name) + end(name))
	case err != nil:
		return err
	}
	page, err := replace(string(old), name, text)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.WriteFile(path, []byte(page), 0o644)
}

func begin(name string) string { return "<!-- " + name + ": begin, written by the program -->\n" }
func end(name string) string   { return "<!-- " + name + ": end -->\n" }

func replace(page, name, text string) (string, error) {
	before, rest, ok := strings.Cut(page, begin(name))
	_, after, closed := strings.Cut(rest, end(name))
	if !ok || !closed {
		return "", fmt.Errorf("no marks of %q in it", name)
	}
	return before + begin(name) + strings.TrimRight(text, "\n") + "\n" + end(name) + after, nil
}

// Table formats rows as a Markdown table; the first is the head. Columns whose
// head ends in ":" are aligned to the right, without the ":".
func Table(rows [][]string) string {
	var b strings.Builder
	rule := make([]string, len(rows[0]))
	head := make([]string, len(rows[0]))
	for i, cell := range rows[0] {
		name, right := strings.CutSuffix(cell, ":")
		head[i], rule[i] = name, "---"
		if right {
			rule[i] = "---:"
		}
	}
	for i, row := range append([][]string{head, rule}, rows[1:]...) {
		cells := make([]string, len(row))
		for j, cell := range row {
			cells[j] = strings.ReplaceAll(cell, "|", `\|`)
			if i == 1 {
				cells[j] = cell
			}
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
	}
	return b.String()
}

// Skipped is a table of how many rows were left out, by reason; "" when there are none.
// row is the word for one of them.
func Skipped(row string, counts map[string]int) string {
	if len(counts) == 0 {
		return ""
	}
	rows := [][]string{{"why a " + row + " was skipped", row + "s:"}}
	for _, why := range slices.Sorted(maps.Keys(counts)) {
		rows = append(rows, []string{why, fmt.Sprint(counts[why])})
	}
	return Table(rows)
}

// Share is n of all in per cent; "-" when there are none at all.
func Share(n, all int) string {
	if all == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(all))
}
