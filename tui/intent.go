package tui

// Intent is what a person wants, or what the world answers. The types below are
// all there are.
type Intent interface{ intent() }

// What a person can want.
type (
	// Take settles the hunk or the path in front with a side.
	Take struct{ Side Side }
	// TakeAll settles all hunks of the file that are open with a side.
	TakeAll struct{ Side Side }
	// CombineWords settles the hunk with both sides' word edits; see [Combine].
	CombineWords struct{}
	// Suggest settles a hunk as the suggestion with that number says, from 0.
	Suggest struct{ Number int }
	// Delete removes the path in front.
	Delete struct{}
	// AsIs accepts what git put at the path, where no side has a version of it.
	AsIs struct{}
	// Reset opens what is in front again.
	Reset struct{}
	// Move goes to another hunk, open hunk or file: By is 1 or -1.
	Move struct {
		Unit Unit
		By   int
	}
	// Go goes to a file, from 0.
	Go struct{ File int }
	// Scroll moves the text in front by lines, or by half pages.
	Scroll struct{ Lines, Pages int }
	// Sideways moves the texts by columns.
	Sideways struct{ Columns int }
	// EditHunk opens the hunk in front, with lines around it, in an editor;
	// EditFile the whole file; UseTool hands it to a merge tool.
	EditHunk struct{}
	EditFile struct{}
	UseTool  struct{}
	Undo     struct{}
	Redo     struct{}
	// Show opens a screen, Back leaves it.
	Show struct{ Screen Screen }
	Back struct{}
	// NextView goes round the ways to show a hunk.
	NextView struct{}
	// Syntax turns the colours of the language on and off.
	Syntax struct{}
	// Ask opens a line to type in; see [Question].
	Ask struct{ Question Question }
	// Find goes to the next line that holds a text, or with "" the last text again.
	Find struct {
		Text string
		Back bool
	}
	// Type, Erase and Submit work on the line that is being typed.
	Type   struct{ Text string }
	Erase  struct{ All bool }
	Submit struct{}
	// Sign asks for the sign-off screen, or from there to sign; who may not sign
	// gets the hand-off window.
	Sign struct{}
	// Choose moves the choice in a list.
	Choose struct{ By int }
	// Suspend stops the program for a while, Leave ends it; the draft stays.
	Suspend struct{}
	Leave   struct{ Interrupted bool }
)

// What the world answers.
type (
	// Saved answers [Save].
	Saved struct{ Err error }
	// Edited answers [Edit].
	Edited struct {
		Edit Edit
		Text []byte
		Err  error
	}
	// Reviewed answers [AskReview].
	Reviewed struct {
		Review Review
		Err    error
	}
	// Signed answers [AskSign]: Said is a sentence about what was done.
	Signed struct {
		Said string
		Err  error
	}
	// HandedOff answers [AskHandOff].
	HandedOff struct {
		Said string
		Err  error
	}
)

func (Take) intent()         {}
func (TakeAll) intent()      {}
func (CombineWords) intent() {}
func (Suggest) intent()      {}
func (Delete) intent()       {}
func (AsIs) intent()         {}
func (Reset) intent()        {}
func (Move) intent()         {}
func (Go) intent()           {}
func (Scroll) intent()       {}
func (Sideways) intent()     {}
func (EditHunk) intent()     {}
func (EditFile) intent()     {}
func (UseTool) intent()      {}
func (Undo) intent()         {}
func (Redo) intent()         {}
func (Show) intent()         {}
func (Back) intent()         {}
func (NextView) intent()     {}
func (Syntax) intent()       {}
func (Ask) intent()          {}
func (Find) intent()         {}
func (Type) intent()         {}
func (Erase) intent()        {}
func (Submit) intent()       {}
func (Sign) intent()         {}
func (Choose) intent()       {}
func (Suspend) intent()      {}
func (Leave) intent()        {}
func (Saved) intent()        {}
func (Edited) intent()       {}
func (Reviewed) intent()     {}
func (Signed) intent()       {}
func (HandedOff) intent()    {}

// Unit is what Move counts.
type Unit int

// The units.
const (
	ByHunk Unit = iota
	ByOpenHunk
	ByFile
)

// Screen is what is in front.
type Screen int

// The screens.
const (
	ScreenResolve Screen = iota
	ScreenHelp
	ScreenFiles
	ScreenWhy
	ScreenHints
	ScreenReview
	ScreenHandOff
)

// View is a way to show a hunk.
type View int

// The views.
const (
	ViewDiffs  View = iota // both changes against base, and the result
	ViewTexts              // the three texts as they are, and the result
	ViewResult             // the result alone
)
