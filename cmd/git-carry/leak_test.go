package main

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

var (
	leakWorlds = flag.Uint64("leakworlds", 22, "histories in which something may leak")
	leakSeed   = flag.Uint64("leakseed", 1, "seed of them")
	leakPushes = flag.Int("leakpushes", 1, "pushes in each, and as many checks")
)

// The guard stops a push exactly when it would bring something embargoed to where it goes,
// in whatever form; and the same goes for `guard check`. What it would bring is found out by
// the same push without a guard: so each has its control, and no list of what is
// secret has to be right. make leaks plays 500 histories.
func TestGuardStopsWhatLeaksAndNothingElse(t *testing.T) {
	seen := &leakTally{leaks: map[string]int{}, clean: map[string]int{}}
	t.Run("worlds", func(t *testing.T) {
		for n := range *leakWorlds {
			t.Run(fmt.Sprint(n), func(t *testing.T) {
				t.Parallel()
				w := newLeakWorld(t, *leakSeed, n)
				for i := range *leakPushes {
					w.push(seen, int(n)**leakPushes+i)
					w.check(seen)
				}
			})
		}
	})
	seen.mustBeBoth(t)
}

// leakTally counts what came up, so that a test in which nothing ever leaks fails.
type leakTally struct {
	mu           sync.Mutex
	leaks, clean map[string]int
}

func (s *leakTally) add(form string, leaks bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if leaks {
		s.leaks[form]++
		return
	}
	s.clean[form]++
}

func (s *leakTally) mustBeBoth(t *testing.T) {
	sum := func(m map[string]int) (n int) {
		for _, k := range m {
			n += k
		}
		return n
	}
	if sum(s.leaks) < 10 || sum(s.clean) < 10 {
		t.Errorf("this proves little: %d would leak, %d would not", sum(s.leaks), sum(s.clean))
	}
	all := maps.Clone(s.clean)
	maps.Copy(all, s.leaks)
	for _, form := range slices.Sorted(maps.Keys(all)) {
		t.Logf("%-16s %4d would leak, %4d would not", form, s.leaks[form], s.clean[form])
	}
}

// leakForm is one way to push: the arguments of git, in which "dest" is the place.
type leakForm struct {
	name string
	args func(w *leakWorld) []string
}

func words(args ...string) func(*leakWorld) []string {
	return func(*leakWorld) []string { return args }
}

// someRef gives a ref of the checkout, of either kind.
func (w *leakWorld) someRef() string {
	if w.random.IntN(2) == 0 {
		return pick(w, w.clean)
	}
	return pick(w, w.dirty)
}

func (w *leakWorld) someBranch() string { return w.someBelow("refs/heads/") }

func (w *leakWorld) someBelow(prefix string) string {
	for {
		if ref := w.someRef(); strings.HasPrefix(ref, prefix) {
			return ref
		}
	}
}

var leakForms = []leakForm{
	{"branch", func(w *leakWorld) []string { return []string{"push", "dest", w.someBranch()} }},
	{"renamed", func(w *leakWorld) []string { return []string{"push", "dest", w.someBranch() + ":refs/heads/topic"} }},
	{"force", func(w *leakWorld) []string {
		return []string{"push", "--force", "dest", w.someBranch() + ":refs/heads/main"}
	}},
	{"plus", func(w *leakWorld) []string {
		return []string{"push", "dest", "+" + w.someBranch() + ":refs/heads/main"}
	}},
	{"lease", func(w *leakWorld) []string {
		return []string{"push", "--force-with-lease=main:" + w.public[len(w.public)-1].ref, "dest", w.someBranch() + ":main"}
	}},
	{"id", func(w *leakWorld) []string {
		return []string{"push", "dest", w.must("work", "git", "rev-parse", w.someBranch()) + ":refs/heads/topic"}
	}},
	{"below", func(w *leakWorld) []string { return []string{"push", "dest", w.someBranch() + "~:refs/heads/topic"} }},
	{"tag", func(w *leakWorld) []string { return []string{"push", "dest", w.someBelow("refs/tags/")} }},
	{"moved tag", func(w *leakWorld) []string {
		return []string{"push", "dest", w.someBelow("refs/tags/") + ":refs/x/tag"}
	}},
	{"note", func(w *leakWorld) []string { return []string{"push", "dest", w.someBelow("refs/notes/")} }},
	{"several", func(w *leakWorld) []string {
		return []string{"push", "--atomic", "dest", w.someRef() + ":refs/x/1", w.someRef() + ":refs/x/2", w.someRef() + ":refs/x/3"}
	}},
	{"follow", func(w *leakWorld) []string {
		return []string{"push", "--follow-tags", "dest", w.someBranch() + ":refs/heads/topic"}
	}},
	{"matching", words("-c", "push.default=matching", "push", "--force", "dest")},
	{"configured", func(w *leakWorld) []string {
		return []string{"-c", "remote.dest.push=" + w.someBranch() + ":refs/heads/other", "push", "dest"}
	}},
	{"all", words("push", "--force", "--all", "dest")},
	{"tags", words("push", "--tags", "dest")},
	{"notes", func(w *leakWorld) []string { return []string{"push", "dest", "refs/notes/*:refs/notes/*"} }},
	{"replace", words("push", "dest", "refs/replace/*:refs/replace/*")},
	{"everything", words("push", "--force", "dest", "refs/*:refs/*")},
	{"mirror", words("push", "--mirror", "dest")},
	{"mirrored", words("-c", "remote.dest.mirror=true", "push", "dest")},
	{"delete", words("push", "dest", ":refs/heads/p0")},
}

