package patchset

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// BranchBench is what looking at a branch that somebody else made needs of git.
type BranchBench interface {
	Commit(ctx context.Context, id ID) (Commit, error)
	Compare(ctx context.Context, source, carried ID) (Comparison, error)
	// Changed lists the paths that a commit changes.
	Changed(ctx context.Context, commit ID) ([]string, error)
	// Commits lists the commits without merges in since..tip, in no order.
	Commits(ctx context.Context, since, tip ID) ([]ID, error)
	// Touching lists those of them that touch paths, newest first.
	Touching(ctx context.Context, since, tip ID, paths []string) ([]ID, error)
	// Differing lists the files that are not the same in two trees, sorted.
	Differing(ctx context.Context, stack, branch ID) ([]string, error)
	// FormAt reads a file.
	FormAt(ctx context.Context, tree ID, path string) (Form, error)
	// Fixes reads what a commit does to its files, and what these are in two trees.
	Fixes(ctx context.Context, commit, stack, branch ID) ([]FileFix, error)
}

// Branch is a branch that somebody else made.
type Branch struct {
	Tip ID
	// Base is the public commit in its history on which the stack is expected; "" when
	// its history is not known, and content has to do.
	Base ID
	// Stack is the tree that the branch must have: that of the patches on Base.
	Stack ID
	// Home is the tree of the stack on its own base, which has what is public in the
	// version; the same as Stack unless the branch stands on the base of another version.
	Home ID
}

// The kinds of evidence for a patch in a branch, besides a trailer and a patch-id.
const (
	GroundCommit  GroundKind = "commit"  // the very commit of the stack
	GroundContent GroundKind = "content" // what it changes is there, whoever brought it
)

// Presence is how a branch has a patch.
type Presence struct {
	Patch Patch
	// Ground names the commit of the branch that brings the patch, if one does. That it
	// does proves nothing: a later one may have taken it back.
	Ground Ground
	Parts  int    // of the fix: its hunks
	Lacks  []Lack // of these
}

// Extra is a file that is not as base and stack have it.
type Extra struct {
	Path    string
	Line    int  // the first that differs, in the branch's file; 0: the whole file
	Commits []ID // of the branch, that touch it
}

// Findings is what was found in a branch.
type Findings struct {
	Same  bool // the tree is exactly what base and stack give
	Found []Presence
	// Gone are patches that are public in the version and not in the branch.
	Gone   []Presence
	Extras []Extra
}

// Examine looks for the patches of a stack in a branch, and for anything else. landed
// are the patches of the component that are public in the version: they are in no stack,
// but their fixes have to be there.
func Examine(ctx context.Context, b BranchBench, s Stack, landed []Patch, br Branch) (Findings, error) {
	tip, err := b.Commit(ctx, br.Tip)
	if err != nil {
		return Findings{}, err
	}
	e := examiner{b: b, stack: s, br: br, tree: tip.Tree, forms: map[string]Form{}}
	if err := e.identify(ctx); err != nil {
		return Findings{}, err
	}
	e.found.Same = tip.Tree == br.Stack
	if err := e.public(ctx, landed); err != nil || e.found.Same {
		return e.found, err
	}
	if e.differ, err = b.Differing(ctx, br.Stack, tip.Tree); err != nil {
		return Findings{}, err
	}
	if err := e.prove(ctx); err != nil {
		return Findings{}, err
	}
	return e.found, e.extras(ctx)
}

type examiner struct {
	b      BranchBench
	stack  Stack
	br     Branch
	tree   ID       // of the branch
	differ []string // the files in which it is not as the stack has them
	found  Findings
	// forms are files of the stack without what the branch lacks of the patches.
	forms map[string]Form
}

// identify finds the commit that brings each patch: the very one, one with its Carry-Id,
// one that makes the same change.
func (e *examiner) identify(ctx context.Context) error {
	left := map[string][]ID{} // commits that have not been told yet, by the paths they change
	byID, byTrailer := map[ID]bool{}, map[string]ID{}
	if e.br.Base != "" {
		ids, err := e.b.Commits(ctx, e.br.Base, e.br.Tip)
		if err != nil {
			return err
		}
		for _, id := range ids {
			c, err := e.b.Commit(ctx, id)
			if err != nil {
				return err
			}
			paths, err := e.b.Changed(ctx, id)
			if err != nil {
				return err
			}
			byID[id] = true
			if carryID := CarryIDOf(c.Message); carryID != "" {
				byTrailer[carryID] = id
			}
			key := fmt.Sprintf("%q", paths)
			left[key] = append(left[key], id)
		}
	}
	for _, p := range e.stack.Patches {
		commit, g := p.At[e.stack.Version].Commit, Ground{Kind: GroundContent}
		switch {
		case byID[commit]:
			g = Ground{Kind: GroundCommit, Commit: commit}
		case byTrailer[p.CarryID] != "":
			g = Ground{Kind: GroundTrailer, Commit: byTrailer[p.CarryID]}
		default:
			paths, err := e.b.Changed(ctx, commit)
			if err != nil {
				return err
			}
			for _, id := range left[fmt.Sprintf("%q", paths)] {
				same, err := e.b.Compare(ctx, commit, id)
				if err != nil {
					return err
				}
				if same.Same {
					g = Ground{Kind: GroundPatchID, Commit: id}
					break
				}
			}
		}
		g.Words = branchWords[g.Kind]
		e.found.Found = append(e.found.Found, Presence{Patch: p, Ground: g})
	}
	return nil
}

