package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// leakWorld is a public repository with a history left to chance, a vault with embargoed
// patches for it, and the checkout of a developer who has both, and forms of the patches
// that have other ids. Every embargoed line has a canary in it.
type leakWorld struct {
	t        *testing.T
	random   *rand.Rand
	dir      string
	canaries []string // of patches that are embargoed

	patches []leakPatch
	public  []leakCommit // with a branch each, in the order in which they were made
	stream  strings.Builder
	marks   int
	marked  map[string]string // the marks of refs that the stream has written
	clean   []string          // refs of the checkout that have nothing of the patches
	dirty   []string          // and those that may have
	said    string            // by the last push
}

// leakCommit is a commit that can be built on.
type leakCommit struct {
	ref   string
	files map[string]string
}

// leakPatch puts lines behind one line of one file.
type leakPatch struct {
	file, behind string
	lines        []string
	commit       leakCommit
}

func newLeakWorld(t *testing.T, seed, number uint64) *leakWorld {
	t.Helper()
	w := &leakWorld{t: t, random: rand.New(rand.NewPCG(seed, number)), dir: t.TempDir(), marked: map[string]string{}}
	if err := os.WriteFile(filepath.Join(w.dir, ".gitconfig"), []byte("[init]\n\tdefaultBranch = main\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.makePublic()
	w.makeSecrets()
	w.makeDisguises()
	w.makeOtherRefs()
	w.makeGuards()
	return w
}

// try runs a command in the world and tells whether it ended well.
func (w *leakWorld) try(dir, stdin string, args ...string) (string, bool) {
	w.t.Helper()
	c := exec.Command(args[0], args[1:]...)
	c.Dir = filepath.Join(w.dir, dir)
	c.Stdin = strings.NewReader(stdin)
	c.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + w.dir, "TMPDIR=" + w.dir, "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C", "TZ=UTC",
		"GIT_AUTHOR_NAME=Priya", "GIT_AUTHOR_EMAIL=priya@example.org", "GIT_AUTHOR_DATE=2026-11-01T12:00:00Z",
		"GIT_COMMITTER_NAME=Priya", "GIT_COMMITTER_EMAIL=priya@example.org", "GIT_COMMITTER_DATE=2026-11-01T12:00:00Z",
		"GIT_CARRY_NOW=2026-11-22T09:00:00Z", "GIT_CARRY_VAULT=" + filepath.Join(w.dir, "vault"), "GORACE=atexit_sleep_ms=0",
	}
	out, err := c.CombinedOutput()
	return string(out), err == nil
}

func (w *leakWorld) must(dir string, args ...string) string {
	w.t.Helper()
	out, ok := w.try(dir, "", args...)
	if !ok {
		w.t.Fatalf("%s: %s", strings.Join(args, " "), out)
	}
	return strings.TrimSpace(out)
}

// pick gives one of a list.
func pick[T any](w *leakWorld, list []T) T { return list[w.random.IntN(len(list))] }

// commit writes a commit for git fast-import onto the first parent, and merges the others.
func (w *leakWorld) commit(ref, message string, files map[string]string, parents ...string) leakCommit {
	w.marks++
	fmt.Fprintf(&w.stream, "commit %s\nmark :%d\ncommitter Priya <priya@example.org> %d +0000\ndata %d\n%s\n",
		ref, w.marks, 1_700_000_000+w.marks*60, len(message), message)
	for i, p := range parents {
		at, ok := w.marked[p]
		if !ok {
			at = p + "^0" // there before this stream
		}
		fmt.Fprintf(&w.stream, "%s %s\n", [...]string{"from", "merge"}[min(i, 1)], at)
	}
	w.marked[ref] = fmt.Sprintf(":%d", w.marks)
	w.stream.WriteString("deleteall\n")
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(&w.stream, "M 100644 inline %s\ndata %d\n%s\n", name, len(files[name]), files[name])
	}
	w.stream.WriteByte('\n')
	return leakCommit{ref, files}
}

func (w *leakWorld) fastImport(dir string) {
	w.t.Helper()
	if out, ok := w.try(dir, w.stream.String(), "git", "fast-import", "--quiet", "--force"); !ok {
		w.t.Fatal(out)
	}
	w.stream.Reset()
	clear(w.marked)
}

// The files have lines that say where they stand. Public commits change the first ones,
// patches put theirs behind others.
const (
	leakFiles  = 4
	leakLines  = 40
	publicTill = 6
)

// work does what somebody does every day: it changes one of the first lines of a file, or adds a file.
func (w *leakWorld) work(files map[string]string) map[string]string {
	files = maps.Clone(files)
	if w.random.IntN(4) == 0 {
		files[fmt.Sprintf("new%d.c", w.random.IntN(1000))] = fmt.Sprintf("int entry_point_%d(struct session *session);\n", w.random.Uint32())
		return files
	}
	name := fmt.Sprintf("f%d.c", w.random.IntN(leakFiles))
	lines := strings.Split(files[name], "\n")
	lines[w.random.IntN(publicTill)] = fmt.Sprintf("\tsession->counter_%d = load_statistics(session);", w.random.Uint32())
	files[name] = strings.Join(lines, "\n")
	return files
}

