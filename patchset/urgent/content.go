package urgent

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"

	"github.com/git-carry/git-carry/patchset/mailbox"
)

// Change is what one patch does to one component, file by file, without context.
type Change struct {
	Patch, Component string
	Files            []mailbox.FileChange
}

// Content names a change by what it is: the lines that it takes out and puts in, every
// space of them, the paths, modes, links and binary files. Where in a file the lines
// stand does not count, so a carry that changes nothing keeps the name. It is what
// people approve.
func Content(changes []Change) string {
	h := sha256.New()
	for _, c := range changes {
		field(h, "patch", c.Patch, c.Component)
		for _, f := range c.Files {
			field(h, "file", string(f.Kind), f.OldPath, f.NewPath, f.OldMode, f.NewMode)
			if f.Binary != nil {
				field(h, "binary", f.OldBlob, f.NewBlob)
			}
			for _, hunk := range f.Hunks {
				field(h, "hunk")
				for _, line := range hunk.Lines {
					field(h, string(line.Op), string(line.Text))
				}
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// field writes words so that no two lists of words give the same bytes.
func field(h hash.Hash, words ...string) {
	var b strings.Builder
	for _, w := range words {
		fmt.Fprintf(&b, "%d:%s", len(w), w)
	}
	fmt.Fprintf(h, "%d;%s", len(words), b.String())
}
