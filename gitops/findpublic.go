package gitops

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/mailbox"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// The search for the public commit that has a fix. Candidates are commits of the
// new base that touch the same files, newest first.

// maxPublicCandidates bounds the search.
const maxPublicCandidates = 2000

// FindPublic implements patchset.Workbench: a Carry-Id or Change-Id trailer that
// names the patch, else an equal change, else the task in a trailer.
func (w *Workbench) FindPublic(ctx context.Context, source patchset.Commit, sourceID merge3.ID, task string, since, base merge3.ID) (merge3.ID, string, error) {
	candidates, err := w.candidates(ctx, sourceID, since, base)
	if err != nil {
		return "", "", err
	}
	if id, evidence, err := w.bearsID(ctx, source, candidates); id != "" || err != nil {
		return id, evidence, err
	}
	for _, id := range candidates {
		same, err := w.Compare(ctx, sourceID, id)
		if err != nil {
			return "", "", err
		}
		if same.Same {
			return id, "a public commit makes the same change", nil
		}
	}
	return w.bearsTask(ctx, task, candidates)
}

// FindNamed implements patchset.Workbench: what a trailer alone tells.
func (w *Workbench) FindNamed(ctx context.Context, source patchset.Commit, sourceID merge3.ID, task string, since, base merge3.ID) (merge3.ID, string, error) {
	candidates, err := w.candidates(ctx, sourceID, since, base)
	if err != nil {
		return "", "", err
	}
	if id, evidence, err := w.bearsID(ctx, source, candidates); id != "" || err != nil {
		return id, evidence, err
	}
	return w.bearsTask(ctx, task, candidates)
}

// candidates are the commits in since..base that touch what source changes.
func (w *Workbench) candidates(ctx context.Context, source, since, base merge3.ID) ([]merge3.ID, error) {
	changes, err := w.changes(ctx, source)
	if err != nil || len(changes) == 0 {
		return nil, err
	}
	return w.Touching(ctx, since, base, changedPaths(changes))
}

func (w *Workbench) bearsID(ctx context.Context, source patchset.Commit, candidates []merge3.ID) (merge3.ID, string, error) {
	var carryIDs []string
	if id := patchset.CarryIDOf(source.Message); id != "" {
		carryIDs = []string{id}
	}
	id, err := w.bearing(ctx, patchset.CarryTrailer, carryIDs, candidates)
	if id != "" || err != nil {
		return id, "a public commit bears its Carry-Id", err
	}
	id, err = w.bearing(ctx, "Change-Id", patchset.Trailers(source.Message, "Change-Id"), candidates)
	if id != "" || err != nil {
		return id, "a public commit bears its Change-Id", err
	}
	return "", "", nil
}

func (w *Workbench) bearsTask(ctx context.Context, task string, candidates []merge3.ID) (merge3.ID, string, error) {
	if task == "" {
		return "", "", nil
	}
	id, err := w.bearing(ctx, "Bug", []string{task}, candidates)
	if id == "" || err != nil {
		return "", "", err
	}
	return id, "a public commit names its task", nil
}

// bearing is the first candidate with one of the values in a trailer.
func (w *Workbench) bearing(ctx context.Context, key string, values []string, candidates []merge3.ID) (merge3.ID, error) {
	if len(values) == 0 {
		return "", nil
	}
	for _, id := range candidates {
		c, err := w.ReadCommit(ctx, id)
		if err != nil {
			return "", err
		}
		for _, have := range patchset.Trailers(c.Message, key) {
			if slices.Contains(values, have) {
				return id, nil
			}
		}
	}
	return "", nil
}

// Untouched implements patchset.Workbench.
func (w *Workbench) Untouched(ctx context.Context, source, since, base merge3.ID) (bool, error) {
	changes, err := w.changes(ctx, source)
	if err != nil {
		return false, err
	}
	old, err := w.ReadCommit(ctx, since)
	if err != nil {
		return false, err
	}
	now, err := w.ReadCommit(ctx, base)
	if err != nil {
		return false, err
	}
	for _, path := range changedPaths(changes) {
		before, _, err := w.Entry(ctx, old.Tree, path)
		if err != nil {
			return false, err
		}
		after, _, err := w.Entry(ctx, now.Tree, path)
		if err != nil || before != after {
			return false, err
		}
	}
	return true, nil
}

func changedPaths(changes []TreeChange) []string {
	paths := make([]string, len(changes))
	for i, c := range changes {
		paths[i] = c.Path
	}
	return paths
}

// Remains implements patchset.Workbench. Lines are compared without the white space
// around them; those that are too short to mean anything do not count.
func (w *Workbench) Remains(ctx context.Context, source, base merge3.ID) (patchset.Remains, error) {
	var r patchset.Remains
	c, err := w.ReadCommit(ctx, source)
	if err != nil {
		return r, err
	}
	b, err := w.ReadCommit(ctx, base)
	if err != nil {
		return r, err
	}
	files, err := w.Diff(ctx, source)
	if err != nil {
		return r, err
	}
	for _, file := range files {
		fixed, err := w.countLines(ctx, c.Tree, file.NewPath)
		if err != nil {
			return r, err
		}
		now, err := w.countLines(ctx, b.Tree, cmp.Or(file.NewPath, file.OldPath))
		if err != nil {
			return r, err
		}
		addRemains(&r, file, fixed, now)
	}
	return r, nil
}

func addRemains(r *patchset.Remains, file mailbox.FileChange, fixed, now map[string]int) {
	if file.Binary != nil {
		r.Gone++ // what cannot be read line by line must be looked at
	}
	for _, h := range file.Hunks {
		for _, line := range h.Lines {
			text := string(bytes.TrimSpace(line.Text))
			switch {
			case line.Op == '+' && text != "" && now[text] == 0:
				r.Gone++
			case line.Op == '-' && len(text) >= minTelling && fixed[text] == 0 && now[text] > 0:
				r.Back++
			}
		}
	}
}

// minTelling is how long a line must be for its return to mean something: a lone
// "return false;" comes and goes.
const minTelling = 16

// countLines counts the lines of a file, without the white space around them. No
// such file: no lines.
func (w *Workbench) countLines(ctx context.Context, tree merge3.ID, path string) (map[string]int, error) {
	counts := map[string]int{}
	if path == "" {
		return counts, nil
	}
	e, ok, err := w.Entry(ctx, tree, path)
	if err != nil || !ok || e.Mode == merge3.ModeGitlink || e.Mode == "040000" {
		return counts, err
	}
	blob, err := w.Read(ctx, e.ID)
	if err != nil {
		return nil, err
	}
	for line := range bytes.Lines(blob.Data) {
		counts[string(bytes.TrimSpace(line))]++
	}
	return counts, nil
}
