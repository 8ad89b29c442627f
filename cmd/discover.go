package cmd

import (
	"cmp"
	"context"
	"fmt"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

type discoverOptions struct {
	version string
	core    string
	ref     string
	nested  bool
	add     bool
}

func newDiscoverCmd(a *app) *cobra.Command {
	o := &discoverOptions{}
	c := &cobra.Command{
		Use:   "discover [VERSION]",
		Short: "Find the components that a base pins as submodules",
		Long: `Read the .gitmodules of a component's base and compare it with what the vault knows: what
is new, what is gone, what is at another path or has another URL. With --add all of it goes on
record in one entry: what is new becomes a component, named by its path; a new URL takes the
place of the old one; a component at another path keeps its name, its patches and its past.

From then on train finds the base of such a component by itself: where the base that pins it
does not have it, the component is not deployed in that version, and its patches must be
accounted for. Else it is its own public branch or tag of the version, and where it has none
the commit that is pinned.

The base is that of VERSION, else of the version that is being prepared; --ref names any public
branch or tag, and where there is no version yet it is the main branch. --nested fetches what
is pinned and looks into it, too. URLs that git would run a program for, paths on this machine
and names that cannot be a component's are refused and named.`,
		Example: `  git carry component discover 1.46.0-wmf.6
  git carry components discover --core core --ref refs/heads/wmf/next --nested --add`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.version = args[0]
			}
			return o.run(c.Context(), a)
		},
	}
	f := c.Flags()
	f.StringVar(&o.core, "core", "", "the component whose base is read, by `NAME` (else core, or the only one)")
	f.StringVar(&o.ref, "ref", "", "read this public branch or tag, a full `REF`")
	f.BoolVar(&o.nested, "nested", false, "look into the submodules, too")
	f.BoolVar(&o.add, "add", false, "record what was found")
	return c
}

type discoverDoc struct {
	Schema  string            `json:"schema"`
	Core    string            `json:"core"`
	Ref     string            `json:"ref"`
	Commit  patchset.ID       `json:"commit"`
	Added   []componentDoc    `json:"added"` // with --add they are recorded
	Known   []string          `json:"known"`
	Gone    []goneComponent   `json:"gone"`
	Renamed []renamingDoc     `json:"renamed"`
	NewURL  []componentDoc    `json:"new_url"`
	Refused []refusedPin      `json:"refused"`
	Written bool              `json:"recorded"`
	ledger  map[string]string // the URLs that were known
}

type goneComponent struct {
	Component string   `json:"component"`
	Patches   []string `json:"patches"` // that are live in some version
}

type renamingDoc struct {
	Component string `json:"component"`
	Was       string `json:"was"`
	Is        string `json:"is"`
}

type refusedPin struct {
	In   string `json:"in"`
	Path string `json:"path"`
	Why  string `json:"why"`
}

func (o *discoverOptions) run(ctx context.Context, a *app) error {
	if o.ref != "" && o.version != "" {
		return usagef("give VERSION or --ref, not both")
	}
	var doc discoverDoc
	edit := func(ctx context.Context, s *step) error {
		doc = discoverDoc{
			Schema: schema("component-discover"), Written: o.add, Added: []componentDoc{}, Known: []string{}, Gone: []goneComponent{},
			Renamed: []renamingDoc{}, NewURL: []componentDoc{}, Refused: []refusedPin{}, ledger: map[string]string{},
		}
		return o.discover(ctx, a, s, &doc)
	}
	var err error
	if o.add {
		err = a.record(ctx, "component discover", edit)
	} else {
		err = a.rehearse(ctx, edit)
	}
	a.endProgress()
	if err != nil {
		return err
	}
	a.show(doc, func() { o.report(a, doc) })
	return nil
}

func (o *discoverOptions) discover(ctx context.Context, a *app, s *step, doc *discoverDoc) error {
	core, err := o.coreOf(s.ledger)
	if err != nil {
		return err
	}
	for name, c := range s.ledger.Components {
		doc.ledger[name] = c.URL
	}
	base, err := o.base(ctx, a, s, core)
	if err != nil {
		return err
	}
	doc.Core, doc.Ref, doc.Commit = core.Name, base.Ref, base.Commit
	if err := o.read(ctx, a, s, doc, core, base.Commit, 0); err != nil {
		return err
	}
	s.did("recorded what %s pins at %s: %d new, %d with a new URL, %d at a new path", core.Name, base.Commit.Short(), len(doc.Added), len(doc.NewURL), len(doc.Renamed))
	return nil
}

// coreOf is the component whose base is read.
func (o *discoverOptions) coreOf(l patchset.Ledger) (patchset.Component, error) {
	name := o.core
	if names := l.ComponentNames(); name == "" && len(names) == 1 {
		name = names[0]
	}
	return l.Component(cmp.Or(name, "core"))
}

