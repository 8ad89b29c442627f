package gitops

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/git-carry/git-carry/gitops/gittest"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
	"github.com/git-carry/git-carry/patchset/radar"
)

const radarScript = `git init
git add profile.php user.php
git commit -m base
git tag base
cp fixed.php profile.php
git commit -a -m fix
git tag fix
git checkout -q -b upstream base
`

const radarFiles = `
-- profile.php --
<?php
class Profile {
	public function show( $user ) {
		$name = $user->getName();
		$this->out->addHTML( '<b>' . $name . '</b>' );
		$this->out->addFooter( $user );
	}
}
-- fixed.php --
<?php
class Profile {
	public function show( $user ) {
		$name = $user->getName();
		$this->out->addText( $name );
		$this->out->addFooter( $user );
	}
}
-- user.php --
<?php
require 'profile.php';
-- card.txt --
<?php
require 'card.php';
-- other.php --
<?php
class Other {
}
`

// carryFix carries the commit fix onto upstream, and looks at it as a train does.
func carryFix(t *testing.T, script string) (*Workbench, []radar.Finding) {
	t.Helper()
	r := gittest.Load(t, radarScript+script+radarFiles)
	w := NewWorkbench(testScratch(t, r), EngineOwn)
	out, err := patchset.CarryStack(t.Context(), w, idOf(r, "HEAD"), []patchset.Item{{Patch: "T1", CarryID: "x", Source: idOf(r, "fix")}}, time.Unix(1_800_000_000, 0))
	if err != nil {
		t.Fatal(err)
	}
	in := out[0].Incarnation
	if !in.State.InStack() {
		t.Fatalf("T1 is %s", in.State)
	}
	found, err := w.Around(t.Context(), idOf(r, "fix"), in.Commit)
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.Again(t.Context(), in.Commit, []patchset.StackFix{{Patch: "T1", Carried: in.Commit, Seen: patchset.Seen{Commit: idOf(r, "fix")}}})
	if err != nil {
		t.Fatal(err)
	}
	return w, append(found, again[0]...)
}

func TestRadarReadsWhatChanged(t *testing.T) {
	copies := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "cp profile.php copy%d.php\ngit add copy%d.php\n", i, i)
		}
		return b.String() + "git commit -m copies\n"
	}
	for name, tt := range map[string]struct {
		script string
		want   []string
	}{
		"nothing": {"git add other.php\ngit commit -m other\n", nil},
		"a rename, and who calls it follows": {
			"git mv profile.php card.php\ncp card.txt user.php\ngit commit -a -m rename\n", nil,
		},
		"a rename, and nobody calls it": {
			"git mv profile.php card.php\ncp other.php user.php\ngit commit -a -m rename\n", []string{"path card.php:0"},
		},
		"copies":                              {copies(2), []string{"elsewhere copy0.php:5", "elsewhere copy1.php:5"}},
		"more copies than anybody would make": {copies(9), nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, found := carryFix(t, tt.script)
			var got []string
			for _, f := range found {
				got = append(got, fmt.Sprintf("%s %s:%d", f.Kind, f.Path, f.Line))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("found %q, want %q", got, tt.want)
			}
		})
	}
}

func TestRadarNamesTheBringer(t *testing.T) {
	r := gittest.Load(t, radarScript+"cp profile.php c.php\ngit add c.php\ngit commit -m copy\ngit tag copy\ncp fixed.php c.php\ngit commit -a -m more\n"+radarFiles)
	w := NewWorkbench(testScratch(t, r), EngineOwn)
	f := radar.Finding{Path: "c.php", Lines: []string{"$name=$user->getName();"}}
	if got, err := w.Bringer(t.Context(), idOf(r, "base"), idOf(r, "HEAD"), f); err != nil || got != idOf(r, "copy") {
		t.Errorf("brought by %s (%v), want %s", got, err, idOf(r, "copy"))
	}
}

