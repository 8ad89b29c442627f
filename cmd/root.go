package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
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
		Example: `  git carry demo                     # a practice world, offline
  git carry init vault --component core=https://example.org/core.git
  git carry train 1.46.0-wmf.6       # carry every stack to this week's branch
  git carry resolve T401234          # settle a conflict
  git carry verify 1.46.0-wmf.6      # is the set complete and signed?`,
		Args:              cobra.NoArgs,
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		Annotations:       map[string]string{cobra.CommandDisplayNameAnnotation: "git carry"},
		RunE:              func(c *cobra.Command, _ []string) error { return (&statusOptions{}).run(c.Context(), a) },
	}
	flags := root.PersistentFlags()
	flags.StringVar(&a.vaultFlag, "vault", "", "the vault's `DIR` (else $GIT_CARRY_VAULT, git config carry.vault, the one you stand in)")
	flags.StringVar(&a.person, "as-person", "", "act as the person with this `ID` in the registry")
	flags.BoolVar(&a.json, "json", false, "print one JSON document on stdout")
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "say nothing but the result")
	flags.BoolVarP(&a.verbose, "verbose", "v", false, "say more")
	a.engine.mode = gitops.EngineOwn
	flags.Var(&a.engine, "engine", "who merges: `own|git|check`, git-carry itself, git, or both and compared")
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
	add(groupStart, newInitCmd(a), newDemoCmd(a), newDoctorCmd(a), newComponentCmd(a))
	add(groupPatches, newAddCmd(a), newImportCmd(a), newExportCmd(a), newOwnerCmd(a), newOwnersCmd(a))
	add(groupPatches, newListCmd(a), newShowCmd(a), newEditCmd(a), newOwnCmd(a), newDropCmd(a), newRetireCmd(a), newDiscloseCmd(a), newReleasePlanCmd(a), newAdvisoryCmd(a), newCheckCmd(a))
	add(groupPatches, newReplaceCmd(a), newReorderCmd(a), newSplitCmd(a), newSquashCmd(a))
	add(groupPatches, newNotifyCmd(a), newChannelCmd(a))
	add(groupTrain, newTrainCmd(a), newForecastCmd(a))
	add(groupConflicts, newResolveCmd(a), newSignCmd(a), newHandoffCmd(a), newWhyCmd(a), newInterdiffCmd(a))
	add(groupRelease, newVerifyCmd(a), newTargetCmd(a), newPublishCmd(a), newUrgentCmd(a), newSyncCmd(a), newGuardCmd(a))
	add(groupPlumbing, newCompletionCmd(a), newManCmd(a), newVersionCmd(a), newTryCmd(a))
	add(groupAudit, newStatusCmd(a), newUICmd(a), newLogCmd(a), newUndoCmd(a), newRollbackCmd(a), newAuditCmd(a), newReportCmd(a))
	root.AddCommand(newTopics()...)
	root.SetHelpCommand(newHelpCmd())
	root.SetHelpCommandGroupID(groupPlumbing)
	root.SetUsageTemplate(usageTemplate)
	root.Version = newVersionDoc().Version
	root.SetVersionTemplate("git-carry {{.Version}}\n")
	root.InitDefaultVersionFlag()
	root.Flags().Lookup("version").Usage = "print which git-carry this is"
	if len(a.env.Args) > 0 && strings.HasPrefix(a.env.Args[0], cobra.ShellCompRequestCmd) {
		addCompletions(a, root)
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		a.json = a.json || wantsJSON(c, a.env.Args)
		return flagError(err)
	})
	wrapArgErrors(root)
	return root
}

// wrapArgErrors makes wrong arguments usage errors in our words.
func wrapArgErrors(c *cobra.Command) {
	if c.HasSubCommands() && !c.Runnable() {
		// Without it, cobra would answer a mistyped subcommand with help and success.
		c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	}
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return argError(c, args, err)
			}
			return nil
		}
	}
	for _, sub := range c.Commands() {
		wrapArgErrors(sub)
	}
}

func argError(c *cobra.Command, args []string, err error) error {
	unknown := strings.HasPrefix(err.Error(), "unknown command ")
	if unknown && c.HasSubCommands() {
		f := patchset.Faultf(patchset.CodeUsage, "there is no command %q", c.CommandPath()+" "+args[0])
		c.SuggestionsMinimumDistance = 2
		for _, name := range c.SuggestionsFor(args[0]) {
			f.WithHint("did you mean %s %s?", c.CommandPath(), name)
		}
		return f.WithHint("git carry help%s", strings.TrimPrefix(c.CommandPath(), "git carry"))
	}
	var ours usageError
	if !errors.As(err, &ours) {
		err = fmt.Errorf("takes %s, and got %s", cmp.Or(argumentsOf(c), "no argument"), cmp.Or(quoted(args), "none"))
	}
	f := patchset.Faultf(patchset.CodeUsage, "%s: %w", c.CommandPath(), err)
	if c.Flag("version") != nil && argumentsOf(c) == "" && len(args) == 1 {
		f.WithHint("did you mean %s --version %s?", c.CommandPath(), shellWord(args[0]))
	}
	return f.WithHint("git carry help%s", strings.TrimPrefix(c.CommandPath(), "git carry"))
}

// argumentsOf names the arguments in the usage line of a command: "ID [OWNER]".
func argumentsOf(c *cobra.Command) string {
	_, rest, _ := strings.Cut(c.Use, " ")
	rest, _, _ = strings.Cut(rest, "--")
	return strings.TrimRight(rest, " (")
}

func quoted(words []string) string {
	var out []string
	for _, w := range words {
		out = append(out, strconv.Quote(w))
	}
	return joinWords(out)
}

// wantsJSON tells whether --json is among the words of a command line of which a flag is
// wrong: what stands behind that flag, the library has not read. report's takes a file.
func wantsJSON(c *cobra.Command, args []string) bool {
	f := c.Flag("json")
	return f != nil && f.Value.Type() == "bool" && slices.Contains(args, "--json")
}

// flagError puts what the library says of flags into our words.
func flagError(err error) error {
	var unknown *pflag.NotExistError
	var bare *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		return usagef("there is no flag -%s", unknown.GetSpecifiedName())
	case errors.As(err, &unknown):
		return usagef("there is no flag --%s", unknown.GetSpecifiedName())
	case errors.As(err, &bare):
		return usagef("--%s takes a value", bare.GetFlag().Name)
	case errors.As(err, &invalid):
		name, _ := pflag.UnquoteUsage(invalid.GetFlag())
		return usagef("--%s %s: that is not %s", invalid.GetFlag().Name, invalid.GetValue(), cmp.Or(name, "yes or no"))
	}
	return usageError{err.Error()}
}