// base is the public commit that is read.
func (o *discoverOptions) base(ctx context.Context, a *app, s *step, core patchset.Component) (base patchset.Base, err error) {
	version := o.version
	if version == "" && o.ref == "" {
		version, _ = s.ledger.Newest()
	}
	switch {
	case version != "":
		if err := patchset.CheckVersion(version); err != nil {
			return base, err
		}
		bases, err := a.findBases(ctx, s, !o.add, []patchset.Component{core}, version)
		if _, ok := bases[core.Name]; err == nil && !ok {
			err = noBase(core, version)
		}
		return bases[core.Name], err
	case o.ref != "":
		refs, err := gitops.ListRemote(ctx, s.vault.Git(), core.URL)
		if err != nil {
			return base, err
		}
		base = patchset.Base{Ref: o.ref, Commit: refs[o.ref]}
		if base.Commit == "" {
			return base, patchset.Faultf(patchset.CodeNoBase, "%s has no public branch or tag %s", core.Name, o.ref).
				WithHint("a full name, such as refs/heads/main: git ls-remote --heads --tags %s", gitops.MaskURL(core.URL))
		}
	default:
		if base.Ref, base.Commit, err = gitops.RemoteHead(ctx, s.vault.Git(), core.URL); err != nil {
			return base, err
		}
	}
	return base, (&baseFinder{a: a, s: s, dryRun: !o.add}).fetch(ctx, core, base, nil)
}

// maxNesting bounds how deep submodules are looked for in each other.
const maxNesting = 6

// read takes in what a commit of a component pins, and what is pinned there in turn.
func (o *discoverOptions) read(ctx context.Context, a *app, s *step, doc *discoverDoc, in patchset.Component, commit patchset.ID, depth int) error {
	subs, refused, err := s.bench.Submodules(ctx, commit, in.URL)
	if err != nil {
		return fmt.Errorf("component %s: %w", in.Name, err)
	}
	found := s.ledger.Discover(in.Name, subs, gitops.SameRemote)
	for _, r := range append(refused, found.Refused...) {
		doc.Refused = append(doc.Refused, refusedPin{in.Name, r.Path, r.Why})
	}
	doc.take(s.ledger, found)
	for _, c := range append(found.Added, found.Moved...) {
		s.ledger.Components[c.Name] = c
	}
	for _, r := range found.Renamed {
		c := s.ledger.Components[r.Component]
		c.PinnedAt = r.Is
		s.ledger.Components[r.Component] = c
	}
	if !o.nested || depth == maxNesting {
		return nil
	}
	for _, sub := range subs {
		if err := o.readNested(ctx, a, s, doc, in, sub, depth); err != nil {
			return err
		}
	}
	return nil
}

// readNested looks into one submodule, if it is a component by now.
func (o *discoverOptions) readNested(ctx context.Context, a *app, s *step, doc *discoverDoc, in patchset.Component, sub patchset.Submodule, depth int) error {
	for _, c := range s.ledger.PinnedBy(in.Name) {
		if c.PinnedAt != sub.Path {
			continue
		}
		f := &baseFinder{a: a, s: s, dryRun: !o.add}
		refs, err := gitops.ListRemote(ctx, s.vault.Git(), c.URL)
		if err == nil {
			err = s.vault.FetchPinned(ctx, f.scratch(), s.ledger, c, refs, sub.Commit, "discovered", a.progress())
		}
		if err != nil {
			return fmt.Errorf("component %s: %w", c.Name, err)
		}
		return o.read(ctx, a, s, doc, c, sub.Commit, depth+1)
	}
	return nil
}

// take puts what was found in one component into the document.
func (d *discoverDoc) take(l patchset.Ledger, found patchset.Discovery) {
	for _, c := range found.Added {
		d.Added = append(d.Added, newComponentDoc(c))
	}
	for _, c := range found.Moved {
		d.NewURL = append(d.NewURL, newComponentDoc(c))
	}
	for _, name := range found.Gone {
		d.Gone = append(d.Gone, goneComponent{name, nonNil(l.LivePatches(name))})
	}
	for _, r := range found.Renamed {
		d.Renamed = append(d.Renamed, renamingDoc(r))
	}
	d.Known = append(d.Known, found.Known...)
}

func (o *discoverOptions) report(a *app, doc discoverDoc) {
	a.say("%s at %s (%s) pins %s", doc.Core, doc.Ref, doc.Commit.Short(), count(len(doc.Added)+len(doc.Known), "component", "components"))
	rows := [][]string{{"COMPONENT", "WHAT", "DETAIL"}}
	for _, c := range doc.Added {
		rows = append(rows, []string{c.Name, "new", gitops.MaskURL(c.URL)})
	}
	for _, c := range doc.NewURL {
		rows = append(rows, []string{c.Name, "new URL", gitops.MaskURL(c.URL) + ", was " + gitops.MaskURL(doc.ledger[c.Name])})
	}
	for _, r := range doc.Renamed {
		rows = append(rows, []string{r.Component, "renamed", "at " + r.Is + ", was at " + r.Was})
	}
	for _, g := range doc.Gone {
		rows = append(rows, []string{g.Component, "GONE", cmp.Or(joinWords(g.Patches), "no patch") + " is live there"})
	}
	for _, r := range doc.Refused {
		rows = append(rows, []string{r.Path, "REFUSED", r.Why})
	}
	if len(rows) > 1 {
		a.say("")
		a.table(rows)
	}
	changes := len(doc.Added) + len(doc.NewURL) + len(doc.Renamed)
	switch {
	case changes == 0:
		a.say("Nothing to record.")
	case !o.add:
		a.next("git carry component discover%s --add", o.again())
	default:
		a.next("git carry train VERSION")
	}
}

// again is the command's own arguments.
func (o *discoverOptions) again() string {
	words := ""
	if o.version != "" {
		words += " " + shellWord(o.version)
	}
	if o.core != "" {
		words += " --core " + shellWord(o.core)
	}
	if o.ref != "" {
		words += " --ref " + shellWord(o.ref)
	}
	if o.nested {
		words += " --nested"
	}
	return words
}
