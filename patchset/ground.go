package patchset

import (
	"fmt"
	"slices"
)

// GroundKind is what sort of evidence a [Ground] is, in one word.
type GroundKind string

// The kinds of evidence that a fix is in the public base, the strongest first.
const (
	GroundTrailer GroundKind = "trailer"  // a public commit bears its Carry-Id or Change-Id
	GroundEmpty   GroundKind = "empty"    // merging the patch changes nothing
	GroundPatchID GroundKind = "patch-id" // a public commit makes the same change, white space included
	GroundHunks   GroundKind = "hunks"    // the base has what the patch's hunks put there
	GroundTask    GroundKind = "task"     // a public commit names its task, or has its subject
	GroundSimilar GroundKind = "similar"  // a public commit makes a similar change
)

// The kinds of evidence that a fix is not what it was.
const (
	GroundReverted  GroundKind = "reverted"  // a public commit took the fix back
	GroundRewritten GroundKind = "rewritten" // a public commit took out a small part of the fix
	GroundChange    GroundKind = "change"    // the carried change is not the one last seen
	GroundFunction  GroundKind = "function"  // upstream changed the function around the fix
	GroundNearby    GroundKind = "nearby"    // upstream changed the lines next to the fix
	GroundPath      GroundKind = "path"      // the file has another path
	GroundElsewhere GroundKind = "elsewhere" // the lines that the fix removes stand somewhere else
	GroundUndone    GroundKind = "undone"    // a later patch of the stack took the fix back
	GroundCheck     GroundKind = "check"     // an assertion or check command did not hold
)

// Ground is one thing that the state of a patch rests on, in a form that people can
// look up: a public commit, a place in a file.
type Ground struct {
	Kind   GroundKind `toml:"kind" json:"kind"`
	Commit ID         `toml:"commit,omitempty" json:"commit,omitempty"` // public
	Path   string     `toml:"path,omitempty" json:"path,omitempty"`
	Line   int        `toml:"line,omitempty" json:"line,omitempty"` // in Path, counted from 1; 0: the whole file
	// Words is the rest of a sentence about it, without the names above.
	Words string `toml:"words" json:"words"`
}

// groundOrder are the kinds that speak of a landing in the order of their strength.
var groundOrder = []GroundKind{GroundTrailer, GroundEmpty, GroundPatchID, GroundHunks, GroundTask, GroundSimilar}

// rank orders kinds by strength; those that do not speak of a landing come first.
func (k GroundKind) rank() int { return slices.Index(groundOrder, k) }

// Sentence says the ground in words, with what can be looked up.
func (g Ground) Sentence() string {
	s := g.Words
	switch {
	case g.Kind == GroundReverted && g.Commit != "":
		s = fmt.Sprintf("reverted upstream by %s, which %s", g.Commit.Short(), g.Words)
	case g.Commit != "":
		s = fmt.Sprintf("public commit %s %s", g.Commit.Short(), g.Words)
	}
	switch {
	case g.Path == "":
		return s
	case g.Line == 0:
		return g.Path + ": " + s
	}
	return fmt.Sprintf("%s:%d: %s", g.Path, g.Line, s)
}

// Claimed is the public commit that is the fix, by its trailer or because it makes the
// same change, while the patch is in conflict all the same: its owner has to say whether
// the base still has it. "" for none.
func (in Incarnation) Claimed() ID {
	if in.State != StateConflict {
		return ""
	}
	for _, g := range in.Grounds {
		if g.Kind == GroundReverted {
			return ""
		}
		if g.Kind == GroundTrailer || g.Kind == GroundPatchID {
			return g.Commit
		}
	}
	return ""
}

// inWords says all grounds in one sentence.
func inWords(grounds []Ground) string {
	words := ""
	for _, g := range grounds {
		if words != "" {
			words += "; "
		}
		words += g.Sentence()
	}
	return words
}
