// Package picks reads tables of real merges, and the names of the repositories that
// they are from.
package picks

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// Row is a line of a table, by the names of its columns.
type Row map[string]string

// IDs reads commits from columns.
func (r Row) IDs(to map[string]*merge3.ID) error {
	for name, id := range to {
		var err error
		if *id, err = gitops.ParseID(r[name]); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// Read reads a table that must have these columns: lines of cells with tabs between, the
// first line names the columns. A name that ends in .gz is unpacked. parse is given
// each row.
func Read(path string, columns []string, parse func(Row) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	if err := Parse(r, columns, parse); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// ReadAll reads a whole table as what parse makes of each row.
func ReadAll[T any](path string, columns []string, parse func(Row) (T, error)) (rows []T, err error) {
	err = Read(path, columns, func(cells Row) error {
		row, err := parse(cells)
		rows = append(rows, row)
		return err
	})
	return rows, err
}

// Parse is Read from what is open already.
func Parse(r io.Reader, columns []string, parse func(Row) error) error {
	lines := bufio.NewScanner(r)
	if !lines.Scan() {
		return errors.Join(lines.Err(), errors.New("the table is empty"))
	}
	names := strings.Split(lines.Text(), "\t")
	for _, name := range columns {
		if !slices.Contains(names, name) {
			return fmt.Errorf("no column is named %s", name)
		}
	}
	for number := 2; lines.Scan(); number++ {
		cells := strings.Split(lines.Text(), "\t")
		if len(cells) != len(names) {
			return fmt.Errorf("line %d has %d columns, not %d", number, len(cells), len(names))
		}
		row := Row{}
		for i, name := range names {
			row[name] = cells[i]
		}
		if err := parse(row); err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
	}
	return lines.Err()
}

// Spread takes n of the rows, at even distances; all of them when n is 0.
func Spread[T any](rows []T, n int) []T {
	if n <= 0 || n >= len(rows) {
		return rows
	}
	some := make([]T, n)
	for i := range some {
		some[i] = rows[i*len(rows)/n]
	}
	return some
}

// Repository is a clone that is there to be read, with the name that tables give it.
type Repository struct{ Name, Dir string }

// Repositories is a flag that is given once for each, as NAME=DIR.
type Repositories []Repository

// String implements flag.Value.
func (r *Repositories) String() string { return "" }

// Set implements flag.Value.
func (r *Repositories) Set(arg string) error {
	name, dir, ok := strings.Cut(arg, "=")
	if !ok || name == "" {
		return fmt.Errorf("%q is not NAME=DIR", arg)
	}
	if slices.ContainsFunc(*r, func(other Repository) bool { return other.Name == name }) {
		return fmt.Errorf("%s is given twice", name)
	}
	abs, err := filepath.Abs(dir)
	*r = append(*r, Repository{name, abs})
	return err
}
