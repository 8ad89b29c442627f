package objstore

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/pjbgf/sha1cd"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// hashSize is the length of a binary SHA-1 id in bytes.
const hashSize = 20

type hash [hashSize]byte

// emptyTree is known to git even where nobody wrote it.
var emptyTree = hash{
	0x4b, 0x82, 0x5d, 0xc6, 0x42, 0xcb, 0x6e, 0xb9, 0xa0, 0x60,
	0xe5, 0x4b, 0xf8, 0xd6, 0x92, 0x88, 0xfb, 0xee, 0x49, 0x04,
}

func parseID(id merge3.ID) (hash, error) {
	var h hash
	switch {
	case !id.Valid():
		return h, fmt.Errorf("%.80q is not an object id", string(id))
	case len(id) != 2*hashSize:
		return h, &Unsupported{"the SHA-256 id " + string(id)}
	}
	_, err := hex.Decode(h[:], []byte(id))
	return h, err
}

func (h hash) id() merge3.ID { return merge3.ID(hex.EncodeToString(h[:])) }

func (h hash) compare(raw []byte) int { return bytes.Compare(h[:], raw) }

// kind is an object's type as a pack numbers it.
type kind uint8

const (
	kindCommit   kind = 1
	kindTree     kind = 2
	kindBlob     kind = 3
	kindTag      kind = 4
	kindOfsDelta kind = 6
	kindRefDelta kind = 7
)

var kindNames = map[kind]string{kindCommit: "commit", kindTree: "tree", kindBlob: "blob", kindTag: "tag"}

func (k kind) String() string { return kindNames[k] }

func parseKind(name string) (kind, bool) {
	for k, n := range kindNames {
		if n == name {
			return k, true
		}
	}
	return 0, false
}

// object is an object in memory. Its data is shared.
type object struct {
	kind kind
	data []byte
}

// check compares an object with its id, and refuses data that was made for a
// collision attack on SHA-1, as git does.
func (o object) check(want hash) error {
	h := sha1cd.New().(sha1cd.CollisionResistantHash)
	fmt.Fprintf(h, "%s %d\x00", o.kind, len(o.data))
	h.Write(o.data)
	sum, attack := h.CollisionResistantSum(nil)
	switch {
	case attack:
		return errors.New("the data is a collision attack on SHA-1")
	case want.compare(sum) != 0:
		return fmt.Errorf("its content has the id %x", sum)
	}
	return nil
}
