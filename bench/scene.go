package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/git-carry/git-carry/bench/internal/drive"
)

// scene is all that is carried for one table, in one place or in many.
type scene struct {
	*bench
	dir    string
	fleet  []*place // all places
	places []*place // those that have a stack
	title  string
	absent []string // contestants that cannot take part, and why
	vault  vaults
}

func (b *bench) newScene(ctx context.Context, dir string, sources []source, pick int) (*scene, error) {
	s := &scene{bench: b, dir: dir}
	for i, src := range sources {
		component := "core"
		if len(sources) > 1 {
			component = fmt.Sprintf("extensions/R%03d", i+1)
		}
		p, err := b.newPlace(ctx, filepath.Join(dir, "places", component), component, src, pick)
		if err != nil {
			return nil, err
		}
		s.fleet = append(s.fleet, p)
		if len(p.commits) > 0 {
			s.places = append(s.places, p)
		}
	}
	return s, s.describe(ctx)
}

// weeks is the number of versions; the train is to the last one.
func (s *scene) weeks() int { return len(s.fleet[0].weeks) }

// last is the version that everything is carried to.
func (s *scene) last() string { return weekName(s.weeks()) }

func (s *scene) patches() int {
	n := 0
	for _, p := range s.places {
		n += len(p.commits)
	}
	return n
}

// describe counts what matters for how long things take.
func (s *scene) describe(ctx context.Context) error {
	var files, objects, commits, drift, changed int
	for _, p := range s.fleet {
		for _, c := range []struct {
			sum  *int
			args []string
		}{
			{&files, []string{"ls-tree", "-r", "--name-only", p.base}},
			{&commits, []string{"rev-list", p.onto}},
			{&drift, []string{"rev-list", p.base + ".." + p.onto}},
			{&changed, []string{"diff-tree", "-r", "--name-only", p.base, p.onto}},
		} {
			out, err := s.sh.Git(ctx, p.public, c.args...)
			if err != nil {
				return err
			}
			*c.sum += len(drive.Lines(out))
		}
		n, err := countObjects(ctx, s.sh, p.source.repo)
		if err != nil {
			return err
		}
		objects += n
	}
	where := "a repository"
	if n := len(s.fleet); n > 1 {
		where = fmt.Sprintf("%d of %d repositories", len(s.places), n)
	}
	s.title = fmt.Sprintf("%s in %s with %s, %s and %s; %s and %s between the two bases",
		count(s.patches(), "patch", "patches"), where, count(files, "file", "files"), count(commits, "commit", "commits"), count(objects, "object", "objects"),
		count(drift, "commit", "commits"), count(changed, "changed file", "changed files"))
	return nil
}

func countObjects(ctx context.Context, sh *drive.Shell, repo string) (int, error) {
	out, err := sh.Git(ctx, repo, "count-objects", "-v")
	if err != nil {
		return 0, err
	}
	sum := 0
	for _, line := range drive.Lines(out) {
		var n int
		for _, key := range []string{"count: ", "in-pack: "} {
			if rest, ok := strings.CutPrefix(line, key); ok {
				if _, err := fmt.Sscan(rest, &n); err != nil {
					return 0, fmt.Errorf("counting objects: %q: %w", line, err)
				}
				sum += n
			}
		}
	}
	return sum, nil
}

// count says a number with commas and what it counts.
func count(n int, one, many string) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if n == 1 {
		return digits + " " + one
	}
	return digits + " " + many
}
