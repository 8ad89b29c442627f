package main

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/git-carry/git-carry/bench/internal/picks"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// tables are the rows, by repository.
type tables struct {
	trains      map[string][]train
	invalidated []loss
	picks       map[string][]pick // by label
}

// train is a real fix and the points over which it was carried.
type train struct {
	repo, branch    string
	carried, landed merge3.ID
	how             string
	// from is the point at which it is added, present the first whose history has
	// landed; both are places in points.
	from, present int
	points        []point
	reverted      merge3.ID // a public revert, or ""
	// whole: at the last point the fix can still be taken out by git, so it is all there.
	whole bool
}

// point is a public commit at which a branch stood.
type point struct {
	seq    int
	label  string
	commit merge3.ID
}

// loss is a fix that was undone, lost, or not enough.
type loss struct {
	repo, kind           string
	fix, breaker, repair merge3.ID // "" where nobody knows it
	later                bool      // the breaker came after the fix, in the same line
}

// pick is a backport.
type pick struct {
	repo, label      string
	pick, base, onto merge3.ID
}

func readTables(dir string) (tables, error) {
	t := tables{trains: map[string][]train{}, picks: map[string][]pick{}}
	points, err := readPoints(filepath.Join(dir, "points.tsv"))
	if err != nil {
		return t, err
	}
	if err := t.readTrains(filepath.Join(dir, "trains.tsv"), points); err != nil {
		return t, err
	}
	if err := t.readLosses(filepath.Join(dir, "invalidated.tsv")); err != nil {
		return t, err
	}
	return t, t.readPicks(filepath.Join(dir, "picks.tsv.gz"))
}

// readPoints reads the points of each branch ("repository branch"), in order.
func readPoints(path string) (map[string][]point, error) {
	all := map[string][]point{}
	err := picks.Read(path, []string{"repo", "branch", "seq", "label", "commit"}, func(r picks.Row) error {
		p := point{label: r["label"]}
		if err := r.IDs(map[string]*merge3.ID{"commit": &p.commit}); err != nil {
			return err
		}
		var err error
		p.seq, err = strconv.Atoi(r["seq"])
		branch := r["repo"] + " " + r["branch"]
		all[branch] = append(all[branch], p)
		return err
	})
	for _, points := range all {
		slices.SortFunc(points, func(a, b point) int { return cmp.Compare(a.seq, b.seq) })
	}
	return all, err
}

func (t tables) readTrains(path string, points map[string][]point) error {
	columns := []string{"repo", "branch", "carried", "landed", "how", "carry_from", "present", "last", "reverted_by", "rev_end"}
	return picks.Read(path, columns, func(r picks.Row) error {
		row, err := parseTrain(r, points[r["repo"]+" "+r["branch"]])
		t.trains[row.repo] = append(t.trains[row.repo], row)
		return err
	})
}

// parseTrain reads a train. One that was reverted is watched to the end of its points.
func parseTrain(r picks.Row, points []point) (train, error) {
	t := train{repo: r["repo"], branch: r["branch"], how: r["how"], whole: r["rev_end"] == "1"}
	if err := r.IDs(map[string]*merge3.ID{"carried": &t.carried, "landed": &t.landed}); err != nil {
		return t, err
	}
	if err := optionalIDs(r, map[string]*merge3.ID{"reverted_by": &t.reverted}); err != nil {
		return t, err
	}
	seq := map[string]int{}
	for _, name := range []string{"carry_from", "present", "last"} {
		n, err := strconv.Atoi(r[name])
		if err != nil {
			return t, fmt.Errorf("%s: %w", name, err)
		}
		seq[name] = n
	}
	for _, p := range points {
		if p.seq >= seq["carry_from"] && (p.seq <= seq["last"] || t.reverted != "") {
			t.points = append(t.points, p)
		}
	}
	place := func(seq int) int { return slices.IndexFunc(t.points, func(p point) bool { return p.seq == seq }) }
	if t.from, t.present = place(seq["carry_from"]), place(seq["present"]); t.from != 0 || t.present < 0 {
		return t, fmt.Errorf("%s: its points are not in the table of points", t.carried.Short())
	}
	return t, nil
}

func (t *tables) readLosses(path string) error {
	return picks.Read(path, []string{"repo", "kind", "fix", "breaker", "repair", "order"}, func(r picks.Row) error {
		l := loss{repo: r["repo"], kind: r["kind"], later: len(r["order"]) >= 4 && r["order"][:4] == "fix<"}
		err := optionalIDs(r, map[string]*merge3.ID{"fix": &l.fix, "breaker": &l.breaker, "repair": &l.repair})
		t.invalidated = append(t.invalidated, l)
		return err
	})
}

func (t tables) readPicks(path string) error {
	return picks.Read(path, []string{"repo", "pick", "base", "onto", "label"}, func(r picks.Row) error {
		p := pick{repo: r["repo"], label: r["label"]}
		t.picks[p.label] = append(t.picks[p.label], p)
		at := &t.picks[p.label][len(t.picks[p.label])-1]
		return r.IDs(map[string]*merge3.ID{"pick": &at.pick, "base": &at.base, "onto": &at.onto})
	})
}

// optionalIDs reads commits that may be missing.
func optionalIDs(r picks.Row, to map[string]*merge3.ID) error {
	there := maps.Clone(to)
	maps.DeleteFunc(there, func(name string, _ *merge3.ID) bool { return r[name] == "" })
	return r.IDs(there)
}

// The labels of backports that merge: people left the merge as it is, or changed more.
const (
	labelIdentical = "clean-identical"
	labelDifferent = "clean-different"
)

// sample takes at most n backports of each label that merges, at random, from the repositories
// that there are.
func (t tables) sample(n int, seed uint64, repos map[string]bool) []pick {
	var out []pick
	for _, label := range []string{labelDifferent, labelIdentical} {
		var there []pick
		for _, p := range t.picks[label] {
			if repos[p.repo] {
				there = append(there, p)
			}
		}
		random := rand.New(rand.NewPCG(seed, 0))
		random.Shuffle(len(there), func(i, j int) { there[i], there[j] = there[j], there[i] })
		out = append(out, there[:min(n, len(there))]...)
	}
	return out
}
