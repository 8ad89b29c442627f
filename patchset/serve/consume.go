package serve

import (
	"bytes"
	"fmt"
	"slices"
	"time"
)

// What who fetches has to do with such files. A reader in another language does the same.

// RefusedError says why a file that was offered is not used; the one that is held stays.
type RefusedError struct{ Why string }

func (e *RefusedError) Error() string { return e.Why }

// Replaces tells whether a file takes the place of the one that a reader holds: one of
// an earlier generation would set the reader back, and one generation has one content. The
// error is a *RefusedError.
func (f File) Replaces(held File) error {
	switch {
	case held.Generation == 0 || f.Generation > held.Generation:
		return nil
	case f.Generation < held.Generation:
		return &RefusedError{fmt.Sprintf("its generation %d is older than %d, which was seen before", f.Generation, held.Generation)}
	}
	a, errA := f.Encode()
	b, errB := held.Encode()
	if errA != nil || errB != nil || !bytes.Equal(a, b) {
		return &RefusedError{fmt.Sprintf("there are two different files of generation %d", f.Generation)}
	}
	return nil
}

// Usable are the servers to fetch from at a time, and why these. After its end a file of
// panic mode is good for the origins only; one of normal mode for all, as before. It is
// never empty.
func (f File) Usable(now time.Time) ([]Entry, string) {
	if now.Before(f.Expires) {
		return f.Serve, "as it says"
	}
	if f.Mode == Normal {
		return f.Serve, "it has run out, and the last that was known was normal: all"
	}
	origins := slices.DeleteFunc(slices.Clone(f.Serve), func(e Entry) bool { return e.Class != Origin })
	if len(origins) == 0 {
		return f.Serve, "it has run out, in panic, and names no origin: those that were good last"
	}
	return origins, "it has run out, in panic: the origin only"
}
