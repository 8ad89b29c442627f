package objstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// ErrClosed is what reading from a closed Store returns.
var ErrClosed = errors.New("object store is closed")

// Missing says that neither the repository nor any of its alternates has an
// object. In a partial clone it may only not have been fetched.
type Missing struct{ ID merge3.ID }

func (e *Missing) Error() string { return fmt.Sprintf("object %s is missing", e.ID) }

// TooLarge says that an object, or one that it is a delta of, is larger than
// [Options].MaxSize. It was not inflated.
type TooLarge struct {
	ID          merge3.ID
	Size, Limit int64 // bytes
}

func (e *TooLarge) Error() string {
	return fmt.Sprintf("object %s is too large: %d bytes, limit %d", e.ID, e.Size, e.Limit)
}

// Corrupt says that an object, or what leads to it, cannot be what git wrote,
// and that no sound copy was found elsewhere.
type Corrupt struct {
	ID    merge3.ID
	Where string // a file, with an offset where there is one
	Err   error
}

func (e *Corrupt) Error() string {
	return fmt.Sprintf("object %s: %s is corrupt: %v", e.ID, e.Where, e.Err)
}

func (e *Corrupt) Unwrap() error { return e.Err }

// Unsupported says that a repository or file is of a kind that this package does
// not read. Git may.
type Unsupported struct{ What string }

func (e *Unsupported) Error() string { return e.What + " is not supported" }

var (
	// errAbsent says that an object is not where it was looked for.
	errAbsent = errors.New("no such object here")
	// errGone says that a file went away, or was replaced, since its directory was
	// listed. Looking again helps.
	errGone = errors.New("the file went away or was replaced")

	errTruncated = errors.New("it ends too early")
	errLonger    = errors.New("it holds more bytes than it declares")
)

// tooLarge is a TooLarge before anybody knows for which object.
type tooLarge struct{ size, limit int64 }

func (e tooLarge) Error() string { return fmt.Sprintf("%d bytes are more than %d", e.size, e.limit) }

// misread is a reading error and the place where it came up.
type misread struct {
	where string
	err   error
}

func (e *misread) Error() string { return e.where + ": " + e.err.Error() }
func (e *misread) Unwrap() error { return e.err }

func at(where string, err error) error {
	if err == nil {
		return nil
	}
	return &misread{where, err}
}

// interrupted is the end of the caller's context.
type interrupted struct{ cause error }

func (e *interrupted) Error() string { return e.cause.Error() }
func (e *interrupted) Unwrap() error { return e.cause }

func stopped(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return &interrupted{context.Cause(ctx)}
}

// isData tells whether err is about what a file holds, not about reaching it.
func isData(err error) bool {
	var path *fs.PathError
	var kind *Unsupported
	return !errors.Is(err, errAbsent) && !errors.Is(err, errGone) && !isFinal(err) &&
		!errors.As(err, &path) && !errors.As(err, &kind)
}

// isFinal tells whether err leaves no sense in looking elsewhere.
func isFinal(err error) bool {
	var stop *interrupted
	var size tooLarge
	return errors.Is(err, ErrClosed) || errors.As(err, &stop) || errors.As(err, &size)
}

// public is err as a caller gets it.
func public(id merge3.ID, err error) error {
	var size tooLarge
	var where *misread
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errAbsent):
		return &Missing{id}
	case errors.As(err, &size):
		return &TooLarge{id, size.size, size.limit}
	case !errors.As(err, &where):
		return fmt.Errorf("object %s: %w", id, err)
	case isData(err) || errors.Is(err, errGone):
		return &Corrupt{id, where.where, where.err}
	}
	return fmt.Errorf("object %s: %w", id, err)
}
