package objstore

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A loose object is a file that holds, deflated, its type, a space, its size, a zero
// byte and its content.

// loosePath is where the object h is if it is loose.
func loosePath(objects string, h hash) string {
	name := hex.EncodeToString(h[:])
	return filepath.Join(objects, name[:2], name[2:])
}

// looseFanout tells for which first bytes there can be loose objects: all, when that
// cannot be found out.
func looseFanout(objects string) *[256]bool {
	var there [256]bool
	entries, err := os.ReadDir(objects)
	for _, e := range entries {
		if b, err := hex.DecodeString(e.Name()); err == nil && len(b) == 1 {
			there[b[0]] = true
		}
	}
	for i := range there {
		there[i] = there[i] || err != nil
	}
	return &there
}

var errLooseHead = errors.New("not the head of a loose object")

// readLoose reads a loose object; the error is errAbsent if there is none. An object
// larger than limit is refused.
func readLoose(ctx context.Context, path string, limit int64) (object, error) {
	var obj object
	err := withLoose(path, func(z *inflater, kind kind, size int64) error {
		if size > limit {
			return tooLarge{size, limit}
		}
		data, err := z.rest(ctx, nil, size)
		if err != nil {
			return err
		}
		if _, err := z.buf.ReadByte(); !errors.Is(err, io.EOF) {
			return errLonger
		}
		obj = object{kind, data}
		return nil
	})
	return obj, err
}

// sizeOfLoose reads the head of a loose object.
func sizeOfLoose(path string) (size int64, err error) {
	err = withLoose(path, func(_ *inflater, _ kind, declared int64) error {
		size = declared
		return nil
	})
	return size, err
}

// withLoose opens a loose object for do.
func withLoose(path string, do func(*inflater, kind, int64) error) error {
	f, info, err := openRegular(path)
	if errors.Is(err, errGone) || isNoDir(err) {
		return errAbsent
	}
	if err != nil {
		return at(path, err)
	}
	defer f.Close()
	return at(path, inLoose(f, info.Size(), do))
}

func inLoose(f io.ReaderAt, size int64, do func(*inflater, kind, int64) error) error {
	z, err := newInflater(window{from: f, end: size})
	if err != nil {
		return err
	}
	defer z.release()
	k, declared, err := looseHead(z.byte)
	if err != nil {
		return err
	}
	return do(z, k, declared)
}

// maxLooseHead is the longest head that git reads, in bytes.
const maxLooseHead = 32

// looseHead reads the head of a loose object byte by byte.
func looseHead(next func() (byte, error)) (kind, int64, error) {
	var head []byte
	for {
		b, err := next()
		if err != nil {
			return 0, 0, err
		}
		if b == 0 {
			break
		}
		if head = append(head, b); len(head) >= maxLooseHead {
			return 0, 0, errLooseHead
		}
	}
	name, digits, ok := strings.Cut(string(head), " ")
	k, known := parseKind(name)
	size, err := strconv.ParseUint(digits, 10, 64)
	if !ok || !known || err != nil || size > math.MaxInt64 || digits != strconv.FormatUint(size, 10) {
		return 0, 0, errLooseHead
	}
	return k, int64(size), nil
}

// looseBetween lists the loose objects from lo to hi, which have the same first byte.
func looseBetween(objects string, lo, hi hash) ([]hash, error) {
	dir, err := os.ReadDir(filepath.Dir(loosePath(objects, lo)))
	if errors.Is(err, os.ErrNotExist) || isNoDir(err) {
		return nil, nil
	}
	var found []hash
	for _, e := range dir {
		h := hash{lo[0]}
		if len(e.Name()) != 2*(hashSize-1) {
			continue
		}
		if _, err := hex.Decode(h[1:], []byte(e.Name())); err != nil {
			continue
		}
		if lo.compare(h[:]) <= 0 && hi.compare(h[:]) >= 0 {
			found = append(found, h)
		}
	}
	slices.SortFunc(found, func(a, b hash) int { return a.compare(b[:]) })
	return found, err
}
