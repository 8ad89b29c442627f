// Command reality carries real security fixes over real weekly branches and
// compares what git-carry says with what happened.
//
// It takes public repositories that have weekly branches (wmf/1.NN.0-wmf.N) and
// public commits whose subject starts with SECURITY. All of them go into one vault,
// one component per repository. Each fix is added to a weekly version from before it was public, as if it
// were still a secret, and every train that really ran is run again through the
// git-carry program, until the branches end. The truth is in the histories: the
// first weekly branch that contains the commit.
//
// Nobody settles conflicts: a patch in conflict stays parked and is carried on.
//
//	go run ./bench/reality -repo CheckUser=DIR -repo CentralAuth=DIR -repo GlobalBlocking=DIR -out docs/REALITY.md
//
// With -fleet the table has a line for each component, and what every train made of every
// patch is held against what the installed git makes of it.
//
// The directories are bare clones, and are only read.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/git-carry/git-carry/bench/internal/drive"
	"github.com/git-carry/git-carry/bench/internal/page"
	"github.com/git-carry/git-carry/bench/internal/picks"
)

type options struct {
	repos    picks.Repositories
	gitCarry string
	out      string
	states   string
	limit    int
	since    string
	fixes    string
	fleet    bool
}

func main() {
	var o options
	flag.Var(&o.repos, "repo", "a bare clone, `NAME=DIR`; given once for each component")
	flag.StringVar(&o.gitCarry, "git-carry", "", "the git-carry `PROGRAM` (else it is built from this module)")
	flag.StringVar(&o.out, "out", "", "the document to put the tables into, `FILE.md` (else they are printed)")
	flag.StringVar(&o.states, "states", "", "write what became of every fix in every week to this `FILE.tsv`")
	flag.IntVar(&o.limit, "limit", 0, "run at most `N` trains (0: all of them)")
	flag.StringVar(&o.since, "since", "", "leave out all versions before `VERSION`")
	flag.StringVar(&o.fixes, "fixes", "", "a table, `FILE.tsv`, whose column landed has further security commits")
	flag.BoolVar(&o.fleet, "fleet", false, "compare every train with git, and give a table of components")
	drive.Main(o.run)
}

func (o *options) run(ctx context.Context) error {
	if len(o.repos) == 0 {
		return fmt.Errorf("no repositories: give -repo NAME=DIR")
	}
	dir, err := os.MkdirTemp("", "git-carry-reality-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	sh, err := drive.NewShell(filepath.Join(dir, "home"))
	if err != nil {
		return err
	}
	program, err := sh.GitCarry(ctx, o.gitCarry, dir)
	if err != nil {
		return err
	}
	known, err := readKnown(o.fixes)
	if err != nil {
		return err
	}
	w := world{components: map[string]component{}, since: o.since, known: known}
	for _, r := range o.repos {
		talk("reading %s", r.Name)
		if err := w.read(ctx, sh, r.Name, r.Dir); err != nil {
			return err
		}
	}
	w.plan()
	if len(w.carried) == 0 {
		return fmt.Errorf("none of these repositories has a public security commit that a weekly branch contains")
	}
	run := run{sh: sh, program: program, vault: filepath.Join(dir, "vault"), world: &w, limit: o.limit, fleet: o.fleet}
	if err := run.all(ctx); err != nil {
		return err
	}
	if o.states != "" {
		if err := os.WriteFile(o.states, []byte(run.stateTable()), 0o644); err != nil {
			return err
		}
	}
	text, name := run.report(), "reality"
	if o.fleet {
		text, name = run.fleetReport(), "fleet"
	}
	return page.Put(o.out, name, text)
}

func talk(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