// branchWords say how a branch has a patch.
var branchWords = map[GroundKind]string{
	GroundCommit:  "the commit of the stack",
	GroundTrailer: "another commit with its Carry-Id",
	GroundPatchID: "another commit that makes the same change",
	GroundContent: "what it changes, no commit of its own brings it",
}

// public asks for the fixes that the version has in its base.
func (e *examiner) public(ctx context.Context, landed []Patch) error {
	if e.tree == e.br.Home || len(landed) == 0 {
		return nil
	}
	differ, err := e.b.Differing(ctx, e.br.Home, e.tree)
	if err != nil {
		return err
	}
	for _, patch := range landed {
		in := patch.At[e.stack.Version]
		p := Presence{Patch: patch, Ground: Ground{Commit: in.Public}}
		fixes, err := e.lacks(ctx, &p, in.Source, e.br.Home, differ)
		if err != nil {
			return err
		}
		if len(p.Lacks) > 0 {
			e.found.Gone = append(e.found.Gone, p)
		}
		if err := e.think(ctx, fixes); err != nil {
			return err
		}
	}
	return nil
}

// prove asks for every part of every fix, the last patch first: that is the order in
// which they can be thought away.
func (e *examiner) prove(ctx context.Context) error {
	for i := range slices.Backward(e.found.Found) {
		p := &e.found.Found[i]
		fixes, err := e.lacks(ctx, p, p.Patch.At[e.stack.Version].Commit, e.br.Stack, e.differ)
		if err != nil {
			return err
		}
		if err := e.think(ctx, fixes); err != nil {
			return err
		}
	}
	return nil
}

// lacks notes what the branch lacks of a commit, compared with a tree that has it and
// that differs from the branch in some files.
func (e *examiner) lacks(ctx context.Context, p *Presence, commit, tree ID, differ []string) ([]FileFix, error) {
	paths, err := e.b.Changed(ctx, commit)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(paths, func(path string) bool {
		_, is := slices.BinarySearch(differ, path)
		return is
	}) {
		return nil, nil
	}
	fixes, err := e.b.Fixes(ctx, commit, tree, e.tree)
	for _, f := range fixes {
		parts, lacks := f.Lacks()
		p.Parts, p.Lacks = p.Parts+parts, append(p.Lacks, lacks...)
	}
	return fixes, err
}

// think thinks away from the stack what the branch lacks of a patch.
func (e *examiner) think(ctx context.Context, fixes []FileFix) error {
	for _, f := range fixes {
		was, known := e.forms[f.Path]
		if !known {
			var err error
			if was, err = e.b.FormAt(ctx, e.br.Stack, f.Path); err != nil {
				return err
			}
			if !was.Exists() { // it has another name in the branch
				was = f.Stack
			}
		}
		_, lacks := f.Lacks()
		e.forms[f.Path] = f.Without(was, lacks)
	}
	return nil
}

// MaxExtras bounds how many files are looked at that are neither base nor stack.
const MaxExtras = 200

// extras finds the files that differ in more than what is lacking.
func (e *examiner) extras(ctx context.Context) error {
	for _, path := range e.differ {
		if len(e.found.Extras) >= MaxExtras {
			e.found.Extras = append(e.found.Extras, Extra{Path: path})
			continue
		}
		now, err := e.b.FormAt(ctx, e.tree, path)
		if err != nil {
			return err
		}
		want, known := e.forms[path]
		if !known {
			if want, err = e.b.FormAt(ctx, e.br.Stack, path); err != nil {
				return err
			}
		}
		if now.equal(want) {
			continue
		}
		x := Extra{Path: path, Line: firstDifference(want.Text, now.Text)}
		if e.br.Base != "" {
			if x.Commits, err = e.b.Touching(ctx, e.br.Base, e.br.Tip, []string{path}); err != nil {
				return err
			}
		}
		x.Commits = slices.DeleteFunc(x.Commits, e.explained)
		e.found.Extras = append(e.found.Extras, x)
	}
	return nil
}

// explained tells whether a commit of the branch is a patch of the stack.
func (e *examiner) explained(id ID) bool {
	return slices.ContainsFunc(e.found.Found, func(p Presence) bool { return p.Ground.Commit == id })
}

// firstDifference is the first line of b that a does not have there; 0 for no text.
func firstDifference(a, b []byte) int {
	line := 1
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return line
		}
		if a[i] == '\n' {
			line++
		}
	}
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	return line
}

// PublicIn lists the patches of a component whose fix a version has in its base.
func (l Ledger) PublicIn(component, version string) []Patch {
	var out []Patch
	for _, p := range l.In(version) {
		if s := p.At[version].State; p.Component == component && (s == StateLanded || s == StateRetired) {
			out = append(out, p)
		}
	}
	return out
}

// StackOn is the tree of a stack carried onto another base, in memory, with the patches
// that are public in its version and may not be in that base; whole is false when one does
// not come along as it is.
func StackOn(ctx context.Context, w Workbench, s Stack, landed []Patch, base ID) (tree ID, whole bool, err error) {
	var items []Item
	for _, p := range slices.Concat(s.Patches, landed) {
		in := p.At[s.Version]
		items = append(items, Item{Patch: p.ID, CarryID: p.CarryID, Position: in.Position, Source: cmp.Or(in.Commit, in.Source)})
	}
	c := carrier{w: w, base: base, statesOnly: true}
	slices.SortStableFunc(items, func(a, b Item) int { return cmp.Compare(a.Position, b.Position) })
	outcomes, err := c.each(ctx, "", items)
	if err != nil {
		return "", false, err
	}
	for _, out := range outcomes {
		if out.Incarnation.State.Parked() {
			return "", false, nil
		}
	}
	return c.tipCommit.Tree, true, nil
}
