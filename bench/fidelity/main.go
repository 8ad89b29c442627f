// Command fidelity merges what people really backported, by git-carry's own engine
// and by git itself, and compares the answers: the tree, whether it is clean, and
// the list of what is in dispute.
//
// The rows come from a table of real picks (the parent of the commit is the base, the
// commit is the patch, what it was picked onto is upstream), or, with -random, from the
// recent history of each repository: commits taken at random and merged onto what
// their branch was 6 and 24 months before them. Those are hard on purpose.
//
//	go run ./bench/fidelity -picks picks.tsv.gz -repo xen-project/xen=DIR -out docs/FIDELITY.md
//	go run ./bench/fidelity -random 500 -repo xen-project/xen=DIR
//
// The two sides share nothing but the repository, which is only read: each has a
// scratch repository of its own, and git gets real commits and is a process of its own for
// every merge. A merge that git cannot do, for want of an object that a partial copy
// lacks, is left out and counted. Every merge that differs is printed as the
// command that tries it again.
//
// A patch that the engine hands over to git is git's answer on both sides. The table
// says how many these are, and why.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/git-carry/git-carry/bench/internal/drive"
	"github.com/git-carry/git-carry/bench/internal/page"
	"github.com/git-carry/git-carry/bench/internal/picks"
	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset/merge3"
)

type options struct {
	picks.Options
	picks  string
	random int
	only   string
	git    string
	style  merge3.Style
	mark   string
}

func main() {
	var o options
	o.Flags()
	flag.StringVar(&o.picks, "picks", "", "a table of real picks with the columns repo, pick, base and onto, `FILE.tsv[.gz]`")
	flag.IntVar(&o.random, "random", 0, "instead of a table: `N` random commits of each repository, merged onto what was 6 and 24 months before")
	flag.StringVar(&o.only, "only", "", "only rows of these `KINDS`, with commas between: a label of the table, rename, security")
	flag.StringVar(&o.git, "git", "", "the `PROGRAM` that is asked, named git (else the installed one)")
	flag.Func("style", "how conflicts are written: `NAME` merge (the default), diff3 or zdiff3", func(name string) (err error) {
		o.style, err = styleNamed(name)
		return err
	})
	flag.StringVar(&o.mark, "mark", "fidelity", "the `NAME` of the marks in that document between which the tables go")
	drive.Main(o.run)
}

func (o *options) run(ctx context.Context) error {
	switch {
	case len(o.Repos) == 0:
		return errors.New("no repositories: give -repo NAME=DIR")
	case (o.picks == "") == (o.random == 0):
		return errors.New("give either -picks or -random")
	case o.only != "" && o.random > 0:
		return errors.New("-only chooses rows of a table, and -random has none")
	}
	git, err := o.findGit()
	if err != nil {
		return err
	}
	version, err := git.Version()
	if err != nil {
		return err
	}
	table, err := o.table()
	if err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", "git-carry-fidelity-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	rep := report{git: version, style: o.style, workers: o.Workers, begin: time.Now(), random: o.random > 0}
	for _, repo := range o.Repos {
		c, err := newComparer(ctx, git, repo, o.style, tmp, o.Workers)
		if err != nil {
			return err
		}
		rows := table[repo.Name]
		if o.random > 0 {
			if rows, err = c.randomRows(ctx, o.random); err != nil {
				return fmt.Errorf("%s: %w", repo.Name, err)
			}
		}
		rows = picks.Spread(rows, o.Limit)
		if len(rows) == 0 {
			talk("%s: no rows", repo.Name)
			continue
		}
		tallies, err := c.all(ctx, rows)
		if err != nil {
			return err
		}
		rep.tallies = append(rep.tallies, tallies...)
	}
	if len(rep.tallies) == 0 {
		return errors.New("there is nothing to merge: are the repositories named as in the table, and is -only right?")
	}
	rep.took = time.Since(rep.begin)
	return page.Put(o.Out, o.mark, rep.text())
}

// styleNamed is the style of that name.
func styleNamed(name string) (merge3.Style, error) {
	for _, style := range []merge3.Style{merge3.StyleMerge, merge3.StyleDiff3, merge3.StyleZdiff3} {
		if style.String() == name {
			return style, nil
		}
	}
	return 0, errors.New("there are merge, diff3 and zdiff3")
}

// findGit finds the git that is asked, and that our engine takes after.
func (o options) findGit() (*gitops.Git, error) {
	environ := os.Environ()
	if o.git != "" {
		path, err := filepath.Abs(o.git)
		if err != nil {
			return nil, err
		}
		if filepath.Base(path) != "git" {
			return nil, fmt.Errorf("-git %s: the program must be named git", o.git)
		}
		if _, err := os.Stat(path); err != nil {
			return nil, err
		}
		environ = append(environ, "PATH="+filepath.Dir(path)+string(filepath.ListSeparator)+os.Getenv("PATH"))
	}
	return gitops.FindGit(environ)
}

// table reads the picks that are asked for, by repository.
func (o options) table() (map[string][]row, error) {
	if o.picks == "" {
		return nil, nil
	}
	rows, err := readRows(o.picks)
	if err != nil {
		return nil, err
	}
	keep := strings.FieldsFunc(o.only, func(r rune) bool { return r == ',' })
	table := map[string][]row{}
	for _, r := range rows {
		if r.is(keep) {
			table[r.repo] = append(table[r.repo], r)
		}
	}
	return table, nil
}

func talk(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
