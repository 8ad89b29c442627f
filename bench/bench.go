package main

import (
	"context"
	"fmt"
	"time"

	"github.com/git-carry/git-carry/bench/internal/drive"
	"github.com/git-carry/git-carry/bench/internal/generate"
)

// bench is what all tables of a run have in common.
type bench struct {
	sh       *drive.Shell
	gits     []gitProgram // the installed one first
	gitCarry string
	cache    string
	rounds   int
	patience time.Duration
}

// stock says where the repositories of a table come from: they are generated, or
// there is one source.
type stock struct {
	generated part
	source    source
	pick      int // patches to pick when the source names no stack
}

// source is a repository with a stack, to be carried from base to onto.
type source struct {
	repo              string
	base, stack, onto string   // branches or commits
	earlier           []string // versions before base that are live, oldest first
}

// sources makes what is to be generated.
func (b *bench) sources(ctx context.Context, st stock) ([]source, error) {
	if st.source.repo != "" {
		return []source{st.source}, nil
	}
	p := st.generated
	talk("generating %s of %s each, %s", count(p.repositories, "repository", "repositories"), count(p.Files, "file", "files"), count(p.Stack, "patch", "patches"))
	var all []source
	for i := range p.repositories {
		h, c := p.History, p.Change
		h.Seed += uint64(i)
		c.Stack = p.stackOf(i)
		repo, err := generate.Repository(ctx, b.sh, b.cache, h, c)
		if err != nil {
			return nil, err
		}
		src := source{repo: repo, base: generate.Base, stack: generate.Stack, onto: generate.Target, earlier: p.earlier()}
		if c.Stack == 0 {
			src.stack = generate.Base
		}
		all = append(all, src)
	}
	return all, nil
}

// earlier names the commits of the live versions before the base, oldest first. What
// lies between them touches no file that a patch touches.
func (p part) earlier() []string {
	apart := max(1, p.Commits/50)
	var all []string
	for n := p.live - 2; n > 0; n-- {
		all = append(all, fmt.Sprintf("%s~%d", generate.Base, n*apart))
	}
	return all
}

// table measures one table in the directory dir.
func (b *bench) table(ctx context.Context, dir string, sc scenario, st stock) (results, error) {
	sources, err := b.sources(ctx, st)
	if err != nil {
		return results{}, err
	}
	s, err := b.newScene(ctx, dir, sources, st.pick)
	if err != nil {
		return results{}, err
	}
	var all []contestant
	for _, enter := range sc.enter {
		more, err := enter(ctx, s)
		if err != nil {
			return results{}, err
		}
		all = append(all, more...)
	}
	if len(all) == 0 {
		return results{}, fmt.Errorf("nobody can take part in %s", sc.name)
	}
	res, err := b.measure(ctx, all)
	if err != nil {
		return res, err
	}
	res.Absent = append(res.Absent, s.absent...)
	res.Title, res.Patches = s.title, s.patches()
	return res, nil
}
