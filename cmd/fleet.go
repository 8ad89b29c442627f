package cmd

import (
	"context"
	"fmt"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
)

// fleetDoc says how what is deployed in a version differs from the version before.
type fleetDoc struct {
	Added   []string      `json:"added"`
	Gone    []string      `json:"gone"`
	Renamed []renamingDoc `json:"renamed"`
	Unknown []string      `json:"unknown"` // submodules that are no components
}

// fleet compares what the bases of a train pin with what those of the version before did.
func (a *app) fleet(ctx context.Context, s *step, req patchset.TrainRequest) (fleetDoc, error) {
	var f patchset.Fleet
	before := s.ledger.Versions[req.From].Bases
	for _, name := range s.ledger.ComponentNames() {
		c := s.ledger.Components[name]
		_, has := req.Bases[name]
		if _, had := before[name]; had && !has && c.PinnedIn == "" {
			f.Gone = append(f.Gone, name)
		}
		if !has || len(s.ledger.PinnedBy(name)) == 0 {
			continue
		}
		now, _, err := s.bench.Submodules(ctx, req.Bases[name].Commit, c.URL)
		if err != nil {
			return fleetDoc{}, fmt.Errorf("component %s: %w", name, err)
		}
		var was []patchset.Submodule
		if base, had := before[name]; had {
			if was, _, err = s.bench.Submodules(ctx, base.Commit, c.URL); err != nil {
				return fleetDoc{}, fmt.Errorf("component %s: %w", name, err)
			}
		}
		f.ComparePins(s.ledger, name, was, now, gitops.SameRemote)
	}
	doc := fleetDoc{nonNil(f.Added), nonNil(f.Gone), []renamingDoc{}, nonNil(f.Unknown)}
	for _, r := range f.Renamed {
		doc.Renamed = append(doc.Renamed, renamingDoc(r))
	}
	return doc, nil
}

// words says it, a line each.
func (d fleetDoc) words(version string) []string {
	var lines []string
	for _, name := range d.Added {
		lines = append(lines, fmt.Sprintf("%s is new in %s", name, version))
	}
	for _, name := range d.Gone {
		lines = append(lines, fmt.Sprintf("%s is gone: %s does not have it", name, version))
	}
	for _, r := range d.Renamed {
		lines = append(lines, fmt.Sprintf("%s is renamed: %s has it at %s", r.Component, version, r.Is))
	}
	if n := len(d.Unknown); n > 0 {
		lines = append(lines, fmt.Sprintf("%s not known as components (%s): git carry component discover %s --add",
			count(n, "submodule is", "submodules are"), few(d.Unknown), shellWord(version)))
	}
	return lines
}

// few names some of a list.
func few(names []string) string {
	const most = 5
	if len(names) <= most {
		return joinWords(names)
	}
	return fmt.Sprintf("%s and %d more", joinWords(names[:most]), len(names)-most)
}
