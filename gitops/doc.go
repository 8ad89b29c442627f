// Package gitops is the only door to git: it reads and writes objects and
// refs, and runs the installed git.
//
// Its lower half has no idea of patches or ledgers:
//
//   - [Git] runs the installed git hermetically: a scrubbed environment, no
//     hooks, no shell.
//   - [Reader] reads objects through one long-lived git cat-file.
//   - [Scratch] is a throw-away repository that borrows the objects of a real
//     one; whatever is made is made there first and published in one pack.
//   - [GitMerger] is git's merge-ort behind merge3.Merger.
//
// What comes out of a repository is hostile until checked: sizes are bounded,
// ids are checked before they reach git, and nothing of a foreign repository's
// configuration is used to merge its trees.
package gitops
