package cmd

import (
	"context"
	"slices"

	"github.com/git-carry/git-carry/patchset"
)

// follow publishes what pins the stacks that were just published: a core that points at
// patched extensions.
func (o *urgentRun) follow(ctx context.Context, a *app, d delivery) error {
	for _, version := range d.versions {
		r, err := a.read(ctx)
		if err != nil {
			return err
		}
		if len(r.ledger.PinsToMake(version)) > 0 {
			if r, err = a.makePins(ctx, version); err != nil {
				return err
			}
		}
		if d.to = pointing(r.ledger, version, d.ring); len(d.to) == 0 {
			continue
		}
		d.versions = []string{version}
		results, err := d.deliver(ctx, a)
		if err != nil {
			return err
		}
		o.results = append(o.results, results...)
	}
	return nil
}

// pointing are the targets of a ring that lack a pin of a version as it is now.
func pointing(l patchset.Ledger, version, ring string) []string {
	var names []string
	for name, t := range l.Targets {
		if t.Ring != ring {
			continue
		}
		list, err := l.Deliveries(t, version)
		if err != nil {
			continue // publish will say why
		}
		if slices.ContainsFunc(list, func(d patchset.Delivery) bool {
			links, _ := l.Links(d.Component, version)
			return len(links) > 0 && d.Length > 0 && d.Last != d.Tip
		}) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
