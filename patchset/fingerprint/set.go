package fingerprint

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/crypto/scrypt"
)

// Secret is a fix that must stay one: the marks by which it is known.
type Secret struct {
	Name  string // for those who may know it
	Marks []Mark
}

// Set are the fingerprints of secret fixes.
type Set struct {
	// Made is the day on which a file was written; zero for a set in memory.
	Made time.Time
	// Public are commits that are public for sure: what they have need not be looked at.
	Public  []string
	mill    mill
	patches []patch
	index   map[print][]int // numbers of patches
}

// patch is the fingerprints of one fix.
type patch struct {
	name   string
	prints []print
}

// lines counts the fingerprints of lines.
func (p patch) lines() int {
	n := 0
	for _, f := range p.prints {
		if f.kind.isLine() {
			n++
		}
	}
	return n
}

// print is the fingerprint of a mark.
type print struct {
	kind Kind
	hash uint64
}

// mill makes fingerprints of marks. With cost 0 it is quick, for a set that never
// leaves the memory; else cost is the N of scrypt (r = 8, p = 1), which takes 1 KiB of
// memory for each of N, and hashes are cut short.
type mill struct {
	salt [16]byte
	cost int
}

// Of a line so few bits are kept that somebody who tries many lines finds many that seem
// to fit; it takes several to know a fix. A whole id has to be known again by itself.
const (
	lineBits = 24
	idBits   = 40
)

func bits(k Kind) int {
	if k.isLine() {
		return lineBits
	}
	return idBits
}

func (m mill) print(t Mark) print {
	text := append([]byte{byte(t.Kind)}, t.Text...)
	if m.cost == 0 {
		sum := sha256.Sum256(append(m.salt[:], text...))
		return print{t.Kind, binary.BigEndian.Uint64(sum[:])}
	}
	sum, err := scrypt.Key(text, m.salt[:], m.cost, 8, 1, 8)
	if err != nil {
		panic(err) // cost is a power of two: see checkCost
	}
	return print{t.Kind, binary.BigEndian.Uint64(sum) >> (64 - bits(t.Kind))}
}

// all makes fingerprints on all cores.
func (m mill) all(ctx context.Context, marks []Mark) ([]print, error) {
	prints := make([]print, len(marks))
	var wait sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for first := range workers {
		wait.Go(func() {
			for i := first; i < len(marks) && ctx.Err() == nil; i += workers {
				prints[i] = m.print(marks[i])
			}
		})
	}
	wait.Wait()
	return prints, ctx.Err()
}

// maxLines is how many lines of a fix get a fingerprint: of more, those with the lowest,
// which is as good as drawn at random.
const maxLines = 256

// New makes a set that stays in memory. salt is random.
func New(ctx context.Context, salt [16]byte, secrets []Secret) (*Set, error) {
	return newSet(ctx, mill{salt: salt}, secrets)
}

// NewFile makes a set that can be given away; see [Set.Format].
func NewFile(ctx context.Context, salt [16]byte, made time.Time, secrets []Secret) (*Set, error) {
	s, err := newSet(ctx, mill{salt, DefaultCost}, secrets)
	if err == nil {
		s.Made = made
		// The order would say which fix is which.
		slices.SortFunc(s.patches, func(a, b patch) int { return slices.CompareFunc(a.prints, b.prints, comparePrints) })
		for i := range s.patches {
			s.patches[i].name = ""
		}
		s.buildIndex()
	}
	return s, err
}

func newSet(ctx context.Context, m mill, secrets []Secret) (*Set, error) {
	s := &Set{mill: m}
	for _, secret := range secrets {
		prints, err := m.all(ctx, secret.Marks)
		if err != nil {
			return nil, err
		}
		s.patches = append(s.patches, patch{secret.Name, trim(prints)})
	}
	s.buildIndex()
	return s, nil
}

// trim sorts fingerprints, drops double ones and keeps so many lines. Removed lines
// count only where there is no added one.
func trim(prints []print) []print {
	slices.SortFunc(prints, comparePrints)
	prints = slices.Compact(prints)
	adds := slices.ContainsFunc(prints, func(p print) bool { return p.kind == Added })
	lines := 0
	return slices.DeleteFunc(prints, func(p print) bool {
		if !p.kind.isLine() {
			return false
		}
		if p.kind == Gone && adds {
			return true
		}
		lines++
		return lines > maxLines
	})
}