// makePublic makes the public history: branches, and merges among them.
func (w *leakWorld) makePublic() {
	w.must(".", "git", "init", "-q", "--bare", "public.git")
	files := map[string]string{}
	for f := range leakFiles {
		var b strings.Builder
		for i := range leakLines {
			fmt.Fprintf(&b, "\tresult_%d_%d = call_function_%d(session);\n", f, i, i)
		}
		files[fmt.Sprintf("f%d.c", f)] = b.String()
	}
	w.public = append(w.public, w.commit("refs/heads/p0", "first", files))
	for i := range 3 + w.random.IntN(12) {
		from := pick(w, w.public)
		parents := []string{from.ref}
		if other := pick(w, w.public); w.random.IntN(4) == 0 && other.ref != from.ref {
			parents = append(parents, other.ref)
		}
		w.public = append(w.public, w.commit(fmt.Sprintf("refs/heads/p%d", i+1), fmt.Sprintf("public %d", i), w.work(from.files), parents...))
	}
	w.fastImport("public.git")
	w.must("public.git", "git", "update-ref", "refs/heads/main", w.public[len(w.public)-1].ref)
	w.must("public.git", "git", "update-ref", "refs/heads/wmf/1.0", pick(w, w.public).ref)
	w.must(".", "git", "clone", "-q", "public.git", "work")
	for i := range w.public {
		name := strings.TrimPrefix(w.public[i].ref, "refs/heads/")
		w.public[i].ref = "refs/remotes/origin/" + name
	}
}

// makeSecrets writes the patches, some of them on others, and puts them into the vault.
func (w *leakWorld) makeSecrets() {
	for k := range 1 + w.random.IntN(4) {
		f := w.random.IntN(leakFiles)
		canary := fmt.Sprintf("canary%016x", w.random.Uint64())
		w.canaries = append(w.canaries, canary)
		at := publicTill + 6 + 6*k
		p := leakPatch{file: fmt.Sprintf("f%d.c", f), behind: fmt.Sprintf("\tresult_%d_%d = call_function_%d(session);\n", f, at, at)}
		for i := range 3 + w.random.IntN(3) {
			p.lines = append(p.lines, fmt.Sprintf("\tif (!check_token_%d_%d(session, \"%s\"))\n\t\treturn refuse_session(session, %d, \"%s\");\n", k, i, canary, w.random.Uint32(), canary))
		}
		on := pick(w, w.public)
		if k > 0 && w.random.IntN(2) == 0 {
			on = pick(w, w.patches).commit
		}
		p.commit = w.commit(fmt.Sprintf("refs/heads/secret%d", k), fmt.Sprintf("SECURITY: fix %d", k), p.put(on.files, plain), on.ref)
		w.dirty = append(w.dirty, p.commit.ref)
		w.patches = append(w.patches, p)
	}
	w.fastImport("work")
	w.must(".", "git", "carry", "init", "-q", "vault", "--component", "core=public.git")
	w.must(".", "git", "carry", "owner", "add", "priya", "--name", "Priya", "--email", "priya@example.org")
	for k, p := range w.patches {
		w.must(".", "git", "carry", "add", fmt.Sprintf("T%d", k+1), "--component", "core", "--version", "1.0", "--owner", "priya",
			"--severity", "high", "--repo", "work", "--commit", p.commit.ref)
	}
	w.must("vault", "git", "push", "-q", filepath.Join(w.dir, "work"), "refs/carry/stacks/core/1.0:refs/heads/carried")
	w.dirty = append(w.dirty, "refs/heads/carried")
	for id := range strings.Lines(w.must("work", "git", "log", "--format=%(trailers:key=Carry-Id,valueonly)", "carried", "--not", "--remotes")) {
		if id = strings.TrimSpace(id); id != "" {
			w.canaries = append(w.canaries, id)
		}
	}
	if w.random.IntN(3) == 0 { // given up is not public
		w.must(".", "git", "carry", "drop", "T1", "--reason", "the hole is closed otherwise")
	}
}

// put gives the files with the patch in them, as a disguise writes its lines.
func (p leakPatch) put(files map[string]string, disguise func(string) string) map[string]string {
	files = maps.Clone(files)
	files[p.file] = strings.Replace(files[p.file], p.behind, p.behind+disguise(strings.Join(p.lines, "")), 1)
	return files
}

func plain(lines string) string { return lines }

