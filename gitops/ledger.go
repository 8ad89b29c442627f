package gitops

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// Snapshot is the ledger as it was at one moment.
type Snapshot struct {
	Tip    merge3.ID // the entry it was read from; "" in a new vault
	Ledger patchset.Ledger
}

// StaleError says that the ledger moved while a plan was made. Reading it again
// and planning anew is safe.
type StaleError struct{ Want, Got merge3.ID }

func (e *StaleError) Error() string {
	return fmt.Sprintf("the ledger moved from %s to %s meanwhile", e.Want.Short(), e.Got.Short())
}

// maxParents bounds the parents of one ledger entry. More commits than that are
// bundled into commits that only hold parents.
const maxParents = 16

// maxLedgerFile bounds one file of the ledger's tree.
const maxLedgerFile = 4 << 20

// Snapshot reads the ledger and puts the derived stack refs right where a crash
// or another hand left them wrong.
func (v *Vault) Snapshot(ctx context.Context) (Snapshot, error) {
	tip, err := readRef(v.dir, ledgerRef)
	if err != nil || tip == "" {
		return Snapshot{}, err
	}
	c, err := v.Commit(ctx, tip)
	if err != nil {
		return Snapshot{}, fmt.Errorf("reading the ledger: %w", err)
	}
	refs := sync.OnceValues(v.stackRefs)
	go func() { _, _ = refs() }() // a fleet has thousands
	l, news, err := v.ledgerOf(ctx, c.Tree)
	if err == nil {
		err = checkURLs(l)
	}
	if err != nil {
		return Snapshot{}, err
	}
	v.keepLedger(ctx, keptLedger{c.Tree, l}, news)
	s := Snapshot{Tip: tip, Ledger: l}
	// Reading does not depend on repairing: doctor says what cannot be repaired.
	if have, err := refs(); err == nil {
		_ = v.deriveRefs(ctx, s, have)
	}
	return s, nil
}

// SnapshotAt reads the ledger as it was after an entry.
func (v *Vault) SnapshotAt(ctx context.Context, entry merge3.ID) (Snapshot, error) {
	c, err := v.Commit(ctx, entry)
	if err != nil {
		return Snapshot{}, fmt.Errorf("reading the ledger: %w", err)
	}
	l, _, err := v.ledgerOf(ctx, c.Tree)
	if err != nil {
		return Snapshot{}, err
	}
	return Snapshot{Tip: entry, Ledger: l}, checkURLs(l)
}

// checkURLs looks at every URL again: the ledger may have been written by another
// hand, and a URL can make git run a program.
func checkURLs(l patchset.Ledger) error {
	for _, c := range l.Components {
		if _, err := CheckURL(c.URL, "/"); err != nil {
			return err
		}
	}
	for _, t := range l.Targets {
		if _, err := CheckURL(t.URL, "/"); err != nil {
			return err
		}
	}
	return nil
}

// LedgerFiles reads the files of the ledger's tree as they were after an entry.
func (v *Vault) LedgerFiles(ctx context.Context, entry merge3.ID) (map[string][]byte, error) {
	c, err := v.Commit(ctx, entry)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	return files, v.readTree(ctx, c.Tree, "", files)
}

func (v *Vault) readTree(ctx context.Context, tree merge3.ID, prefix string, files map[string][]byte) error {
	obj, err := v.reader.Read(ctx, tree)
	if err != nil {
		return err
	}
	entries, err := ParseTree(obj.Data, len(tree)/2)
	if err != nil {
		return fmt.Errorf("tree %s: %w", tree, err)
	}
	for _, e := range entries {
		name := prefix + e.Name
		if e.Mode == merge3.ModeTree {
			if err := v.readTree(ctx, e.ID, name+"/", files); err != nil {
				return err
			}
			continue
		}
		blob, err := v.reader.Read(ctx, e.ID)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if len(blob.Data) > maxLedgerFile {
			return fmt.Errorf("%s: larger than %d bytes", name, maxLedgerFile)
		}
		files[name] = blob.Data
	}
	return nil
}

// CarryOut makes a plan true: it writes the ledger entry beside what the command
// made in the scratch, moves all of it to the vault in one pack, and swaps
// refs/carry/ledger from the snapshot's tip to the new entry. When the ledger has
// moved meanwhile, nothing is changed and the error is a *StaleError. A plan
// that changes nothing writes nothing and gives the old tip.
func (v *Vault) CarryOut(ctx context.Context, s *Scratch, from Snapshot, plan patchset.Plan) (merge3.ID, error) {
	if plan.Empty() {
		return from.Tip, nil
	}
	entry, pack, err := v.prepare(ctx, s, from.Tip, plan)
	if err != nil {
		return "", err
	}
	return entry, v.accept(ctx, from.Tip, entry, plan.After, pack)
}

// prepare writes the entry of a plan and brings it into the vault with all that it
// needs, where nothing leads to it yet.
func (v *Vault) prepare(ctx context.Context, s *Scratch, onto merge3.ID, plan patchset.Plan) (entry merge3.ID, pack string, err error) {
	if err := checkStackRefs(plan.After); err != nil {
		return "", "", err
	}
	if entry, err = writeEntry(ctx, s, onto, plan); err != nil {
		return "", "", fmt.Errorf("writing the ledger entry: %w", err)
	}
	crashPoint()
	if pack, err = s.Pack(ctx, v.dir, entry); err != nil {
		return "", "", fmt.Errorf("storing objects in the vault: %w", err)
	}
	return entry, pack, ctx.Err()
}

