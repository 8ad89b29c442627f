// Command bench measures what it costs to carry a stack of patches from one base to
// another: by git-carry, and by the ways that git and others offer.
//
//	go run ./bench -scenario week -newer-git /opt/git-2.55/bin/git -cache DIR
//	go run ./bench -files 38000 -objects 1000000 -stack 40 -drift 2700 -seed 1
//	go run ./bench -repo DIR -base A -stack B -onto C
//	go run ./bench -repo DIR -weeks wmf/1.46.0-wmf.3,wmf/1.46.0-wmf.4 -stack 40
//	go run ./bench -smoke
//
// The repositories of the scenarios are generated (bench/internal/generate) and kept in
// the directory -cache. With -repo a real one is used: the stack is A..B, to be
// carried onto C, or the first real commits from after the second week that git
// carries from the first week to the second without a conflict.
//
// The contestants run in turn, A B C … A B C …, after a round to warm up, so that
// a slow moment of the machine falls on all of them. A ratio is the median of the
// ratios within a round. Only the command itself is measured: before every run
// worktree and vault are put back to what they were, and what that wrote is on disk.
// Nobody's configuration of git is read. No ratio is printed for a contestant
// whose result is another tree than the first one's.
//
// Repositories are only read: what the runs write goes to the directory -tmp, into
// repositories that borrow their objects.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/git-carry/git-carry/bench/internal/drive"
	"github.com/git-carry/git-carry/bench/internal/page"
)

type options struct {
	scenario string
	size     size
	stack    string // a number, or with -base a commit

	repo, base, onto, weeks string

	rounds    int
	patience  time.Duration
	newerGits []string
	gitCarry  string
	cache     string
	tmp       string

	out   string
	json  string
	note  string
	smoke bool
}

func main() {
	var o options
	flag.StringVar(&o.scenario, "scenario", "half-year", "what to measure: `NAME` is "+scenarioNames())
	flag.IntVar(&o.size.repositories, "repositories", 0, "generated repositories (else as in the scenario; so with the next ones)")
	flag.IntVar(&o.size.files, "files", 0, "files in the generated tree")
	flag.IntVar(&o.size.objects, "objects", 0, "objects in the generated repository")
	flag.IntVar(&o.size.commits, "commits", 0, "commits of the generated history, at least")
	flag.StringVar(&o.stack, "stack", "", "number of patches, or with -base the last `COMMIT` of the stack")
	flag.IntVar(&o.size.drift, "drift", 0, "commits between the two bases")
	flag.Uint64Var(&o.size.seed, "seed", 0, "another seed, another repository")
	flag.StringVar(&o.repo, "repo", "", "a clone of a real repository, `DIR`, instead of a scenario")
	flag.StringVar(&o.base, "base", "", "with -repo: the `COMMIT` that the stack is on")
	flag.StringVar(&o.onto, "onto", "", "with -repo: the `COMMIT` to carry the stack to")
	flag.StringVar(&o.weeks, "weeks", "", "with -repo: two branches, `FROM,TO`, instead of -base and -onto")
	flag.IntVar(&o.rounds, "rounds", 7, "the number of rounds after the one to warm up")
	flag.DurationVar(&o.patience, "patience", time.Minute, "what takes longer than this to warm up is not run again")
	newer := func(path string) error { o.newerGits = append(o.newerGits, path); return nil }
	flag.Func("newer-git", "a further git `PROGRAM` for contestants of its own; may be given again", newer)
	flag.Func("git", "the same as -newer-git", newer)
	flag.StringVar(&o.gitCarry, "git-carry", "", "the git-carry `PROGRAM` (else it is built from this module)")
	flag.StringVar(&o.cache, "cache", "", "keep generated repositories in `DIR` (else they are made anew)")
	flag.StringVar(&o.tmp, "tmp", os.TempDir(), "the `DIR` for all that the runs write")
	flag.StringVar(&o.out, "out", "", "put the table into `FILE.md` (else it is printed)")
	flag.StringVar(&o.json, "json", "", "append all figures as one line of JSON to `FILE`, which so becomes a history")
	flag.StringVar(&o.note, "note", "", "a `SENTENCE` to stand above the table, such as what else the machine did")
	flag.BoolVar(&o.smoke, "smoke", false, "a small run that fails when trees differ or git-carry is slower than git rebase")
	drive.Main(o.run)
}

