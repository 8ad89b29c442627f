package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/git-carry/git-carry/bench/internal/drive"
)

// years is a vault after some years of weekly trains in one component: every week new
// patches, each carried for some weeks, in conflict once, settled, signed, disclosed and
// landed. Its entries are written by git fast-import: so many commands would take hours.
type years struct {
	weeks  int // versions
	weekly int // new patches each week
}

// Spans of a patch, in versions after the one that it was added to.
const (
	conflictAfter = 3
	landsAfter    = 6
	landsLate     = 20 // every eighth patch
)

func (y years) patches() int { return y.weeks * y.weekly }

// ends is the version in which a patch lands.
func (y years) ends(patch int) int {
	if patch%8 == 0 {
		return patch/y.weekly + landsLate
	}
	return patch/y.weekly + landsAfter
}

// live lists the patches that a version carries, oldest first.
func (y years) live(week int) []int {
	var list []int
	for n := max(0, (week-landsLate)*y.weekly); n < min(y.patches(), (week+1)*y.weekly); n++ {
		if n/y.weekly <= week && week < y.ends(n) {
			list = append(list, n)
		}
	}
	return list
}

// begin is when the first version was made.
var begin = time.Date(2022, 11, 1, 9, 0, 0, 0, time.UTC)

func monday(week int) time.Time { return begin.AddDate(0, 0, 7*week) }

func version(week int) string { return fmt.Sprintf("wmf.%d", week) }
func task(patch int) string   { return fmt.Sprintf("T%d", 300000+patch) }
func person(n int) string     { return fmt.Sprintf("person%d", n%40) }

// make writes it all into a fresh vault.
func (y years) make(ctx context.Context, sh *drive.Shell, gitCarry, dir string) error {
	vault := filepath.Join(dir, "vault")
	upstream := filepath.Join(dir, "upstream.git")
	if _, err := sh.Git(ctx, dir, "init", "-q", "--bare", upstream); err != nil {
		return err
	}
	if _, err := sh.Text(ctx, drive.Cmd{Dir: dir, Args: []string{gitCarry, "init", vault, "--component", "core=" + upstream}}); err != nil {
		return err
	}
	if err := fastImport(ctx, sh, vault, y.content); err != nil {
		return err
	}
	made, err := y.commits(ctx, sh, vault)
	if err != nil {
		return err
	}
	l := ledgerOf{years: y, made: made}
	if l.store, err = sh.Git(ctx, vault, "show", "refs/carry/ledger:carry.toml"); err != nil {
		return err
	}
	if err := fastImport(ctx, sh, vault, l.entries); err != nil {
		return err
	}
	if _, err := sh.Git(ctx, vault, "repack", "-a", "-d", "-q"); err != nil {
		return err
	}
	_, err = sh.Git(ctx, vault, "pack-refs", "--all")
	return err
}

// content makes the base and the stack of every version.
func (y years) content(s *stream) error {
	for week := range y.weeks {
		ref := "refs/carry/stacks/core/" + version(week)
		s.commit("refs/carry/bases", "", "public", monday(week), "base "+version(week), map[string]string{"VERSION": version(week) + "\n"})
		from := "refs/carry/bases"
		for _, n := range y.live(week) {
			text := fmt.Sprintf("<?php\n// carried in %s\nreturn escape( $input );\n", version(n/y.weekly))
			s.commit(ref, from, "Author <"+person(n)+"@example.org>", monday(n/y.weekly), fmt.Sprintf("SECURITY: Escape input %d\n\nCarry-Id: %s\n", n, carryID(n)),
				map[string]string{fmt.Sprintf("includes/part%d/File%d.php", n%50, n): text})
			from = ""
		}
	}
	return nil
}

func carryID(patch int) string { return fmt.Sprintf("%020x", patch+1) }

// carried is a commit of a stack.
type carried struct{ id, tree string }

// madeCommits are the bases by week, and the commits of the stacks by week and patch.
type madeCommits struct {
	bases   []string
	patches []map[int]carried
}

// commits reads what content made.
func (y years) commits(ctx context.Context, sh *drive.Shell, vault string) (madeCommits, error) {
	var made madeCommits
	bases, err := sh.Git(ctx, vault, "rev-list", "--reverse", "refs/carry/bases")
	if err != nil {
		return made, err
	}
	made.bases = drive.Lines(bases)
	for week := range y.weeks {
		out, err := sh.Git(ctx, vault, "log", "--reverse", "--format=%H %T", made.bases[week]+"..refs/carry/stacks/core/"+version(week))
		if err != nil {
			return made, err
		}
		lines, live := drive.Lines(out), y.live(week)
		if len(lines) != len(live) {
			return made, fmt.Errorf("%s has %d commits and %d patches", version(week), len(lines), len(live))
		}
		stack := map[int]carried{}
		for i, n := range live {
			id, tree, _ := strings.Cut(lines[i], " ")
			stack[n] = carried{id, tree}
		}
		made.patches = append(made.patches, stack)
	}
	return made, nil
}

// stream is what git fast-import reads.
type stream struct{ w *bufio.Writer }

func fastImport(ctx context.Context, sh *drive.Shell, dir string, write func(*stream) error) error {
	r, w := io.Pipe()
	go func() {
		s := &stream{w: bufio.NewWriterSize(w, 1<<20)}
		err := write(s)
		fmt.Fprintln(s.w, "done")
		w.CloseWithError(errors.Join(err, s.w.Flush()))
	}()
	_, err := sh.Text(ctx, drive.Cmd{Dir: dir, Args: []string{"git", "fast-import", "--quiet", "--force", "--done"}, Stdin: r})
	return errors.Join(err, r.Close())
}

// commit makes one commit on the ref. from is what it starts from; "": the ref itself, as it
// is by now.
func (s *stream) commit(ref, from, author string, at time.Time, message string, files map[string]string, parents ...string) {
	if !strings.Contains(author, "<") {
		author = fmt.Sprintf("%s <%s@git-carry.invalid>", author, author)
	}
	fmt.Fprintf(s.w, "commit %s\nauthor %s %d +0000\ncommitter %s %d +0000\n", ref, author, at.Unix(), author, at.Unix())
	s.data(message)
	if from != "" {
		fmt.Fprintf(s.w, "from %s\n", from)
	}
	for _, p := range parents {
		fmt.Fprintf(s.w, "merge %s\n", p)
	}
	for name, text := range files {
		fmt.Fprintf(s.w, "M 100644 inline %s\n", name)
		s.data(text)
	}
	fmt.Fprintln(s.w)
}

func (s *stream) data(text string) { fmt.Fprintf(s.w, "data %d\n%s\n", len(text), text) }
