package objstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/storer"

	"github.com/git-carry/git-carry/patchset/merge3"
)

var (
	// ErrReadOnly is what everything that would write returns.
	ErrReadOnly = errors.New("object store is read-only")
	// ErrNoList is what IterEncodedObjects returns: its cost would depend on the
	// number of objects.
	ErrNoList = fmt.Errorf("object store does not list objects: %w", errors.ErrUnsupported)
)

// Storage lets go-git read from a Store: object.GetCommit, GetTree and the walks that
// begin with a commit or a tree. Writing fails with [ErrReadOnly]. An object that
// is missing is a plumbing.ErrObjectNotFound; other errors are those of
// [Store.Read].
type Storage struct {
	ctx   context.Context // go-git passes none
	store *Store
}

var _ storer.EncodedObjectStorer = (*Storage)(nil)

// NewStorage makes a Storage whose reads end with ctx.
func NewStorage(ctx context.Context, store *Store) *Storage { return &Storage{ctx, store} }

// EncodedObject reads an object. One of another type than asked for is not found.
func (s *Storage) EncodedObject(want plumbing.ObjectType, id plumbing.Hash) (plumbing.EncodedObject, error) {
	name, data, err := s.store.Read(s.ctx, merge3.ID(id.String()))
	if err != nil {
		return nil, notFound(err)
	}
	typ, err := plumbing.ParseObjectType(name)
	if err != nil {
		return nil, err
	}
	if want != plumbing.AnyObject && want != typ {
		return nil, plumbing.ErrObjectNotFound
	}
	return &encoded{id, typ, data}, nil
}

// HasEncodedObject returns nil when the object is there.
func (s *Storage) HasEncodedObject(id plumbing.Hash) error {
	has, err := s.store.Has(s.ctx, merge3.ID(id.String()))
	if err == nil && !has {
		return plumbing.ErrObjectNotFound
	}
	return err
}

// EncodedObjectSize is an object's size in bytes.
func (s *Storage) EncodedObjectSize(id plumbing.Hash) (int64, error) {
	size, err := s.store.Size(s.ctx, merge3.ID(id.String()))
	return size, notFound(err)
}

// IterEncodedObjects returns ErrNoList.
func (s *Storage) IterEncodedObjects(plumbing.ObjectType) (storer.EncodedObjectIter, error) {
	return nil, ErrNoList
}

// NewEncodedObject makes an object in memory, for a storage that can be written to.
func (s *Storage) NewEncodedObject() plumbing.EncodedObject { return &plumbing.MemoryObject{} }

// SetEncodedObject returns ErrReadOnly.
func (s *Storage) SetEncodedObject(plumbing.EncodedObject) (plumbing.Hash, error) {
	return plumbing.ZeroHash, ErrReadOnly
}

// AddAlternate returns ErrReadOnly.
func (s *Storage) AddAlternate(string) error { return ErrReadOnly }

// notFound is err in go-git's terms.
func notFound(err error) error {
	var missing *Missing
	if errors.As(err, &missing) {
		return plumbing.ErrObjectNotFound
	}
	return err
}

// encoded is an object that was read. It cannot be changed.
type encoded struct {
	id   plumbing.Hash
	typ  plumbing.ObjectType
	data []byte
}

func (o *encoded) Hash() plumbing.Hash             { return o.id }
func (o *encoded) Type() plumbing.ObjectType       { return o.typ }
func (o *encoded) Size() int64                     { return int64(len(o.data)) }
func (o *encoded) SetType(plumbing.ObjectType)     {}
func (o *encoded) SetSize(int64)                   {}
func (o *encoded) Writer() (io.WriteCloser, error) { return nil, ErrReadOnly }

func (o *encoded) Reader() (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(o.data)), nil
}
