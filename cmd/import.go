package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

type importOptions struct {
	dir         string
	versions    []string
	component   string
	owner       string
	ownersFile  string
	dryRun      bool
	skipRefused bool
	ages        bool
}

func newImportCmd(a *app) *cobra.Command {
	o := &importOptions{}
	c := &cobra.Command{
		Use:   "import DIR",
		Short: "Take over a tree of patch files, a quilt series or an mbox",
		Long: `Take over a whole tree of patch files, DIR/<version>/<component>/NN-Txxx.patch, where a
component is core, vendor, extensions/NAME or skins/NAME. The id of a patch is the task in its
name, the same in every version. Its owner is who --owners FILE says, else the person with the
author's address, else --owner; the last two are unconfirmed until somebody says so. A tree of one
version (DIR/core/…), a quilt series and an mbox need --version, the last two also --component.

-rev2 is a newer revision of the same patch. .updated and .failed are carried, .dropped is
not. The report says what was understood, guessed and refused. A file that is no patch is
named and passed over. A patch that cannot be carried (it does not apply, its path is not
allowed, its component has no such branch) refuses the whole import, so that none is lost by
mistake; --skip-refused imports the rest. Components and authors that the vault does not know
are named all at once, with their files and the commands that add them. A patch that conflicts
is parked, exit code 3.

All of it is one entry in the ledger. Run again, what is there already is left alone.

The age of a patch begins with its author's date. With --ages it is read from the git history
of DIR: a patch is carried since the first commit that has its file, in whatever version and
under whatever name, and its hole was found by the author's date at the latest. The ledger
keeps where each day was read, and git carry show tells. Run with --ages after an import
without, it puts the clocks of the patches right and changes nothing else.`,
		Example: `  git carry import /srv/patches --dry-run
  git carry import /srv/patches --owners owners.txt      # lines: T401234 priya
  git carry import /srv/patches --ages
  git carry import debian --component core --version 1.46.0-wmf.6 --owner priya`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.dir = args[0]
			return o.run(c.Context(), a)
		},
	}
	f := c.Flags()
	f.StringArrayVar(&o.versions, "version", nil, "only this `VERSION`; may be given again")
	f.StringVar(&o.component, "component", "", "the `NAME` of the component of an mbox or a quilt series")
	f.StringVar(&o.owner, "owner", "", "the `ID` of the person who owns what no one else does, unconfirmed")
	f.StringVar(&o.ownersFile, "owners", "", "a `FILE` with lines \"PATCH-or-TASK OWNER\", confirmed")
	f.BoolVarP(&o.dryRun, "dry-run", "n", false, "do everything but record it")
	f.BoolVar(&o.ages, "ages", false, "take the ages from the git history of DIR")
	f.BoolVar(&o.skipRefused, "skip-refused", false, "import the rest when patches are refused")
	return c
}

func (o *importOptions) run(ctx context.Context, a *app) error {
	in, err := o.readInbox(a)
	if err != nil {
		return err
	}
	in.number()
	origins, err := o.readOrigins(ctx, a)
	if err != nil {
		return err
	}
	var doc importDoc
	edit := func(ctx context.Context, s *step) error {
		im := &importer{importOptions: o, a: a, s: s, in: in.clone(), origins: origins}
		err := im.run(ctx)
		doc = im.document()
		if err == nil {
			s.did("imported %s", doc.words())
			for _, p := range doc.Patches {
				s.details = append(s.details, fmt.Sprintf("%s %s %s: %s", p.Component, p.Version, p.ID, p.State))
			}
			for _, id := range im.aged {
				p := s.ledger.Patches[id]
				s.details = append(s.details, fmt.Sprintf("%s carried since %s", id, clockWords(p.CarriedSince, p.CarriedFrom)))
			}
		}
		return err
	}
	if o.dryRun {
		err = a.rehearse(ctx, edit)
	} else {
		err = a.record(ctx, "import", edit)
	}
	if err != nil && !errors.Is(err, errRefused) {
		return err
	}
	doc.Recorded = err == nil && !o.dryRun
	a.show(doc, func() { doc.say(a, o, err != nil) })
	return doc.outcome(err)
}

type importDoc struct {
	Schema   string        `json:"schema"`
	DryRun   bool          `json:"dry_run"`
	Recorded bool          `json:"recorded"`
	Versions []string      `json:"versions"`
	Patches  []importPatch `json:"patches"`
	Dropped  []string      `json:"dropped"`
	// Aged are the patches whose clocks --ages set.
	Aged    []string        `json:"aged"`
	Guessed []importFinding `json:"guessed"`
	Refused []importFinding `json:"refused"`
	// Obstacles are what the vault must know before this can be imported.
	Obstacles []obstacle `json:"obstacles"`
}

