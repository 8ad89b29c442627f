package merge3

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestRenamesAgainstInstalledGit(t *testing.T) { renamesAgainstGit(t, gitBinary(t, "")) }

func TestRenamesAgainstNewerGit(t *testing.T) { renamesAgainstGit(t, gitBinary(t, newerGit)) }

// rulesOf are the rules of a version of git.
func rulesOf(o *oracle) renameRules {
	var major, minor int
	fmt.Sscanf(string(o.run(nil, "version")), "git version %d.%d", &major, &minor)
	return renameRules{SkipTail: major == 2 && minor < 44, OverBase: major == 2 && minor < 51}
}

// Git says what it renamed only in its messages about disputes, so those are compared.
func renamesAgainstGit(t *testing.T, git string) {
	o := newOracle(t, git)
	worlds := 150
	if testing.Short() {
		worlds = 20
	}
	var all []*renameWorld
	for _, c := range renameCases {
		all = append(all, &renameWorld{base: c.base, upstream: c.base.with(c.upstream), patch: c.base.with(c.patch)})
	}
	for i := range worlds {
		r := rand.New(rand.NewPCG(7, uint64(i)))
		all = append(all, newRenameWorld(r))
		if i%5 == 0 {
			all = append(all, newTiedWorld(r, 2+i))
		}
	}
	o.load(all)
	s := newRenameStore()
	said := 0
	for i, w := range all {
		finder := newRenameFinder(s)
		finder.rules = rulesOf(o)
		got, err := finder.find(t.Context(), s.write(t, w.base), s.write(t, w.upstream), s.write(t, w.patch))
		if err != nil {
			t.Fatal(err)
		}
		want := saidByGit(o.run(nil, "-c", "core.abbrev=no", "merge-tree", "--write-tree", "-z", "--messages", fmt.Sprint("upstream", i), fmt.Sprint("patch", i)))
		said += len(want)
		if got := w.toSay(got); !slices.Equal(got, want) {
			t.Errorf("world %d:\nhere %q\ngit  %q", i, got, want)
		}
	}
	if said < worlds {
		t.Errorf("only %d messages in %d merges: this test looks in the wrong place", said, worlds)
	}
}

// load makes commits of all worlds.
func (o *oracle) load(all []*renameWorld) {
	var in bytes.Buffer
	for i, w := range all {
		in.Write(w.stream(i))
	}
	o.run(in.Bytes(), "fast-import", "--quiet")
}

// stream makes commits of a world, in the language of git fast-import.
func (w *renameWorld) stream(i int) []byte {
	var b bytes.Buffer
	commit := func(branch string, mark int, files fileTree) {
		fmt.Fprintf(&b, "commit refs/heads/%s%d\nmark :%d\ncommitter a <a@b> 1700000000 +0000\ndata 0\n", branch, i, mark)
		if branch != "base" {
			fmt.Fprintf(&b, "from :1\ndeleteall\n")
		}
		for path, content := range files {
			fmt.Fprintf(&b, "M %s inline %s\ndata %d\n%s\n", modeOf(content), path, len(content), content)
		}
	}
	commit("base", 1, w.base)
	commit("upstream", 2, w.upstream)
	commit("patch", 3, w.patch)
	return b.Bytes()
}

