package main

import (
	"os"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/git-carry/git-carry/gitops/gittest"
)

// sshd runs OpenSSH's server on this machine until the script ends: `sshd NAME` sets $NAME
// to ssh://USER@HOST:PORT, behind which goes the absolute path of a repository. Git is given
// the one key that it takes.
func sshd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: sshd NAME")
	}
	dir := ts.MkAbs(".sshd")
	ts.Check(os.MkdirAll(dir, 0o700))
	host, command, stop, err := gittest.ServeSSH(dir)
	ts.Check(err)
	ts.Defer(stop)
	ts.Setenv(args[0], host)
	ts.Setenv("GIT_SSH_COMMAND", command)
}
