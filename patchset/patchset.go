// Package patchset is the domain of git-carry as pure values: patches, the
// stacks they form, the versions they are carried to, and the ledger that
// records what was decided about them.
//
// It knows no git, no files, no clock and no terminal. What it needs of git it
// asks through the small interface [Workbench]; what a command would do comes
// out as a [Plan], which gitops.Vault carries out in one step or not at all.
//
// Start at [Ledger] (everything that is known), [Patch] (one security fix), and
// [CarryStack] (how a stack gets from one base to another).
package patchset

import "github.com/git-carry/git-carry/patchset/merge3"

// ID names a git object; see [merge3.ID].
type ID = merge3.ID
