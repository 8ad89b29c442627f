package gitops

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/mailbox"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// Workbench is a scratch with an engine that merges: what patchset.CarryStack
// works on.
type Workbench struct {
	*Scratch
	Engine *Engine

	ahead   sync.WaitGroup
	early   earlyFiles
	mu      sync.Mutex
	unasked []merge3.ID // commits to be carried whose files are not watched yet
	// What Diff has told, and how many lines that is.
	diffs      map[merge3.ID][]mailbox.FileChange
	diffLines  int
	unsearched atomic.Int64
	// What changes has told, and how many paths that is.
	changing     sync.Mutex
	changed      map[merge3.ID]func() ([]TreeChange, error)
	changedPaths int
	known        func() *knownPatterns
}

var _ patchset.Workbench = (*Workbench)(nil)

// NewWorkbench puts an engine on a scratch.
func NewWorkbench(s *Scratch, mode EngineMode) *Workbench {
	return &Workbench{Scratch: s, Engine: NewEngine(s, mode), known: sync.OnceValue(newKnownPatterns)}
}

// Merge implements merge3.Merger.
func (w *Workbench) Merge(ctx context.Context, r merge3.Request) (merge3.Result, error) {
	return w.Engine.Merge(ctx, r)
}

// Commit reads a commit.
func (w *Workbench) Commit(ctx context.Context, id merge3.ID) (patchset.Commit, error) {
	return w.ReadCommit(ctx, id)
}

// WriteCommit writes a commit into the scratch.
func (w *Workbench) WriteCommit(_ context.Context, c patchset.Commit) (merge3.ID, error) {
	return w.Scratch.WriteCommit(c)
}

// Close waits for what is still read ahead, and removes the scratch.
func (w *Workbench) Close() error {
	w.ahead.Wait()
	return w.Scratch.Close()
}

// parentTree is the tree of the first parent, "" for a root commit.
func (w *Workbench) parentTree(ctx context.Context, c patchset.Commit) (merge3.ID, error) {
	if c.Parent() == "" {
		return "", nil
	}
	p, err := w.ReadCommit(ctx, c.Parent())
	return p.Tree, err
}

// Compare implements patchset.Workbench. Files in which both commits replace the same
// blob are not read.
func (w *Workbench) Compare(ctx context.Context, source, carried merge3.ID) (patchset.Comparison, error) {
	a, err := w.changes(ctx, source)
	if err != nil {
		return patchset.Comparison{}, err
	}
	b, err := w.changes(ctx, carried)
	if err != nil {
		return patchset.Comparison{}, err
	}
	if slices.Equal(a, b) {
		return patchset.Comparison{Same: true}, nil
	}
	x, err := w.diffBut(ctx, source, a, b)
	if err != nil {
		return patchset.Comparison{}, err
	}
	y, err := w.diffBut(ctx, carried, b, a)
	if err != nil {
		return patchset.Comparison{}, err
	}
	same, moved := mailbox.SameChange(x, y)
	return patchset.Comparison{Same: same, Moved: same && moved}, nil
}

// maxChanges bounds the paths that are kept of what commits change: a patch is looked at
// from several sides in one carry.
const maxChanges = 100_000

// changes are the paths that a commit changes against its first parent. The caller must not
// change them.
func (w *Workbench) changes(ctx context.Context, id merge3.ID) ([]TreeChange, error) {
	w.changing.Lock()
	ask, known := w.changed[id]
	if !known {
		ask = sync.OnceValues(func() ([]TreeChange, error) { return w.readChanges(ctx, id) })
		if w.changed == nil || w.changedPaths > maxChanges {
			w.changed, w.changedPaths = map[merge3.ID]func() ([]TreeChange, error){}, 0
		}
		w.changed[id] = ask
	}
	w.changing.Unlock()
	changes, err := ask()
	if known && err == nil {
		return changes, nil
	}
	w.changing.Lock()
	defer w.changing.Unlock()
	w.changedPaths += len(changes)
	if err != nil {
		delete(w.changed, id) // whoever asks next may have more luck, or more time
	}
	return changes, err
}

