package gitops

import (
	"context"
	"slices"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

var _ patchset.DraftBench = (*Workbench)(nil)

// Blob reads the content of a file.
func (w *Workbench) Blob(ctx context.Context, id merge3.ID) ([]byte, error) {
	return readType(ctx, w, id, "blob")
}

// WriteBlob stores the content of a file.
func (w *Workbench) WriteBlob(_ context.Context, data []byte) (merge3.ID, error) {
	return w.Write("blob", data)
}

// Touched lists which of paths a commit changes.
func (w *Workbench) Touched(ctx context.Context, id merge3.ID, paths []string) ([]string, error) {
	changes, err := w.changes(ctx, id)
	if err != nil {
		return nil, err
	}
	var touched []string
	for _, c := range changes {
		if slices.Contains(paths, c.Path) {
			touched = append(touched, c.Path)
		}
	}
	return touched, nil
}
