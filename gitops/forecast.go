package gitops

import (
	"context"
	"fmt"
	"strings"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

var _ patchset.ForecastBench = (*Workbench)(nil)

// maxFirstParents bounds the line of public commits that a forecast looks at: years of
// a fast project.
const maxFirstParents = 50_000

// FirstParents implements patchset.ForecastBench.
func (w *Workbench) FirstParents(ctx context.Context, tip, since merge3.ID) ([]merge3.ID, bool, error) {
	line, whole, err := w.past.firstParents(ctx, tip, since, maxFirstParents)
	if err != nil {
		return nil, false, fmt.Errorf("reading the public history: %w", err)
	}
	return line, whole, nil
}

// Changed implements patchset.Workbench.
func (w *Workbench) Changed(ctx context.Context, commit merge3.ID) ([]string, error) {
	changes, err := w.changes(ctx, commit)
	return changedPaths(changes), err
}

// Content implements patchset.ForecastBench. A path that is missing may have been
// renamed to anywhere, so then it is the whole tree.
func (w *Workbench) Content(ctx context.Context, commit merge3.ID, paths []string) (string, error) {
	c, err := w.ReadCommit(ctx, commit)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, path := range paths {
		e, ok, err := w.Entry(ctx, c.Tree, path)
		if err != nil {
			return "", err
		}
		if !ok {
			return "tree " + string(c.Tree), nil
		}
		fmt.Fprintf(&b, "%s %s\n", e.Mode, e.ID)
	}
	return b.String(), nil
}
