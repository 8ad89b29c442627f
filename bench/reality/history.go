package main

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/bench/internal/drive"
	"github.com/git-carry/git-carry/patchset"
)

// component is one public repository with weekly branches.
type component struct {
	name  string
	dir   string // a bare clone
	weeks map[string]week
}

// week is one weekly branch.
type week struct {
	tip string
	cut time.Time // the commit date of the master commit that it starts from
	// backports are the Change-Ids of the commits that only this branch has.
	backports map[string]bool
}

// fix is one public security commit on master.
type fix struct {
	component string
	commit    string
	subject   string
	changeID  string
	task      string
	authored  time.Time
	public    time.Time // when it was committed to master
	// contains are the weekly branches whose history has the commit.
	contains map[string]bool
}

// weekly is a weekly branch; numbers above two digits were experiments.
var weekly = regexp.MustCompile(`^1\.\d+\.0-wmf\.\d{1,2}$`)

const branchPrefix = "refs/heads/wmf/"

// readComponent reads the weekly branches of a clone, from since on; "" for all.
func readComponent(ctx context.Context, sh *drive.Shell, name, dir, since string) (component, error) {
	c := component{name: name, dir: dir, weeks: map[string]week{}}
	list, err := sh.Git(ctx, dir, "for-each-ref", "--format=%(objectname) %(refname)", branchPrefix)
	if err != nil {
		return c, err
	}
	for _, line := range drive.Lines(list) {
		tip, ref, _ := strings.Cut(line, " ")
		version := strings.TrimPrefix(ref, branchPrefix)
		if !weekly.MatchString(version) || since != "" && patchset.CompareVersions(version, since) < 0 {
			continue
		}
		if c.weeks[version], err = readWeek(ctx, sh, dir, tip); err != nil {
			return c, err
		}
	}
	if len(c.weeks) == 0 {
		return c, fmt.Errorf("%s has no branches %s1.NN.0-wmf.N: is it a bare clone?", name, branchPrefix)
	}
	return c, nil
}

func readWeek(ctx context.Context, sh *drive.Shell, dir, tip string) (week, error) {
	w := week{tip: tip, backports: map[string]bool{}}
	cut, err := sh.Git(ctx, dir, "merge-base", "refs/heads/master", tip)
	if err != nil {
		return w, err
	}
	at, err := sh.Git(ctx, dir, "log", "-1", "--format=%cI", cut)
	if err != nil {
		return w, err
	}
	if w.cut, err = time.Parse(time.RFC3339, at); err != nil || cut == tip {
		return w, err
	}
	ids, err := sh.Git(ctx, dir, "log", "--format=%(trailers:key=Change-Id,valueonly,separator=%x2C)", cut+".."+tip)
	for _, id := range drive.Lines(ids) {
		if id != "" {
			w.backports[id] = true
		}
	}
	return w, err
}

// has tells whether a weekly branch has a fix, and whether only as a backport.
func (c component) has(f fix, version string) (has, backport bool) {
	if f.contains[version] {
		return true, false
	}
	backport = f.changeID != "" && c.weeks[version].backports[f.changeID]
	return backport, backport
}

// securitySubject is how public security commits begin in these repositories.
var securitySubject = regexp.MustCompile(`^(SECURITY|\[SECURITY\])\b?`)

// readFixes finds the public security commits of a component, oldest first: those that
// say so, and those that are in known.
func readFixes(ctx context.Context, sh *drive.Shell, c component, known map[string]bool) ([]fix, error) {
	const format = "--format=%H%x09%aI%x09%cI%x09%(trailers:key=Change-Id,valueonly,separator=%x2C)%x09%(trailers:key=Bug,valueonly,separator=%x2C)%x09%s"
	log, err := sh.Git(ctx, c.dir, "log", "--reverse", "--no-merges", format, "refs/heads/master")
	if err != nil {
		return nil, err
	}
	var fixes []fix
	for _, line := range drive.Lines(log) {
		f := strings.SplitN(line, "\t", 6)
		if len(f) != 6 || !securitySubject.MatchString(f[5]) && !known[f[0]] {
			continue
		}
		x := fix{component: c.name, commit: f[0], changeID: f[3], subject: f[5], contains: map[string]bool{}}
		x.task, _, _ = strings.Cut(f[4], ",")
		if x.authored, err = time.Parse(time.RFC3339, f[1]); err != nil {
			return nil, err
		}
		if x.public, err = time.Parse(time.RFC3339, f[2]); err != nil {
			return nil, err
		}
		if x.public.Before(c.firstCut()) {
			fixes = append(fixes, x) // there from the beginning
			continue
		}
		refs, err := sh.Git(ctx, c.dir, "for-each-ref", "--contains="+x.commit, "--format=%(refname)", branchPrefix)
		if err != nil {
			return nil, err
		}
		for _, ref := range drive.Lines(refs) {
			x.contains[strings.TrimPrefix(ref, branchPrefix)] = true
		}
		fixes = append(fixes, x)
	}
	return fixes, nil
}

// readKnown reads the commits in the column "landed" of a table; "" is no table.
func readKnown(path string) (map[string]bool, error) {
	known := map[string]bool{}
	if path == "" {
		return known, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	column := -1
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if column < 0 {
			if column = slices.Index(fields, "landed"); column < 0 {
				return nil, fmt.Errorf("%s has no column landed", path)
			}
			continue
		}
		if column < len(fields) {
			known[fields[column]] = true
		}
	}
	return known, nil
}

// firstCut is when the first weekly branch left master.
func (c component) firstCut() time.Time { return c.weeks[c.versions()[0]].cut }

// versions lists the weekly versions of a component, oldest first.
func (c component) versions() []string {
	var out []string
	for v := range c.weeks {
		out = append(out, v)
	}
	slices.SortFunc(out, patchset.CompareVersions)
	return out
}

// start is the version in which a fix is added: the first one that was cut
// between the day it was written and the day it was public, else the last one
// cut before it was public. It is "" when no weekly branch is that old, or none
// contains the fix yet. present is the first version that contains the commit.
func (c component) start(f fix) (start, present string) {
	last := ""
	for _, v := range c.versions() {
		if f.contains[v] {
			present = v
			break
		}
		if cut := c.weeks[v].cut; start == "" && !cut.Before(f.authored) && cut.Before(f.public) {
			start = v
		}
		last = v
	}
	switch {
	case present == "" || last == "":
		return "", present
	case start == "":
		start = last
	}
	return start, present
}
