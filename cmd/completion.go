package cmd

import (
	_ "embed"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

//go:embed completion/git-carry.bash
var bashCompletion string

//go:embed completion/_git-carry
var zshCompletion string

//go:embed completion/git-carry.fish
var fishCompletion string

// completionFiles are the places of the scripts below a share directory, where
// the shells look for them.
var completionFiles = []string{
	"bash-completion/completions/git-carry",
	"zsh/site-functions/_git-carry",
	"fish/vendor_conf.d/git-carry.fish",
}

func newCompletionCmd(a *app) *cobra.Command {
	scripts := map[string]string{"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion}
	return &cobra.Command{
		Use:   "completion bash|zsh|fish",
		Short: "Print the completion script of a shell",
		Long: `Print the script by which a shell completes the words behind "git carry": commands and
flags, and from the vault patch ids, versions, people, components and targets. Git's own
completion calls it. make install puts all three in place; by hand:

  bash   ~/.local/share/bash-completion/completions/git-carry   (with the package bash-completion)
  zsh    a directory of $fpath, named _git-carry
  fish   ~/.config/fish/conf.d/git-carry.fish`,
		Example: `  git carry completion bash > ~/.local/share/bash-completion/completions/git-carry
  git carry completion zsh > ~/.zfunc/_git-carry
  git carry completion fish > ~/.config/fish/conf.d/git-carry.fish`,
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"bash", "zsh", "fish"},
		RunE: func(_ *cobra.Command, args []string) error {
			if _, err := io.WriteString(a.env.Stdout, scripts[args[0]]); err != nil {
				return fmt.Errorf("writing the script: %w", err)
			}
			return nil
		},
	}
}
