package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/git-carry/git-carry/patchset"
)

// reportFile is a finished file of a report and where it goes.
type reportFile struct {
	path string // "-" for stdout
	data []byte
}

// modes are who may read what is written.
type modes struct{ file, dir fs.FileMode }

// modes: a report is secret unless it is for the public.
func (o *reportOptions) modes() modes {
	if o.public {
		return modes{0o644, 0o755}
	}
	return modes{0o600, 0o700}
}

// write puts the files where they belong.
func (o *reportOptions) write(a *app, files []reportFile) error {
	m := o.modes()
	if o.svgDir != "" {
		if err := os.MkdirAll(a.path(o.svgDir), m.dir); err != nil {
			return patchset.Faultf(patchset.CodeFailed, "making the directory for the charts: %w", err)
		}
	}
	for _, f := range files {
		if f.path == "-" {
			_, _ = a.env.Stdout.Write(f.data) // a closed pipe is the reader's wish
			continue
		}
		if err := replaceFile(f.path, f.data, m.file); err != nil {
			return patchset.Faultf(patchset.CodeFailed, "writing the report: %w", err)
		}
		a.talk("Wrote %s", f.path)
	}
	return nil
}

// replaceFile makes path a file with this content, at once: whoever reads it sees the
// old one or the new one. Devices, pipes and directories are not replaced; a symbolic
// link is, and what it points to is left alone.
func replaceFile(path string, data []byte, mode fs.FileMode) error {
	const link = fs.ModeSymlink
	if info, err := os.Lstat(path); err == nil && info.Mode().Type()&^link != 0 {
		return fmt.Errorf("%s is no regular file (for stdout use -)", path)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".git-carry-report-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone once it has its name
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
