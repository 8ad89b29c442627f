package gitops

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/git-carry/git-carry/gitops/objstore"
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
type MissingObjectError = objstore.Missing

// ObjectTooLargeError says that an object is larger than a Reader may read.
type ObjectTooLargeError = objstore.TooLarge

// unreadable tells whether err says that an object is missing or too large. What is only
// looked for must do without it: public repositories that were cloned in part lack some.
func unreadable(err error) bool {
	var missing *MissingObjectError
	var large *ObjectTooLargeError
	return errors.As(err, &missing) || errors.As(err, &large)
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

// Reader reads the objects of one repository in this process. What objstore does
// not read, SHA-256 for one, it asks a git cat-file for. It is safe for concurrent use.
type Reader struct {
	// MaxSize is the largest object, in bytes, that Read returns. Set it before
	// the first Read.
	MaxSize int64

	objects string
	lent    []string
	git     catFile
	open    func() (*objstore.Store, error)
	closed  atomic.Bool
}

// NewReader reads from the repository gitDir and from the objects directories in
// lent, absolute paths.
func NewReader(g *Git, gitDir string, lent ...string) *Reader {
	objects := filepath.Join(gitDir, "objects")
	env := lending(objects, lent...)
	r := &Reader{
		MaxSize: DefaultMaxObject, objects: objects, lent: lent,
		git: catFile{conversation{git: g, cmd: Cmd{GitDir: gitDir, Env: env, Args: []string{"cat-file", "--batch"}}}},
	}
	r.open = sync.OnceValues(func() (*objstore.Store, error) {
		return objstore.Open(r.objects, objstore.Options{Alternates: r.lent, MaxSize: r.MaxSize})
	})
	return r
}

// lending lets git read from further objects directories.
func lending(objects string, lent ...string) []string {
	env := []string{"GIT_OBJECT_DIRECTORY=" + objects}
	quoted := make([]string, len(lent))
	for i, dir := range lent {
		quoted[i] = quoteAlternate(dir)
	}
	if len(lent) > 0 {
		env = append(env, "GIT_ALTERNATE_OBJECT_DIRECTORIES="+strings.Join(quoted, ":"))
	}
	return env
}

// quoteAlternate writes a path as git's C-style string, the only way to name
// one that holds a colon. See "GIT_ALTERNATE_OBJECT_DIRECTORIES" in git(1).
func quoteAlternate(path string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(path) {
		switch c := path[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < 0x20 || c == 0x7f:
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// Read returns the object id. Errors a caller can act on are
// [*MissingObjectError] and [*ObjectTooLargeError].
func (r *Reader) Read(ctx context.Context, id merge3.ID) (Object, error) {
	return r.ReadUpTo(ctx, id, r.MaxSize)
}

// ReadUpTo is Read, but an object of more than limit bytes is an [*ObjectTooLargeError].
func (r *Reader) ReadUpTo(ctx context.Context, id merge3.ID, limit int64) (Object, error) {
	if !id.Valid() {
		return Object{}, fmt.Errorf("%.80q is not an object id", id)
	}
	if r.closed.Load() {
		return Object{}, objstore.ErrClosed
	}
	store, err := r.open()
	if err == nil {
		var obj Object
		if obj.Type, obj.Data, err = store.ReadUpTo(ctx, id, limit); err == nil {
			return obj, nil
		}
	}
	var unsupported *objstore.Unsupported
	if errors.As(err, &unsupported) {
		return r.git.read(ctx, id, limit)
	}
	return Object{}, err
}

// Size is the length of an object in bytes. Errors are those of Read.
func (r *Reader) Size(ctx context.Context, id merge3.ID) (int64, error) {
	store, err := r.open()
	if err == nil && !r.closed.Load() {
		var size int64
		if size, err = store.Size(ctx, id); err == nil {
			return size, nil
		}
	}
	var unsupported *objstore.Unsupported
	if err == nil || errors.As(err, &unsupported) {
		obj, err := r.Read(ctx, id)
		return int64(len(obj.Data)), err
	}
	return 0, err
}

// Close ends the process and closes the files. Later Reads fail.
func (r *Reader) Close() error {
	r.closed.Store(true)
	r.git.close(objstore.ErrClosed)
	if store, err := r.open(); err == nil {
		return store.Close()
	}
	return nil
}

// catFile is one git cat-file --batch, started by the first question. When it fails,
// or a context ends in the middle of a read, it stays broken.
type catFile struct{ conversation }

func (c *catFile) read(ctx context.Context, id merge3.ID, limit int64) (Object, error) {
	var obj Object
	err := c.ask(ctx, func() (err error) {
		obj, err = c.object(id, limit)
		return err
	})
	return obj, err
}

// object speaks the protocol of cat-file --batch: an id and LF in; then
// "<id> <type> <size>" LF, the content and LF out, or "<id> missing" LF.
func (c *catFile) object(id merge3.ID, limit int64) (Object, error) {
	if _, err := io.WriteString(c.stdin, string(id)+"\n"); err != nil {
		return Object{}, c.fail(err)
	}
	header, err := c.stdout.ReadString('\n')
	if err != nil {
		return Object{}, c.fail(err)
	}
	fields := strings.Fields(header)
	if len(fields) == 2 && fields[0] == string(id) && fields[1] == "missing" {
		return Object{}, &MissingObjectError{ID: id}
	}
	if len(fields) != 3 || fields[0] != string(id) {
		return Object{}, c.fail(fmt.Errorf("unexpected answer %.80q", header))
	}
	size, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil || size < 0 {
		return Object{}, c.fail(fmt.Errorf("unexpected answer %.80q", header))
	}
	if size > limit {
		if _, err := io.CopyN(io.Discard, c.stdout, size+1); err != nil {
			return Object{}, c.fail(err)
		}
		return Object{}, &ObjectTooLargeError{ID: id, Size: size, Limit: limit}
	}
	data := make([]byte, size+1)
	if _, err := io.ReadFull(c.stdout, data); err != nil {
		return Object{}, c.fail(err)
	}
	if data[size] != '\n' {
		return Object{}, c.fail(errors.New("answer does not end where it should"))
	}
	return Object{Type: fields[1], Data: data[:size:size]}, nil
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
	return obj.ofType(id, typ)
}

// ofType is the content of the object id, which must be of the given type.
func (o Object) ofType(id merge3.ID, typ string) ([]byte, error) {
	if o.Type != typ {
		return nil, fmt.Errorf("object %s is a %s, not a %s", id, o.Type, typ)
	}
	return o.Data, nil
}
