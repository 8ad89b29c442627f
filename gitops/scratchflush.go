package gitops

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// Most of what is made here is never looked at by a git process, and making files
// is slow. So objects stay in memory until somebody flushes them.

// flushAll puts everything on disk.
func (s *Scratch) flushAll() error { return s.flush(s.unflushed()) }

// flushCommits puts commits and their trees on disk, not what came before them.
func (s *Scratch) flushCommits(ctx context.Context, commits ...merge3.ID) error {
	if len(s.unflushed()) == 0 {
		return nil
	}
	ids := slices.Clone(commits)
	for _, id := range commits {
		c, err := s.ReadCommit(ctx, id)
		if err != nil {
			return err
		}
		below, err := s.reachable(ctx, []merge3.ID{c.Tree}, func(id merge3.ID) (bool, error) { return s.isPending(id), nil })
		if err != nil {
			return err
		}
		ids = append(ids, below...)
	}
	return s.flush(ids)
}

func (s *Scratch) unflushed() []merge3.ID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Keys(s.pending))
}

// flush puts those of ids on disk that are not there yet. When it returns they
// are, whoever wrote them.
func (s *Scratch) flush(ids []merge3.ID) error {
	s.flushMu.Lock()
	defer s.flushMu.Unlock()
	for _, id := range ids {
		s.mu.Lock()
		obj, pending := s.written[id], s.pending[id]
		s.mu.Unlock()
		if !pending {
			continue
		}
		if err := s.writeLoose(id, obj); err != nil {
			return err
		}
		s.mu.Lock()
		delete(s.pending, id)
		s.mu.Unlock()
	}
	return nil
}

func (s *Scratch) writeLoose(id merge3.ID, obj Object) error {
	crashPoint()
	if err := writeLoose(s.objects(), id, obj.Type, obj.Data); err != nil {
		return fmt.Errorf("write %s %s: %w", obj.Type, id, err)
	}
	return nil
}
