package cmd

import (
	"archive/tar"
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/mailbox"
)

// writeEvidence puts the files into a directory, or into one file where the name ends
// in .tar.
func (o *reportOptions) writeEvidence(a *app, files map[string][]byte, e evidence) error {
	var err error
	place := a.path(o.evidence)
	if isTar(place) {
		var data []byte
		if data, err = evidenceTar(files, e.at); err == nil {
			err = gitops.ReplaceFile(place, data, o.modes().file)
		}
	} else {
		err = o.modes().newDir(place, files)
	}
	if err != nil {
		return patchset.Faultf(patchset.CodeFailed, "writing the evidence: %w", err)
	}
	a.talk("Wrote %s: %s, the newest %s", place, count(e.entries, "entry", "entries"), e.head)
	if manifest := files[manifestFile]; manifest != nil {
		a.talk("Its MANIFEST is %s. Tell these two ids another way than you give the files.", mailbox.BlobID(manifest, 40))
	}
	return nil
}

func isTar(place string) bool { return strings.HasSuffix(place, ".tar") }

// evidenceTar gives the files as an archive that the same files always give.
func evidenceTar(files map[string][]byte, at time.Time) ([]byte, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		h := &tar.Header{Typeflag: tar.TypeReg, Name: "evidence/" + name, Size: int64(len(files[name])), Mode: 0o600, ModTime: at, Format: tar.FormatUSTAR}
		if err := w.WriteHeader(h); err != nil {
			return nil, err
		}
		if _, err := w.Write(files[name]); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return b.Bytes(), err
}

// mustBeNew refuses a directory that has something in it, before there is work for it.
func mustBeNew(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return patchset.Faultf(patchset.CodeBadInput, "%w", err)
	case len(entries) > 0:
		return patchset.Faultf(patchset.CodeBadInput, "%s is not empty", dir).WithHint("name a new directory")
	}
	return nil
}

// newDir makes a directory of files, at once. It must not be there, or be empty.
func (m modes) newDir(dir string, files map[string][]byte) (err error) {
	making, err := os.MkdirTemp(filepath.Dir(dir), ".git-carry-evidence-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(making) // gone once it has its name
	for _, name := range slices.Sorted(maps.Keys(files)) {
		file := filepath.Join(making, filepath.FromSlash(path.Clean(name)))
		if err := os.MkdirAll(filepath.Dir(file), m.dir); err != nil {
			return err
		}
		if err := os.WriteFile(file, files[name], m.file); err != nil {
			return err
		}
	}
	if err := os.Chmod(making, m.dir); err != nil {
		return err
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err // it is not empty
	}
	return os.Rename(making, dir)
}
