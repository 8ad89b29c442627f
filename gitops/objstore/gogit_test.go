package objstore

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
)

// What go-git computes of what it is handed is what it asked for.
func TestStorageReads(t *testing.T) {
	r := newRepo(t, 20)
	r.Git("repack", "-adfq")
	s := NewStorage(ctx, r.open(Options{}))
	for id, want := range r.all() {
		h := plumbing.NewHash(string(id))
		obj := must(s.EncodedObject(plumbing.AnyObject, h))(t)
		data := must(io.ReadAll(must(obj.Reader())(t)))(t)
		if obj.Hash() != h || plumbing.ComputeHash(obj.Type(), data) != h || obj.Size() != int64(len(want.data)) {
			t.Fatalf("%s became %s, a %s of %d bytes", id, obj.Hash(), obj.Type(), obj.Size())
		}
		if size, err := s.EncodedObjectSize(h); size != int64(len(want.data)) || err != nil {
			t.Fatalf("the size of %s: %d, %v", id, size, err)
		}
		if _, err := s.EncodedObject(obj.Type(), h); err != nil {
			t.Fatal(err)
		}
		other := plumbing.BlobObject
		if obj.Type() == other {
			other = plumbing.TreeObject
		}
		if _, err := s.EncodedObject(other, h); err != plumbing.ErrObjectNotFound {
			t.Fatalf("%s as a %s: %v", id, other, err)
		}
		if err := s.HasEncodedObject(h); err != nil {
			t.Fatal(err)
		}
	}
	absent := plumbing.NewHash(strings.Repeat("1", 40))
	if _, err := s.EncodedObject(plumbing.AnyObject, absent); err != plumbing.ErrObjectNotFound {
		t.Errorf("an absent object: %v", err)
	}
	if err := s.HasEncodedObject(absent); err != plumbing.ErrObjectNotFound {
		t.Errorf("has an absent object: %v", err)
	}
	if _, err := s.EncodedObjectSize(absent); err != plumbing.ErrObjectNotFound {
		t.Errorf("the size of an absent object: %v", err)
	}
}

func TestStorageOnlyReads(t *testing.T) {
	r := newRepo(t, 1)
	s := NewStorage(ctx, r.open(Options{}))
	obj := must(s.EncodedObject(plumbing.AnyObject, plumbing.NewHash(r.ID("main"))))(t)
	if _, err := s.SetEncodedObject(s.NewEncodedObject()); !errors.Is(err, ErrReadOnly) {
		t.Error(err)
	}
	if _, err := obj.Writer(); !errors.Is(err, ErrReadOnly) {
		t.Error(err)
	}
	if err := s.AddAlternate("/x"); !errors.Is(err, ErrReadOnly) {
		t.Error(err)
	}
	if _, err := s.IterEncodedObjects(plumbing.AnyObject); !errors.Is(err, errors.ErrUnsupported) {
		t.Error(err)
	}
	ended, end := context.WithCancel(ctx)
	end()
	if _, err := NewStorage(ended, s.store).EncodedObject(plumbing.AnyObject, obj.Hash()); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of the context: %v", err)
	}
}