func comparePrints(a, b print) int {
	return cmp.Or(cmp.Compare(slices.Index(kinds, a.kind), slices.Index(kinds, b.kind)), cmp.Compare(a.hash, b.hash))
}

func (s *Set) buildIndex() {
	s.index = map[print][]int{}
	for i, p := range s.patches {
		for _, f := range p.prints {
			s.index[f] = append(s.index[f], i)
		}
	}
}

// Len is how many fixes are in the set.
func (s *Set) Len() int { return len(s.patches) }

// Hit is a mark of a fix that was seen.
type Hit struct {
	Patch int // from 0
	Mark  Mark
	At    Place
}

// Hits lists the marks that belong to fixes, in no order that matters.
func (s *Set) Hits(ctx context.Context, seen Seen) ([]Hit, error) {
	wanted := map[Kind]bool{}
	for f := range s.index {
		wanted[f.kind] = true
	}
	marks := slices.DeleteFunc(slices.Collect(maps.Keys(seen)), func(t Mark) bool { return !wanted[t.Kind] })
	prints, err := s.mill.all(ctx, marks)
	if err != nil {
		return nil, err
	}
	var hits []Hit
	for i, t := range marks {
		for _, patch := range s.index[prints[i]] {
			hits = append(hits, Hit{patch, t, seen[t]})
		}
	}
	return hits, nil
}

// Finding is a fix that was known again.
type Finding struct {
	Patch int    // from 1, in this set
	Name  string // "" where the set does not know it
	By    Kind   // the mark that says most
	// Lines is how many of the Of telling lines were seen.
	Lines, Of int
	At        Place
}

// Words say by what it was known.
func (f Finding) Words() string {
	switch f.By {
	case Commit:
		return "its commit"
	case CarryID:
		return "its Carry-Id"
	case Tree:
		return "the files of its commit"
	case Blob:
		return "a file as it leaves it"
	case Verbatim:
		return "the same change"
	case Stable:
		return "the same change but for white space"
	}
	of := "telling added"
	if f.By == Gone {
		of = "telling removed"
	}
	return fmt.Sprintf("%d of %d %s lines", f.Lines, f.Of, of)
}

// Need is how many of a fix's telling lines must be seen before it counts as known.
func Need(lines int) int {
	if lines < 2 {
		return 1
	}
	return max(2, (lines+3)/4)
}

// Judge says which fixes the hits come to, in the order of the set.
func (s *Set) Judge(hits []Hit) []Finding {
	found := map[int]Finding{}
	lines := map[int]map[print]bool{}
	for _, h := range hits {
		f, known := found[h.Patch]
		if h.Mark.Kind.isLine() {
			if lines[h.Patch] == nil {
				lines[h.Patch] = map[print]bool{}
			}
			lines[h.Patch][s.mill.print(h.Mark)] = true
		}
		if !known || h.before(f) {
			f.By, f.At = h.Mark.Kind, h.At
		}
		found[h.Patch] = f
	}
	var findings []Finding
	for _, i := range slices.Sorted(maps.Keys(found)) {
		f := found[i]
		f.Patch, f.Name, f.Lines, f.Of = i+1, s.patches[i].name, len(lines[i]), s.patches[i].lines()
		if !f.By.isLine() || f.Lines >= Need(f.Of) && (f.By != Gone || f.Lines > 1) {
			findings = append(findings, f) // others take out one such line every day
		}
	}
	return findings
}

// before tells whether a hit says more than what is known; the place decides between
// two of a kind, so that the same push always gets the same answer.
func (h Hit) before(f Finding) bool {
	return cmp.Or(
		cmp.Compare(slices.Index(kinds, h.Mark.Kind), slices.Index(kinds, f.By)),
		cmp.Compare(h.At.Commit, f.At.Commit), cmp.Compare(h.At.Path, f.At.Path), cmp.Compare(h.At.Line, f.At.Line),
	) < 0
}