func (o *options) run(ctx context.Context) error {
	sc, err := o.check()
	if err != nil {
		return err
	}
	if err := o.makeAbsolute(); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(o.tmp, "git-carry-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b, err := o.prepare(ctx, dir)
	if err != nil {
		return err
	}
	var all []results
	for i, stock := range o.stocks(sc) {
		res, err := b.table(ctx, filepath.Join(dir, "part"+strconv.Itoa(i)), sc, stock)
		if err != nil {
			return err
		}
		all = append(all, res)
	}
	return o.report(sc, all)
}

// check reads the options that depend on each other, and finds the scenario.
func (o *options) check() (scenario, error) {
	if o.rounds < 1 {
		return scenario{}, fmt.Errorf("-rounds must be at least 1")
	}
	if o.repo != "" {
		return realOne, o.checkRepo()
	}
	if o.stack != "" {
		n, err := strconv.Atoi(o.stack)
		if err != nil || n < 1 {
			return scenario{}, fmt.Errorf("-stack %s: a number of patches is needed; a commit goes with -repo", o.stack)
		}
		o.size.stack = n
	}
	if o.smoke {
		o.scenario, o.rounds = "smoke", 3
	}
	sc, err := findScenario(o.scenario)
	return sc.sized(o.size), err
}

func (o *options) checkRepo() error {
	byHand := o.base != "" && o.onto != ""
	from, to, two := strings.Cut(o.weeks, ",")
	if byHand == two || o.stack == "" {
		return fmt.Errorf("with -repo give -base, -onto and the last commit as -stack, or -weeks FROM,TO and a number as -stack")
	}
	if two {
		n, err := strconv.Atoi(o.stack)
		if err != nil || n < 1 {
			return fmt.Errorf("-stack %s: with -weeks a number is needed", o.stack)
		}
		o.base, o.onto, o.stack, o.size.stack = from, to, "", n
	}
	return nil
}

// makeAbsolute does so with all paths that programs get, which run elsewhere.
func (o *options) makeAbsolute() error {
	paths := []*string{&o.repo, &o.cache, &o.tmp}
	for i := range o.newerGits {
		if strings.ContainsRune(o.newerGits[i], filepath.Separator) { // else it is looked for in PATH
			paths = append(paths, &o.newerGits[i])
		}
	}
	for _, p := range paths {
		if *p == "" {
			continue
		}
		abs, err := filepath.Abs(*p)
		if err != nil {
			return err
		}
		*p = abs
	}
	return nil
}

// prepare finds the programs.
func (o *options) prepare(ctx context.Context, dir string) (*bench, error) {
	sh, err := drive.NewShell(filepath.Join(dir, "home"))
	if err != nil {
		return nil, err
	}
	sh.TempIn(dir) // on the file system of the worktrees
	b := &bench{sh: sh, rounds: o.rounds, patience: o.patience}
	for _, path := range append([]string{"git"}, o.newerGits...) {
		g, err := askGit(ctx, sh, path)
		if err != nil {
			return nil, err
		}
		b.gits = append(b.gits, g)
	}
	b.gitCarry, err = sh.GitCarry(ctx, o.gitCarry, dir)
	b.cache = o.cache
	if b.cache == "" {
		b.cache = filepath.Join(dir, "cache")
	}
	return b, err
}

// stocks says for each table where its repositories come from.
func (o *options) stocks(sc scenario) []stock {
	if o.repo != "" {
		return []stock{{source: source{repo: o.repo, base: o.base, stack: o.stack, onto: o.onto}, pick: o.size.stack}}
	}
	var all []stock
	for _, p := range sc.parts {
		all = append(all, stock{generated: p})
	}
	return all
}

func (o *options) report(sc scenario, all []results) error {
	if o.json != "" {
		if err := appendJSON(o.json, sc.name, o.note, all); err != nil {
			return err
		}
	}
	text := markdown(all, o.note)
	if o.out != "" {
		if err := page.Put(o.out, sc.name, text); err != nil {
			return err
		}
	} else {
		fmt.Print(text)
	}
	if o.smoke {
		return passes(all)
	}
	return nil
}

func talk(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
