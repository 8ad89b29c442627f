package merge3

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// triple is the input of a merge of texts.
type triple struct{ base, upstream, patch []byte }

// oracle is an installed git, asked to merge many files at once.
type oracle struct {
	git    string
	rediff bool   // this git compares shifted groups anew
	dir    string // its bare repository
	t      testing.TB
}

// gitBinary finds the git to ask: the one that the environment variable names,
// or the one on PATH for "".
func gitBinary(t testing.TB, variable string) string {
	t.Helper()
	name := "git"
	if variable != "" {
		if name = os.Getenv(variable); name == "" {
			t.Skipf("%s names no git to ask", variable)
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("no git to ask: %v", err)
	}
	return path
}

func newOracle(t testing.TB, git string) *oracle {
	t.Helper()
	o := &oracle{git: git, t: t, dir: filepath.Join(t.TempDir(), "oracle.git")}
	out, err := exec.Command(git, "version").Output()
	if err != nil {
		t.Skipf("%s does not run: %v", git, err)
	}
	var major, minor int
	if _, err := fmt.Sscanf(string(out), "git version %d.%d", &major, &minor); err != nil {
		t.Fatalf("%q: %v", out, err)
	}
	if major == 2 && minor < 38 {
		t.Skipf("git %d.%d has no merge-tree --write-tree", major, minor)
	}
	o.rediff = major > 2 || minor >= 54
	o.run(nil, "init", "--quiet", "--bare", o.dir)
	return o
}

// run runs git on some input, free of the user's configuration. That a merge
// has conflicts is no failure.
func (o *oracle) run(stdin []byte, args ...string) []byte {
	o.t.Helper()
	cmd := exec.Command(o.git, args...)
	cmd.Env = append(os.Environ(), "GIT_DIR="+o.dir, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "HOME="+o.dir, "LC_ALL=C")
	cmd.Stdin = bytes.NewReader(stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil && !(args[0] == "-c" && cmd.ProcessState.ExitCode() == 1) {
		o.t.Fatalf("git %v: %v\n%s", args, err, &stderr)
	}
	return out
}

// labels are those that the oracle's merges have, but for the base's.
var oracleLabels = MarkerLabels{Upstream: "upstream", Patch: "patch"}

// merge merges all the triples, as files of one commit. The label of the base
// is that commit's id.
func (o *oracle) merge(style Style, triples []triple) (merged [][]byte, labels MarkerLabels) {
	o.t.Helper()
	var in bytes.Buffer
	commit := func(branch string, from int, side func(triple) []byte) {
		fmt.Fprintf(&in, "commit refs/heads/%s\nmark :%d\ncommitter a <a@b> 1700000000 +0000\ndata 0\n", branch, from+1)
		if from > 0 {
			fmt.Fprintf(&in, "from :1\n")
		}
		for i, t := range triples {
			fmt.Fprintf(&in, "M 100644 inline f%06d\ndata %d\n%s\n", i, len(side(t)), side(t))
		}
	}
	in.WriteString("reset refs/heads/base\nreset refs/heads/upstream\nreset refs/heads/patch\n")
	commit("base", 0, func(t triple) []byte { return t.base })
	commit("upstream", 1, func(t triple) []byte { return t.upstream })
	in.WriteString("reset refs/heads/patch\nfrom :1\n")
	commit("patch", 1, func(t triple) []byte { return t.patch })
	o.run(in.Bytes(), "fast-import", "--quiet", "--force")
	labels = oracleLabels
	labels.Base = strings.TrimSpace(string(o.run(nil, "rev-parse", "refs/heads/base")))
	name := map[Style]string{StyleMerge: "merge", StyleDiff3: "diff3", StyleZdiff3: "zdiff3"}[style]
	out := o.run(nil, "-c", "merge.conflictStyle="+name, "-c", "core.abbrev=no", "merge-tree", "--write-tree", "upstream", "patch")
	tree, _, _ := strings.Cut(string(out), "\n")
	return o.files(tree, len(triples)), labels
}

// files reads the files of a tree that merge wrote.
func (o *oracle) files(tree string, n int) [][]byte {
	var names bytes.Buffer
	for i := range n {
		fmt.Fprintf(&names, "%s:f%06d\n", tree, i)
	}
	in := bufio.NewReader(bytes.NewReader(o.run(names.Bytes(), "cat-file", "--batch")))
	files := make([][]byte, n)
	for i := range files {
		head, err := in.ReadString('\n')
		fields := strings.Fields(head)
		if err != nil || len(fields) != 3 {
			o.t.Fatalf("cat-file says %q: %v", head, err)
		}
		size, _ := strconv.Atoi(fields[2])
		files[i] = make([]byte, size)
		if _, err := io.ReadFull(in, files[i]); err != nil {
			o.t.Fatal(err)
		}
		_, _ = in.Discard(1)
	}
	return files
}

// check merges triples both ways and reports the first few that differ.
func (o *oracle) check(style Style, triples []triple) (conflicts int) {
	o.t.Helper()
	want, labels := o.merge(style, triples)
	wrong := 0
	for i, in := range triples {
		got := Text(in.base, in.upstream, in.patch, TextOptions{Style: style, Labels: labels, RediffShifted: o.rediff})
		if !got.Clean() {
			conflicts++
		}
		if bytes.Equal(got.Bytes(), want[i]) {
			continue
		}
		if wrong++; wrong <= 3 {
			o.t.Errorf("style %d: merge of\n%q\n%q\n%q\n gives %q\ngit says %q", style, in.base, in.upstream, in.patch, got.Bytes(), want[i])
		}
	}
	if wrong > 0 {
		o.t.Errorf("style %d: %d of %d merges differ", style, wrong, len(triples))
	}
	return conflicts
}

// randomTriple makes up a text and two edits of it. The kinds of lines, the
// number of edits and the line ends differ from one to the next.
func randomTriple(r *rand.Rand, maxLines int) triple {
	kinds := []int{1, 2, 3, 5, 20, 1000}[r.IntN(6)]
	edits := 1 + r.IntN(2+maxLines/8)
	e := editor{r: r, kinds: kinds, ends: []string{"\n", "\n", "\n", "\r\n", "mixed"}[r.IntN(5)]}
	base := e.lines(r.IntN(maxLines + 1))
	up, pa := e.edit(base, edits), e.edit(base, edits)
	if r.IntN(4) == 0 { // both sides share some edits
		base, up, pa = e.edit(base, edits), e.edit(up, 1), e.edit(pa, 1)
	}
	return triple{e.text(base), e.text(up), e.text(pa)}
}

type editor struct {
	r     *rand.Rand
	kinds int
	ends  string
}

func (e editor) line() string {
	end := e.ends
	if end == "mixed" {
		end = []string{"\n", "\r\n"}[e.r.IntN(2)]
	}
	return "line " + strconv.Itoa(e.r.IntN(e.kinds)) + end
}

func (e editor) lines(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = e.line()
	}
	return out
}

// edit makes n random edits: inserts, deletes, replaces, copies and moves runs.
func (e editor) edit(lines []string, n int) []string {
	out := append([]string(nil), lines...)
	for range n {
		lo := e.r.IntN(len(out) + 1)
		hi := min(len(out), lo+e.r.IntN(6))
		run := append([]string(nil), out[lo:hi]...)
		switch e.r.IntN(5) {
		case 0:
			run = append(run, e.lines(e.r.IntN(4))...)
		case 1:
			run = nil
		case 2:
			run = append(run, run...)
		case 3:
			run = e.lines(len(run))
		default:
			rest := append(out[:lo:lo], out[hi:]...)
			to := e.r.IntN(len(rest) + 1)
			out = append(append(rest[:to:to], run...), rest[to:]...)
			continue
		}
		out = append(append(out[:lo:lo], run...), out[hi:]...)
	}
	return out
}

// text joins lines, sometimes without the last line break.
func (e editor) text(lines []string) []byte {
	text := strings.Join(lines, "")
	if e.r.IntN(6) == 0 {
		text = strings.TrimRight(text, "\r\n")
	}
	return []byte(text)
}
