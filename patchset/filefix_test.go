package patchset

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// file is a regular file with these words, a line each.
func file(words string) Form {
	return Form{Mode: "100644", Text: []byte(strings.ReplaceAll(words, " ", "\n") + "\n")}
}

func TestLacks(t *testing.T) {
	old, fixed := file("a b c d e f g"), file("a B c d e F g")
	executable := fixed
	executable.Mode = "100755"
	link := Form{Mode: "120000", Text: []byte("x")}
	binary := Form{Mode: "100644", Text: []byte("x\x00y")}
	for name, tc := range map[string]struct {
		old, fixed, stack, branch Form
		parts                     int
		lacks                     []string // line: words
	}{
		"all there":                 {old, fixed, fixed, fixed, 2, nil},
		"nothing there":             {old, fixed, fixed, old, 2, []string{"2: hunk 1 of 2: not there", "6: hunk 2 of 2: not there"}},
		"one hunk":                  {old, fixed, fixed, file("z a B c d e f g"), 2, []string{"7: hunk 2 of 2: not there"}},
		"elsewhere in the file":     {old, fixed, fixed, file("x y z a B c d e F g"), 2, nil},
		"other lines next to it":    {old, fixed, fixed, file("x B y d e F g"), 2, nil},
		"moved, with its lines":     {file("g h i 1 2 3 4 5 6 7 8 k l m"), file("g h i 1 2 3 4 F 5 6 7 8 k l m"), file("g h i 1 2 3 4 F 5 6 7 8 k l m"), file("g h i k l m 1 2 3 4 F 5 6 7 8"), 1, nil},
		"moved, as it was":          {file("g h i 1 2 3 4 5 6 7 8 k l m"), file("g h i 1 2 3 4 F 5 6 7 8 k l m"), file("g h i 1 2 3 4 F 5 6 7 8 k l m"), file("g h i k l m 1 2 3 4 5 6 7 8"), 1, []string{"11: not there"}},
		"moved, and also as it was": {file("g h i 1 2 3 4 5 6 7 8 k l m"), file("g h i 1 2 3 4 F 5 6 7 8 k l m"), file("g h i 1 2 3 4 F 5 6 7 8 k l m"), file("g h i k l m 1 2 3 4 F 5 6 7 8 n 1 2 3 4 5 6 7 8"), 1, []string{"21: not there"}},
		"both forms next to it":     {old, fixed, fixed, file("a B b c d e F g"), 2, []string{"2: hunk 1 of 2: not there, and the lines next to it are others"}},
		"a later patch changed it":  {old, fixed, file("a later c d e F g"), file("a later c d e F h"), 1, nil},
		"later, and not in branch":  {old, fixed, file("a later c d e F g"), file("a later c d e f g"), 1, []string{"6: hunk 2 of 2: not there"}},
		"no file":                   {old, fixed, fixed, Form{}, 2, []string{"0: hunk 1 of 2: the file is not there", "0: hunk 2 of 2: the file is not there"}},
		"added":                     {Form{}, fixed, fixed, fixed, 1, nil},
		"added, and more":           {Form{}, fixed, fixed, file("a B c d x e F g"), 1, nil},
		"added, but not all":        {Form{}, fixed, fixed, file("a B c d e"), 1, []string{"6: lines of the new file are not there"}},
		"not added":                 {Form{}, fixed, fixed, Form{}, 1, []string{"0: the file is not there"}},
		"added, removed later":      {Form{}, fixed, Form{}, Form{}, 0, nil},
		"removed":                   {old, Form{}, Form{}, Form{}, 1, nil},
		"not removed":               {old, Form{}, Form{}, old, 1, []string{"0: the file is still there"}},
		"mode":                      {fixed, executable, executable, fixed, 1, []string{"0: the mode is 100644, not 100755"}},
		"mode and text":             {old, executable, executable, executable, 3, nil},
		"link":                      {link, Form{Mode: "120000", Text: []byte("y")}, Form{Mode: "120000", Text: []byte("y")}, link, 1, []string{"0: the content is another"}},
		"binary":                    {binary, old, old, binary, 1, []string{"0: the content is another"}},
		"its text as a link":        {old, fixed, fixed, Form{Mode: "120000", Text: fixed.Text}, 2, []string{"0: hunk 1 of 2: something else than a file is there", "0: hunk 2 of 2: something else than a file is there"}},
		"its bytes as a link":       {file("q"), binary, binary, Form{Mode: "120000", Text: binary.Text}, 1, []string{"0: the content is another"}},
		"no line break at the end":  {Form{Mode: "100644", Text: []byte("a\nb")}, Form{Mode: "100644", Text: []byte("a\nB")}, Form{Mode: "100644", Text: []byte("a\nB")}, file("a B"), 1, nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := FileFix{Path: "x", Old: tc.old, Fixed: tc.fixed, Stack: tc.stack, Branch: tc.branch}
			parts, lacks := f.Lacks()
			var got []string
			for _, l := range lacks {
				got = append(got, fmt.Sprintf("%d: %s", l.Line, l.Words))
			}
			if diff := cmp.Diff(tc.lacks, got); diff != "" || parts != tc.parts {
				t.Errorf("%d parts, want %d; lacks (-want +got):\n%s", parts, tc.parts, diff)
			}
		})
	}
}

