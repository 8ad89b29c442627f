package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/mailbox"
)

// importer works an inbox into a step's ledger.
type importer struct {
	*importOptions
	a      *app
	s      *step
	in     inbox
	ids    map[identity]string
	owners map[string]ownerChoice
	done   []imported
	// droppedIDs are the patches that were given up.
	droppedIDs []string
	at         int // patches looked at, for the progress line
	obstacles  []obstacle
	origins    *mailbox.Origins // nil when the ages are not asked for
	aged       []string         // the patches whose clocks come from there
}

// imported is one patch in one version that was understood.
type imported struct {
	incoming
	id      string
	already bool // it was there before, the same
	source  gitops.PatchSource
}

// errRefused ends an import in which patches would be left out.
var errRefused = errors.New("patches would be left out")

func (im *importer) run(ctx context.Context) error {
	im.ids = identify(im.s.ledger, im.in.patches)
	im.in.guessed = append(im.in.guessed, lostOnTheWay(im.in, im.ids)...)
	im.checkComponents()
	named, err := im.ownersFileOf(im.a, im.s.registry)
	if err != nil {
		return err
	}
	if im.owners, err = im.chooseOwners(named); err != nil {
		return err
	}
	defer im.a.endProgress()
	previous := ""
	for _, version := range im.in.versions {
		if err := im.importVersion(ctx, version, previous); err != nil {
			return err
		}
		previous = version
	}
	if len(im.obstacles) > 0 || im.lost() && !im.skipRefused {
		return errRefused
	}
	im.setAges()
	return im.drop(ctx)
}

// lost tells whether a patch was refused.
func (im *importer) lost() bool {
	return slices.ContainsFunc(im.in.refused, func(f importFinding) bool { return f.Stops })
}

// obstacle is something that the vault does not know and the import needs: it is
// added first, then the import is run again.
type obstacle struct {
	Problem string   `json:"problem"`
	Files   []string `json:"files"`
	Fix     string   `json:"fix"` // a command
}

// hinder notes that a file needs what fix adds.
func (im *importer) hinder(file, fix, format string, args ...any) {
	i := slices.IndexFunc(im.obstacles, func(x obstacle) bool { return x.Fix == fix })
	if i < 0 {
		i = len(im.obstacles)
		im.obstacles = append(im.obstacles, obstacle{Problem: fmt.Sprintf(format, args...), Fix: fix})
	}
	if !slices.Contains(im.obstacles[i].Files, file) {
		im.obstacles[i].Files = append(im.obstacles[i].Files, file)
	}
}

// checkComponents notes the components that the vault does not know. Their
// patches are passed over.
func (im *importer) checkComponents() {
	for _, p := range im.in.patches {
		if !im.knows(p.Component) {
			im.hinder(p.Path, "git carry component add "+shellWord(p.Component)+"=URL", "the vault does not know the component %s", p.Component)
		}
	}
}

func (im *importer) knows(component string) bool {
	_, ok := im.s.ledger.Components[component]
	return ok
}

func (im *importer) importVersion(ctx context.Context, version, previous string) error {
	stacks := map[string][]incoming{}
	var components []string
	for _, p := range im.in.patches {
		if p.Version != version || !im.knows(p.Component) {
			continue
		}
		if stacks[p.Component] == nil {
			components = append(components, p.Component)
		}
		stacks[p.Component] = append(stacks[p.Component], p)
	}
	_, known := im.s.ledger.Versions[version]
	if err := im.openStacks(ctx, version, components, stacks); err != nil {
		return err
	}
	if v, here := im.s.ledger.Versions[version]; here && !known {
		v.From = previous
		im.s.ledger.Versions[version] = v
	}
	for _, component := range components {
		if _, ok := im.s.ledger.Versions[version].Bases[component]; !ok {
			continue // refused
		}
		if err := im.importStack(ctx, component, version, stacks[component]); err != nil {
			return fmt.Errorf("%s %s: %w", component, version, err)
		}
	}
	return nil
}

