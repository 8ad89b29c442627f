// Package mailbox reads a patch that is a file: a mail of git format-patch, an
// mbox of several, a bare diff with or without a header, a quilt series, or a
// whole tree of patch files; and applies one to the file it is for.
//
// Bytes go in, values come out. The package starts no program, opens no file
// but through an [io/fs.FS] it is given, and writes none. Everything it reads
// is taken for hostile: sizes are bounded by [Limits], every path is checked
// as git checks it ([PathError]), and nothing panics.
//
// Start reading at [ParseMessages], [ParseDiff], [Apply] and [ReadTree].
//
// What is promised: the text of every changed line is kept byte for byte, in
// any encoding, with CR and without a last newline; whatever [Apply] accepts,
// git apply accepts with the same result. What is not: fuzz, merge diffs
// (diff --cc), format=flowed mails and Mercurial headers.
package mailbox

import (
	"bytes"
	"strings"
)

// Kind says what a patch does to a file, in one word that is the same in text
// and JSON.
type Kind string

// The kinds of change. A rename or copy may change the content as well; a
// change of mode alone is KindMode, together with content it is KindModify.
const (
	KindModify Kind = "modify"
	KindAdd    Kind = "add"
	KindDelete Kind = "delete"
	KindRename Kind = "rename"
	KindCopy   Kind = "copy"
	KindMode   Kind = "mode"
)

// The file modes a patch may name, as git prints them.
const (
	ModeFile       = "100644"
	ModeExecutable = "100755"
	ModeSymlink    = "120000"
	ModeSubmodule  = "160000"
)

// FileChange is what a patch does to one file.
type FileChange struct {
	// OldPath and NewPath are relative to the root of the repository, with
	// slashes, unquoted and checked. They are equal unless the file is renamed
	// or copied. For an added file OldPath is "", for a deleted one NewPath.
	OldPath, NewPath string
	// OldMode and NewMode are one of the Mode constants, or "" when the patch
	// does not say. They are equal when the patch names a mode it leaves alone.
	OldMode, NewMode string
	// OldBlob and NewBlob come from the index line: hexadecimal, in lower case,
	// perhaps abbreviated, "" when the patch has none. All zeros means no file.
	OldBlob, NewBlob string
	Kind             Kind
	// Hunks are in the order of the patch. Empty for a binary change, a rename
	// without changes, a change of mode, and an empty file added or deleted.
	Hunks []Hunk
	// Binary is nil for text.
	Binary *BinaryChange
}

// Path is the name to show and to sort by: the new one, or that of the deleted file.
func (fc FileChange) Path() string {
	if fc.NewPath == "" {
		return fc.OldPath
	}
	return fc.NewPath
}

// Hunk is one place of a file that changes. Lines are counted from 1; a start
// of 0 goes with no lines on that side.
type Hunk struct {
	OldStart, OldLines int
	NewStart, NewLines int
	// Section is the text after the second @@, for people.
	Section string
	Lines   []Line
}

// Line is one line of a hunk.
type Line struct {
	// Op is ' ' for context, '-' for a removed and '+' for an added line.
	Op byte
	// Text is the line with its newline; without one it is the last line of a
	// file that does not end with a newline.
	Text []byte
}

// BinaryChange is the change of a file that has no text hunks.
type BinaryChange struct {
	// Missing tells that the patch says only that the files differ ("Binary
	// files a/x and b/x differ"); the change cannot be applied.
	Missing bool
	// Delta tells that Data is a git delta against the old content; otherwise
	// Data is the new content itself.
	Delta bool
	Data  []byte
	// Size is the length of the new content in bytes.
	Size int
}

// subproject begins the one line that stands for a submodule in a diff.
const subproject = "Subproject commit "

// Submodule tells whether the change moves, adds or removes a submodule
// pointer, and from which commit to which. An id is "" on the side where there
// is no submodule.
func (fc FileChange) Submodule() (oldID, newID string, ok bool) {
	if fc.OldMode != ModeSubmodule && fc.NewMode != ModeSubmodule {
		return "", "", false
	}
	for _, h := range fc.Hunks {
		for _, l := range h.Lines {
			id, found := cutSubproject(l.Text)
			if !found {
				continue
			}
			if l.Op != '+' {
				oldID = id
			}
			if l.Op != '-' {
				newID = id
			}
		}
	}
	return oldID, newID, true
}

func cutSubproject(text []byte) (id string, ok bool) {
	rest, ok := bytes.CutPrefix(text, []byte(subproject))
	return strings.TrimSuffix(strings.TrimSpace(string(rest)), "-dirty"), ok
}
