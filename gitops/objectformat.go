package gitops

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	gitconfig "github.com/go-git/go-git/v5/plumbing/format/config"
	"github.com/pjbgf/sha1cd"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// objectFormat is git's extensions.objectFormat.
type objectFormat string

const (
	formatSHA1   objectFormat = "sha1"
	formatSHA256 objectFormat = "sha256"
)

// detectFormat reads the object format from the configuration beside an
// objects directory. Included files are not followed.
func detectFormat(objectsDir string) (objectFormat, error) {
	data, err := os.ReadFile(filepath.Join(filepath.Dir(objectsDir), "config"))
	if errors.Is(err, fs.ErrNotExist) {
		return formatSHA1, nil
	}
	if err != nil {
		return "", err
	}
	if !bytes.Contains(bytes.ToLower(data), []byte("objectformat")) {
		return formatSHA1, nil
	}
	var cfg gitconfig.Config
	if err := gitconfig.NewDecoder(bytes.NewReader(data)).Decode(&cfg); err != nil {
		return "", fmt.Errorf("reading the configuration of the repository: %w", err)
	}
	switch f := objectFormat(strings.ToLower(cfg.Section("extensions").Option("objectformat"))); f {
	case "":
		return formatSHA1, nil
	case formatSHA1, formatSHA256:
		return f, nil
	default:
		return "", fmt.Errorf("unknown object format %.20q", string(f))
	}
}

// size is the length of a binary id in bytes.
func (f objectFormat) size() int {
	if f == formatSHA256 {
		return sha256.Size
	}
	return sha1cd.Size
}

// hash is the id of an object. Data that was made for a collision attack on
// SHA-1 is refused, as git refuses it.
func (f objectFormat) hash(typ string, data []byte) (merge3.ID, error) {
	h := sha1cd.New()
	if f == formatSHA256 {
		h = sha256.New()
	}
	fmt.Fprintf(h, "%s %d\x00", typ, len(data))
	h.Write(data)
	if wary, ok := h.(sha1cd.CollisionResistantHash); ok {
		sum, attack := wary.CollisionResistantSum(nil)
		if attack {
			return "", errors.New("the data is a collision attack on SHA-1")
		}
		return merge3.ID(hex.EncodeToString(sum)), nil
	}
	return merge3.ID(hex.EncodeToString(h.Sum(nil))), nil
}

// BlobID is the id that a content has in the vault.
func (v *Vault) BlobID(data []byte) (merge3.ID, error) {
	format, err := detectFormat(filepath.Join(v.dir, "objects"))
	if err != nil {
		return "", err
	}
	return format.hash("blob", data)
}

// emptyTree is the id of the tree without entries.
func (f objectFormat) emptyTree() merge3.ID {
	if f == formatSHA256 {
		return "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"
	}
	return "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
}

func (f objectFormat) config() string {
	if f == formatSHA256 {
		return "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = sha256\n"
	}
	return "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"
}

// writeLoose stores a loose object, neither synced nor renamed into place: nobody
// looks for it before this returns.
func writeLoose(objects string, id merge3.ID, typ string, data []byte) error {
	path := filepath.Join(objects, string(id[:2]), string(id[2:]))
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(filepath.Dir(path), 0o700); err == nil {
			f, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		}
	}
	if errors.Is(err, fs.ErrExist) {
		return nil // git has made the same one
	}
	if err != nil {
		return err
	}
	return errors.Join(deflate(f, typ, data), f.Close())
}

// deflaters are used again: a new one takes more than a megabyte.
var deflaters = sync.Pool{New: func() any {
	z, _ := zlib.NewWriterLevel(nil, zlib.BestSpeed) // the level is valid
	return z
}}

func deflate(f *os.File, typ string, data []byte) error {
	z := deflaters.Get().(*zlib.Writer)
	defer deflaters.Put(z)
	z.Reset(f)
	if _, err := fmt.Fprintf(z, "%s %d\x00", typ, len(data)); err != nil {
		return err
	}
	if _, err := z.Write(data); err != nil {
		return err
	}
	return z.Close()
}
