// Command ledger measures what the commands that only ask cost in a vault after some years:
// 20,000 ledger entries on 2,000 patches, unless told otherwise.
//
//	go run ./bench/ledger -cache DIR -out docs/BENCHMARKS.md
//
// The vault is made by git fast-import with the files that the program itself would have
// written, and kept in the directory -cache. The commands run in turn, after a round to
// warm up; `git log` on the ledger stands beside them as what git itself needs to
// read the entries alone.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/git-carry/git-carry/bench/internal/drive"
	"github.com/git-carry/git-carry/bench/internal/page"
)

type options struct {
	years    years
	rounds   int
	gitCarry string
	cache    string
	out      string
}

func main() {
	var o options
	flag.IntVar(&o.years.weeks, "weeks", 200, "the number of versions")
	flag.IntVar(&o.years.weekly, "weekly", 10, "the number of new patches in each")
	flag.IntVar(&o.rounds, "rounds", 7, "the number of rounds after the one to warm up")
	flag.StringVar(&o.gitCarry, "git-carry", "", "the git-carry `PROGRAM` (else it is built from this module)")
	flag.StringVar(&o.cache, "cache", "", "keep the vault in `DIR` (else it is made anew)")
	flag.StringVar(&o.out, "out", "", "the document to put the table into, `FILE.md` (else it is printed)")
	drive.Main(o.run)
}

func (o *options) run(ctx context.Context) error {
	tmp, err := os.MkdirTemp("", "git-carry-ledger-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	sh, err := drive.NewShell(filepath.Join(tmp, "home"))
	if err != nil {
		return err
	}
	program, err := sh.GitCarry(ctx, o.gitCarry, tmp)
	if err != nil {
		return err
	}
	vault, err := o.vault(ctx, sh, program, tmp)
	if err != nil {
		return err
	}
	ways, err := o.measure(ctx, sh, commands(program, vault, tmp))
	if err != nil {
		return err
	}
	entries, err := sh.Git(ctx, vault, "rev-list", "--count", "--first-parent", "refs/carry/ledger")
	if err != nil {
		return err
	}
	text := fmt.Sprintf("A ledger of %s entries on %d patches in %d versions; %d rounds; %s, %d cores, %s.\n\n%s",
		entries, o.years.patches(), o.years.weeks, o.rounds, runtime.Version(), runtime.NumCPU(), time.Now().UTC().Format(time.DateOnly), table(ways))
	return page.Put(o.out, "ledger", text)
}

// vault gives the vault, made now or before, with a shared repository that has the same.
func (o options) vault(ctx context.Context, sh *drive.Shell, program, tmp string) (string, error) {
	dir := tmp
	if o.cache != "" {
		dir = filepath.Join(o.cache, fmt.Sprintf("ledger-%dx%d", o.years.weeks, o.years.weekly))
	}
	vault := filepath.Join(dir, "vault")
	if _, err := os.Stat(filepath.Join(dir, "done")); !errors.Is(err, fs.ErrNotExist) {
		return vault, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	if err := o.years.make(ctx, sh, program, dir); err != nil {
		return "", err
	}
	shared := filepath.Join(dir, "shared.git")
	if _, err := sh.Git(ctx, dir, "init", "-q", "--bare", shared); err != nil {
		return "", err
	}
	if _, err := sh.Text(ctx, drive.Cmd{Dir: dir, Args: []string{program, "--vault", vault, "sync", "--remote", shared}}); err != nil {
		return "", err
	}
	return vault, os.WriteFile(filepath.Join(dir, "done"), nil, 0o600)
}

// way is a command with what it took.
type way struct {
	name string
	cmd  drive.Cmd
	exit []int // that are no failure
	runs []drive.Cost
}

func commands(program, vault, tmp string) []*way {
	carry := func(name string, args ...string) *way {
		return &way{name: "`git carry " + name + "`", exit: []int{0, 3}, cmd: drive.Cmd{Dir: tmp, Args: append([]string{program, "--vault", vault}, args...)}}
	}
	return []*way{
		{name: "`git log --first-parent`", exit: []int{0}, cmd: drive.Cmd{Dir: vault, Args: []string{"git", "log", "--first-parent", "--format=%H %s", "refs/carry/ledger"}}},
		carry("status", "status", "--json"),
		carry("audit", "audit", "--json"),
		carry("audit --all", "audit", "--all", "--json"),
		carry("sync, no news", "sync", "--json"),
		carry("log", "log", "--json"),
		carry("show ID", "show", task(0), "--json"),
		carry("report, every format", "report", "--html", filepath.Join(tmp, "r.html"), "--csv", filepath.Join(tmp, "r.csv"),
			"--prom", filepath.Join(tmp, "r.prom"), "--ics", filepath.Join(tmp, "r.ics")),
	}
}

func (o options) measure(ctx context.Context, sh *drive.Shell, ways []*way) ([]*way, error) {
	for round := range o.rounds + 1 {
		for _, w := range ways {
			drive.Shrink()
			out, err := sh.Run(ctx, w.cmd)
			if err == nil && !slices.Contains(w.exit, out.Exit) {
				err = fmt.Errorf("%s: exit code %d: %.300s", w.name, out.Exit, out.Stderr)
			}
			if err != nil {
				return nil, err
			}
			if round > 0 {
				w.runs = append(w.runs, out.Cost)
			}
		}
	}
	return ways, nil
}

func table(ways []*way) string {
	rows := [][]string{{"command", "median:", "least:", "most:", "peak memory:"}}
	for _, w := range ways {
		slices.SortFunc(w.runs, func(a, b drive.Cost) int { return int(a.Wall - b.Wall) })
		ms := func(i int) string { return fmt.Sprintf("%d ms", w.runs[i].Wall.Milliseconds()) }
		peak := slices.MaxFunc(w.runs, func(a, b drive.Cost) int { return int(a.PeakRSS - b.PeakRSS) }).PeakRSS
		rows = append(rows, []string{w.name, ms(len(w.runs) / 2), ms(0), ms(len(w.runs) - 1), fmt.Sprintf("%d MB", peak>>20)})
	}
	return page.Table(rows)
}