// TestUnsearchedIsCounted: what is too large is left out, and that is said.
func TestUnsearchedIsCounted(t *testing.T) {
	r := gittest.Load(t, radarScript+radarFiles)
	big := append([]byte("<?php\n"), bytes.Repeat([]byte("// much\n"), maxLooked/8)...)
	if err := os.WriteFile(filepath.Join(r.Dir, "big.php"), big, 0o600); err != nil {
		t.Fatal(err)
	}
	r.Run("git add big.php\ngit commit -m big\n")
	w := NewWorkbench(testScratch(t, r), EngineOwn)
	_, err := w.Again(t.Context(), idOf(r, "HEAD"), []patchset.StackFix{{
		Patch: "T1", Carried: idOf(r, "fix"), Seen: patchset.Seen{Commit: idOf(r, "fix"), Base: idOf(r, "base")},
	}})
	if err != nil || w.Unsearched() != 1 {
		t.Errorf("%d not searched (%v), want 1", w.Unsearched(), err)
	}
}

// TestFunctionsAsGitNamesThem: for each hunk of a diff, git's own header names the function
// that we find.
func TestFunctionsAsGitNamesThem(t *testing.T) {
	r := gittest.Load(t, `git init
git add .gitattributes a.php a.py a.c a.go a.rb
git commit -m one
-- .gitattributes --
*.php diff=php
*.py diff=python
*.c diff=cpp
*.go diff=golang
*.rb diff=ruby
-- a.php --
<?php
class A {
	private static function first( $a ) {
		foreach ( $a as $b ) {
			change( $b );
		}
	}

	final public function second() {
		if ( $this->x ) {
			change();
		}
	}
}
-- a.py --
class A:
    def first(self):
        for x in y:
            change(x)

    async def second(self):
        return [
            change,
        ]
-- a.c --
static void
first(int a)
{
	if (a)
		change(a);
}

struct x *second(void)
{
	for (;;) {
		change(1);
	}
}
-- a.go --
package a

func first() {
	go func() {
		change()
	}()
}

func (a *A) second() int {
	return change
}
-- a.rb --
class A
  def first
    x.each do |y|
      change(y)
    end
  end

  def second!
    change
  end
end
`)
	header := regexp.MustCompile(`^@@ -(\d+)(?:,\d+)? \+\S+ @@ (.*)$`)
	for _, name := range []string{"a.php", "a.py", "a.c", "a.go", "a.rb"} {
		path := filepath.Join(r.Dir, name)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, bytes.ReplaceAll(data, []byte("change"), []byte("other")), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("git", "-C", r.Dir, "diff", "-U0", "--no-color", "--no-ext-diff", "--", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		hunks := 0
		for line := range strings.Lines(string(out)) {
			m := header.FindStringSubmatch(strings.TrimRight(line, "\n"))
			if m == nil {
				continue
			}
			hunks++
			n, _ := strconv.Atoi(m[1])
			got, _, ok := radar.FunctionAround(name, data, n)
			if !ok || !strings.Contains(m[2], got) {
				t.Errorf("%s:%d: %q, git says %q", name, n, got, m[2])
			}
		}
		if hunks != 2 {
			t.Errorf("%s: %d hunks", name, hunks)
		}
	}
}

// BenchmarkSearchChanged searches 100,000 changed files, 3 kB each, in one pack without
// deltas, for the vulnerable text of 40 patches.
func BenchmarkSearchChanged(b *testing.B) {
	const files = 100_000
	r := gittest.Load(b, radarScript+radarFiles)
	var stream bytes.Buffer
	fmt.Fprintf(&stream, "commit refs/heads/many\ncommitter A <a@example.org> 1700000000 +0000\ndata 4\nmany\nfrom %s\n", r.ID("base"))
	for i := range files {
		var text strings.Builder
		text.WriteString("<?php\n")
		for line := range 60 {
			fmt.Fprintf(&text, "\t\t$this->value%d = $other->get( %d, 'word%d' );\n", i*line%977, line, (i+line)%3571)
		}
		fmt.Fprintf(&stream, "M 100644 inline dir%d/file%d.php\ndata %d\n%s\n", i%300, i, text.Len(), text.String())
	}
	load := exec.Command("git", "-C", r.Dir, "fast-import", "--quiet", "--depth=0")
	load.Stdin = &stream
	if out, err := load.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	fixes := make([]patchset.StackFix, 40)
	for i := range fixes {
		fixes[i] = patchset.StackFix{Patch: fmt.Sprint("T", i), Carried: idOf(r, "fix"), Seen: patchset.Seen{Commit: idOf(r, "fix"), Base: idOf(r, "base")}}
	}
	tip := merge3.ID(r.ID("many"))
	for b.Loop() {
		w := NewWorkbench(testScratch(b, r), EngineOwn)
		if _, err := w.Again(b.Context(), tip, fixes); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(files), "files")
}
