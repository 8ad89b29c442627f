package gitops

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
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
//
// Entries are compared with the one before in stretches side by side, a little ahead of
// visit, which gets them in order.
func (v *Vault) Steps(ctx context.Context, last merge3.ID, visit func(LedgerStep) error) error {
	return v.StepsSince(ctx, "", last, visit)
}

// StepsSince is Steps for the entries behind an earlier one.
func (v *Vault) StepsSince(ctx context.Context, since, last merge3.ID, visit func(LedgerStep) error) error {
	entries, err := v.entriesBetween(ctx, since, last)
	if err != nil {
		return fmt.Errorf("reading the ledger: %w", err)
	}
	var start merge3.ID
	if since != "" {
		c, err := v.Commit(ctx, since)
		if err != nil {
			return fmt.Errorf("reading the ledger: %w", err)
		}
		start = c.Tree
	}
	ctx, cancel := context.WithCancel(ctx)
	var working sync.WaitGroup
	defer working.Wait()
	defer cancel()
	stretches := make(chan chan stretch, runtime.GOMAXPROCS(0))
	working.Go(func() {
		defer close(stretches)
		for from := 0; from < len(entries) && ctx.Err() == nil; from += stretchLength {
			done := make(chan stretch, 1)
			select {
			case stretches <- done:
				before := start
				if from > 0 {
					before = entries[from-1].tree
				}
				working.Go(func() { done <- v.stretch(ctx, before, entries[from:min(len(entries), from+stretchLength)]) })
			case <-ctx.Done():
			}
		}
	})
	for done := range stretches {
		s := <-done
		for _, step := range s.steps {
			if err := visit(step); err != nil {
				return err
			}
		}
		if s.err != nil {
			return s.err
		}
	}
	return ctx.Err()
}

// stretchLength is how many entries one goroutine compares in a row.
const stretchLength = 64

// stretch is what some entries in a row changed, up to the first that cannot be read.
type stretch struct {
	steps []LedgerStep
	err   error
}

// stretch compares entries, the first with the tree before.
func (v *Vault) stretch(ctx context.Context, before merge3.ID, entries []ledgerCommit) stretch {
	var s stretch
	d := ledgerDiff{v: v, last: map[string]lastTree{}}
	for _, e := range entries {
		d.changes = map[string][]byte{}
		if err := d.trees(ctx, "", before, e.tree, 0); err != nil {
			s.err = fmt.Errorf("reading the ledger entry %s: %w", e.id.Short(), err)
			return s
		}
		s.steps = append(s.steps, LedgerStep{LogEntry{e.id, e.parent, patchset.ParseEntry(e.message, e.at)}, d.changes})
		before = e.tree
	}
	return s
}

// ledgerCommit is the commit of an entry, as far as it is needed here.
type ledgerCommit struct {
	id, parent, tree merge3.ID
	message          []byte
	at               time.Time
}

// entriesBetween lists the entries from the one behind since, or from the first, to last.
func (v *Vault) entriesBetween(ctx context.Context, since, last merge3.ID) ([]ledgerCommit, error) {
	var entries []ledgerCommit
	for id := last; id != "" && id != since; {
		c, err := v.Commit(ctx, id)
		if err != nil {
			return nil, err
		}
		at := time.Unix(c.CommitterTime(), 0).UTC()
		entries = append(entries, ledgerCommit{id, c.Parent(), c.Tree, c.Message, at})
		id = c.Parent()
	}
	slices.Reverse(entries)
	return entries, ctx.Err()
}

// ledgerDiff finds the files that differ between two trees of the ledger. A directory
// there has an entry for every patch, and most steps change one: so it compares the
// bytes of directories and takes apart only the entries that differ.
type ledgerDiff struct {
	v       *Vault
	changes map[string][]byte
	// last is what was read last of a directory: what is new in one step is old in the
	// next.
	last map[string]lastTree
}

type lastTree struct {
	id   merge3.ID
	data []byte
}

func (d *ledgerDiff) trees(ctx context.Context, prefix string, old, now merge3.ID, depth int) error {
	if old == now {
		return nil
	}
	if depth > maxTreeDepth {
		return &DepthError{Path: prefix}
	}
	sides, err := d.differing(ctx, prefix, old, now)
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

// differing reads two trees of a directory and gives, by name, the entries from the first to the last
// that differ.
func (d *ledgerDiff) differing(ctx context.Context, dir string, old, now merge3.ID) (sides [2]map[string]merge3.TreeEntry, err error) {
	var data [2][]byte
	size := len(cmp.Or(old, now)) / 2
	for i, id := range []merge3.ID{old, now} {
		if id == "" {
			continue
		}
		if d.last[dir].id != id {
			tree, err := d.v.reader.Read(ctx, id)
			if err != nil {
				return sides, err
			}
			d.last[dir] = lastTree{id, tree.Data}
		}
		data[i] = d.last[dir].data
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
