// Package generate makes repositories to measure with: a tree that fans out like
// the one of Linux, a long history below it, and a stack of patches whose base has
// drifted away. Nothing comes from the network and nothing from chance: the same
// shape and seed give the same commit ids, on every machine.
//
// A history is made in two steps, so that several stacks can share the large one:
//
//	filler … filler ── base ── drift … drift    branch target
//	                       └── patch … patch    branch stack
//
// What the filler changes is small (the Makefile and Kconfig of a directory), so that
// a million objects take a minute. Drift and patches change sources, whose functions
// stand far enough apart that changes of two of them are never neighbours: a
// patch merges cleanly unless it is meant not to.
package generate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/git-carry/git-carry/bench/internal/drive"
)

// format is part of the name of what is cached. It changes when the same shape
// gives other commits or other packs.
const format = 2

// History is the shape of what is below the base.
type History struct {
	Files   int    // in the tree of the base
	Objects int    // in the repository at the base, about; 0 when Commits says how long the history is
	Commits int    // from the first one to the base
	Seed    uint64 // another seed, another repository of the same shape
}

// Change is the shape of what is above the base. The shares are of the patches,
// from 0 to 1, and are kept exactly (rounded down).
type Change struct {
	Drift   int // commits from the base to the target
	Changed int // files that these change, each time counted
	Stack   int // patches

	Merges    float64 // change a file that the drift has changed elsewhere
	Renames   float64 // change a file that the drift has renamed
	Conflicts float64 // change the very lines that the drift has changed, or a file that it has deleted
}

// The branches of a generated repository.
const (
	Base   = "base"
	Target = "target"
	Stack  = "stack"
)

// Repository gives the bare repository of that shape in the directory cache, and
// makes it when it is not there. It shares files with others of the same
// history: it is only to be read.
func Repository(ctx context.Context, sh *drive.Shell, cache string, h History, c Change) (string, error) {
	long := fmt.Sprintf("%d-objects", h.Objects)
	if h.Commits > 0 {
		long = fmt.Sprintf("%d-commits", h.Commits)
	}
	below := filepath.Join(cache, fmt.Sprintf("history-v%d-%d-files-%s-seed-%d.git", format, h.Files, long, h.Seed))
	err := once(below, func(dir string) error { return makeHistory(ctx, sh, dir, h) })
	if err != nil {
		return "", err
	}
	above := fmt.Sprintf("%s-drift-%d-%d-stack-%d-%g-%g-%g.git", below[:len(below)-len(".git")],
		c.Drift, c.Changed, c.Stack, c.Merges, c.Renames, c.Conflicts)
	return above, once(above, func(dir string) error { return makeChange(ctx, sh, below, dir, h, c) })
}

// once makes a directory that is there whole or not at all.
func once(path string, fill func(dir string) error) error {
	if _, err := os.Stat(path); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), "unfinished-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := fill(dir); err != nil {
		return fmt.Errorf("making %s: %w", filepath.Base(path), err)
	}
	return os.Rename(dir, path)
}

func makeHistory(ctx context.Context, sh *drive.Shell, dir string, h History) error {
	if _, err := sh.Git(ctx, "/", "init", "--quiet", "--bare", "--initial-branch="+Base, dir); err != nil {
		return err
	}
	return fastImport(ctx, sh, dir, func(s *stream) error {
		writeHistory(s, h)
		return s.finish()
	})
}

func makeChange(ctx context.Context, sh *drive.Shell, below, dir string, h History, c Change) error {
	if err := drive.LinkTree(below, dir); err != nil {
		return err
	}
	err := fastImport(ctx, sh, dir, func(s *stream) error {
		world := newWorld(h)
		world.drift(s, c)
		if err := world.stack(s, c); err != nil {
			return err
		}
		return s.finish()
	})
	if err != nil {
		return err
	}
	return repack(ctx, sh, dir)
}

// repack packs everything again, as a server does now and then: git fast-import makes each
// file a delta of whatever file it wrote before.
func repack(ctx context.Context, sh *drive.Shell, dir string) error {
	_, err := sh.Git(ctx, dir, "repack", "-a", "-d", "-f", "--quiet")
	return err
}
