package tui

import (
	"context"
	"io"

	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
)

// Host is what a session needs done. Every call is made by one goroutine at a
// time. An error is shown as a sentence and changes nothing in the session.
type Host interface {
	// Save keeps the draft, at once and for good: all files, as they are now.
	Save(ctx context.Context, files []FileOutcome) error
	// Edit lets the person change a text with an editor, which has the terminal
	// meanwhile. line, from 1, is where to open it.
	Edit(ctx context.Context, io Streams, path string, text []byte, line int) ([]byte, error)
	// MergeTool does the same with a configured merge tool.
	MergeTool(ctx context.Context, io Streams, path string, text []byte) ([]byte, error)
	// Review compares the result with the patch as it was last signed.
	Review(ctx context.Context, files []FileOutcome) (Review, error)
	// Sign signs exactly that result. The sentence says what was done.
	Sign(ctx context.Context, files []FileOutcome, c Consent) (string, error)
	// HandOff sends the draft to a person. The sentence says what was done.
	HandOff(ctx context.Context, files []FileOutcome, h HandOff) (string, error)
}

// Streams are the terminal, for a program that is to have it.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// Consent is the will to sign.
type Consent struct {
	As     owners.As
	Reason string // of a deputy and of an override
}

// HandOff says whom to send a draft.
type HandOff struct {
	To   string // id of a person
	Note string
}

// Review is what a resolution changes in the patch.
type Review struct {
	// Against says what the patch is compared with: "as signed for wmf.5 by priya".
	Against string
	// Change is from that form of the patch to the result.
	Change patchset.Interdiff
	// Notes are further sentences: files that are changed outside the conflict.
	Notes []string
}

// Effect is something for the world to do.
type Effect interface{ effect() }

// The effects; see [Host] for what they mean.
type (
	Save struct{ Files []FileOutcome }
	// Edit asks for an editor, or with Tool for a merge tool.
	Edit struct {
		Path string
		Text []byte
		Line int
		Tool bool

		file          int
		before, after []byte // what stands around Text
	}
	AskReview struct{ Files []FileOutcome }
	AskSign   struct {
		Files   []FileOutcome
		Consent Consent
	}
	AskHandOff struct {
		Files   []FileOutcome
		HandOff HandOff
	}
	Stop struct{} // let the shell have the terminal for a while
	Quit struct{}
)

func (Save) effect()       {}
func (Edit) effect()       {}
func (AskReview) effect()  {}
func (AskSign) effect()    {}
func (AskHandOff) effect() {}
func (Stop) effect()       {}
func (Quit) effect()       {}

// carryOut has the host do what an effect asks for; nil when there is no answer.
func carryOut(ctx context.Context, h Host, io Streams, e Effect) Intent {
	switch e := e.(type) {
	case Save:
		return Saved{h.Save(ctx, e.Files)}
	case Edit:
		use := func() ([]byte, error) { return h.Edit(ctx, io, e.Path, e.Text, e.Line) }
		if e.Tool {
			use = func() ([]byte, error) { return h.MergeTool(ctx, io, e.Path, e.Text) }
		}
		text, err := use()
		return Edited{e, text, err}
	case AskReview:
		r, err := h.Review(ctx, e.Files)
		return Reviewed{r, err}
	case AskSign:
		said, err := h.Sign(ctx, e.Files, e.Consent)
		return Signed{said, err}
	case AskHandOff:
		said, err := h.HandOff(ctx, e.Files, e.HandOff)
		return HandedOff{said, err}
	}
	return nil
}
