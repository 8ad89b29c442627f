// Package merge3 holds the three-way merge as a value: what goes in, what came
// of it, and what is still in dispute.
//
// It knows nothing of git, files or terminals. Start reading at [Merger] and
// [Result] for trees, at [Text] for the texts in them. An engine that answers a
// [Request] lives elsewhere: today the installed git (gitops/mergetree.go).
//
// The sides are always called base, upstream and patch, never "ours" and
// "theirs": base is the tree that the patch was written on, upstream the tree
// that it is carried to, patch the base with the patch applied.
//
// # Merging texts
//
// [Text] gives, byte for byte, what git's merge-ort gives for one file: the
// same verdict, the same disputes, the same markers. Its steps:
//
//  1. Lines become numbers (lines.go); a line is its bytes, line break included.
//  2. Upstream and patch are each compared with the base: histogram diff
//     (histogram.go), and the O(ND) algorithm where no common line is rare
//     (myers.go, search.go; thin.go leaves lines out beforehand).
//  3. Changed groups slide to where they belong (compact.go).
//  4. The two lists of changes are laid over each other (combine.go): changes that
//     touch are a dispute, unless they are the same.
//  5. Disputes are cut down to what the style shows (refine.go).
//  6. The result is a [Marked] text (regions.go). Markers are one rendering of it
//     (render.go), and read back they give the same type (markers.go).
//
// The sources are Eugene W. Myers, "An O(ND) Difference Algorithm and Its
// Variations" (Algorithmica, 1986); the published description of the histogram
// diff that Shawn Pearce wrote for JGit; Khanna, Kunal and Pierce, "A Formal
// Investigation of Diff3" (2007); and git itself, asked as a black box. The tests go
// on asking it: whichever git is installed, and a second one if the
// environment variable GIT_CARRY_NEWER_GIT names it.
//
// Promises: no input makes it panic or recurse; memory is some tens of bytes a
// line beside the inputs, which the result shares; the result depends on
// the inputs alone.
//
// Limits: attributes (merge drivers, union, renormalization), file modes and
// renames are the caller's. White space is never ignored. Like git's, the
// comparison is quadratic for texts that have very many short runs in
// common and few long ones: a new line after each of 40,000 takes either of
// them half a minute. Texts of more than 1,023 MiB count as binary.
package merge3

import (
	"context"
	"strings"
)

// ID names a git object: its hexadecimal hash in lower case (40 digits, or 64
// in a SHA-256 repository). The zero value "" means "no object".
type ID string

// Short is the abbreviated form for people: the first 10 digits.
func (id ID) Short() string {
	if len(id) > 10 {
		return string(id[:10])
	}
	return string(id)
}

// Valid tells whether id is a whole object id, and so fit for a command line.
func (id ID) Valid() bool {
	return (len(id) == 40 || len(id) == 64) && strings.Trim(string(id), "0123456789abcdef") == ""
}

// Side is one of the three inputs of a merge.
type Side struct {
	// Commit is a commit whose tree is merged. Engines that merge trees alone
	// ignore it; the installed git needs one.
	Commit ID
	// Tree is the tree of Commit.
	Tree ID
	// Label names the side in conflict markers. Empty means the commit's id.
	Label string
}

// Request asks for one merge. Base.Commit may be "" for a patch that was
// written on nothing (a root commit): then the empty tree is the base.
type Request struct {
	Base, Upstream, Patch Side
	// Style is how texts in dispute are written. It has no influence on whether
	// there is a dispute about a tree's path, only on what of a file it takes in.
	Style Style
}

// Merger merges three trees as git's merge-ort does with its default
// settings, renames followed. A conflict is a result, not an error.
type Merger interface {
	Merge(ctx context.Context, r Request) (Result, error)
}

// Result is what came of a merge.
type Result struct {
	// Tree is the merged tree. For a conflict it is the tree in which the files in
	// dispute hold conflict markers (or one side, where markers are impossible).
	Tree ID
	// Conflicts is empty exactly when the merge was clean. Sorted by path.
	Conflicts []Conflict
}

// Clean tells whether nothing is in dispute.
func (r Result) Clean() bool { return len(r.Conflicts) == 0 }

// Kind says what sort of dispute a conflict is, in words that are the same in
// text, JSON and screens.
type Kind string

// The kinds of conflict. The first is the only one that has text hunks.
const (
	KindContent       Kind = "content"          // both changed the same lines
	KindAddAdd        Kind = "add/add"          // both added the path, differently
	KindModifyDelete  Kind = "modify/delete"    // one changed what the other deleted
	KindRenameDelete  Kind = "rename/delete"    // one renamed what the other deleted
	KindRenameRename  Kind = "rename/rename"    // both renamed one file, or two files to one name
	KindDirRename     Kind = "directory rename" // a renamed directory leaves it open where a file belongs
	KindFileDirectory Kind = "file/directory"   // a file on one side, a directory on the other
	KindMode          Kind = "mode"             // both changed the file mode or type
	KindSymlink       Kind = "symlink"          // both changed a symbolic link
	KindSubmodule     Kind = "submodule"        // both moved a submodule pointer
	KindBinary        Kind = "binary"           // both changed a binary file
	KindOther         Kind = "other"            // a kind that a newer git reports and this program does not know
)

// Entry is one side's version of a path: a mode in octal as git prints it
// ("100644") and the object. The zero value means that the side has no such path.
type Entry struct {
	Mode string
	ID   ID
}

// Conflict is one path in dispute.
type Conflict struct {
	Path                  string // as in the merged tree
	Kind                  Kind
	Base, Upstream, Patch Entry
	// Message is the engine's own sentence about it, for people; may be "".
	Message string
}

// SameAs tells whether two conflicts are the same but for the sentence for people.
func (c Conflict) SameAs(other Conflict) bool {
	c.Message, other.Message = "", ""
	return c == other
}
