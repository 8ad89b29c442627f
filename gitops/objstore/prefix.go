package objstore

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/patchset/merge3"
)

const (
	minPrefix = 4  // digits; git's own limit
	maxFound  = 64 // objects
)

// Prefix lists the objects whose ids begin with prefix, at least four hexadecimal
// digits in lower case, sorted. It stops at some 64 of them.
func (s *Store) Prefix(ctx context.Context, prefix string) ([]merge3.ID, error) {
	pad := 2*hashSize - len(prefix)
	if len(prefix) < minPrefix || pad < 0 {
		return nil, fmt.Errorf("%.80q is not the beginning of an object id", prefix)
	}
	lo, err := parseID(merge3.ID(prefix + strings.Repeat("0", pad)))
	if err != nil {
		return nil, fmt.Errorf("%.80q is not the beginning of an object id", prefix)
	}
	hi, _ := parseID(merge3.ID(prefix + strings.Repeat("f", pad))) // as good as lo
	if err := stopped(ctx); err != nil {
		return nil, err
	}
	if _, err := s.rescan(s.generation.Load()); err != nil {
		return nil, err
	}
	dirs, err := s.all()
	if err != nil {
		return nil, err
	}
	var ids []merge3.ID
	for _, d := range dirs {
		found, err := d.between(lo, hi, maxFound)
		if err != nil {
			return nil, fmt.Errorf("objects that begin with %s: %w", prefix, err)
		}
		for _, h := range found {
			ids = append(ids, h.id())
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return ids[:min(len(ids), maxFound)], nil
}
