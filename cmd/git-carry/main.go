// Command git-carry keeps unreleased security patches on top of deployment
// branches. Git finds it as `git carry`.
package main

import (
	"context"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/git-carry/git-carry/cmd"
)

func main() {
	collectLate()
	os.Exit(cmd.Run(context.Background(), cmd.RealEnv()))
}

// collectLate suits the collector of garbage to commands that are short and make little
// that stays: most end before it has run once. From then on it runs as it does everywhere, and
// more often where thousands of merges fill the caches, which hold some 100 MB at most.
func collectLate() {
	debug.SetMemoryLimit(160 << 20)
	debug.SetGCPercent(800) // of the 4 MB that a heap has at the beginning
	runtime.AddCleanup(new([16]byte), func(percent int) { debug.SetGCPercent(percent) }, 100)
}