// openStacks finds the bases that are not on record yet. Patches of a component
// that has none are refused.
func (im *importer) openStacks(ctx context.Context, version string, components []string, stacks map[string][]incoming) error {
	var wanted []patchset.Component
	for _, name := range components {
		if _, ok := im.s.ledger.Versions[version].Bases[name]; !ok && !allDropped(stacks[name]) {
			wanted = append(wanted, im.s.ledger.Components[name])
		}
	}
	bases, err := im.a.findBases(ctx, im.s, im.dryRun, wanted, version)
	if err != nil {
		return err
	}
	for _, c := range wanted {
		base, ok := bases[c.Name]
		if ok {
			im.s.setBase(c.Name, version, base, im.a.now())
			continue
		}
		for _, p := range stacks[c.Name] {
			im.in.refuse(p.Path, !p.dropped(), noBase(c, version).Error())
		}
	}
	return nil
}

func allDropped(patches []incoming) bool {
	return !slices.ContainsFunc(patches, func(p incoming) bool { return !p.dropped() })
}

// importStack puts the patches of one component in one version in place.
func (im *importer) importStack(ctx context.Context, component, version string, patches []incoming) error {
	tip := im.s.ledger.Stack(component, version).Tip()
	changed := false
	for _, p := range patches {
		im.at++
		if report := im.a.progress(); report != nil {
			report(fmt.Sprintf("importing %d/%d: %s", im.at, len(im.in.patches), p.Path))
		}
		if p.dropped() {
			continue
		}
		next, err := im.importPatch(ctx, tip, p)
		var unfit *gitops.PatchError
		switch {
		case errors.As(err, &unfit):
			im.in.refuse(p.Path, true, err.Error())
		case err != nil:
			return fmt.Errorf("%s: %w", p.Path, err)
		case next != "":
			tip, changed = next, true
		}
	}
	if !changed {
		return nil
	}
	return im.a.settle(ctx, im.s, component, version)
}

// importPatch records one patch on a stack and gives the tip that the next one
// is to be read on; "" when nothing changed.
func (im *importer) importPatch(ctx context.Context, tip patchset.ID, p incoming) (patchset.ID, error) {
	id := im.ids[p.identity()]
	if err := patchset.CheckPatchID(id); err != nil {
		return "", &gitops.PatchError{Err: err}
	}
	if p.Message.CommitMessage() == "" {
		p.Message.Subject = id
	}
	known, isKnown := im.s.ledger.Patches[id]
	in, isHere := known.At[p.Version]
	same := false
	if isHere {
		var err error
		if same, err = im.same(ctx, in, p); err != nil {
			return "", err
		}
	}
	switch {
	case same:
		im.done = append(im.done, imported{incoming: p, id: id, already: true})
		return "", nil
	case known.Dropped.Happened():
		im.in.guess(p.Path, "left out: %s was dropped on %s (%s)", id, date(known.Dropped.At), known.Dropped.Reason)
		return "", nil
	case !isHere:
		in = patchset.Incarnation{Position: im.s.ledger.NextPosition(p.Component, p.Version)}
	case p.Revision == 0 || !in.State.Carried():
		return "", &gitops.PatchError{Err: fmt.Errorf("%s is in %s already, and this is another change: git carry drop %s, or name the file -rev2 if it is its newer revision", id, p.Version, id)}
	default:
		return tip, im.replace(ctx, known, p)
	}
	source, err := im.s.bench.CommitPatch(ctx, tip, p.Message)
	if err != nil {
		return "", err
	}
	if !isKnown {
		if err := im.describe(ctx, id, p, source.Commit); err != nil {
			return "", err
		}
	}
	im.s.ledger.Put(id, p.Version, patchset.Incarnation{Position: in.Position, Source: source.Commit})
	im.understood(p, id, source)
	return patchset.Suppose(ctx, im.s.bench, tip, source.Commit, im.s.ledger.Patches[id].CarryID)
}

