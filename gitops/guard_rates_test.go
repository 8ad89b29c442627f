package gitops

import (
	"bytes"
	"flag"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/git-carry/git-carry/patchset/fingerprint"
	"github.com/git-carry/git-carry/patchset/mailbox"
	"github.com/git-carry/git-carry/patchset/merge3"
)

var (
	guardRepo    = flag.String("guardrepo", "", "measure the guard on the history of this repository")
	guardPatches = flag.Int("guardpatches", 40, "commits that are taken for secret fixes")
	guardCode    = flag.String("guardcode", ".php", "a fix changes a file whose name ends so")
	guardOthers  = flag.Int("guardothers", 2000, "commits that have nothing to do with them")
)

// disguises are forms of a change that leave nothing of its ids: what the guard has then
// is the change as such and its lines.
var disguises = map[string]func(files []mailbox.FileChange, random *rand.Rand) []mailbox.FileChange{
	"other place": func(files []mailbox.FileChange, _ *rand.Rand) []mailbox.FileChange { return files },
	"other indentation": eachLine(func(text []byte, _ *rand.Rand) []byte {
		return append([]byte("    "), bytes.ReplaceAll(text, []byte("\t"), []byte("  "))...)
	}),
	"other spacing": eachLine(func(text []byte, _ *rand.Rand) []byte {
		return bytes.ReplaceAll(bytes.ReplaceAll(text, []byte("( "), []byte("(")), []byte(" )"), []byte(")"))
	}),
	"a line in four rewritten": eachLine(func(text []byte, random *rand.Rand) []byte {
		if random.IntN(4) == 0 {
			return append([]byte("rewritten "), text...)
		}
		return text
	}),
	"half of it": func(files []mailbox.FileChange, _ *rand.Rand) []mailbox.FileChange {
		lines := 0
		return mapLines(files, func(l mailbox.Line) (mailbox.Line, bool) { lines++; return l, lines%2 == 0 })
	},
	"files renamed": func(files []mailbox.FileChange, _ *rand.Rand) []mailbox.FileChange {
		files = slices.Clone(files)
		for i := range files {
			files[i].NewPath += ".new"
		}
		return files
	},
}

func eachLine(change func([]byte, *rand.Rand) []byte) func([]mailbox.FileChange, *rand.Rand) []mailbox.FileChange {
	return func(files []mailbox.FileChange, random *rand.Rand) []mailbox.FileChange {
		return mapLines(files, func(l mailbox.Line) (mailbox.Line, bool) {
			return mailbox.Line{Op: l.Op, Text: change(l.Text, random)}, true
		})
	}
}

func mapLines(files []mailbox.FileChange, change func(mailbox.Line) (mailbox.Line, bool)) []mailbox.FileChange {
	files = slices.Clone(files)
	for i := range files {
		files[i].Hunks = slices.Clone(files[i].Hunks)
		for j, h := range files[i].Hunks {
			var lines []mailbox.Line
			for _, l := range h.Lines {
				if l, keep := change(l); keep {
					lines = append(lines, l)
				}
			}
			files[i].Hunks[j].Lines = lines
		}
	}
	return files
}

// TestGuardRates measures how often a disguised fix is known again, and how often a commit
// is taken for one that has nothing to do with it. The figures are in docs/DECISIONS.md.
func TestGuardRates(t *testing.T) {
	if *guardRepo == "" {
		t.Skip("a measurement: -guardrepo REPO")
	}
	g, err := FindGit([]string{"PATH=/usr/bin:/bin", "HOME=" + t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	repo, err := filepath.Abs(*guardRepo)
	if err != nil {
		t.Fatal(err)
	}
	source, err := OpenOutgoing(t.Context(), g, repo)
	if err != nil {
		t.Fatal(err)
	}
	scratch, err := source.Outgoing(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	w := NewWorkbench(scratch, EngineOwn)
	defer w.Close()
	out, err := g.Run(t.Context(), Cmd{GitDir: source.GitDir, Args: []string{"rev-list", "--no-merges", "--min-parents=1", "HEAD"}})
	if err != nil {
		t.Fatal(err)
	}
	commits := strings.Fields(string(out))
	random := rand.New(rand.NewPCG(1, 2))
	random.Shuffle(len(commits), func(i, j int) { commits[i], commits[j] = commits[j], commits[i] })

	type fix struct {
		changes []TreeChange
		id      merge3.ID
	}
	var fixes []fix
	var secrets []fingerprint.Secret
	for len(fixes) < *guardPatches {
		id := merge3.ID(commits[0])
		commits = commits[1:]
		seen := fingerprint.Seen{}
		if err := w.secretCommit(t.Context(), seen, id); err != nil {
			t.Fatal(err)
		}
		changes, err := w.changes(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if code := slices.ContainsFunc(changes, func(c TreeChange) bool { return strings.HasSuffix(c.Path, *guardCode) }); !code || len(changes) > 10 {
			continue // a fix is a small change of the program
		}
		s := fingerprint.Secret{Name: string(id)}
		for m := range seen {
			s.Marks = append(s.Marks, m)
		}
		fixes, secrets = append(fixes, fix{changes, id}), append(secrets, s)
	}
	set, err := fingerprint.New(t.Context(), [16]byte{}, secrets)
	if err != nil {
		t.Fatal(err)
	}
	known := func(seen Seen) []fingerprint.Finding {
		t.Helper()
		hits, err := set.Hits(t.Context(), seen.Seen)
		if err == nil {
			hits, err = w.WithoutPublic(t.Context(), seen, hits)
		}
		if err != nil {
			t.Fatal(err)
		}
		return set.Judge(hits)
	}

	for name, disguise := range disguises {
		n := 0
		for _, f := range fixes {
			var files []mailbox.FileChange
			for _, c := range f.changes {
				file, err := w.guardChange(t.Context(), movedFile{TreeChange: c})
				if err != nil {
					t.Fatal(err)
				}
				files = append(files, file)
			}
			seen := Seen{Seen: fingerprint.Seen{}}
			seen.Change(disguise(files, random), true, fingerprint.Place{})
			if slices.ContainsFunc(known(seen), func(k fingerprint.Finding) bool { return k.Name == string(f.id) }) {
				n++
			}
		}
		t.Logf("%-26s %d of %d known again", name, n, len(fixes))
	}
	wrong, looked := 0, 0
	for _, id := range commits[:min(*guardOthers, len(commits))] {
		parent, err := w.ReadCommit(t.Context(), merge3.ID(id))
		if err != nil {
			continue // of a shape that nobody writes today
		}
		seen, err := w.See(t.Context(), Outgoing{Tips: []merge3.ID{merge3.ID(id)}, Have: parent.Parents})
		if err != nil {
			t.Fatal(err)
		}
		looked++
		for _, k := range known(seen) {
			wrong++
			t.Logf("%.10s seems to have %.10s: %s", id, k.Name, k.Words())
		}
	}
	t.Logf("false alarms: %d of %d commits", wrong, looked)
}
