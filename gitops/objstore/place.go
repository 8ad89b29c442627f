package objstore

import (
	"context"
	"errors"
	"io/fs"
	"os"
)

// place is where a copy of an object is: in a pack, or in a file of its own. The
// zero value stands for the empty tree, which needs none.
type place struct {
	pack    *pack
	off     int64
	covered bool // found by the multi-pack index
	loose   string
}

// read reads an object of at most limit bytes.
func (a place) read(ctx context.Context, u *unpacker, limit int64) (object, error) {
	switch {
	case a.pack != nil:
		return u.read(ctx, a.pack, a.off, limit)
	case a.loose != "":
		return readLoose(ctx, a.loose, limit)
	}
	return object{kindTree, []byte{}}, nil
}

func (a place) size(u *unpacker) (int64, error) {
	switch {
	case a.pack != nil:
		return u.size(a.pack, a.off)
	case a.loose != "":
		return sizeOfLoose(a.loose)
	}
	return 0, nil
}

func (a place) exists() error {
	if a.loose == "" {
		return nil
	}
	_, err := os.Stat(a.loose)
	if errors.Is(err, fs.ErrNotExist) || isNoDir(err) {
		return errAbsent
	}
	return err
}

// fault says where an object is that has something wrong with it.
func (a place) fault(err error) error {
	if a.pack != nil {
		return a.pack.faultAt(a.off, err)
	}
	return at(a.loose, err)
}
