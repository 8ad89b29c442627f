// Command git-carry keeps unreleased security patches on top of deployment
// branches. Git finds it as `git carry`.
package main

import (
	"context"
	"os"
	"runtime/debug"

	"github.com/git-carry/git-carry/cmd"
)

func main() {
	// Commands are short and make little that stays: half the collections cost a tenth
	// of the time less, and some megabytes.
	debug.SetGCPercent(200)
	// Thousands of merges fill the caches, which hold some 100 MB at most: from here on
	// collect rather than grow.
	debug.SetMemoryLimit(160 << 20)
	os.Exit(cmd.Run(context.Background(), cmd.RealEnv()))
}