// toSay is what git would say of these renames, in the words of saidByGit.
func (w *renameWorld) toSay(r renames) []string {
	sides, files := [3]sideRenames{ofUpstream: r.Upstream, ofPatch: r.Patch}, [3]fileTree{w.base, w.upstream, w.patch}
	var out []string
	for _, side := range []int{ofUpstream, ofPatch} {
		renamed, moved := map[string]bool{}, map[string]string{}
		for _, r := range sides[other(side)].Files {
			renamed[r.From] = true
		}
		for _, m := range sides[side].Moves {
			switch among := strings.Join(m.Among, ", "); m.Case {
			case moveSuggested:
				moved[m.Path] = m.To
				out = append(out, fmt.Sprintf("%s should be at %s", m.Path, m.To))
			case moveMany:
				out = append(out, fmt.Sprintf("%s for: %s", m.To, among))
			case moveInTheWay:
				out = append(out, fmt.Sprintf("%s bars: %s", m.To, among))
			case moveAvoided:
				out = append(out, fmt.Sprintf("%s -> %s not for %s", m.Dir, m.NewDir, m.Path))
			}
		}
		for _, r := range sides[side].Files {
			to := r.To
			if place, ok := moved[to]; ok {
				to = place
			}
			if _, there := files[other(side)][r.From]; !there && !renamed[r.From] && to != r.From {
				out = append(out, fmt.Sprintf("%s -> %s, deleted", r.From, to))
			}
		}
		for _, dir := range sides[side].Splits {
			out = append(out, dir+" split")
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// saidByGit is what merge-tree -z says about renames.
func saidByGit(output []byte) []string {
	_, messages, _ := strings.Cut(string(output), "\x00\x00")
	fields := strings.Split(messages, "\x00")
	var out []string
	for len(fields) > 0 {
		n, err := strconv.Atoi(fields[0])
		if err != nil || len(fields) < n+3 {
			break
		}
		paths, kind, text := fields[1:n+1], fields[n+1], strings.TrimSuffix(strings.TrimSpace(fields[n+2]), ".")
		fields = fields[n+3:]
		if said := inShort(paths, kind, text); said != "" {
			out = append(out, said)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func inShort(paths []string, kind, text string) string {
	between := func(start, end string) (string, string) {
		_, rest, _ := strings.Cut(text, start)
		found, rest, _ := strings.Cut(rest, end)
		return found, rest
	}
	switch {
	case kind == "CONFLICT (rename/delete)":
		from, rest := between("(rename/delete): ", " renamed to ")
		to, _, _ := strings.Cut(rest, " in ")
		return fmt.Sprintf("%s -> %s, deleted", from, to)
	case strings.Contains(kind, "directory rename suggested"):
		return fmt.Sprintf("%s should be at %s", paths[len(paths)-1], paths[0])
	case strings.Contains(kind, "split"):
		dir, _ := between("Unclear where to rename ", " to; ")
		return dir + " split"
	case strings.Contains(text, "Cannot map more than one path"):
		to, rest := between("more than one path to ", "; ")
		_, among, _ := strings.Cut(rest, "these paths there: ")
		return fmt.Sprintf("%s for: %s", to, among)
	case strings.Contains(text, "Existing file/dir at"):
		to, rest := between("Existing file/dir at ", " in the way")
		_, among, _ := strings.Cut(rest, "path(s) there: ")
		return fmt.Sprintf("%s bars: %s", to, among)
	case strings.Contains(text, "Avoiding applying"):
		renamed, rest := between("Avoiding applying ", " rename to ")
		path, _, _ := strings.Cut(rest, ", because")
		return fmt.Sprintf("%s not for %s", renamed, path)
	}
	return ""
}

// Scores are git's to the percent, even where it takes different lines for one.
func TestScoresAgainstInstalledGit(t *testing.T) { scoresAgainstGit(t, gitBinary(t, "")) }

func TestScoresAgainstNewerGit(t *testing.T) { scoresAgainstGit(t, gitBinary(t, newerGit)) }

func scoresAgainstGit(t *testing.T, git string) {
	o := newOracle(t, git)
	rules := rulesOf(o)
	line, double := sameBucket()
	pairs := [][2]string{{strings.Repeat(line, 9), strings.Repeat(double, 9)}}
	for _, c := range scoreCases {
		pairs = append(pairs, [2]string{c.a, c.b})
	}
	r := rand.New(rand.NewPCG(3, 3))
	for range 30 {
		a, b := randomText(r), randomText(r)
		pairs = append(pairs, [2]string{a, a + b}, [2]string{b + a, a + "x" + b})
	}
	var in bytes.Buffer
	for i, p := range pairs {
		for side, content := range p {
			fmt.Fprintf(&in, "commit refs/heads/p%d-%d\ncommitter a <a@b> 1700000000 +0000\ndata 0\nM 100644 inline f%d\ndata %d\n%s\n", i, side, side, len(content), content)
		}
	}
	o.run(in.Bytes(), "fast-import", "--quiet")
	for i, p := range pairs {
		want := 0
		out := string(o.run(nil, "diff-tree", "-r", "-M1%", fmt.Sprintf("p%d-0", i), fmt.Sprintf("p%d-1", i)))
		if _, renamed, ok := strings.Cut(out, " R"); ok {
			want, _ = strconv.Atoi(renamed[:3])
		}
		got := int(scoreOf(p[0], p[1], rules) * 100 / maxScore)
		if p[0] == p[1] {
			got = 100
		}
		if got != want {
			t.Errorf("%q and %q: %d %%, git says %d", p[0], p[1], got, want)
		}
	}
}

// randomText has short lines and long, text and not.
func randomText(r *rand.Rand) string {
	var b strings.Builder
	for range 1 + r.IntN(12) {
		b.WriteString(pick(r, fmt.Sprint("line ", r.IntN(5)), strings.Repeat(pick(r, "ab", "abc"), r.IntN(90)), "\r", pick(r, "x", "x", "\x00")))
		b.WriteString(pick(r, "\n", "\n", "\r\n", ""))
	}
	return b.String()
}
