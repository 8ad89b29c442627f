package cmd

import (
	"cmp"
	"context"
	"path"
	"slices"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
	"github.com/git-carry/git-carry/patchset/suggest"
)

// Bounds of the search for a signed resolution of the same dispute.
const (
	maxKnown     = 200     // resolutions that are looked at, the newest first
	maxKnownText = 1 << 20 // bytes of a version of a file; no longer one is looked at
)

// known finds the signed resolutions of a dispute in other versions and of other
// patches. They are read when the first dispute is looked up. One that cannot be
// read is left out: it is an offer that nobody misses.
func (s *step) known(ctx context.Context, at patchset.Spot) func(suggest.Key) []suggest.Resolution {
	var index map[suggest.Key][]suggest.Resolution
	return func(k suggest.Key) []suggest.Resolution {
		if index == nil {
			index = map[suggest.Key][]suggest.Resolution{}
			for _, other := range s.newestResolutions(at) {
				s.indexResolution(ctx, index, at, other)
			}
		}
		return index[k]
	}
}

// newestResolutions lists the other places where conflicts were settled in a file of a
// name that is in dispute here.
func (s *step) newestResolutions(here patchset.Spot) []patchset.Spot {
	disputed := map[string]bool{}
	for _, p := range s.ledger.Conflicts[here].Paths {
		disputed[path.Base(p.Path)] = true
	}
	var spots []patchset.Spot
	for at, r := range s.ledger.Resolutions {
		k, ok := s.ledger.Conflicts[at]
		alike := slices.ContainsFunc(k.Paths, func(p patchset.ConflictPath) bool { return disputed[path.Base(p.Path)] })
		if ok && alike && at != here && r.Proposed() && r.Conflict == k.Record {
			spots = append(spots, at)
		}
	}
	slices.SortFunc(spots, func(x, y patchset.Spot) int {
		newest := s.ledger.Resolutions[y].At.Compare(s.ledger.Resolutions[x].At)
		return cmp.Or(newest, patchset.CompareVersions(y.Version, x.Version), cmp.Compare(x.Patch, y.Patch))
	})
	return spots[:min(len(spots), maxKnown)]
}

// indexResolution adds how the disputes of one conflict were settled, if that was
// signed.
func (s *step) indexResolution(ctx context.Context, index map[suggest.Key][]suggest.Resolution, here, at patchset.Spot) {
	r := s.ledger.Resolutions[at]
	v, err := s.consentTo(ctx, at, r)
	if err != nil || !v.OK || ctx.Err() != nil {
		return
	}
	by := joinWords(v.By)
	if v.Unverified {
		by += ", unverified"
	}
	for _, p := range s.ledger.Conflicts[at].Paths {
		hunks, texts := s.settledHunks(ctx, p, r)
		for i, h := range hunks {
			k := suggest.KeyOf(h)
			index[k] = append(index[k], suggest.Resolution{Text: texts[i], Where: s.whereFrom(here, at), By: by})
		}
	}
}

// whereFrom names a place as seen from another: "1.45", "CheckUser 1.45 for T123".
func (s *step) whereFrom(here, at patchset.Spot) string {
	where := at.Version
	if component := s.ledger.Patches[at.Patch].Component; component != s.ledger.Patches[here.Patch].Component {
		where = component + " " + where
	}
	if at.Patch != here.Patch {
		where += " for " + at.Patch
	}
	return where
}

// settledHunks gives the disputes in a text and what stands in the place of each
// in the result; none where that cannot be told.
func (s *step) settledHunks(ctx context.Context, p patchset.ConflictPath, r patchset.Resolution) ([]merge3.Hunk, [][]byte) {
	if p.Kind != merge3.KindContent {
		return nil, nil
	}
	result, there, err := s.bench.Entry(ctx, r.Tree, p.Path)
	if err != nil || !there || !textMode(result.Mode) {
		return nil, nil
	}
	var texts [4][]byte
	for i, id := range []patchset.ID{p.Base.ID, p.Upstream.ID, p.Patch.ID, result.ID} {
		if texts[i], err = s.bench.Blob(ctx, id); err != nil || len(texts[i]) > maxKnownText {
			return nil, nil
		}
	}
	merged := merge3.Text(texts[0], texts[1], texts[2], merge3.TextOptions{Style: merge3.StyleDiff3})
	parts, ok := merged.Regions.TakeApart(texts[3])
	if merged.Binary || !ok {
		return nil, nil
	}
	return merged.Regions.Hunks(), parts
}
