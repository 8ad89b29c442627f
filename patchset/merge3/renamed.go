package merge3

import (
	"context"
	"fmt"
	"slices"
)

// Renamed tells which files of one tree another one has under a new name: the old
// path by the new one. It looks at all that is gone and all that has come, as git diff
// -M does; with paths, at those that are gone of them alone, as a merge does, which may
// be much cheaper. Either tree may be "" for empty.
func (m *TreeMerger) Renamed(ctx context.Context, old, now ID, paths ...string) (map[string]string, error) {
	finder := m.renames()
	change, err := finder.changes(ctx, "", old, now, 0)
	if err != nil {
		return nil, fmt.Errorf("find renames: %w", err)
	}
	r := relevance{changed: map[string]bool{}}
	for _, f := range change.gone {
		r.changed[f.path] = len(paths) == 0 || slices.Contains(paths, f.path)
	}
	d := newDetection(ctx, finder, change, r)
	if err := d.run(); err != nil {
		return nil, fmt.Errorf("find renames: %w", err)
	}
	from := map[string]string{}
	for _, pair := range d.renames() {
		from[pair.To] = pair.From
	}
	return from, nil
}