func (w *Workbench) readChanges(ctx context.Context, id merge3.ID) ([]TreeChange, error) {
	old, now, err := w.treesOf(ctx, id)
	if err != nil {
		return nil, err
	}
	return w.DiffTrees(ctx, old, now)
}

// treesOf are the trees of a commit's first parent and of the commit.
func (w *Workbench) treesOf(ctx context.Context, id merge3.ID) (old, now merge3.ID, err error) {
	c, err := w.ReadCommit(ctx, id)
	if err != nil {
		return "", "", err
	}
	old, err = w.parentTree(ctx, c)
	return old, c.Tree, err
}

// DiffText is what git shows of a commit: a unified diff against its first parent
// with some lines of context.
func (w *Workbench) DiffText(ctx context.Context, id merge3.ID, context int) ([]byte, error) {
	return w.Git(ctx, Cmd{Args: []string{
		"diff-tree", "--root", "--no-commit-id", "-r", "-p", fmt.Sprintf("-U%d", context), "-M", "--full-index", "--binary",
		"--no-color", "--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/", "--end-of-options", string(id),
	}})
}

// FavourPatch implements patchset.Workbench.
func (w *Workbench) FavourPatch(ctx context.Context, r merge3.Request, res merge3.Result) (merge3.ID, error) {
	changes := map[string]merge3.Entry{}
	for _, k := range res.Conflicts {
		entry, err := w.favour(ctx, r, res, k)
		if err != nil {
			return "", err
		}
		changes[k.Path] = entry
	}
	return w.EditTree(ctx, res.Tree, changes)
}

func (w *Workbench) favour(ctx context.Context, r merge3.Request, res merge3.Result, k merge3.Conflict) (merge3.Entry, error) {
	if k.Kind != merge3.KindContent && k.Kind != merge3.KindAddAdd {
		return k.Patch, nil
	}
	merged, ok, err := w.Entry(ctx, res.Tree, k.Path)
	if err != nil || !ok {
		return k.Patch, err
	}
	blob, err := w.Read(ctx, merged.ID)
	if err != nil {
		return merge3.Entry{}, err
	}
	text, err := merge3.ParseMarked(blob.Data, merge3.MarkerLabels{Upstream: r.Upstream.Label, Base: r.Base.Label, Patch: r.Patch.Label})
	if err != nil {
		return k.Patch, nil // not text with markers: the whole file, as the patch has it
	}
	id, err := w.Write("blob", text.Take(merge3.TakePatch))
	return merge3.Entry{Mode: merged.Mode, ID: id}, err
}

// Contains implements patchset.Workbench.
func (w *Workbench) Contains(ctx context.Context, tip, commit merge3.ID) (bool, error) {
	if commit == "" {
		return false, nil
	}
	if _, err := w.ReadCommit(ctx, commit); err != nil {
		var missing *MissingObjectError
		if errors.As(err, &missing) {
			return false, nil
		}
		return false, err
	}
	return w.past.contains(ctx, tip, commit)
}

// history is the public history, which watches the files of all that is carried: so it
// is read once for all of them.
func (w *Workbench) history(ctx context.Context) (*commitGraph, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range w.unasked {
		changes, err := w.changes(ctx, id)
		if err != nil {
			return nil, err
		}
		w.past.watch(changedPaths(changes))
	}
	w.unasked = nil
	return w.past, nil
}

// Touching implements patchset.Workbench.
func (w *Workbench) Touching(ctx context.Context, since, base merge3.ID, paths []string) ([]merge3.ID, error) {
	past, err := w.history(ctx)
	if err != nil {
		return nil, err
	}
	ids, err := past.touching(ctx, base, since, paths, maxPublicCandidates)
	if err != nil {
		return nil, fmt.Errorf("searching the public history: %w", err)
	}
	return ids, nil
}
