package gitops

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"

	"github.com/git-carry/git-carry/patchset/merge3"
	"github.com/git-carry/git-carry/patchset/radar"
)

// What to look for, so that a copy of a hole is found elsewhere, is told by what a patch does to
// its files, and most patches do the same to the same files week after week. So it is kept
// in a cache file of the vault, and the files need not be read again.

const (
	patternsFile = "carry-patterns.cache"
	// patternsMeaning is one more whenever the same change is to give other patterns.
	patternsMeaning = 1
	maxKeptPatterns = 4096 // changes
)

// changeKey stands for what a commit does: the paths, and their blobs before and after.
type changeKey [sha256.Size]byte

func keyOf(changes []TreeChange) changeKey {
	h := sha256.New()
	for _, c := range changes {
		fmt.Fprintf(h, "%q %s %s %s %s\n", c.Path, c.Old.Mode, c.Old.ID, c.New.Mode, c.New.ID)
	}
	return changeKey(h.Sum(nil))
}

// knownPatterns are the patterns of changes. It is safe for concurrent use.
type knownPatterns struct {
	mu   sync.Mutex
	of   map[changeKey][]radar.Pattern
	used map[changeKey]bool
	news int // that were worked out and not read
}

func (k *knownPatterns) get(key changeKey) ([]radar.Pattern, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	p, ok := k.of[key]
	if ok {
		k.used[key] = true
	}
	return p, ok
}

func (k *knownPatterns) put(key changeKey, p []radar.Pattern) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.of[key], k.used[key] = p, true
	k.news++
}

// patterns are what is vulnerable in the files that a commit changes, as they were before.
func (w *Workbench) patterns(ctx context.Context, id merge3.ID) ([]radar.Pattern, error) {
	changes, err := w.changes(ctx, id)
	if err != nil {
		return nil, err
	}
	key, known := keyOf(changes), w.known()
	if p, ok := known.get(key); ok {
		return p, nil
	}
	p, err := w.findPatterns(ctx, id)
	if err == nil {
		known.put(key, p)
	}
	return p, err
}

func (w *Workbench) findPatterns(ctx context.Context, id merge3.ID) ([]radar.Pattern, error) {
	files, err := w.Diff(ctx, id)
	if err != nil {
		return nil, err
	}
	var out []radar.Pattern
	for _, file := range files {
		if file.OldPath == "" || file.Binary != nil || file.OldMode == merge3.ModeGitlink || !radar.IsCode(file.OldPath) {
			continue
		}
		text, err := w.smallBlob(ctx, merge3.ID(file.OldBlob))
		if err != nil {
			return nil, err
		}
		hole := radar.Hole{Path: file.OldPath, Text: text}
		for _, h := range file.Hunks {
			hole.Cuts = append(hole.Cuts, radar.Cut{At: oldSpan(h), Added: linesOf(h, '+')})
		}
		out = append(out, hole.Patterns()...)
	}
	return out, nil
}

// Workbench is a workbench on a scratch of the vault, which knows the patterns that are
// kept there.
func (v *Vault) Workbench(s *Scratch, mode EngineMode) *Workbench {
	w := NewWorkbench(s, mode)
	w.known = sync.OnceValue(func() *knownPatterns {
		k := newKnownPatterns()
		if !v.readKept(patternsFile, patternsMeaning, &k.of) {
			k.of = map[changeKey][]radar.Pattern{}
		}
		return k
	})
	return w
}

func newKnownPatterns() *knownPatterns {
	return &knownPatterns{of: map[changeKey][]radar.Pattern{}, used: map[changeKey]bool{}}
}

// KeepPatterns keeps for the next command what to look for on behalf of some commits, and
// what this one had to find out. Of too many only what was used stays. It is no error when
// they cannot be kept.
func (v *Vault) KeepPatterns(ctx context.Context, w *Workbench, commits []merge3.ID) {
	for _, id := range commits {
		if _, err := w.patterns(ctx, id); err != nil {
			return // the train that needs them says so
		}
	}
	known := w.known()
	if known.news == 0 {
		return
	}
	keep := known.of
	if len(keep) > maxKeptPatterns {
		keep = map[changeKey][]radar.Pattern{}
		for key := range known.used {
			keep[key] = known.of[key]
		}
	}
	v.keep(ctx, patternsFile, patternsMeaning, keep)
}
