package cmd

import (
	"bytes"
	"context"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
	"github.com/git-carry/git-carry/patchset/printable"
)

// lossDoc is a file that a result settles at upstream's cost.
type lossDoc struct {
	Path  string `json:"path"`
	Lines int    `json:"lines"`
}

// losses counts, file by file, the lines of upstream that a result gives up
// although the patch never touched them. Files that are open are passed over.
func (s *step) losses(ctx context.Context, k patchset.Conflict, r patchset.Resolution) ([]lossDoc, error) {
	d := patchset.ContinueDraft(s.bench, k, r)
	losses := []lossDoc{}
	for _, p := range k.Paths {
		if d.IsOpen(p.Path) || p.Kind != merge3.KindContent && p.Kind != merge3.KindAddAdd && p.Kind != merge3.KindModifyDelete {
			continue
		}
		result, _, err := d.Content(ctx, p.Path)
		if err != nil {
			return nil, err
		}
		var sides [3][]byte
		for i, id := range []patchset.ID{p.Base.ID, p.Upstream.ID, p.Patch.ID} {
			if id == "" {
				continue
			}
			if sides[i], err = s.bench.Blob(ctx, id); err != nil {
				return nil, err
			}
		}
		if n := lostLines(sides[0], sides[1], sides[2], result); n > 0 {
			losses = append(losses, lossDoc{p.Path, n})
		}
	}
	return losses, nil
}

// lostLines counts lines of upstream that result lacks and the patch did not
// remove. A line of result that no side has stands for one of them: somebody put
// two changes together there. Blank lines and files that are no text count for
// nothing.
func lostLines(base, upstream, patch, result []byte) int {
	for _, side := range [][]byte{base, upstream, patch, result} {
		if bytes.IndexByte(side, 0) >= 0 {
			return 0
		}
	}
	b, u, p, r := countedLines(base), countedLines(upstream), countedLines(patch), countedLines(result)
	lost := 0
	for line, n := range u {
		lost += max(0, n-r[line]-max(0, b[line]-p[line]))
	}
	for line, n := range r {
		lost -= max(0, n-max(b[line], u[line]+p[line]))
	}
	return max(0, lost)
}

// countedLines counts every line that is not blank.
func countedLines(text []byte) map[string]int {
	lines := map[string]int{}
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			lines[string(line)]++
		}
	}
	return lines
}

// warnOfLosses says on stderr what a result costs upstream.
func (a *app) warnOfLosses(losses []lossDoc) {
	if a.json {
		return
	}
	for _, l := range losses {
		a.talk("warning: it loses %s of upstream in %s, which the patch never touched",
			count(l.Lines, "line", "lines"), printable.Line(l.Path))
	}
}
