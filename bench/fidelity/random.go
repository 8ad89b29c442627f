package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// recent is how many of the newest commits, merges left out, random ones are taken from.
const recent = 5000

// monthsBefore is how much older the branch is that they are merged onto.
var monthsBefore = []int{6, 24}

// logged is a commit as git log gives it.
type logged struct {
	id, parent merge3.ID // the first parent, "" for none
	at         time.Time // when it was committed
}

// randomRows takes n commits of HEAD's recent history, always the same ones, and
// gives a row for each and every distance that the history reaches back to.
func (c *comparer) randomRows(ctx context.Context, n int) ([]row, error) {
	commits, err := c.log(ctx, "--no-merges", "--max-count="+strconv.Itoa(recent))
	if err != nil {
		return nil, err
	}
	branch, err := c.log(ctx, "--first-parent")
	if err != nil {
		return nil, err
	}
	dice := rand.New(rand.NewPCG(1, 2))
	dice.Shuffle(len(commits), func(i, j int) { commits[i], commits[j] = commits[j], commits[i] })
	var rows []row
	for _, months := range monthsBefore {
		for _, commit := range commits[:min(n, len(commits))] {
			onto := before(branch, commit.at.AddDate(0, -months, 0))
			if onto == "" || commit.parent == "" {
				continue
			}
			rows = append(rows, row{
				repo: c.repo.Name, group: fmt.Sprintf("%s, %d months", c.repo.Name, months),
				base: commit.parent, pick: commit.id, onto: onto,
			})
		}
	}
	return rows, nil
}

// before finds the last commit of a branch, newest first, that is not younger than at.
func before(branch []logged, at time.Time) merge3.ID {
	for _, commit := range branch {
		if !commit.at.After(at) {
			return commit.id
		}
	}
	return ""
}

func (c *comparer) log(ctx context.Context, args ...string) ([]logged, error) {
	out, err := c.git.Run(ctx, gitops.Cmd{
		GitDir: c.source.GitDir,
		Args:   append(append([]string{"log", "--format=%H %ct %P"}, args...), "HEAD", "--"),
	})
	if err != nil {
		return nil, err
	}
	return parseLog(string(out))
}

// parseLog reads lines "<commit> <seconds> <parent>…".
func parseLog(text string) ([]logged, error) {
	var commits []logged
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			return nil, fmt.Errorf("git log: unexpected line %.80q", line)
		}
		seconds, err := strconv.ParseInt(fields[1], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("git log: %w", err)
		}
		commit := logged{id: merge3.ID(fields[0]), at: time.Unix(seconds, 0).UTC()}
		if len(fields) > 2 {
			commit.parent = merge3.ID(fields[2])
		}
		commits = append(commits, commit)
	}
	return commits, nil
}