// push plays one form of push from one of the checkouts, three times: without a guard, past
// the hook of the checkout, and past that of a server. number decides which form.
func (w *leakWorld) push(seen *leakTally, number int) {
	w.t.Helper()
	form, from := leakForms[number%len(leakForms)], "work"
	args := form.args(w)
	if slices.ContainsFunc([]string{"matching", "all", "tags", "everything", "mirror", "mirrored"}, func(n string) bool { return n == form.name }) &&
		w.random.IntN(2) == 0 {
		from = "tidy" // else these would always leak
	}
	leaks := w.arrives(from, "public.git", append(slices.Clone(args), "--no-verify"))
	seen.add(form.name, leaks)
	what := fmt.Sprintf("%s: git %s in %s", form.name, strings.Join(args, " "), from)
	for _, g := range []struct {
		guard, template string
		args            []string
	}{{"the checkout's hook", "public.git", args}, {"the server's hook", "server.git", append(slices.Clone(args), "--no-verify")}} {
		got := w.arrives(from, g.template, g.args)
		refused := strings.Contains(w.said, "REFUSED")
		switch {
		case got:
			w.t.Errorf("%s: %s let a canary through", what, g.guard)
		case refused && !leaks:
			w.t.Errorf("%s: %s refused what is clean\n%s", what, g.guard, w.said)
		case !refused && leaks:
			w.t.Errorf("%s: %s said nothing\n%s", what, g.guard, w.said)
		}
	}
}

// arrives pushes to a copy of template, and tells whether something embargoed is there then.
func (w *leakWorld) arrives(from, template string, args []string) bool {
	w.t.Helper()
	w.copy(template, "dest.git")
	w.said, _ = w.try(from, "", append([]string{"git", "-c", "remote.dest.url=" + filepath.Join(w.dir, "dest.git")}, args...)...)
	return w.has(w.must("dest.git", "git", "cat-file", "--batch-all-objects", "--batch", "--buffer"))
}

func (w *leakWorld) has(text string) bool {
	return slices.ContainsFunc(w.canaries, func(c string) bool { return strings.Contains(text, c) })
}

// check asks about a branch of the checkout in the four forms that guard check takes.
func (w *leakWorld) check(seen *leakTally) {
	w.t.Helper()
	branch := w.someBranch()
	above := "origin/main.." + branch
	if text := w.must("work", "git", "--no-replace-objects", "log", "-p", "-m", above); text != "" {
		w.asked(seen, "range", w.has(text), "--repo", "work", above)
		w.must("work", "git", "bundle", "create", "-q", "../all.bundle", above)
		w.asked(seen, "bundle", w.has(text), "--repo", "work", "all.bundle")
	}
	if mails := w.must("work", "git", "--no-replace-objects", "format-patch", "--stdout", above); mails != "" {
		w.write("mails", mails)
		w.asked(seen, "patch file", w.has(mails), "mails")
	}
	w.must(".", "rm", "-rf", "tree")
	w.must(".", "mkdir", "tree")
	w.must("work", "git", "--no-replace-objects", "archive", "--output=../tree.tar", branch)
	w.must("tree", "tar", "xf", "../tree.tar")
	w.asked(seen, "directory", w.has(w.must("tree", "grep", "-r", "", ".")), "tree")
}

func (w *leakWorld) write(name, text string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func (w *leakWorld) asked(seen *leakTally, form string, leaks bool, args ...string) {
	w.t.Helper()
	seen.add("check "+form, leaks)
	said, clean := w.try(".", "", append([]string{"git", "carry", "guard", "check"}, args...)...)
	if clean == leaks || !clean && !strings.Contains(said, "REFUSED") {
		w.t.Errorf("guard check of %s (%v), in which something embargoed is: %v, says\n%s", form, args, leaks, said)
	}
}
