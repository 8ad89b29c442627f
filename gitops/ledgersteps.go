package gitops

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// LedgerStep is one entry with the files of the ledger's tree that it changed: their
// new content, or nil where a file is gone.
type LedgerStep struct {
	LogEntry
	Changes map[string][]byte
}

// Steps reads the ledger from its first entry to last, and of each entry only what it
// changed. Recording all changes one after the other gives the state after last.
func (v *Vault) Steps(ctx context.Context, last merge3.ID, visit func(LedgerStep) error) error {
	entries, trees, err := v.entriesTo(ctx, last)
	if err != nil {
		return fmt.Errorf("reading the ledger: %w", err)
	}
	var before merge3.ID
	for i, e := range slices.Backward(entries) {
		d := ledgerDiff{v: v, changes: map[string][]byte{}}
		if err := d.trees(ctx, "", before, trees[i], 0); err != nil {
			return fmt.Errorf("reading the ledger entry %s: %w", e.ID.Short(), err)
		}
		if err := visit(LedgerStep{e, d.changes}); err != nil {
			return err
		}
		before = trees[i]
	}
	return nil
}

// entriesTo lists the entries from last back to the first, and their trees.
func (v *Vault) entriesTo(ctx context.Context, last merge3.ID) (entries []LogEntry, trees []merge3.ID, err error) {
	for id := last; id != ""; {
		c, err := v.Commit(ctx, id)
		if err != nil {
			return nil, nil, err
		}
		at := time.Unix(c.CommitterTime(), 0).UTC()
		entries = append(entries, LogEntry{id, c.Parent(), patchset.ParseEntry(c.Message, at)})
		trees = append(trees, c.Tree)
		id = c.Parent()
	}
	return entries, trees, ctx.Err()
}

// ledgerDiff finds the files that differ between two trees of the ledger. A directory
// there has an entry for every patch, and most steps change one: so it compares the
// bytes of directories and takes apart only the entries that differ.
type ledgerDiff struct {
	v       *Vault
	changes map[string][]byte
}

func (d *ledgerDiff) trees(ctx context.Context, prefix string, old, now merge3.ID, depth int) error {
	if old == now {
		return nil
	}
	if depth > maxTreeDepth {
		return &DepthError{Path: prefix}
	}
	sides, err := d.differing(ctx, old, now)
	if err != nil {
		return err
	}
	was, is := sides[0], sides[1]
	for name := range was {
		if err := d.entry(ctx, prefix+name, was[name], is[name], depth); err != nil {
			return err
		}
	}
	for name := range is {
		if _, done := was[name]; done {
			continue
		}
		if err := d.entry(ctx, prefix+name, merge3.TreeEntry{}, is[name], depth); err != nil {
			return err
		}
	}
	return nil
}

func (d *ledgerDiff) entry(ctx context.Context, path string, old, now merge3.TreeEntry, depth int) error {
	if old.ID == now.ID && old.IsDir() == now.IsDir() {
		return nil
	}
	var oldTree, nowTree merge3.ID
	switch {
	case old.IsDir():
		oldTree = old.ID
	case old.ID != "":
		d.changes[path] = nil
	}
	if now.IsDir() {
		nowTree = now.ID
	} else if now.ID != "" {
		blob, err := d.v.reader.Read(ctx, now.ID)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if len(blob.Data) > maxLedgerFile {
			return fmt.Errorf("%s: larger than %d bytes", path, maxLedgerFile)
		}
		d.changes[path] = append([]byte{}, blob.Data...) // an empty file is there
	}
	return d.trees(ctx, path+"/", oldTree, nowTree, depth+1)
}

// differing reads two trees and gives, by name, the entries from the first to the last
// that differ.
func (d *ledgerDiff) differing(ctx context.Context, old, now merge3.ID) (sides [2]map[string]merge3.TreeEntry, err error) {
	var data [2][]byte
	size := len(cmp.Or(old, now)) / 2
	for i, id := range []merge3.ID{old, now} {
		if id == "" {
			continue
		}
		tree, err := d.v.reader.Read(ctx, id)
		if err != nil {
			return sides, err
		}
		data[i] = tree.Data
	}
	data[0], data[1] = cutEqual(data[0], data[1], size)
	for i := range data {
		entries, err := ParseTree(data[i], size)
		if err != nil {
			return sides, fmt.Errorf("tree: %w", err)
		}
		sides[i] = make(map[string]merge3.TreeEntry, len(entries))
		for _, e := range entries {
			sides[i][e.Name] = e
		}
	}
	return sides, nil
}

// cutEqual cuts off the whole entries at the start of two trees that are equal, and the
// end after the first that differs where the rest is equal.
func cutEqual(a, b []byte, idSize int) ([]byte, []byte) {
	next := func(tree []byte) int {
		end := bytes.IndexByte(tree, 0)
		if end < 0 {
			return len(tree)
		}
		return min(len(tree), end+1+idSize)
	}
	for len(a) > 0 && len(b) > 0 {
		n := next(a)
		if len(b) >= n && bytes.Equal(a[:n], b[:n]) {
			a, b = a[n:], b[n:]
			continue
		}
		if m := next(b); bytes.Equal(a[n:], b[m:]) {
			return a[:n], b[:m]
		} else if bytes.Equal(a, b[m:]) {
			return nil, b[:m]
		} else if bytes.Equal(a[n:], b) {
			return a[:n], nil
		}
		break
	}
	return a, b
}
