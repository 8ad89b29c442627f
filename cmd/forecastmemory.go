package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
)

// What the last forecasts said, for --since-last: ids and states, in a cache file of
// the vault.

const (
	forecastFile   = "carry-forecast.json"
	forecastFormat = 1
	// maxForecasts bounds for how many REFs it is kept.
	maxForecasts = 32
)

// forecastMemory is the cache file.
type forecastMemory struct {
	Format int                     `json:"format"`
	Refs   map[string]forecastSaid `json:"refs"` // by REF as it was given; "" for the main branch
}

// forecastSaid is what one forecast said.
type forecastSaid struct {
	Version string                       `json:"version"` // that was carried from
	At      time.Time                    `json:"at"`
	Bases   map[string]patchset.Base     `json:"bases"` // that were carried to, by component
	Patches map[string]patchset.Foreseen `json:"patches"`
}

// recallForecasts reads the cache. One that cannot be used is as good as none.
func (a *app) recallForecasts(v *gitops.Vault) forecastMemory {
	m := forecastMemory{Format: forecastFormat, Refs: map[string]forecastSaid{}}
	data, err := v.ReadCache(forecastFile)
	if data == nil && err == nil {
		return m
	}
	var read forecastMemory
	if err == nil {
		err = json.Unmarshal(data, &read)
	}
	switch {
	case err != nil:
	case read.Format != forecastFormat:
		err = fmt.Errorf("format %d is unknown here", read.Format)
	case read.Refs == nil:
		err = errors.New("it holds no forecasts")
	default:
		return read
	}
	a.talk("warning: what earlier forecasts said is lost (%s: %v)", forecastFile, err)
	return m
}

// remember keeps what a forecast said. One of a single component leaves the rest.
func (m *forecastMemory) remember(ref string, said forecastSaid) {
	last := m.Refs[ref]
	for name, base := range last.Bases {
		if _, ok := said.Bases[name]; !ok {
			said.Bases[name] = base
		}
	}
	for id, was := range last.Patches {
		if _, ok := said.Patches[id]; !ok {
			said.Patches[id] = was
		}
	}
	m.Refs[ref] = said
	for len(m.Refs) > maxForecasts {
		delete(m.Refs, slices.MinFunc(slices.Collect(maps.Keys(m.Refs)), func(x, y string) int { return m.Refs[x].At.Compare(m.Refs[y].At) }))
	}
}

// keepForecasts writes the cache. A vault in which that fails gives forecasts still.
func (a *app) keepForecasts(ctx context.Context, v *gitops.Vault, m forecastMemory) {
	data, err := json.Marshal(m)
	if err == nil {
		err = v.WriteCache(ctx, forecastFile, data)
	}
	if err != nil {
		a.talk("warning: the next forecast will not know what this one said: %v", err)
	}
}
