package urgent

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"github.com/git-carry/git-carry/patchset"
)

// Witness is what a person says shows a fix too: one that is made in other words. All
// that it asks for must hold in one file.
type Witness struct {
	patchset.Event
	Patch   string      `toml:"patch"`
	Path    string      `toml:"path"`
	Blob    patchset.ID `toml:"blob,omitempty"` // the file is exactly this
	Must    []string    `toml:"must,omitempty"` // texts that it has
	MustNot []string    `toml:"must_not,omitempty"`
}

// String says what it asks for.
func (w Witness) String() string {
	words := ""
	if w.Blob != "" {
		words += " is " + w.Blob.Short()
	}
	for _, s := range w.Must {
		words += fmt.Sprintf(" has %q", s)
	}
	for _, s := range w.MustNot {
		words += fmt.Sprintf(" has not %q", s)
	}
	return w.Path + words
}

// Check refuses a witness that asks for nothing, or for too much to be looked for.
func (w Witness) Check() error {
	switch {
	case w.Path == "" || len(w.Path) > 4096:
		return patchset.Faultf(patchset.CodeBadInput, "a witness names a file")
	case w.Blob == "" && len(w.Must) == 0:
		// What is only not there is not there in a file of anything else either.
		return patchset.Faultf(patchset.CodeBadInput, "a witness says what the file must have, or be").WithHint("--must TEXT or --blob ID")
	case w.Blob != "" && !w.Blob.Valid():
		return patchset.Faultf(patchset.CodeBadInput, "%q is no full object id", string(w.Blob))
	case len(w.Must)+len(w.MustNot) > 50:
		return patchset.Faultf(patchset.CodeBadInput, "a witness asks for at most 50 texts")
	}
	for _, s := range slices.Concat(w.Must, w.MustNot) {
		if len(bytes.TrimSpace([]byte(s))) == 0 || len(s) > 4096 {
			return patchset.Faultf(patchset.CodeBadInput, "a text to look for has 1 to 4096 characters, and not only spaces")
		}
	}
	return nil
}

// holds tells whether a file is as it asks.
func (w Witness) holds(now patchset.Form) bool {
	if !now.Plain() || w.Blob != "" && now.ID != w.Blob {
		return false
	}
	has := func(s string) bool { return bytes.Contains(now.Text, []byte(s)) }
	return !slices.ContainsFunc(w.MustNot, has) &&
		!slices.ContainsFunc(w.Must, func(s string) bool { return !has(s) })
}

// Fix is what a tree must have for a patch to be there, whatever commits brought it.
type Fix struct {
	// Files are what the patch does; of each, Branch is what Before had.
	Files []patchset.FileFix
	// Witnesses are other forms of the fix; one is enough.
	Witnesses []Witness
	// Before are the files of the witnesses as they are without the patch.
	Before map[string]patchset.Form
}

// Asks lists the files that have to be looked at.
func (f Fix) Asks() []patchset.AskedFile {
	var asked []patchset.AskedFile
	for _, file := range f.Files {
		a := patchset.AskedFile{Path: file.Path}
		if file.Fixed.Exists() {
			a.Alike = []patchset.ID{file.Fixed.ID}
			if file.Stack.Exists() && file.Stack.ID != file.Fixed.ID {
				a.Alike = append(a.Alike, file.Stack.ID)
			}
		}
		asked = append(asked, a)
	}
	for _, w := range f.Witnesses {
		if !slices.ContainsFunc(asked, func(a patchset.AskedFile) bool { return a.Path == w.Path }) {
			asked = append(asked, patchset.AskedFile{Path: w.Path})
		}
	}
	return asked
}

// Judgement is a verdict and what it rests on, in words.
type Judgement struct {
	Verdict Verdict
	Words   string
	Lacks   []patchset.Lack // parts of the fix
}

// Blind says why seeing the fix proves nothing: what was there before the patch has all
// of it too, or nothing of it is left in the stack. "" when it does prove something.
func (f Fix) Blind() string {
	parts, lacking := 0, 0
	for _, file := range f.Files {
		n, lacks := file.Lacks()
		parts, lacking = parts+n, lacking+len(lacks)
	}
	switch {
	case parts == 0:
		return "later patches of the stack changed all of it again"
	case lacking == 0:
		return "the public base has it without the patch"
	}
	return ""
}

// BlindWitnesses lists the witnesses that hold without the patch.
func (f Fix) BlindWitnesses() []Witness {
	return slices.DeleteFunc(slices.Clone(f.Witnesses), func(w Witness) bool { return !w.holds(f.Before[w.Path]) })
}

// Judge tells whether a served tree has the fix. known tells whether a commit is one of
// the vault's.
func (f Fix) Judge(s patchset.Served, known func(patchset.ID) bool) Judgement {
	switch s.Failure {
	case patchset.ServedSilent:
		return Judgement{Verdict: Unreachable, Words: s.Why}
	case patchset.ServedNoBranch:
		return Judgement{Verdict: Unknown, Words: s.Why}
	case patchset.ServedBroken:
		return Judgement{Verdict: Corrupt, Words: s.Why}
	}
	for _, w := range f.Witnesses {
		if w.holds(s.Files[w.Path].Form) && !w.holds(f.Before[w.Path]) {
			return Judgement{Verdict: Present, Words: "by the witness of " + w.By + ": " + w.String()}
		}
	}
	if why := f.Blind(); why != "" {
		return Judgement{Verdict: Unknown, Words: "seeing the fix there would prove nothing: " + why}
	}
	parts, lacks, strange := f.lacks(s)
	switch {
	case len(lacks) == 0:
		return Judgement{Verdict: Present, Words: fmt.Sprintf("%d of %d parts of the fix", parts, parts)}
	case strange && !known(s.Tip):
		return Judgement{Verdict: Diverged, Words: "a commit that this vault does not know, without any file of the fix", Lacks: lacks}
	case len(lacks) < parts:
		return Judgement{Verdict: Partial, Words: fmt.Sprintf("%d of %d parts of the fix; %s: %s", parts-len(lacks), parts, lacks[0].Path, lacks[0].Words), Lacks: lacks}
	}
	words := lacks[0].Path + ": " + lacks[0].Words
	if lacks[0].Line > 0 {
		words = fmt.Sprintf("%s:%d: %s", lacks[0].Path, lacks[0].Line, lacks[0].Words)
	}
	return Judgement{Verdict: Absent, Words: words, Lacks: lacks}
}

// lacks looks for every part of the fix. strange: the files that it changes are not there.
func (f Fix) lacks(s patchset.Served) (parts int, lacks []patchset.Lack, strange bool) {
	expected, there := 0, 0
	for _, file := range f.Files {
		if file.Old.Exists() {
			expected++
		}
		served, has := s.Files[file.Path]
		if has {
			there++
			file.Path = served.Path
		}
		file.Branch = served.Form
		n, missing := file.Lacks()
		parts, lacks = parts+n, append(lacks, missing...)
	}
	return parts, lacks, expected > 0 && there == 0
}

// WitnessesOf are the witnesses of a patch of the item, by name.
func (i Item) WitnessesOf(patch string) []Witness {
	var of []Witness
	for _, name := range slices.Sorted(maps.Keys(i.Witnesses)) {
		if w := i.Witnesses[name]; w.Patch == patch {
			of = append(of, w)
		}
	}
	return of
}
