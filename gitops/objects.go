package gitops

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// DefaultMaxObject is the size, in bytes, above which a [Reader] refuses an object.
const DefaultMaxObject = 256 << 20

// Object is a git object: its type ("commit", "tree", "blob" or "tag") and its
// content. The data is shared and must not be changed.
type Object struct {
	Type string
	Data []byte
}

// MissingObjectError says that the repository lacks an object.
type MissingObjectError struct{ ID merge3.ID }

func (e *MissingObjectError) Error() string { return fmt.Sprintf("object %s is missing", e.ID) }

// ObjectTooLargeError says that an object is larger than a Reader may read.
type ObjectTooLargeError struct {
	ID          merge3.ID
	Size, Limit int64 // bytes
}

func (e *ObjectTooLargeError) Error() string {
	return fmt.Sprintf("object %s is too large: %d bytes, limit %d", e.ID, e.Size, e.Limit)
}

// UnknownRevisionError says that a name means no commit.
type UnknownRevisionError struct{ Rev string }

func (e *UnknownRevisionError) Error() string { return fmt.Sprintf("no commit is named %q", e.Rev) }

// Resolve finds the commit that rev names in the repository gitDir: a ref, an
// id or any other revision that git understands. The error for a rev that
// means no commit is an [*UnknownRevisionError].
func (g *Git) Resolve(ctx context.Context, gitDir, rev string) (merge3.ID, error) {
	if rev == "" || strings.ContainsAny(rev, "\x00\n") {
		return "", &UnknownRevisionError{Rev: rev}
	}
	out, err := g.Run(ctx, Cmd{
		GitDir: gitDir,
		Args:   []string{"rev-parse", "--verify", "--quiet", "--end-of-options", rev + "^{commit}"},
	})
	if code, ok := exitCode(err); ok && code == 1 {
		return "", &UnknownRevisionError{Rev: rev}
	}
	if err != nil {
		return "", fmt.Errorf("resolve %q: %w", rev, err)
	}
	return ParseID(strings.TrimSuffix(string(out), "\n"))
}

// ParseID checks that s is a full object id: 40 or 64 hexadecimal digits in
// lower case.
func ParseID(s string) (merge3.ID, error) {
	if !merge3.ID(s).Valid() {
		return "", fmt.Errorf("%.80q is not an object id", s)
	}
	return merge3.ID(s), nil
}

// Reader reads the objects of one repository through one git cat-file that is
// started by the first Read and ended by Close. It is safe for concurrent use.
//
// A Reader whose process failed, or whose context ended in the middle of a
// Read, stays broken: every later Read returns the same error.
type Reader struct {
	// MaxSize is the largest object, in bytes, that Read returns. Set it before
	// the first Read.
	MaxSize int64

	conversation
}

var errReaderClosed = errors.New("object reader is closed")

// NewReader reads from the repository gitDir. The environment entries env are
// given to git as in [Cmd].
func NewReader(g *Git, gitDir string, env ...string) *Reader {
	return &Reader{
		MaxSize:      DefaultMaxObject,
		conversation: conversation{git: g, cmd: Cmd{GitDir: gitDir, Env: env, Args: []string{"cat-file", "--batch"}}},
	}
}

// Read returns the object id. Errors a caller can act on are
// [*MissingObjectError] and [*ObjectTooLargeError].
func (r *Reader) Read(ctx context.Context, id merge3.ID) (Object, error) {
	if !id.Valid() {
		return Object{}, fmt.Errorf("%.80q is not an object id", id)
	}
	var obj Object
	err := r.ask(ctx, func() (err error) {
		obj, err = r.object(id)
		return err
	})
	return obj, err
}

// object speaks the protocol of cat-file --batch: an id and LF in; then
// "<id> <type> <size>" LF, the content and LF out, or "<id> missing" LF.
func (r *Reader) object(id merge3.ID) (Object, error) {
	if _, err := io.WriteString(r.stdin, string(id)+"\n"); err != nil {
		return Object{}, r.fail(err)
	}
	header, err := r.stdout.ReadString('\n')
	if err != nil {
		return Object{}, r.fail(err)
	}
	fields := strings.Fields(header)
	if len(fields) == 2 && fields[0] == string(id) && fields[1] == "missing" {
		return Object{}, &MissingObjectError{ID: id}
	}
	if len(fields) != 3 || fields[0] != string(id) {
		return Object{}, r.fail(fmt.Errorf("unexpected answer %.80q", header))
	}
	size, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil || size < 0 {
		return Object{}, r.fail(fmt.Errorf("unexpected answer %.80q", header))
	}
	if size > r.MaxSize {
		if _, err := io.CopyN(io.Discard, r.stdout, size+1); err != nil {
			return Object{}, r.fail(err)
		}
		return Object{}, &ObjectTooLargeError{ID: id, Size: size, Limit: r.MaxSize}
	}
	data := make([]byte, size+1)
	if _, err := io.ReadFull(r.stdout, data); err != nil {
		return Object{}, r.fail(err)
	}
	if data[size] != '\n' {
		return Object{}, r.fail(errors.New("answer does not end where it should"))
	}
	return Object{Type: fields[1], Data: data[:size:size]}, nil
}

// Close ends the process. Later Reads fail.
func (r *Reader) Close() error {
	r.close(errReaderClosed)
	return nil
}

// objectReader is a Reader or a Scratch.
type objectReader interface {
	Read(context.Context, merge3.ID) (Object, error)
}

// readType reads an object that must be of the given type.
func readType(ctx context.Context, r objectReader, id merge3.ID, typ string) ([]byte, error) {
	obj, err := r.Read(ctx, id)
	if err != nil {
		return nil, err
	}
	if obj.Type != typ {
		return nil, fmt.Errorf("object %s is a %s, not a %s", id, obj.Type, typ)
	}
	return obj.Data, nil
}
