// Command bench measures one week of a train: a stack of patches carried from one
// version of a public repository to the next, by git-carry and by the ways that
// git itself offers.
//
//	go run ./bench -repo DIR -weeks wmf/1.46.0-wmf.3,wmf/1.46.0-wmf.4 -n 40
//	go run ./bench -repo DIR -base A -stack B -onto C
//
// With -weeks the stack is the first n real commits from after the second week that
// git carries from the first week to the second without a conflict; else it is the
// commits A..B, to be carried onto C.
//
// The contestants run in turn, A B C … A B C …, after a round to warm up, so that
// a slow moment of the machine falls on all of them. A ratio is the median of the
// ratios within a round. Only the command itself is measured: before every run worktree and
// vault are put back to what they were. Nobody's configuration of git is read. No ratio is
// printed for a contestant whose result is another tree than that of git rebase.
//
// DIR is only read: what the runs write goes to a temporary repository that
// borrows its objects.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/git-carry/git-carry/bench/internal/page"
)

type options struct {
	repo              string
	base, stack, onto string
	weeks             string
	count             int
	rounds            int
	gitCarry          string
	out               string
	json              bool
}

func main() {
	var o options
	flag.StringVar(&o.repo, "repo", "", "a clone of a public repository, `DIR`")
	flag.StringVar(&o.base, "base", "", "the `COMMIT` that the stack is on")
	flag.StringVar(&o.stack, "stack", "", "the last `COMMIT` of the stack")
	flag.StringVar(&o.onto, "onto", "", "the `COMMIT` to carry the stack to")
	flag.StringVar(&o.weeks, "weeks", "", "two branches, `FROM,TO`, instead of -base, -stack and -onto")
	flag.IntVar(&o.count, "n", 40, "with -weeks: the number of patches")
	flag.IntVar(&o.rounds, "rounds", 7, "the number of rounds after the one to warm up")
	flag.StringVar(&o.gitCarry, "git-carry", "", "the git-carry `PROGRAM` (else it is built from this module)")
	flag.StringVar(&o.out, "out", "", "put the table into `FILE.md` (else it is printed)")
	flag.BoolVar(&o.json, "json", false, "print all figures as JSON")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := o.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func (o options) run(ctx context.Context) error {
	if err := o.check(); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "git-carry-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s, err := newScene(ctx, dir, o)
	if err != nil {
		return err
	}
	all, err := contestants(ctx, s)
	if err != nil {
		return err
	}
	res, err := measure(ctx, s, all, o.rounds)
	if err != nil {
		return err
	}
	if o.json {
		enc := json.NewEncoder(os.Stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(res)
	}
	if o.out == "" {
		_, err = fmt.Print(res.markdown())
		return err
	}
	return page.Put(o.out, "bench", res.markdown())
}

func (o *options) check() error {
	byHand := o.base != "" && o.stack != "" && o.onto != ""
	from, to, two := strings.Cut(o.weeks, ",")
	switch {
	case o.repo == "":
		return fmt.Errorf("say which repository: -repo DIR")
	case byHand == two || byHand == (o.weeks != ""):
		return fmt.Errorf("give -base, -stack and -onto, or -weeks FROM,TO")
	case o.count < 1 || o.rounds < 1:
		return fmt.Errorf("-n and -rounds must be at least 1")
	}
	if two {
		o.base, o.onto = from, to
	}
	repo, err := filepath.Abs(o.repo)
	o.repo = repo
	return err
}

func talk(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
