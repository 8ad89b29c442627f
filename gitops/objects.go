package gitops

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"sync"

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

	git *Git
	cmd Cmd

	mu     sync.Mutex
	proc   *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
	stderr tailBuffer
	broken error
}

var errReaderClosed = errors.New("object reader is closed")

// NewReader reads from the repository gitDir. The environment entries env are
// given to git as in [Cmd].
func NewReader(g *Git, gitDir string, env ...string) *Reader {
	return &Reader{
		MaxSize: DefaultMaxObject,
		git:     g,
		cmd:     Cmd{GitDir: gitDir, Env: env, Args: []string{"cat-file", "--batch"}},
	}
}

// Read returns the object id. Errors a caller can act on are
// [*MissingObjectError] and [*ObjectTooLargeError].
func (r *Reader) Read(ctx context.Context, id merge3.ID) (Object, error) {
	if !id.Valid() {
		return Object{}, fmt.Errorf("%.80q is not an object id", id)
	}
	if err := ctx.Err(); err != nil {
		return Object{}, context.Cause(ctx)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.start(); err != nil {
		return Object{}, err
	}
	// Only the end of the process frees a Read that waits for it.
	stop := context.AfterFunc(ctx, func() { _ = r.proc.Process.Kill() })
	obj, err := r.ask(id)
	if !stop() {
		err = context.Cause(ctx)
		r.broken = fmt.Errorf("object reader was interrupted: %w", err)
	}
	return obj, err
}

func (r *Reader) start() error {
	if r.broken != nil {
		return r.broken
	}
	if r.proc != nil {
		return nil
	}
	// The process outlives the Read that starts it.
	proc := r.git.command(context.Background(), r.cmd)
	proc.Stderr = &r.stderr
	stdin, err := proc.StdinPipe()
	if err != nil {
		return fmt.Errorf("start git cat-file: %w", err)
	}
	stdout, err := proc.StdoutPipe()
	if err != nil {
		return fmt.Errorf("start git cat-file: %w", err)
	}
	if err := proc.Start(); err != nil {
		r.broken = fmt.Errorf("start git cat-file: %w", err)
		return r.broken
	}
	r.proc, r.stdin, r.stdout = proc, stdin, bufio.NewReaderSize(stdout, 64<<10)
	return nil
}

// ask speaks the protocol of cat-file --batch: an id and LF in; then
// "<id> <type> <size>" LF, the content and LF out, or "<id> missing" LF.
func (r *Reader) ask(id merge3.ID) (Object, error) {
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

// fail ends the conversation: after a fault nobody knows where in the stream
// the next answer starts.
func (r *Reader) fail(err error) error {
	r.end()
	r.broken = fmt.Errorf("read from git cat-file: %w", err)
	if said := cleanStderr(r.stderr.Bytes()); said != "" {
		r.broken = fmt.Errorf("%w: %s", r.broken, said)
	}
	return r.broken
}

// end closes the pipe, which makes cat-file exit, and waits for it.
func (r *Reader) end() {
	_ = r.stdin.Close()
	_ = r.proc.Process.Kill()
	_ = r.proc.Wait() // it was killed: its status says nothing
}

// Close ends the process. Later Reads fail.
func (r *Reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.proc != nil && r.proc.ProcessState == nil {
		r.end()
	}
	r.broken = errReaderClosed
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
