package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/git-carry/git-carry/bench/internal/drive"
)

// gitProgram is one git that contestants run.
type gitProgram struct {
	path    string
	version string // as it says
	major   int
	minor   int
}

// The versions from which on git can do what contestants need.
var (
	mergesTrees  = [2]int{2, 45} // merge-tree takes bare trees as sides, and --merge-base
	answersAlong = [2]int{2, 49} // merge-tree --stdin answers before its input ends
	replays      = [2]int{2, 44} // git replay
)

func askGit(ctx context.Context, sh *drive.Shell, path string) (gitProgram, error) {
	text, err := sh.Text(ctx, drive.Cmd{Dir: "/", Args: []string{path, "version"}})
	if err != nil {
		return gitProgram{}, err
	}
	g := gitProgram{path: path, version: strings.TrimPrefix(text, "git version ")}
	if _, err := fmt.Sscanf(g.version, "%d.%d", &g.major, &g.minor); err != nil {
		return g, fmt.Errorf("the version of %s: %q: %w", path, text, err)
	}
	return g, nil
}

func (g gitProgram) atLeast(v [2]int) bool {
	return g.major > v[0] || g.major == v[0] && g.minor >= v[1]
}

// title names a contestant: with the version, since there may be several gits.
func (g gitProgram) title(command string) string {
	return fmt.Sprintf("git %s (%d.%d)", command, g.major, g.minor)
}
