package cmd

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/serve"
)

// The files of a serve directory. The signature is put there before the file that it is
// of: who reads in between sees that they do not fit, and keeps what they have. That file
// comes last: a round that was killed before it is done again, with all its forms.
const (
	serveJSON     = "serve.json"
	serveSig      = "serve.json.sig"
	serveHosts    = "hosts.txt"
	serveMetalink = "serve.meta4"
)

const maxServeFile = 8 << 20 // bytes

// normalFor is for how long a file of normal mode holds, and normalRenew how long before its
// end it is written anew.
const (
	normalFor   = 90 * 24 * time.Hour
	normalRenew = 30 * 24 * time.Hour
	serveTTL    = time.Minute
)

// lastServed is the file that is in the directory; the zero File when there is none.
func (a *app) lastServed(dir string) (serve.File, error) {
	data, err := readFileLimited(filepath.Join(a.path(dir), serveJSON), maxServeFile)
	if errors.Is(err, fs.ErrNotExist) {
		return serve.File{}, nil
	}
	if err != nil {
		return serve.File{}, err
	}
	f, err := serve.Parse(data)
	if err != nil {
		return f, withHint(err, "what is there was not written by git carry: move it away")
	}
	return f, nil
}

// putServed writes the file, its signature and the forms that follow from it.
func (a *app) putServed(ctx context.Context, dir string, f serve.File, p *pen) error {
	data, err := f.Encode()
	if err != nil {
		return err
	}
	link, err := f.Metalink(serveJSON, data)
	if err != nil {
		return err
	}
	dir = a.path(dir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return patchset.Faultf(patchset.CodeFailed, "making the directory for the serve file: %w", err)
	}
	put := func(name string, data []byte) {
		if err == nil {
			err = gitops.ReplaceFile(filepath.Join(dir, name), data, 0o644)
		}
	}
	put(serveHosts, f.Hosts())
	put(serveMetalink, link)
	if p.signer != nil {
		sig, signErr := owners.SignServe(a.env.Random, p.signer, data)
		if signErr != nil {
			return signErr
		}
		put(serveSig, sig)
	} else if gone := os.Remove(filepath.Join(dir, serveSig)); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
		err = gone // it would be of another file
	}
	put(serveJSON, data)
	if err != nil {
		return patchset.Faultf(patchset.CodeFailed, "writing the serve file: %w", err)
	}
	return nil
}

// sameServed tells whether a file of normal mode needs no writing.
func sameServed(was, now serve.File) bool {
	if was.Mode != serve.Normal || now.Mode != serve.Normal || !now.Issued.Before(was.Expires.Add(-normalRenew)) {
		return false
	}
	return slices.EqualFunc(was.Serve, now.Serve, func(x, y serve.Entry) bool {
		return x.ID == y.ID && x.URL == y.URL && x.Class == y.Class && x.Weight == y.Weight
	})
}

// wholeServed tells whether the directory has the file that was read from it in all its forms,
// with a signature if it should have one: a round that was killed leaves what does not fit.
func (a *app) wholeServed(dir string, was serve.File, signed bool) bool {
	read := func(name string) []byte {
		data, _ := readFileLimited(filepath.Join(a.path(dir), name), maxServeFile) // nothing is not what it should be
		return data
	}
	data, sig := read(serveJSON), read(serveSig)
	link, err := was.Metalink(serveJSON, data)
	if err != nil || !bytes.Equal(read(serveHosts), was.Hosts()) || !bytes.Equal(read(serveMetalink), link) {
		return false
	}
	if !signed {
		return len(sig) == 0
	}
	_, err = owners.ServeSigner(data, sig, nil)
	return err == nil
}
