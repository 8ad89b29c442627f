package cmd

import (
	"context"

	"github.com/spf13/cobra"
)

func newComponentCmd(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "component",
		Short: "The deployed repositories that the vault knows",
		Args:  cobra.NoArgs,
	}
	c.AddCommand(newComponentAddCmd(a), newComponentListCmd(a))
	return c
}

type componentAddOptions struct {
	spec   string
	branch string
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
			return o.run(c.Context(), a)
		},
	}
	c.Flags().StringVar(&o.branch, "branch", "", "the `PATTERN` of its deployment branches, such as wmf/{version}")
	return c
}

type componentDoc struct {
	Name   string `json:"name"`
	URL    string `json:"url"`
	Branch string `json:"branch"`
}

func (o *componentAddOptions) run(ctx context.Context, a *app) error {
	c, err := parseComponent(o.spec, o.branch, a.env.Dir)
	if err != nil {
		return err
	}
	err = a.record(ctx, "component add", func(_ context.Context, s *step) error {
		verb := "added"
		if _, known := s.ledger.Components[c.Name]; known {
			verb = "changed"
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
	}{schema("component-add"), componentDoc(c)}
	a.show(doc, func() { a.say("Component %s: %s", c.Name, c.URL) })
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
	rows := [][]string{{"COMPONENT", "BRANCH", "URL"}}
	for _, name := range r.ledger.ComponentNames() {
		c := r.ledger.Components[name]
		list = append(list, componentDoc(c))
		rows = append(rows, []string{c.Name, orElse(c.Branch, "(named as the version)"), c.URL})
	}
	doc := struct {
		Schema     string         `json:"schema"`
		Components []componentDoc `json:"components"`
	}{schema("component-list"), list}
	a.show(doc, func() { a.table(rows) })
	return nil
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
