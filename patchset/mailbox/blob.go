package mailbox

import (
	"crypto/sha1" //nolint:gosec // git's name for a blob, not a safeguard
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
)

// applyBinary replaces the content of a binary file. Like git apply it asks for
// whole blob ids: a delta fits any file of the right length and a literal any
// file at all, so only the ids tell that it is the right one.
func applyBinary(pre []byte, fc FileChange) ([]byte, *ApplyError) {
	b := fc.Binary
	switch {
	case b.Missing:
		return nil, &ApplyError{Reason: "the patch says that a binary file changes but not how; make it with git diff --binary"}
	case !fullID(fc.OldBlob) || len(fc.OldBlob) != len(fc.NewBlob) || !fullID(fc.NewBlob):
		return nil, &ApplyError{Reason: "a binary change without whole blob ids; make it with git diff --binary"}
	case !isBlob(pre, fc.OldBlob, fc.Kind == KindAdd):
		return nil, &ApplyError{Reason: "the binary file is not the one that the patch was made for"}
	}
	post := b.Data
	if b.Delta {
		var err error
		if post, err = applyDelta(pre, b.Data); err != nil {
			return nil, &ApplyError{Reason: err.Error()}
		}
	}
	if !isBlob(post, fc.NewBlob, fc.Kind == KindDelete) {
		return nil, &ApplyError{Reason: "the binary data does not make the file that the index line names"}
	}
	return post, nil
}

// isBlob tells whether content has the blob id, or, when absent, whether there
// is no content and the id is all zeros.
func isBlob(content []byte, id string, absent bool) bool {
	if absent {
		return len(content) == 0 && isZero(id)
	}
	return BlobID(content, len(id)) == id
}

// BlobID is the id that git gives to content, with 40 digits or with 64 in a
// SHA-256 repository.
func BlobID(content []byte, digits int) string {
	var h hash.Hash = sha1.New() //nolint:gosec // see the import
	if digits == hex.EncodedLen(sha256.Size) {
		h = sha256.New()
	}
	fmt.Fprintf(h, "blob %d\x00", len(content))
	h.Write(content)
	return hex.EncodeToString(h.Sum(nil))
}

func fullID(id string) bool { return len(id) == 40 || len(id) == 64 }

func isZero(id string) bool { return strings.Trim(id, "0") == "" }