type importPatch struct {
	ID             string         `json:"id"`
	Component      string         `json:"component"`
	Version        string         `json:"version"`
	State          patchset.State `json:"state"`
	Commit         patchset.ID    `json:"commit"`
	Owner          string         `json:"owner"`
	OwnerConfirmed bool           `json:"owner_confirmed"`
	FoundAt        string         `json:"found_at"`
	CarriedSince   string         `json:"carried_since"`
	CarriedFrom    string         `json:"carried_from"` // where that day was read
	Path           string         `json:"path"`
	AlreadyThere   bool           `json:"already_there"`
	Cause          string         `json:"cause"`
	Paths          []string       `json:"paths"`
	Offsets        []offsetDoc    `json:"offsets"`
}

func (im *importer) document() importDoc {
	doc := importDoc{
		Schema: schema("import"), DryRun: im.dryRun, Versions: nonNil(im.in.versions), Patches: []importPatch{},
		Dropped: nonNil(im.droppedIDs), Aged: nonNil(im.aged),
	}
	for _, d := range im.done {
		p := im.s.ledger.Patches[d.id]
		in := p.At[d.Version]
		doc.Patches = append(doc.Patches, importPatch{
			ID: d.id, Component: d.Component, Version: d.Version, State: in.State, Commit: in.Commit,
			Owner: p.Owner, OwnerConfirmed: p.OwnerConfirmed, Path: d.Path, AlreadyThere: d.already,
			FoundAt: stamp(p.Found), CarriedSince: stamp(p.CarriedSince), CarriedFrom: p.CarriedFrom,
			Cause: cmp.Or(in.Cause, string(in.Culprit)), Paths: nonNil(in.Paths), Offsets: offsetDocs(d.source.Offsets),
		})
	}
	doc.Guessed = nonNil(append(byPath(im.in.guessed), im.assumed()...))
	doc.Refused = nonNil(byPath(im.in.refused))
	doc.Obstacles = nonNil(im.obstacles)
	return doc
}

// byPath puts together what was said of one file.
func byPath(findings []importFinding) []importFinding {
	slices.SortStableFunc(findings, func(a, b importFinding) int { return patchset.CompareVersions(a.Path, b.Path) })
	return findings
}

// assumed says what was assumed of many patches at once.
func (im *importer) assumed() []importFinding {
	var ids []string
	unconfirmed := map[string][]string{}
	for _, d := range im.done {
		if d.already || slices.Contains(ids, d.id) || im.owners[d.id].person == "" {
			continue
		}
		ids = append(ids, d.id)
		if p := im.s.ledger.Patches[d.id]; !p.OwnerConfirmed {
			unconfirmed[p.Owner] = append(unconfirmed[p.Owner], d.id)
		}
	}
	var out []importFinding
	for _, owner := range slices.Sorted(maps.Keys(unconfirmed)) {
		patches := unconfirmed[owner]
		out = append(out, importFinding{Reason: fmt.Sprintf("%s owns %s: nobody has confirmed it yet; %s",
			owner, joinFew(patches), askToConfirm(im.s.ledger.Patches[patches[0]]))})
	}
	if len(ids) > 0 {
		out = append(out, importFinding{Reason: fmt.Sprintf("severity medium is assumed for %s; git carry edit %s --severity …", joinFew(ids), ids[0])})
	}
	return out
}

// summary counts the patches by state.
func (d importDoc) summary() (t trainSummary, already int) {
	for _, p := range d.Patches {
		if p.AlreadyThere {
			already++
			continue
		}
		t.add(p.State)
	}
	return t, already
}

func (d importDoc) words() string {
	t, already := d.summary()
	text := "nothing new"
	if t.Total > 0 {
		text = fmt.Sprintf("%s in %s: %s", count(t.Total, "patch", "patches"), count(len(d.Versions), "version", "versions"), t.words())
	}
	if already > 0 {
		text += fmt.Sprintf("; %d already there", already)
	}
	if len(d.Dropped) > 0 {
		text += "; dropped " + joinWords(d.Dropped)
	}
	if len(d.Aged) > 0 {
		text += "; " + count(len(d.Aged), "age", "ages") + " from the git history"
	}
	return text
}

// outcome is 3 as long as a patch of the tree is parked, also when it was before.
func (d importDoc) outcome(err error) error {
	if err != nil || len(d.Patches)+len(d.Dropped) == 0 {
		return outcome{exitFailed}
	}
	if slices.ContainsFunc(d.Patches, func(p importPatch) bool { return p.State.Parked() }) {
		return outcome{exitConflicts}
	}
	return nil
}

// again is the command line without --dry-run and --skip-refused.
func (o *importOptions) again() string {
	words := []string{shellWord(o.dir)}
	add := func(flag, value string) {
		if value != "" {
			words = append(words, flag, shellWord(value))
		}
	}
	for _, v := range o.versions {
		add("--version", v)
	}
	add("--component", o.component)
	add("--owner", o.owner)
	add("--owners", o.ownersFile)
	if o.ages {
		words = append(words, "--ages")
	}
	return strings.Join(words, " ")
}
