package cmd

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
	"github.com/spf13/pflag"

	"github.com/git-carry/git-carry/patchset/pattern"
)

func newManCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "man DIR",
		Short: "Write the manual pages",
		Long: `Write git-carry(1) and a page for every command to DIR. Git opens them for git carry
--help, where man finds them: DIR is share/man/man1 beside the bin that git-carry is in.`,
		Example: "  git carry man ~/.local/share/man/man1",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return writeManual(c.Context(), a, a.path(args[0]))
		},
	}
}

type manDoc struct {
	Schema string   `json:"schema"`
	Dir    string   `json:"dir"`
	Pages  []string `json:"pages"`
}

func writeManual(ctx context.Context, a *app, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making the directory of the manual: %w", err)
	}
	fresh := *a // another set of commands sets what flags have set back to what they are without
	root := newRootCmd(&fresh)
	root.Long = overview(root)
	escapeFlags(root)
	result := manDoc{Schema: schema("man"), Dir: dir}
	for _, c := range allCommands(root) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if c != root && (!c.IsAvailableCommand() || c.IsAdditionalHelpTopicCommand()) {
			continue
		}
		page, err := manualPage(a, c)
		if err != nil {
			return fmt.Errorf("writing the page of %s: %w", c.CommandPath(), err)
		}
		name := strings.ReplaceAll(c.CommandPath(), " ", "-") + ".1"
		if err := os.WriteFile(filepath.Join(dir, name), page, 0o644); err != nil {
			return fmt.Errorf("writing the manual: %w", err)
		}
		result.Pages = append(result.Pages, name)
	}
	a.show(result, func() { a.say("Wrote %s to %s", count(len(result.Pages), "page", "pages"), dir) })
	return nil
}

// overview is the description of git-carry(1): the commands, and the topics that
// have no page of their own.
func overview(root *cobra.Command) string {
	var b strings.Builder
	b.WriteString(root.Long + "\n")
	for _, g := range root.Groups() {
		fmt.Fprintf(&b, "\n# %s\n", strings.ToUpper(strings.TrimSuffix(g.Title, ":")))
		for _, c := range root.Commands() {
			if c.GroupID == g.ID && c.IsAvailableCommand() {
				fmt.Fprintf(&b, "\n  %-14s %s", c.Name(), c.Short)
			}
		}
		b.WriteString("\n")
	}
	for _, c := range root.Commands() {
		if c.IsAdditionalHelpTopicCommand() {
			fmt.Fprintf(&b, "\n# %s\n\n%s\n", strings.ToUpper(c.Short), c.Long)
		}
	}
	return b.String()
}

func manualPage(a *app, c *cobra.Command) ([]byte, error) {
	c.Long, c.Short = manualText(c.Long), manualText(c.Short)
	c.DisableAutoGenTag = true
	now := a.now()
	var b bytes.Buffer
	err := doc.GenMan(c, &doc.GenManHeader{Section: "1", Source: "git-carry", Manual: "git-carry manual", Date: &now}, &b)
	page := maybeValue().ReplaceAll(b.Bytes(), []byte(`[=\fI$1\fP]`))
	page = value().ReplaceAll(page, []byte(` \fI$1\fP`))
	return defaults().ReplaceAll(page, nil), err
}

// The library shows the default of a flag where people look for the name of its
// value. So the name is put there, between marks that are words in any format.
const (
	nameMark     = "ValueIsNamed"
	valuePattern = `="?` + nameMark + `(.*?)` + nameMark + `"?`
)

var (
	value      = pattern.Of(valuePattern)
	maybeValue = pattern.Of(`\[` + valuePattern + `\]`)
	defaults   = pattern.Of(`\[=false\]`) // of a switch: it says nothing
)

// escapeFlags makes the words on every flag markdown, and names its value as the
// help does. Commands share flags with those above them, so each is done once.
func escapeFlags(root *cobra.Command) {
	done := map[*pflag.Flag]bool{}
	for _, c := range allCommands(root) {
		c.InitDefaultHelpFlag()
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if !done[f] {
				nameValue(f)
				done[f] = true
			}
		})
	}
}

func nameValue(f *pflag.Flag) {
	name, usage := pflag.UnquoteUsage(f)
	f.Usage = escapeMarkdown(usage)
	if f.Value.Type() == "bool" {
		return
	}
	if f.DefValue != "" && f.DefValue != "[]" && f.DefValue != "0" {
		f.Usage += escapeMarkdown(" (default " + f.DefValue + ")")
	}
	f.DefValue = nameMark + name + nameMark
}

// manualText makes help text markdown: what is indented by two is meant as it
// stands, all else is words.
func manualText(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "  ") {
			lines[i] = "  " + line
		} else {
			lines[i] = escapeMarkdown(line)
		}
	}
	return strings.Join(lines, "\n")
}

func escapeMarkdown(s string) string {
	return strings.NewReplacer("<", `\<`, "*", `\*`, "_", `\_`).Replace(s)
}
