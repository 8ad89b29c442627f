package cmd

import (
	"io/fs"
	"os"

	"github.com/git-carry/git-carry/gitops"
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
		if err := gitops.ReplaceFile(f.path, f.data, m.file); err != nil {
			return patchset.Faultf(patchset.CodeFailed, "writing the report: %w", err)
		}
		a.talk("Wrote %s", f.path)
	}
	return nil
}
