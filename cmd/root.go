package cmd

import (
	"github.com/spf13/cobra"
)

// Groups of commands in the help text.
const (
	groupStart     = "start"
	groupPatches   = "patches"
	groupTrain     = "train"
	groupConflicts = "conflicts"
	groupRelease   = "release"
	groupAudit     = "audit"
	groupPlumbing  = "plumbing"
)

func newRootCmd(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "git-carry",
		Short: "Keep unreleased security patches on top of deployment branches",
		Long: `git carry keeps unreleased security patches on top of deployment branches, week
after week, until each patch is public and can be let go. It works in a vault: a
private, bare git repository that holds the public bases, the carried commits and a
ledger of who did what, when and why.

"git carry" alone is "git carry status". Every command takes --json.`,
		Example: `  git carry demo                     a practice world, offline
  git carry init vault --component core=https://example.org/core.git
  git carry train 1.46.0-wmf.6       carry every stack to this week's branch
  git carry resolve T401234          settle a conflict
  git carry verify 1.46.0-wmf.6      is the set complete and signed?`,
		Args:              cobra.NoArgs,
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		Annotations:       map[string]string{cobra.CommandDisplayNameAnnotation: "git carry"},
	}
	flags := root.PersistentFlags()
	flags.StringVar(&a.vaultFlag, "vault", "", "the vault's `DIR` (else $GIT_CARRY_VAULT, the one you stand in, git config carry.vault)")
	flags.StringVar(&a.person, "as-person", "", "act as the person with this `ID` in the registry")
	flags.BoolVar(&a.json, "json", false, "print one JSON document on stdout")
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "say nothing but the result")
	flags.BoolVarP(&a.verbose, "verbose", "v", false, "say more")
	root.AddGroup(
		&cobra.Group{ID: groupStart, Title: "First steps:"},
		&cobra.Group{ID: groupPatches, Title: "Patches and their owners:"},
		&cobra.Group{ID: groupTrain, Title: "The train:"},
		&cobra.Group{ID: groupConflicts, Title: "Conflicts and consent:"},
		&cobra.Group{ID: groupRelease, Title: "The way out:"},
		&cobra.Group{ID: groupAudit, Title: "Where it stands:"},
		&cobra.Group{ID: groupPlumbing, Title: "Plumbing:"},
	)
	add := func(group string, cmds ...*cobra.Command) {
		for _, c := range cmds {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	add(groupStart, newInitCmd(a), newComponentCmd(a))
	add(groupPatches, newAddCmd(a), newOwnerCmd(a), newOwnersCmd(a))
	add(groupTrain, newTrainCmd(a))
	add(groupRelease, newVerifyCmd(a), newTargetCmd(a), newPublishCmd(a))
	add(groupPlumbing, newTryCmd(a))
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return usageError{err.Error()} })
	wrapArgErrors(root)
	return root
}

// wrapArgErrors makes wrong numbers of arguments usage errors.
func wrapArgErrors(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return usagef("%s: %v; see git carry help %s", c.CommandPath(), err, c.Name())
			}
			return nil
		}
	}
	for _, sub := range c.Commands() {
		wrapArgErrors(sub)
	}
}
