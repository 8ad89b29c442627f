package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// Command lines that people are told to type next.

// commandFor is a command on a patch in a version, ready to paste.
func commandFor(l patchset.Ledger, command string, at patchset.Spot, more ...string) string {
	return shellLine(argvFor(l, command, at, more...))
}

func argvFor(l patchset.Ledger, command string, at patchset.Spot, more ...string) []string {
	argv := []string{"git", "carry", command, at.Patch}
	if newest, _ := l.Newest(); at.Version != newest {
		argv = append(argv, "--version", at.Version)
	}
	return append(argv, more...)
}

// statusArgv is the command that says where a version stands.
func statusArgv(l patchset.Ledger, version string) []string {
	argv := []string{"git", "carry", "status"}
	if newest, _ := l.Newest(); version != newest {
		argv = append(argv, "--version", version)
	}
	return argv
}

// signArgv is the command that signs exactly what is there to be signed.
func signArgv(l patchset.Ledger, at patchset.Spot, more ...string) []string {
	in, result := l.Patches[at.Patch].At[at.Version], l.Resolutions[at].Result
	if in.State == patchset.StateDrift {
		result = in.Commit
	}
	if r, err := registryOf(l); err == nil && r.Policy.Require == owners.RequireKey {
		more = append(more, "--key", "FILE")
	}
	if result != "" {
		more = append(more, "--expect", result.Short())
	}
	return argvFor(l, "sign", at, more...)
}

// asWords are the words of a command line that sign in a role; none for the owner.
func asWords(as owners.As) []string {
	if as == "" || as == owners.AsOwner {
		return nil
	}
	words := []string{"--as", string(as)}
	if as.NeedsReason() {
		words = append(words, "--reason", "TEXT")
	}
	return words
}

// shellLine writes words so that a shell reads them back.
func shellLine(argv []string) string {
	var words []string
	for _, w := range argv {
		if w == "" || strings.ContainsFunc(w, needsQuotes) {
			w = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
		words = append(words, w)
	}
	return strings.Join(words, " ")
}

func needsQuotes(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./=:,@+%", r))
}

// next lists the commands that bring the conflict on, those first that throw no
// side away.
func (d resolveDoc) next(l patchset.Ledger, at patchset.Spot) [][]string {
	next := [][]string{}
	switch {
	case d.Result != "" && d.Role != "":
		next = append(next, signArgv(l, at, asWords(owners.As(d.Role))...))
	case d.Result == "":
		for _, words := range d.waysOn() {
			next = append(next, argvFor(l, "resolve", at, words...))
		}
		next = append(next, argvFor(l, "why", at))
	}
	return next
}

// waysOn are the ways to settle the first file that is open.
func (d resolveDoc) waysOn() [][]string {
	i := slices.IndexFunc(d.Files, func(f resolveFile) bool { return f.Open })
	if i < 0 {
		return [][]string{{"--tool"}}
	}
	f := d.Files[i]
	var ways [][]string
	way := func(words ...string) { ways = append(ways, append([]string{"--file", f.Path}, words...)) }
	if len(f.Hunks) > 0 {
		way("--edit")
	}
	ways = append(ways, []string{"--tool"})
	if f.Kind == string(merge3.KindModifyDelete) {
		way("--delete")
		if f.Sides["patch"] != "" {
			way("--take", "patch")
		} else {
			way("--take", "upstream")
		}
		return ways
	}
	way("--with", "FILE")
	if len(f.Hunks) > 1 {
		way("--hunk", fmt.Sprint(f.Hunks[0].Number), "--take", "patch")
	} else {
		way("--take", "patch")
	}
	return ways
}
