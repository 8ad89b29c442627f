package cmd

import (
	"cmp"
	"runtime/debug"

	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

func newVersionCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print which git-carry this is",
		Long:    "Print the version of this program, the commit it was built from, and the ledger format that it writes.",
		Example: "  git carry version --json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			doc := newVersionDoc()
			a.show(doc, func() {
				a.say("git-carry %s", doc.Version)
				a.say("commit %s, %s, ledger format %d", cmp.Or(doc.Commit, "unknown"), doc.Go, doc.Format)
			})
			return nil
		},
	}
}

type versionDoc struct {
	Schema  string `json:"schema"`
	Version string `json:"version"`
	Commit  string `json:"commit"` // empty when it is not known; "+" at the end: with changes
	Go      string `json:"go"`
	Format  int    `json:"format"`
}

func newVersionDoc() versionDoc {
	doc := versionDoc{Schema: schema("version"), Version: "unreleased", Format: patchset.Format}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return doc
	}
	doc.Go = info.GoVersion
	if v := info.Main.Version; v != "" && v != "(devel)" {
		doc.Version = v
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			doc.Commit = s.Value + doc.Commit
		case s.Key == "vcs.modified" && s.Value == "true":
			doc.Commit += "+"
		}
	}
	return doc
}