// accept swaps refs/carry/ledger from was to entry, whose objects are in the vault.
func (v *Vault) accept(ctx context.Context, was, entry merge3.ID, after patchset.Ledger, packs ...string) error {
	lock, err := lockVault(ctx, v.dir)
	if err != nil {
		return err
	}
	defer lock.release()
	crashPoint()
	// From here on the change is accepted or refused as a whole, Ctrl-C or not.
	ctx = context.WithoutCancel(ctx)
	if err := v.swapLedger(was, entry); err != nil {
		return err
	}
	for _, pack := range packs {
		releasePack(pack)
	}
	_ = v.writeDerived(after) // it is accepted; what is derived the next command can mend
	v.rollUp(ctx)
	return nil
}

func (v *Vault) swapLedger(want, entry merge3.ID) error {
	got, err := readRef(v.dir, ledgerRef)
	if err != nil {
		return err
	}
	if got != want {
		return &StaleError{want, got}
	}
	return writeRef(v.dir, ledgerRef, entry, true)
}

// writeEntry writes the commit of a ledger entry, its tree and its bundles.
func writeEntry(ctx context.Context, s *Scratch, tip merge3.ID, plan patchset.Plan) (merge3.ID, error) {
	var root merge3.ID
	var parents []merge3.ID
	if tip != "" {
		old, err := readCommit(ctx, s, tip)
		if err != nil {
			return "", err
		}
		root, parents = old.Tree, []merge3.ID{tip}
	}
	tree, err := editLedgerTree(ctx, s, root, plan.Changes)
	if err != nil {
		return "", err
	}
	line := personLine(plan.Entry)
	bundled, err := bundle(s, line, plan.Keep)
	if err != nil {
		return "", err
	}
	return s.WriteCommit(patchset.Commit{
		Tree: tree, Parents: append(parents, bundled...),
		Author: line, Committer: line, Message: []byte(plan.Entry.Message()),
	})
}

func editLedgerTree(ctx context.Context, s *Scratch, root merge3.ID, files map[string][]byte) (merge3.ID, error) {
	changes := map[string]merge3.Entry{}
	for name, data := range files {
		if data == nil {
			changes[name] = merge3.Entry{}
			continue
		}
		blob, err := s.Write("blob", data)
		if err != nil {
			return "", err
		}
		changes[name] = merge3.Entry{Mode: merge3.ModeFile, ID: blob}
	}
	return s.EditTree(ctx, root, changes)
}

func personLine(e patchset.Entry) string {
	who := e.Person
	if who == "" {
		who = "unknown"
	}
	return fmt.Sprintf("%s <%s@git-carry.invalid> %d +0000", who, who, e.At.Unix())
}

// bundle reduces commits to at most maxParents that reach them all.
func bundle(s *Scratch, line string, commits []merge3.ID) ([]merge3.ID, error) {
	for len(commits) > maxParents {
		var next []merge3.ID
		for chunk := range slices.Chunk(commits, maxParents) {
			empty, err := s.Write("tree", nil)
			if err != nil {
				return nil, err
			}
			id, err := s.WriteCommit(patchset.Commit{
				Tree: empty, Parents: chunk, Author: line, Committer: line, Message: []byte("keeps commits reachable\n"),
			})
			if err != nil {
				return nil, err
			}
			next = append(next, id)
		}
		commits = next
	}
	return commits, nil
}

// LogEntry is one ledger entry as `log` shows it.
type LogEntry struct {
	ID     merge3.ID
	Parent merge3.ID
	Entry  patchset.Entry
}

// Log reads the ledger entries, newest first, until visit says stop or the first
// entry is reached.
func (v *Vault) Log(ctx context.Context, visit func(LogEntry) (more bool)) error {
	return v.LogFrom(ctx, "", visit)
}

// LogFrom is Log from an entry on; "" is the newest.
func (v *Vault) LogFrom(ctx context.Context, id merge3.ID, visit func(LogEntry) (more bool)) (err error) {
	if id == "" {
		id, err = readRef(v.dir, ledgerRef)
	}
	for err == nil && id != "" {
		var c patchset.Commit
		if c, err = v.Commit(ctx, id); err != nil {
			break
		}
		at := time.Unix(c.CommitterTime(), 0).UTC()
		if !visit(LogEntry{id, c.Parent(), patchset.ParseEntry(c.Message, at)}) {
			return nil
		}
		id = c.Parent()
	}
	return err
}

// Before reads the ledger as it was before the newest entry of s: what undo goes
// back to.
func (v *Vault) Before(ctx context.Context, s Snapshot) (Snapshot, error) {
	tip, err := v.Commit(ctx, s.Tip)
	if err != nil {
		return Snapshot{}, err
	}
	if tip.Parent() == "" {
		return Snapshot{}, patchset.Faultf(patchset.CodeUsage, "this is the first entry of the ledger: there is nothing before it")
	}
	return v.SnapshotAt(ctx, tip.Parent())
}
