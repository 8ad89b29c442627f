// Command suggest measures how often the suggestions for conflicts are what people
// wrote who settled them.
//
// The rows come from a table of real picks; those with the label "conflict" count, of which
// nothing but code is in dispute. Each pick is merged again, and every dispute of a
// text is given to package suggest. The first suggestion is right if the landed file has
// exactly its lines between the resolved lines around the dispute, and wrong if it has
// anything else there, be it one space.
//
//	go run ./bench/suggest -picks picks.tsv.gz -repo xen-project/xen=DIR -tuned xen-project/xen -out docs/SUGGESTIONS.md
//
// Only the repositories named by -tuned were looked at when the sources were written; the
// others, held out, say what is to be expected elsewhere. With -precision FILE their counts go
// into that file as Go code: what the program shows beside a suggestion.
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
	picks     string
	tuned     string
	kinds     string
	mark      string
	precision string
}

func main() {
	var o options
	o.Flags()
	flag.StringVar(&o.picks, "picks", "", "a table of real picks with the columns repo, pick, base, onto, landed, label and conflict, `FILE.tsv[.gz]`")
	flag.StringVar(&o.tuned, "tuned", "", "the `NAMES` of the repositories that were looked at, with commas between")
	flag.StringVar(&o.kinds, "kinds", "code", "the `KINDS` of conflicting files that a row may have, with commas between")
	flag.StringVar(&o.mark, "mark", "suggestions", "the `NAME` of the marks in that document between which the tables go")
	flag.StringVar(&o.precision, "precision", "", "the `FILE.go` to write the precision of the sources into")
	drive.Main(o.run)
}

func (o *options) run(ctx context.Context) error {
	if o.picks == "" || len(o.Repos) == 0 {
		return errors.New("give -picks FILE and -repo NAME=DIR")
	}
	table, err := o.table()
	if err != nil {
		return err
	}
	git, err := gitops.FindGit(os.Environ())
	if err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", "git-carry-suggest-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	rep := report{begin: time.Now()}
	for _, repo := range o.Repos {
		rows := picks.Spread(table[repo.Name], o.Limit)
		if len(rows) == 0 {
			fmt.Fprintf(os.Stderr, "%s: no rows\n", repo.Name)
			continue
		}
		t, err := judge{git: git, repo: repo, tmp: tmp, workers: o.Workers}.all(ctx, rows)
		if err != nil {
			return fmt.Errorf("%s: %w", repo.Name, err)
		}
		t.tuned = slices.Contains(strings.Split(o.tuned, ","), repo.Name)
		fmt.Fprintf(os.Stderr, "%s: %s\n", repo.Name, t.line())
		rep.tallies = append(rep.tallies, t)
	}
	if o.precision != "" {
		if err := os.WriteFile(o.precision, rep.code(), 0o644); err != nil {
			return err
		}
	}
	return page.Put(o.Out, o.mark, rep.text())
}

// table reads the rows that count, by repository.
func (o options) table() (map[string][]row, error) {
	rows, err := readRows(o.picks)
	if err != nil {
		return nil, err
	}
	kinds := strings.Split(o.kinds, ",")
	table := map[string][]row{}
	for _, r := range rows {
		if r.label == "conflict" && r.only(kinds) {
			table[r.repo] = append(table[r.repo], r)
		}
	}
	return table, nil
}
