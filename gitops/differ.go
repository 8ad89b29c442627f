package gitops

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// differ shows what commits change, through one git diff-tree.
type differ struct{ conversation }

var errDifferClosed = errors.New("scratch repository is closed")

// diffMark is sent after every commit. git diff-tree --stdin prints a line that is no
// object id as it is and flushes. No line of a diff looks like this one: they begin
// with a word of git's, with "+", "-", " " or "\", or hold no blank.
const diffMark = "! end of diff\n"

func newDiffer(s *Scratch) *differ {
	return &differ{conversation{git: s.git, cmd: Cmd{
		GitDir: s.dir, Env: s.env(), Config: [][2]string{{"core.commitGraph", "false"}},
		Args: append([]string{"diff-tree", "--stdin"}, diffFlags(0)...),
	}}}
}

// diffFlags make a diff that nothing but the two trees has an influence on.
func diffFlags(context int) []string {
	return []string{
		"--root", "--no-commit-id", "-r", "-p", fmt.Sprintf("-U%d", context), "-M", "--full-index", "--binary",
		"--no-color", "--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/",
	}
}

// diff is what a commit changes against its first parent, without lines of context.
func (d *differ) diff(ctx context.Context, id merge3.ID) ([]byte, error) {
	if !id.Valid() {
		return nil, fmt.Errorf("%.80q is not an object id", id)
	}
	var text bytes.Buffer
	err := d.ask(ctx, func() error {
		if _, err := io.WriteString(d.stdin, string(id)+"\n"+diffMark); err != nil {
			return d.fail(err)
		}
		for whole := true; text.Len() <= maxCaptured; {
			piece, err := d.stdout.ReadSlice('\n')
			if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
				return d.fail(err)
			}
			if whole && string(piece) == diffMark {
				return nil
			}
			whole = err == nil // the next piece begins a line
			text.Write(piece)
		}
		return d.fail(fmt.Errorf("the diff of %s is larger than %d bytes", id, maxCaptured))
	})
	return text.Bytes(), err
}
