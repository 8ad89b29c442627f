package suggest

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// Key names a dispute by what its three sides say. White space at the ends of
// lines and the kind of line breaks do not count.
type Key [sha256.Size]byte

// KeyOf is the key of a dispute.
func KeyOf(h merge3.Hunk) Key {
	sum := sha256.New()
	for _, side := range [][]byte{h.Base, h.Upstream, h.Patch} {
		var lines []byte
		for l := range bytes.Lines(side) {
			lines = append(append(lines, bytes.TrimRight(l, " \t\r\n")...), '\n')
		}
		_ = binary.Write(sum, binary.BigEndian, uint64(len(lines))) // a hash takes everything
		sum.Write(lines)
	}
	return Key(sum.Sum(nil))
}

// Resolution is how a dispute was settled somewhere, with a signature that the caller
// has checked.
type Resolution struct {
	Text  []byte // what was put in place of the dispute
	Where string // "1.45", "CheckUser 1.45"
	By    string // who signed it
}

func (d *dispute) known() {
	if d.file.Known == nil {
		return
	}
	for _, r := range d.file.Known(KeyOf(d.hunk)) {
		d.offer(Suggestion{
			Source: Known, Text: r.Text,
			Label: fmt.Sprintf("the same conflict was settled so in %s (signed by %s)", r.Where, r.By),
		})
	}
}
