package tui

import (
	"time"

	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// Conflict is everything that a session needs to know. It is never changed.
type Conflict struct {
	Patch, Title string // Patch is the id: T401234
	Severity     patchset.Severity
	Component    string
	Version      string // that the patch is carried to
	From         string // the version that it was carried from; may be ""

	// Owner is whom the patch belongs to; without ID nobody does.
	Owner owners.Person
	// Actor is who sits here, and As the role in which they may sign: "" for
	// somebody who may only propose.
	Actor owners.Actor
	As    owners.As
	// Signers are the owner and the deputies who can be asked.
	Signers []owners.Signer

	// Cause is the public commit that brought the conflict about; nil if unknown.
	Cause *Commit
	// Source is the patch's own commit; nil if unknown.
	Source *Commit

	Files       []File
	Suggestions []Suggestion
	// FixElsewhere counts the changed lines of the patch in files that are not in
	// dispute: git merged them, so they are kept.
	FixElsewhere int
	// Notes are sentences to be shown at once, such as whose draft is continued.
	Notes []string
	// Drafted is what was settled before; nil for a fresh start. Best is what a
	// session handed to [Host.Save]; a path and its text with markers around what is
	// open is enough.
	Drafted []FileOutcome
}

// Commit is a commit that people may have to ask about.
type Commit struct {
	ID      merge3.ID
	Author  string
	Date    time.Time
	Subject string
	// Body is the rest of the message and, if wanted, the change; for the why screen.
	Body string
}

// File is one path in dispute.
type File struct {
	Path string
	Kind merge3.Kind
	// Message is the engine's own sentence about it; may be "".
	Message string
	// Text is the merged text with its disputes; nil where there is no text to
	// settle hunk by hunk.
	Text                  merge3.Marked
	Base, Upstream, Patch Entry
}

// Entry is one side's version of a path. The zero value: the side has no such path.
type Entry struct {
	Mode string // octal, as git prints it
	ID   merge3.ID
	Size int64
	// Data is the content of a regular file or the target of a symbolic link, if
	// the host cares to show it; nil otherwise.
	Data []byte
	// Note is a line about it, such as the subject of a submodule's commit.
	Note string
}

// Absent tells that the side has no such path.
func (e Entry) Absent() bool { return e.Mode == "" && e.ID == "" }

// Suggestion is a way to settle one hunk that somebody or something found. It is
// shown with its source and never applied by itself.
type Suggestion struct {
	Path  string
	Hunk  int // from 1
	Label string
	// Source says where it comes from: "signed by priya for wmf.5, 15 Nov".
	Source string
	// Precision is how often suggestions of this source were exactly right, from
	// 0 to 1; 0 means that nobody knows.
	Precision float64
	Lines     []byte
}

// Side is what a hunk or a path can be settled with, in the words of
// [patchset.Takes].
type Side string

// The sides.
const (
	Base     Side = "base"
	Upstream Side = "upstream"
	Patch    Side = "patch"
	Both     Side = "both" // upstream's lines, then the patch's
	None     Side = "none" // neither: the lines go
)

var takes = map[Side]merge3.Take{
	Base: merge3.TakeBase, Upstream: merge3.TakeUpstream, Patch: merge3.TakePatch, Both: merge3.TakeBoth, None: merge3.TakeNone,
}

// number is the git stage of a side, which is also its key; "" for both and none.
func (s Side) number() string {
	return map[Side]string{Base: "1", Upstream: "2", Patch: "3"}[s]
}

// label is "[3] patch".
func (s Side) label() string {
	if n := s.number(); n != "" {
		return "[" + n + "] " + string(s)
	}
	return string(s)
}

// side gives a side's version of the path.
func (f *File) side(s Side) Entry {
	switch s {
	case Base:
		return f.Base
	case Upstream:
		return f.Upstream
	}
	return f.Patch
}

// hunks lists the disputes in the file's text.
func (f *File) hunks() []*merge3.Hunk {
	var out []*merge3.Hunk
	for i := range f.Text {
		if h := f.Text[i].Hunk; h != nil {
			out = append(out, h)
		}
	}
	return out
}
