// Command radar carries real security fixes over the real points at which their
// branches stood week by week, and holds what git-carry says of them against what is
// known to have happened: was a fix told as landed when it was there, and not before;
// was it said when it was lost; and how often was something said of nothing.
//
// The cases are tables of commit ids (see docs/RADAR.md): trains.tsv and points.tsv, fixes and the points that
// they were carried over until they were public; invalidated.tsv, fixes that were
// undone without anybody being told; picks.tsv.gz, backports of which people changed
// more than git's merge, or did not.
//
//	go run ./bench/radar -corpora DIR -repo xen-project/xen=DIR -out docs/RADAR.md
//
// The ledger is in memory and the trains are those of the program: Ledger.Work,
// CarryStack, Ledger.Record. Nobody answers what is asked and nobody settles a conflict. The
// clones are only read.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/bench/internal/drive"
	"github.com/git-carry/git-carry/bench/internal/page"
	"github.com/git-carry/git-carry/bench/internal/picks"
	"github.com/git-carry/git-carry/gitops"
)

type options struct {
	picks.Options
	corpora string
	states  string
	only    string
	row     string
	kinds   string
	picks   int
	seed    uint64
}

func main() {
	var o options
	o.Flags()
	flag.StringVar(&o.corpora, "corpora", "", "the `DIR` with trains.tsv, points.tsv, invalidated.tsv and picks.tsv.gz")
	flag.StringVar(&o.states, "states", "", "write what was said in every week to this `FILE.tsv`")
	flag.StringVar(&o.only, "only", "", "only the repository `NAME`")
	flag.StringVar(&o.row, "row", "", "only the fixes whose id begins with `CARRIED`")
	flag.StringVar(&o.kinds, "kinds", "train,loss,pick", "only these `KINDS` of cases, with commas between")
	flag.IntVar(&o.picks, "picks", 300, "at most `N` backports of each label, taken at random over all repositories")
	flag.Uint64Var(&o.seed, "seed", 1, "the `SEED` of what is taken at random")
	drive.Main(o.run)
}

func (o *options) run(ctx context.Context) error {
	if o.corpora == "" || len(o.Repos) == 0 {
		return errors.New("give -corpora DIR and -repo NAME=DIR")
	}
	git, err := gitops.FindGit(os.Environ())
	if err != nil {
		return err
	}
	cases, err := o.cases()
	if err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", "git-carry-radar-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	begin := time.Now()
	f := fleet{git: git, repos: o.Repos, tmp: tmp, workers: o.Workers, sources: map[string]*gitops.Source{}}
	results, err := f.all(ctx, cases)
	if err != nil {
		return err
	}
	if o.states != "" {
		if err := os.WriteFile(o.states, []byte(stateTable(results)), 0o644); err != nil {
			return err
		}
	}
	text := report{begin: begin, took: time.Since(begin), results: results, seed: o.seed}.text()
	return page.Put(o.Out, "radar", text)
}

// cases are all rows that are asked for.
func (o options) cases() ([]*result, error) {
	t, err := readTables(o.corpora)
	if err != nil {
		return nil, err
	}
	var out []*result
	for _, repo := range o.Repos {
		for _, r := range picks.Spread(t.trains[repo.Name], o.Limit) {
			out = append(out, &result{repo: repo.Name, kind: kindTrain, fix: r.carried, train: r})
		}
	}
	for _, r := range t.invalidated {
		out = append(out, &result{repo: r.repo, kind: kindLoss, fix: r.fix, loss: r})
	}
	for _, r := range t.sample(o.picks, o.seed, o.named()) {
		out = append(out, &result{repo: r.repo, kind: kindPick, fix: r.pick, pick: r})
	}
	return o.asked(out), nil
}

// named are the repositories that there are, and that are asked for.
func (o options) named() map[string]bool {
	names := map[string]bool{}
	for _, r := range o.Repos {
		if o.only == "" || r.Name == o.only {
			names[r.Name] = true
		}
	}
	return names
}

// asked drops what -only, -row and -kinds leave out.
func (o options) asked(all []*result) []*result {
	var out []*result
	kinds := strings.Split(o.kinds, ",")
	for _, r := range all {
		if (o.only == "" || r.repo == o.only) && strings.HasPrefix(string(r.fix), o.row) && slices.Contains(kinds, string(r.kind)) {
			out = append(out, r)
		}
	}
	return out
}

func talk(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