// makeDisguises writes branches with a patch under other ids, and some without any.
func (w *leakWorld) makeDisguises() {
	dirty := func(name, message string, files map[string]string, parents ...string) {
		w.dirty = append(w.dirty, w.commit("refs/heads/"+name, message, files, parents...).ref)
	}
	p, on := pick(w, w.patches), pick(w, w.public)
	dirty("picked", "SECURITY: fix", p.put(on.files, plain), on.ref)
	p, on = pick(w, w.patches), pick(w, w.public)
	dirty("squashed", "A feature", p.put(w.work(w.work(on.files)), plain), on.ref)
	p, on = pick(w, w.patches), pick(w, w.public)
	dirty("indented", "New style", p.put(on.files, func(s string) string {
		return strings.NewReplacer("\t", "    ", "(session", "( session").Replace(s)
	}), on.ref)
	p, on = pick(w, w.patches), pick(w, w.public)
	half := p
	half.lines = p.lines[:1]
	w.commit("refs/heads/split", "One half", half.put(on.files, plain), on.ref)
	dirty("split", "The other half", w.work(p.put(on.files, plain)), "refs/heads/split")
	p, on = pick(w, w.patches), pick(w, w.public)
	dirty("reverted", "Revert it", on.files, p.commit.ref)
	p, on = pick(w, w.patches), pick(w, w.public)
	dirty("merged", "A merge that takes nothing of it", w.work(on.files), on.ref, p.commit.ref)
	p, on = pick(w, w.patches), pick(w, w.public)
	elsewhere := w.work(on.files)
	elsewhere["copy.c"] = strings.Join(p.lines, "")
	dirty("elsewhere", "Another file", elsewhere, on.ref)
	on = pick(w, w.public)
	dirty("trailer", "Nothing to see\n\nCarry-Id: "+w.canaries[len(w.canaries)-1]+"\n", on.files, on.ref)
	for i := range 3 {
		on := pick(w, w.public)
		c := w.commit(fmt.Sprintf("refs/heads/feature%d", i), "A feature", w.work(on.files), on.ref)
		w.clean = append(w.clean, w.commit(c.ref, "More of it", w.work(c.files), c.ref).ref)
	}
	w.fastImport("work")
}

// makeOtherRefs makes tags, notes, a stash and a replacement, of both kinds.
func (w *leakWorld) makeOtherRefs() {
	secret, feature := pick(w, w.patches).commit.ref, pick(w, w.clean)
	w.must("work", "git", "tag", "-a", "-m", "Release", "tagged", pick(w, w.dirty))
	w.must("work", "git", "tag", "-a", "-m", "Release", "good", feature)
	mail := w.must("work", "git", "format-patch", "-1", "--stdout", secret)
	w.commit("refs/notes/commits", "Notes", map[string]string{strings.Repeat("a", 40): mail})
	w.commit("refs/notes/review", "Notes", map[string]string{strings.Repeat("b", 40): "looks good\n"})
	stashed := pick(w, w.patches)
	w.commit("refs/stash", "WIP", stashed.put(w.public[0].files, plain), w.public[0].ref)
	w.fastImport("work")
	ids := strings.Fields(w.must("work", "git", "rev-parse", secret+"^{tree}", pick(w, w.patches).commit.ref, feature+":f0.c", feature+"^{tree}"))
	blob := w.must("work", "git", "rev-parse", stashed.commit.ref+":"+stashed.file)
	script := fmt.Sprintf("create refs/tags/files %s\ncreate refs/tags/file %s\ncreate refs/replace/%s %s\ncreate refs/tags/goodfile %s\ncreate refs/tags/goodfiles %s\n",
		ids[0], blob, w.must("work", "git", "rev-parse", feature), ids[1], ids[2], ids[3])
	if out, ok := w.try("work", script, "git", "update-ref", "--stdin"); !ok {
		w.t.Fatal(out)
	}
	w.dirty = append(w.dirty, "refs/tags/tagged", "refs/notes/commits", "refs/stash", "refs/tags/files", "refs/tags/file")
	w.clean = append(w.clean, "refs/tags/good", "refs/notes/review", "refs/tags/goodfile", "refs/tags/goodfiles")
}

// makeGuards puts a hook into the checkout, and into the copy of it in which the refs of
// the patches are gone and their objects are not; and into a public server.
func (w *leakWorld) makeGuards() {
	w.must(".", "git", "carry", "guard", "export", "prints")
	install := []string{"git", "carry", "guard", "install", "work"}
	if w.random.IntN(2) == 0 {
		install = append(install, "--fingerprints", "prints")
	}
	w.must(".", install...)
	w.copy("work", "tidy")
	var script strings.Builder
	for _, ref := range append(w.dirty, "refs/heads/main") {
		fmt.Fprintf(&script, "delete %s\n", ref)
	}
	for ref := range strings.Lines(w.must("tidy", "git", "for-each-ref", "--format=%(refname)", "refs/replace")) {
		fmt.Fprintf(&script, "delete %s\n", strings.TrimSpace(ref))
	}
	if out, ok := w.try("tidy", script.String(), "git", "update-ref", "--stdin"); !ok {
		w.t.Fatal(out)
	}
	w.copy("public.git", "server.git")
	w.must(".", "git", "carry", "guard", "install", "--server", "server.git", "--fingerprints", "prints")
}

// copy makes a copy of a repository, in the place of what was there.
func (w *leakWorld) copy(from, to string) {
	w.t.Helper()
	if err := os.RemoveAll(filepath.Join(w.dir, to)); err != nil {
		w.t.Fatal(err)
	}
	w.must(".", "cp", "-a", from, to)
}
