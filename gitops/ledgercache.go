package gitops

import (
	"context"
	"fmt"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// After some years the ledger has tens of thousands of files, and reading them all is
// most of what a question costs. What they came to is kept in a cache file; the next
// reading takes from the trees only what has changed since.

const (
	ledgerCacheFile = "carry-ledger.cache"
	// ledgerCacheMeaning is one more whenever a fact of the ledger is to be read as something
	// else without another type.
	ledgerCacheMeaning = 1
	// A ledger of less files is read as quickly without; one that changed in more since
	// is kept anew.
	keepLedgerFrom  = 2000
	keepLedgerAfter = 200
)

// keptLedger is what the files of a tree came to.
type keptLedger struct {
	Tree   merge3.ID
	Ledger patchset.Ledger
}

// ledgerOf gives the ledger that a tree holds, and in how many files it differs from
// the one that is kept.
func (v *Vault) ledgerOf(ctx context.Context, tree merge3.ID) (l patchset.Ledger, news int, err error) {
	if kept, ok := v.keptLedger(); ok {
		if l, news, err = v.since(ctx, kept, tree); err == nil {
			return l, news, nil
		}
	}
	files := map[string][]byte{}
	if err := v.readTree(ctx, tree, "", files); err != nil {
		return l, 0, fmt.Errorf("reading the ledger: %w", err)
	}
	l, err = patchset.ReadLedger(files)
	if news = len(files); news < keepLedgerFrom {
		news = 0
	}
	return l, news, err
}

// since brings a kept ledger to what another tree holds.
func (v *Vault) since(ctx context.Context, kept keptLedger, tree merge3.ID) (patchset.Ledger, int, error) {
	d := ledgerDiff{v: v, changes: map[string][]byte{}, last: map[string]lastTree{}}
	if err := d.trees(ctx, "", kept.Tree, tree, 0); err != nil {
		return kept.Ledger, 0, err
	}
	for name, data := range d.changes {
		if err := kept.Ledger.Set(name, data); err != nil {
			return kept.Ledger, 0, err
		}
	}
	return kept.Ledger, len(d.changes), kept.Ledger.Check()
}

// keptLedger reads the cache file; false when there is none that this program wrote so.
func (v *Vault) keptLedger() (keptLedger, bool) {
	kept := keptLedger{Ledger: patchset.Ledger{}.Clone()} // gob leaves out what is empty
	ok := v.readKept(ledgerCacheFile, ledgerCacheMeaning, &kept)
	return kept, ok && kept.Tree.Valid()
}

// keepLedger writes the cache file when what was read is large, and much of it is news.
func (v *Vault) keepLedger(ctx context.Context, kept keptLedger, news int) {
	if news >= keepLedgerAfter {
		v.keep(ctx, ledgerCacheFile, ledgerCacheMeaning, kept)
	}
}