// Whatever hunks a branch has, and whatever else it changed between them: exactly the
// others are lacking, and the stack without them is the branch without what else it changed.
func TestLacksFindsExactlyTheMissingHunks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var old, fixed, branch, without []string
		wantLacks := 0
		for i := range rapid.IntRange(1, 6).Draw(t, "hunks") {
			line, changed := fmt.Sprintf("line %d", i), fmt.Sprintf("fix %d", i)
			old, fixed = append(old, line), append(fixed, changed)
			if rapid.Bool().Draw(t, "has") {
				branch, without = append(branch, changed), append(without, changed)
			} else {
				branch, without = append(branch, line), append(without, line)
				wantLacks++
			}
			for j := range 6 {
				between := fmt.Sprintf("between %d %d", i, j)
				old, fixed, branch, without = append(old, between), append(fixed, between), append(branch, between), append(without, between)
				if j == 2 && rapid.Bool().Draw(t, "more") {
					branch = append(branch, fmt.Sprintf("more %d", i))
				}
			}
		}
		text := func(lines []string) Form { return Form{Mode: "100644", Text: []byte(strings.Join(lines, "\n") + "\n")} }
		f := FileFix{Old: text(old), Fixed: text(fixed), Stack: text(fixed), Branch: text(branch)}
		_, lacks := f.Lacks()
		if len(lacks) != wantLacks {
			t.Fatalf("%d lack, want %d: %v", len(lacks), wantLacks, lacks)
		}
		if got := f.Without(f.Stack, lacks); !got.equal(text(without)) {
			t.Fatalf("without them:\n%s\nwant\n%s", got.Text, text(without).Text)
		}
	})
}

func TestVerifyLedgerDropped(t *testing.T) {
	l := Ledger{
		Versions: map[string]Version{"1.0": {Name: "1.0"}, "1.1": {Name: "1.1"}},
		Patches:  map[string]Patch{"T1": {ID: "T1", Owner: "x", At: map[string]Incarnation{"1.0": {State: StateClean}}}},
	}
	consent := Consent{HasOwner: func(Patch) bool { return true }, Missing: func(Patch, string) string { return "" }}
	want := func(problem string) {
		t.Helper()
		got := ""
		for _, p := range l.VerifyLedger("1.1", consent) {
			got += p.Problem
		}
		if got != problem {
			t.Errorf("got %q, want %q", got, problem)
		}
	}
	want(ProblemMissing)
	p := l.Patches["T1"]
	p.Dropped.At = p.AgeStart().AddDate(2000, 0, 0)
	l.Patches["T1"] = p
	want(ProblemNoEvidence)
	p.Dropped.By, p.Dropped.Reason = "priya", "the feature is gone"
	l.Patches["T1"] = p
	want("")
}
