package gitops

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"sync"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
	"github.com/git-carry/git-carry/patchset/radar"
)

// ReadAhead implements patchset.Workbench. While the patches are carried one after the
// other, the other cores fill the caches of trees, and then read the files that changed,
// which are searched in the end. What cannot be read shows when it is needed.
func (w *Workbench) ReadAhead(ctx context.Context, base merge3.ID, items []patchset.Item) {
	queue := make(chan func(), len(items)+1)
	w.mu.Lock()
	for _, item := range items {
		id := item.Carries()
		w.unasked = append(w.unasked, id)
		queue <- func() { _, _ = w.changes(ctx, id) }
	}
	w.mu.Unlock()
	if base != "" {
		items = slices.Clone(items) // the caller may go on with them
		queue <- func() { _ = w.readChanged(ctx, base, items) }
	}
	close(queue)
	for range min(runtime.GOMAXPROCS(0)-1, len(queue)) {
		w.ahead.Go(func() {
			for read := range queue {
				if ctx.Err() == nil {
					read()
				}
			}
		})
	}
}

// readChanged reads the files that changed since the patches were seen last.
func (w *Workbench) readChanged(ctx context.Context, base merge3.ID, items []patchset.Item) error {
	now, err := w.ReadCommit(ctx, base)
	if err != nil {
		return err
	}
	read := map[merge3.ID]bool{}
	for _, item := range items {
		since, err := w.seenOn(ctx, item.Seen, item.Carries())
		if err != nil || since == "" || read[since] {
			continue
		}
		read[since] = true
		old, err := w.ReadCommit(ctx, since)
		if err != nil {
			return err
		}
		changes, err := w.DiffFar(ctx, old.Tree, now.Tree)
		if err != nil {
			return err
		}
		for _, c := range changes {
			if !radar.IsCode(c.Path) || kindOfMode(c.New.Mode) != merge3.ModeFile || c.New.ID == "" {
				continue
			}
			data, err := w.smallBlob(ctx, c.New.ID)
			if err != nil || !w.early.put(c.New.ID, data) {
				return err
			}
		}
	}
	return nil
}

// seenOn is the public commit on which a patch was seen last: one that was never carried
// before, on its own parent. source stands for a patch that nobody has seen.
func (w *Workbench) seenOn(ctx context.Context, seen patchset.Seen, source merge3.ID) (merge3.ID, error) {
	if seen.Base != "" {
		return seen.Base, nil
	}
	c, err := w.ReadCommit(ctx, cmp.Or(seen.Commit, source))
	return c.Parent(), err
}

// maxEarly bounds the files that are read before anybody asked for them, in bytes.
const maxEarly = 2 << 20

// earlyFiles are files that were read ahead. Each is wanted once.
type earlyFiles struct {
	mu    sync.Mutex
	files map[merge3.ID][]byte
	size  int
}

// put keeps a file; false when there is no room for more.
func (e *earlyFiles) put(id merge3.ID, data []byte) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.size+len(data) > maxEarly {
		return false
	}
	if e.files == nil {
		e.files = map[merge3.ID][]byte{}
	}
	if _, known := e.files[id]; !known && data != nil {
		e.files[id] = data
		e.size += len(data)
	}
	return true
}

// take gives a file away; nil when it was not read ahead.
func (e *earlyFiles) take(id merge3.ID) []byte {
	e.mu.Lock()
	defer e.mu.Unlock()
	data := e.files[id]
	delete(e.files, id)
	e.size -= len(data)
	return data
}