// understood notes a patch that is in the ledger now, and what had to be guessed for that.
func (im *importer) understood(p incoming, id string, source gitops.PatchSource) {
	for _, g := range source.Guessed {
		im.in.guess(p.Path, "%s", g)
	}
	for _, o := range offsetDocs(source.Offsets) {
		im.in.guess(p.Path, "%s", o)
	}
	im.done = append(im.done, imported{incoming: p, id: id, source: source})
}

// replace puts a newer revision in the place of the form that a version carries, as the
// command replace does: its owner must agree.
func (im *importer) replace(ctx context.Context, known patchset.Patch, p incoming) error {
	below, err := im.s.below(ctx, reworked{Patch: known, version: p.Version})
	if err != nil {
		return err
	}
	source, err := im.s.bench.CommitPatch(ctx, below, p.Message)
	if err != nil {
		return err
	}
	im.in.guess(p.Path, "revision %d takes the place of what %s had in %s: %s must sign it", p.Revision, known.ID, p.Version, known.Owner)
	im.s.ledger.Replace(p.Version, known.ID, source.Commit)
	im.understood(p, known.ID, source)
	return nil
}

// describe records a patch that is new to the vault.
func (im *importer) describe(ctx context.Context, id string, p incoming, source patchset.ID) error {
	c, err := im.s.bench.ReadCommit(ctx, source)
	if err != nil {
		return err
	}
	patch, err := im.a.newPatch(im.s, id, p.Component, c)
	if err != nil {
		return err
	}
	patch.Owner, patch.OwnerConfirmed = im.owners[id].person, im.owners[id].confirmed
	patch.Severity = patchset.Medium
	patch.CarriedAt(im.past(p.Message.Date), fromAuthorDate)
	im.s.ledger.Patches[id] = patch
	return nil
}

// droppedReason is what the record says of a file whose name ended in .dropped.
const droppedReason = "imported as .dropped"

// drop gives up the patches that the newest tree marks as dropped.
func (im *importer) drop(ctx context.Context) error {
	for i, p := range im.in.patches {
		if !p.dropped() {
			continue
		}
		id := im.ids[p.identity()]
		patch, known := im.s.ledger.Patches[id]
		later := slices.ContainsFunc(im.in.patches[i+1:], func(q incoming) bool { return q.identity() == p.identity() })
		switch {
		case patch.Dropped.Happened():
			im.in.guess(p.Path, "%s is dropped, as on record", id)
			continue
		case !known, later:
			im.in.guess(p.Path, "%s is marked as dropped here: not carried in %s", id, p.Version)
			continue
		}
		im.in.guess(p.Path, "%s is marked as dropped: given up from %s on", id, p.Version)
		if err := im.giveUp(ctx, patch, p); err != nil {
			return err
		}
	}
	return nil
}

func (im *importer) giveUp(ctx context.Context, patch patchset.Patch, p incoming) error {
	patch.Dropped = patchset.Event{At: im.a.now(), By: im.s.by(), Reason: droppedReason}
	im.s.ledger.Patches[patch.ID] = patch
	in, here := patch.At[p.Version]
	if !here {
		_, in = patch.Latest()
	}
	at := patchset.Spot{Version: p.Version, Patch: patch.ID}
	delete(im.s.ledger.Conflicts, at)
	delete(im.s.ledger.Resolutions, at)
	im.s.ledger.Put(patch.ID, p.Version, patchset.Incarnation{
		State: patchset.StateDropped, Position: in.Position, Source: in.Source, From: in.From, Why: droppedReason, Event: &patch.Dropped,
	})
	im.droppedIDs = append(im.droppedIDs, patch.ID)
	if !here {
		return nil
	}
	return im.a.settle(ctx, im.s, p.Component, p.Version)
}
