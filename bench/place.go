package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/git-carry/git-carry/bench/internal/drive"
)

// place is one repository with its stack.
type place struct {
	sh        *drive.Shell
	component string
	source    source

	public string   // a bare repository that borrows the source's objects
	work   string   // a worktree that borrows from public
	mails  []string // the stack as files, in order

	base, stack, onto string   // commit ids
	weeks             []string // the commits of all versions, oldest first; the last two are base and onto
	commits           []commit // base..stack, oldest first
}

// weekName is the name of the n-th base, counted from 1, as a branch of public and as a version of the vault.
func weekName(n int) string { return fmt.Sprintf("week.%d", n) }

// stackName is that of the stack, for those that want a branch.
const stackName = "bench-stack"

func (b *bench) newPlace(ctx context.Context, dir, component string, src source, pick int) (*place, error) {
	p := &place{sh: b.sh, component: component, source: src, public: filepath.Join(dir, "public.git"), work: filepath.Join(dir, "work")}
	if err := p.borrow(ctx); err != nil {
		return nil, err
	}
	if err := p.resolve(ctx); err != nil {
		return nil, err
	}
	if p.stack == "" {
		if err := p.pickStack(ctx, b.gits[0], pick); err != nil {
			return nil, err
		}
	}
	if err := p.nameWeeks(ctx); err != nil || p.stack == p.base {
		return p, err
	}
	list, err := p.sh.Git(ctx, p.public, "rev-list", "--reverse", p.base+".."+p.stack)
	if err != nil {
		return nil, err
	}
	if p.commits, err = readCommits(ctx, p.sh, p.public, drive.Lines(list)); err != nil {
		return nil, err
	}
	if err := p.openWork(ctx); err != nil {
		return nil, err
	}
	return p, p.layOut(ctx, filepath.Join(dir, "mails"))
}

// borrow makes the public repository.
func (p *place) borrow(ctx context.Context) error {
	objects, err := p.sh.Git(ctx, p.source.repo, "rev-parse", "--git-path", "objects")
	if err != nil {
		return err
	}
	if !filepath.IsAbs(objects) {
		objects = filepath.Join(p.source.repo, objects)
	}
	if _, err := p.sh.Git(ctx, "/", "init", "--quiet", "--bare", p.public); err != nil {
		return err
	}
	return lend(filepath.Join(p.public, "objects"), objects)
}

// openWork makes the worktree.
func (p *place) openWork(ctx context.Context) error {
	if _, err := p.sh.Git(ctx, "/", "init", "--quiet", p.work); err != nil {
		return err
	}
	config := "[gc]\n\tauto = 0\n[core]\n\tlogAllRefUpdates = false\n[advice]\n\tdetachedHead = false\n[user]\n\tname = Bench\n\temail = bench@example.org\n"
	f, err := os.OpenFile(filepath.Join(p.work, ".git", "config"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(config); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return lend(p.objects(), filepath.Join(p.public, "objects"))
}

// objects is where git writes new objects when it runs in the worktree.
func (p *place) objects() string { return filepath.Join(p.work, ".git", "objects") }

func lend(borrower, lender string) error {
	return os.WriteFile(filepath.Join(borrower, "info", "alternates"), []byte(lender+"\n"), 0o644)
}

// resolve finds the commits that were named.
func (p *place) resolve(ctx context.Context) error {
	p.weeks = make([]string, len(p.source.earlier)+2)
	named := []string{p.source.base, p.source.onto, p.source.stack}
	ids := []*string{&p.base, &p.onto, &p.stack}
	for i, name := range p.source.earlier {
		named, ids = append(named, name), append(ids, &p.weeks[i])
	}
	for i, name := range named {
		if name == "" {
			continue
		}
		id, err := p.sh.Git(ctx, p.source.repo, "rev-parse", "--verify", "--end-of-options", name+"^{commit}")
		if err != nil {
			return err
		}
		*ids[i] = id
	}
	p.weeks[len(p.weeks)-2], p.weeks[len(p.weeks)-1] = p.base, p.onto
	return nil
}

// nameWeeks gives the bases their branches.
func (p *place) nameWeeks(ctx context.Context) error {
	for i, id := range p.weeks {
		if _, err := p.sh.Git(ctx, p.public, "update-ref", "refs/heads/"+weekName(i+1), id); err != nil {
			return err
		}
	}
	return nil
}

// layOut gives the stack its branches and writes it as mails.
func (p *place) layOut(ctx context.Context, mails string) error {
	if _, err := p.sh.Git(ctx, p.public, "update-ref", "refs/bench/stack", p.stack); err != nil {
		return err
	}
	out, err := p.sh.Git(ctx, p.public, "format-patch", "--output-directory", mails, "--full-index", "--binary", p.base+".."+p.stack)
	if err != nil {
		return err
	}
	p.mails = drive.Lines(out)
	if len(p.mails) != len(p.commits) {
		return fmt.Errorf("%d patches became %d mails: the stack has merges or empty commits", len(p.commits), len(p.mails))
	}
	if _, err := p.sh.Git(ctx, p.work, "update-ref", "refs/heads/"+stackName, p.stack); err != nil {
		return err
	}
	return p.checkout(ctx, p.base)
}

// checkout puts the worktree back to a commit.
func (p *place) checkout(ctx context.Context, at string) error {
	if _, err := p.sh.Git(ctx, p.work, "checkout", "--quiet", "--force", "--detach", at); err != nil {
		return err
	}
	if err := p.forgetObjects(); err != nil {
		return err
	}
	_, err := p.sh.Git(ctx, p.work, "update-index", "-q", "--refresh")
	return err
}

// forgetObjects removes every object that a run made: those left lying about
// would make the next one faster.
func (p *place) forgetObjects() error {
	entries, err := os.ReadDir(p.objects())
	if err != nil {
		return err
	}
	for _, e := range entries { // info holds the way to the borrowed objects
		if e.Name() != "info" {
			if err := os.RemoveAll(filepath.Join(p.objects(), e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// treeOf gives the tree of a commit in the worktree's repository.
func (p *place) treeOf(ctx context.Context, commit string) (string, error) {
	return p.sh.Git(ctx, p.work, "rev-parse", "--verify", "--end-of-options", strings.TrimSpace(commit)+"^{tree}")
}
