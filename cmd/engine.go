package cmd

import "github.com/git-carry/git-carry/gitops"

// engineFlag is --engine.
type engineFlag struct{ mode gitops.EngineMode }

func (f *engineFlag) String() string { return string(f.mode) }

func (f *engineFlag) Type() string { return "own, git or check" }

func (f *engineFlag) Set(s string) (err error) {
	f.mode, err = gitops.ParseEngineMode(s)
	return err
}
