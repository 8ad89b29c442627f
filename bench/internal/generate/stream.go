package generate

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path"

	"github.com/git-carry/git-carry/bench/internal/drive"
)

// stream is what git fast-import reads.
type stream struct {
	w       *bufio.Writer
	objects int // blobs, trees and commits that it makes
}

// fastImport feeds git fast-import with what write writes.
func fastImport(ctx context.Context, sh *drive.Shell, dir string, write func(*stream) error) error {
	r, w := io.Pipe()
	go func() {
		s := &stream{w: bufio.NewWriterSize(w, 1<<20)}
		w.CloseWithError(write(s))
	}()
	_, err := sh.Text(ctx, drive.Cmd{Dir: dir, Args: []string{"git", "fast-import", "--quiet", "--done"}, Stdin: r})
	return errors.Join(err, r.Close())
}

// finish ends the stream, and gives the first error of writing it.
func (s *stream) finish() error {
	fmt.Fprintln(s.w, "done")
	return s.w.Flush()
}

// change is what a commit does to one path.
type change struct {
	path string
	from string // it is renamed from there
	gone bool   // it is deleted
	text string // else its new content; a renamed file without text keeps its own
}

// commit is one commit on top of a branch. Its parent is the branch's tip, or
// another branch's when from is given.
type commit struct {
	branch, from string
	author       string
	when         int64 // seconds since 1970
	message      string
	changes      []change
}

func (s *stream) commit(c commit) {
	fmt.Fprintf(s.w, "commit refs/heads/%s\n", c.branch)
	fmt.Fprintf(s.w, "author %s %d +0000\ncommitter %s %d +0000\n", c.author, c.when, c.author, c.when)
	s.data(c.message)
	if c.from != "" {
		fmt.Fprintf(s.w, "from refs/heads/%s^0\n", c.from)
	}
	s.objects++
	trees := map[string]bool{}
	for _, change := range c.changes {
		for dir := change.path; dir != "."; {
			dir = path.Dir(dir)
			trees[dir] = true
		}
		switch {
		case change.gone:
			fmt.Fprintf(s.w, "D %s\n", change.path)
			continue
		case change.from != "":
			fmt.Fprintf(s.w, "R %s %s\n", change.from, change.path)
		}
		if change.text != "" {
			fmt.Fprintf(s.w, "M 100644 inline %s\n", change.path)
			s.data(change.text)
			s.objects++
		}
	}
	s.objects += len(trees)
	fmt.Fprintln(s.w)
}

func (s *stream) data(text string) { fmt.Fprintf(s.w, "data %d\n%s\n", len(text), text) }
