package cmd

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/mailbox"
	"github.com/git-carry/git-carry/patchset/printable"
)

// Where the clocks of imported patches come from, as the ledger records it.
const (
	fromAuthorDate = "the author's date in the patch"
	// latestKnown: nobody writes a fix for a hole that is not known.
	latestKnown = "the author's date in the patch, at the latest"
)

// readOrigins reads the git history of what is imported, if its ages are wanted.
func (o *importOptions) readOrigins(ctx context.Context, a *app) (*mailbox.Origins, error) {
	if !o.ages {
		return nil, nil
	}
	git, err := a.git()
	if err != nil {
		return nil, err
	}
	dir := a.path(o.dir)
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		dir = filepath.Dir(dir)
	}
	changes, err := gitops.FileHistory(ctx, git, dir)
	if err != nil {
		without := *o
		without.ages = false
		return nil, patchset.Faultf(patchset.CodeBadRepository, "--ages reads the git history of %s: %w", o.dir, err).
			WithHint("without it, the age of a patch begins with its author's date: git carry import %s", without.again())
	}
	return mailbox.NewOrigins(changes), nil
}

// setAges puts the clocks of every patch back to where its files, in whatever version,
// first were in the history. A clock that says an earlier day is left alone.
func (im *importer) setAges() {
	if im.origins == nil {
		return
	}
	told := map[string]bool{}
	for _, p := range im.in.patches {
		id := im.ids[p.identity()]
		patch, known := im.s.ledger.Patches[id]
		if !known {
			continue
		}
		origin, found := im.origins.Of(p.Path)
		if !found {
			im.in.guess(p.Path, "not in the git history: its age begins with %s", fromAuthorDate)
			continue
		}
		news := false
		if at := im.past(origin.At); !at.IsZero() {
			news = im.carriedBy(&patch, at, originWords(origin))
		}
		if at := im.past(p.Message.Date); !at.IsZero() && at.Before(patch.AgeStart()) {
			news = patch.FoundAt(at, latestKnown) || news
		}
		if !news {
			continue
		}
		im.s.ledger.Patches[id] = patch
		if !told[id] {
			told[id] = true
			im.aged = append(im.aged, id)
		}
	}
}

// maxPlace bounds what is recorded of a path, in cells.
const maxPlace = 160

// originWords is what the ledger records of an origin. A name in an old history may be any bytes.
func originWords(o mailbox.Origin) string {
	return fmt.Sprintf("commit %.10s, %s", o.Commit, printable.Cut(printable.Line(o.Path), maxPlace))
}

// carriedBy puts the day that a patch was first carried back to one in the history. The
// author's date, which is all that there was before, gives way also to a later one.
func (im *importer) carriedBy(p *patchset.Patch, at time.Time, from string) bool {
	if p.CarriedFrom == fromAuthorDate {
		p.FoundAt(p.CarriedSince, latestKnown)
		p.CarriedSince, p.CarriedFrom = time.Time{}, ""
	}
	return p.CarriedAt(at, from)
}

// past is a time in UTC, or none if it cannot be right.
func (im *importer) past(t time.Time) time.Time {
	if t.IsZero() || t.Unix() <= 0 || !t.Before(im.a.now()) {
		return time.Time{}
	}
	return t.UTC()
}

// ages is the table of the clocks that were set.
func (d importDoc) ages() [][]string {
	rows := [][]string{{"PATCH", "CARRIED SINCE", "FOUND BY", "READ IN"}}
	for _, id := range d.Aged {
		i := slices.IndexFunc(d.Patches, func(p importPatch) bool { return p.ID == id })
		if i < 0 {
			continue // dropped before the oldest tree
		}
		p := d.Patches[i]
		day := func(at string) string { return strings.SplitN(at, "T", 2)[0] }
		rows = append(rows, []string{id, day(p.CarriedSince), day(p.FoundAt), p.CarriedFrom})
	}
	return rows
}
