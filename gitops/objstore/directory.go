package objstore

import (
	"errors"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// directory is one objects directory.
type directory struct {
	path string
	pool *files

	set    atomic.Pointer[packSet]
	recent atomic.Pointer[pack] // the pack that had the last object
	handy  atomic.Pointer[pack] // the last one whose index is in memory: to look there costs little
	noMidx atomic.Bool          // the multi-pack index led astray
	fanout func() *[256]bool    // of a directory that stays as it is, else nil
	known  known

	mu sync.Mutex // held while the pack directory is listed first
}

// packSet is what the pack directory held at one time.
type packSet struct {
	packs   map[string]*pack // by name
	single  []*pack          // those that the multi-pack index does not cover
	midx    *midx            // nil if there is none that can be used
	covered []*pack          // as midx.names

	stamp  time.Time // the directory's time of change
	listed time.Time // before the listing
}

// findPacked calls try for copies of the object h in packs until it succeeds, or fails
// in a way that makes it senseless to go on. Otherwise the error is the first of all,
// or errAbsent.
func (d *directory) findPacked(h hash, try func(place) error) error {
	set, err := d.packSet()
	if err != nil {
		return err
	}
	result := errAbsent
	for at, err := range d.places(set, h) {
		if err == nil {
			err = try(at)
		}
		switch {
		case err == nil:
			if !at.covered {
				d.remember(at.pack)
			}
			d.known.put(h, at)
			return nil
		case isFinal(err):
			return err
		case at.covered && isData(err):
			d.noMidx.Store(true)
		}
		result = first(result, err)
	}
	return result
}

// remember notes the pack that had an object: the next one is likely to be there, too.
func (d *directory) remember(p *pack) {
	d.recent.Store(p)
	if p.index.inMemory() {
		d.handy.Store(p)
	}
}

// findLoose calls try for the place where the object h would be loose.
func (d *directory) findLoose(h hash, try func(place) error) error {
	if d.fanout != nil && !d.fanout()[h[0]] {
		return errAbsent
	}
	return try(place{loose: loosePath(d.path, h)})
}

// places yields where in packs the object h should be, the likeliest place first, and
// what went wrong with looking.
func (d *directory) places(set *packSet, h hash) iter.Seq2[place, error] {
	return func(yield func(place, error) bool) {
		if at, ok := d.known.get(h); ok && !yield(at, nil) {
			return
		}
		handy, recent := d.handy.Load(), d.recent.Load()
		for i, p := range []*pack{handy, recent} {
			if p == nil || p.gone.Load() || i > 0 && p == handy {
				continue
			}
			if off, err := p.find(h); err != errAbsent && !yield(place{pack: p, off: off}, err) {
				return
			}
		}
		if set.midx != nil {
			if at, err := set.findCovered(h); err != errAbsent && !yield(at, err) {
				return
			}
		}
		for _, p := range set.single {
			if p == handy || p == recent {
				continue
			}
			if off, err := p.find(h); err != errAbsent && !yield(place{pack: p, off: off}, err) {
				return
			}
		}
	}
}

func (s *packSet) findCovered(h hash) (place, error) {
	number, off, err := s.midx.find(h)
	if err != nil {
		if err != errAbsent {
			err = at(s.midx.ids.from.path, err)
		}
		return place{covered: true}, err
	}
	return place{pack: s.covered[number], off: off, covered: true}, nil
}

// packSet lists the pack directory when that has not been done yet.
func (d *directory) packSet() (*packSet, error) {
	if set := d.set.Load(); set != nil {
		return set, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if set := d.set.Load(); set != nil {
		return set, nil
	}
	set, err := d.list(nil)
	if err == nil {
		d.set.Store(set)
	}
	return set, err
}

// racy is how long after a change of a directory another one may leave the same
// time stamp.
const racy = 2 * time.Second

// rescan lists the pack directory again if it may have changed. It tells whether
// there is anything new to be found. Store.rescan sees to it that nobody else does
// the same.
func (d *directory) rescan() (bool, error) {
	seen := d.set.Load()
	if seen == nil {
		return false, nil // it could not be listed
	}
	misled := seen.midx != nil && d.noMidx.Load()
	stale := misled || seen.anyGone()
	if !stale && seen.listed.Sub(seen.stamp) > racy {
		if info, err := os.Stat(d.packDir()); err == nil && info.ModTime().Equal(seen.stamp) {
			return false, nil
		}
	}
	set, err := d.list(seen)
	if err != nil {
		return false, err
	}
	d.set.Store(set)
	d.leave(seen, set)
	return stale || !sameNames(seen.packs, set.packs), nil
}

func (d *directory) packDir() string { return filepath.Join(d.path, "pack") }

// list reads the pack directory. Packs that are in old, too, are taken from there.
func (d *directory) list(old *packSet) (*packSet, error) {
	set := &packSet{packs: map[string]*pack{}, listed: time.Now()}
	info, err := os.Stat(d.packDir())
	if errors.Is(err, fs.ErrNotExist) || isNoDir(err) {
		return set, nil
	}
	if err != nil {
		return nil, err
	}
	set.stamp = info.ModTime()
	entries, err := os.ReadDir(d.packDir())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	present := make(map[string]bool, len(entries))
	for _, e := range entries {
		present[e.Name()] = true
	}
	var names []string
	for _, e := range entries { // sorted, so that the order of packs is always the same
		if name, ok := strings.CutSuffix(e.Name(), ".idx"); ok && present[name+".pack"] {
			names = append(names, name)
			set.packs[name] = d.pack(old, name)
		}
	}
	if present["multi-pack-index"] && !d.noMidx.Load() {
		d.readMidx(set)
	}
	set.single = set.notCovered(names)
	return set, nil
}

func (d *directory) pack(old *packSet, name string) *pack {
	if old != nil {
		if p := old.packs[name]; p != nil && !p.gone.Load() {
			return p
		}
	}
	return newPack(d.pool, filepath.Join(d.packDir(), name), name)
}

// readMidx takes the multi-pack index in if it is sound and all its packs are there.
// If one is not, copies of its objects may be in other packs that are covered.
func (d *directory) readMidx(set *packSet) {
	f := d.pool.file(filepath.Join(d.packDir(), "multi-pack-index"))
	m, err := openMidx(f)
	if err != nil {
		d.pool.forget(f)
		return
	}
	covered := make([]*pack, len(m.names))
	for i, name := range m.names {
		if covered[i] = set.packs[name]; covered[i] == nil {
			d.pool.forget(f)
			return
		}
	}
	set.midx, set.covered = m, covered
}

func (s *packSet) notCovered(names []string) []*pack {
	covered := make(map[*pack]bool, len(s.covered))
	for _, p := range s.covered {
		covered[p] = true
	}
	var single []*pack
	for _, name := range names {
		if p := s.packs[name]; !covered[p] {
			single = append(single, p)
		}
	}
	return single
}

func (s *packSet) anyGone() bool {
	for _, p := range s.packs {
		if p.gone.Load() {
			return true
		}
	}
	return false
}

// leave closes the files of old that now does not use.
func (d *directory) leave(old, now *packSet) {
	if old.midx != nil {
		d.pool.forget(old.midx.ids.from)
	}
	for name, p := range old.packs {
		if now.packs[name] == p {
			continue
		}
		p.gone.Store(true) // what is in the caches may still lead to it
		d.pool.forget(p.index, p.data)
		d.recent.CompareAndSwap(p, nil)
		d.handy.CompareAndSwap(p, nil)
	}
}

func sameNames(a, b map[string]*pack) bool {
	for name := range a {
		if b[name] == nil {
			return false
		}
	}
	return len(a) == len(b)
}

// between lists ids from lo to hi, at most max of each pack, in any order and
// perhaps more than once.
func (d *directory) between(lo, hi hash, max int) ([]hash, error) {
	set, err := d.packSet()
	if err != nil {
		return nil, err
	}
	found, err := looseBetween(d.path, lo, hi)
	if err != nil {
		return nil, err
	}
	if set.midx != nil {
		more, err := set.midx.ids.between(lo, hi, max)
		if err != nil {
			d.noMidx.Store(true)
			return nil, at(set.midx.ids.from.path, err)
		}
		found = append(found, more...)
	}
	for _, p := range set.single {
		x, err := p.idx()
		if err != nil {
			return nil, p.fault(p.index, err)
		}
		more, err := x.ids.between(lo, hi, max)
		if err != nil {
			return nil, p.fault(p.index, err)
		}
		found = append(found, more...)
	}
	return found, nil
}
