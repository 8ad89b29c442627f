// Command git-carry keeps unreleased security patches on top of deployment
// branches. Git finds it as `git carry`.
package main

import (
	"context"
	"os"

	"github.com/git-carry/git-carry/cmd"
)

func main() {
	os.Exit(cmd.Run(context.Background(), cmd.RealEnv()))
}
