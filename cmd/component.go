package cmd

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

func newComponentCmd(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:     "component",
		Aliases: []string{"components"},
		Short:   "The deployed repositories that the vault knows",
		Args:    cobra.NoArgs,
	}
	c.AddCommand(newComponentAddCmd(a), newDiscoverCmd(a), newComponentRemoveCmd(a), newComponentListCmd(a))
	return c
}

type componentAddOptions struct {
	spec   string
	branch string
	pins   bool
}

func newComponentAddCmd(a *app) *cobra.Command {
	o := &componentAddOptions{}
	c := &cobra.Command{
		Use:   "add NAME=URL",
		Short: "Add a component, or change its URL or branch pattern",
		Long: `Add a component: NAME is where it is deployed (core, extensions/AbuseFilter,
skins/Vector, vendor), URL its public upstream: https, ssh, git, file, host:path, or a path.

The base of a version is the public branch or tag named VERSION, or the one whose last
path segment is VERSION. Where two fit, --branch settles it.`,
		Example: `  git carry component add core=https://example.org/core.git
  git carry component add extensions/OAuth=../OAuth --branch 'wmf/{version}'`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.spec = args[0]
			return o.run(c.Context(), a, c.Flags().Changed("pins"))
		},
	}
	c.Flags().StringVar(&o.branch, "branch", "", "the `PATTERN` of its deployment branches, such as wmf/{version}")
	c.Flags().BoolVar(&o.pins, "pins", false, "publish also points its submodules at their stacks")
	return c
}

type componentDoc struct {
	Name   string `json:"name"`
	URL    string `json:"url"`
	Branch string `json:"branch"`
	// PinnedIn has it as a submodule, at PinnedAt; "" for a repository by itself.
	PinnedIn string `json:"pinned_in"`
	PinnedAt string `json:"pinned_at"`
	Pins     bool   `json:"pins"` // publish points its submodules at their stacks
}

func newComponentDoc(c patchset.Component) componentDoc {
	return componentDoc{c.Name, c.URL, c.Branch, c.PinnedIn, c.PinnedAt, c.Pins}
}

func (o *componentAddOptions) run(ctx context.Context, a *app, saysPins bool) error {
	c, err := parseComponent(o.spec, o.branch, a.env.Dir)
	if err != nil {
		return err
	}
	verb := "added"
	err = a.record(ctx, "component add", func(_ context.Context, s *step) error {
		verb = "added"
		if old, known := s.ledger.Components[c.Name]; known {
			verb = "changed"
			c.PinnedIn, c.PinnedAt, c.Pins = old.PinnedIn, old.PinnedAt, old.Pins
		}
		if saysPins {
			c.Pins = o.pins
		}
		s.ledger.Components[c.Name] = c
		s.did("%s component %s", verb, c.Name)
		return nil
	})
	if err != nil {
		return err
	}
	doc := struct {
		Schema string `json:"schema"`
		componentDoc
	}{schema("component-add"), newComponentDoc(c)}
	a.show(doc, func() { a.say("Component %s %s: %s", c.Name, verb, c.URL) })
	return nil
}

func newComponentRemoveCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME",
		Short: "Forget a component that carries no patch",
		Long: `Forget a component, and the public commits that versions start from in it. Refused while a
patch of it is live in any version, and while a target is for it alone.`,
		Example: "  git carry component remove extensions/OAuth",
		Args:    cobra.ExactArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return removeComponent(c.Context(), a, args[0]) },
	}
}

func removeComponent(ctx context.Context, a *app, name string) error {
	var gone patchset.Component
	err := a.record(ctx, "component remove", func(_ context.Context, s *step) error {
		var err error
		if gone, err = s.ledger.Component(name); err != nil {
			return err
		}
		if err := checkUnused(s.ledger, name); err != nil {
			return err
		}
		delete(s.ledger.Components, name)
		for _, v := range s.ledger.Versions {
			delete(v.Bases, name)
		}
		s.did("removed component %s", name)
		return nil
	})
	if err != nil {
		return err
	}
	doc := struct {
		Schema string `json:"schema"`
		componentDoc
	}{schema("component-remove"), newComponentDoc(gone)}
	a.show(doc, func() { a.say("Component %s removed.", name) })
	return nil
}

// checkUnused refuses what would lose a patch, or leave a target without use.
func checkUnused(l patchset.Ledger, component string) error {
	for _, id := range l.PatchIDs() {
		p := l.Patches[id]
		for _, version := range l.VersionNames() {
			if state := p.At[version].State; p.Component == component && state.Live() {
				return patchset.Faultf(patchset.CodeFailed, "%s still has %s, which is %s in %s", component, id, state, version).
					WithHint("git carry list --all --component %s", shellWord(component))
			}
		}
	}
	for _, c := range l.PinnedBy(component) {
		return patchset.Faultf(patchset.CodeFailed, "%s is a submodule of %s", c.Name, component).
			WithHint("git carry component remove %s", shellWord(c.Name))
	}
	for _, name := range slices.Sorted(maps.Keys(l.Targets)) {
		if l.Targets[name].Component == component {
			return patchset.Faultf(patchset.CodeFailed, "the target %s is for %s alone", name, component).
				WithHint("git carry target remove %s", shellWord(name))
		}
	}
	return nil
}

func newComponentListCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the components",
		Long:    "List the deployed repositories with the pattern of their branches and their public URLs.",
		Example: "  git carry component list --json",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return listComponents(c.Context(), a) },
	}
}

func listComponents(ctx context.Context, a *app) error {
	r, err := a.read(ctx)
	if err != nil {
		return err
	}
	list := []componentDoc{}
	rows := [][]string{{"COMPONENT", "BRANCH", "URL", "PINNED BY"}}
	for _, name := range r.ledger.ComponentNames() {
		c := r.ledger.Components[name]
		list = append(list, newComponentDoc(c))
		rows = append(rows, []string{c.Name, cmp.Or(c.Branch, "(named as the version)"), c.URL, c.PinnedIn})
	}
	doc := struct {
		Schema     string         `json:"schema"`
		Components []componentDoc `json:"components"`
	}{schema("component-list"), list}
	a.show(doc, func() { a.fittedTable(rows, "PINNED BY", "BRANCH") })
	return nil
}
