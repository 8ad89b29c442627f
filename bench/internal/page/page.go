// Package page puts what a program measured into a document that people have
// written: the part between two marks is replaced, the rest stays as it is.
package page

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Put replaces the part of the file at path that is between the marks of name,
// or makes the file with just that part. A file without the marks is an error.
func Put(path, name, text string) error {
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
