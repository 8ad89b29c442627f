package patchset

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
