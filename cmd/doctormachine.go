package cmd

import (
	"context"
	"os"
	"path/filepath"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/gitops/sandbox"
)

// machine examines what git carry needs outside the vault.
func (o *doctorOptions) machine(ctx context.Context, a *app, git *gitops.Git, e *examination) {
	switch v, err := git.Version(); {
	case err != nil:
		e.failed("git", err)
	case v.AtLeast(2, 40):
		e.ok("git", "%s at %s", v, git.Path())
	default:
		e.ok("git", "%s at %s; from 2.40 on merges take one step less", v, git.Path())
	}
	o.program(a, e)
	o.sandbox(ctx, e)
	name, email, err := gitops.Identity(ctx, git, a.env.Dir)
	switch {
	case err != nil:
		e.failed("identity", err)
	case name == "" || email == "":
		e.add(levelWarn, "identity", "git config --global user.name NAME; git config --global user.email EMAIL", "git does not know who you are")
	default:
		e.ok("identity", "%s <%s>", name, email)
	}
	if editor, err := gitops.Editor(ctx, git, a.env.Dir); err != nil {
		e.add(levelWarn, "editor", "git config --global core.editor EDITOR", "%v", err)
	} else {
		e.ok("editor", "%s", editor)
	}
	pager, err := gitops.PersonalConfig(ctx, git, a.env.Dir, "pager.carry")
	switch {
	case err != nil:
		e.failed("pager", err)
	case pager != "" && pager != "false":
		e.add(levelWarn, "pager", "git config --global --unset pager.carry", "pager.carry is %s: screens and colours are off behind a pager", pager)
	default:
		e.ok("pager", "none in the way")
	}
}

// sandbox examines how well check commands are shut in here.
func (o *doctorOptions) sandbox(ctx context.Context, e *examination) {
	switch level, held, err := sandbox.Probe(ctx); {
	case err != nil:
		e.failed("sandbox", err)
	case level != sandbox.Full:
		e.add(levelWarn, "sandbox", "allow unprivileged user namespaces, or: git carry owners policy --sandbox "+string(level),
			"%s (%s): by default check commands are not run here", level, held)
	default:
		e.ok("sandbox", "%s (%s) for check commands", level, held)
	}
}

// program examines how git finds this program, its manual and its completion:
// all three hang on one prefix.
func (o *doctorOptions) program(a *app, e *examination) {
	path, ok := gitops.FindProgram("git-carry", a.env.Environ)
	if !ok {
		e.add(levelWarn, "program", "make install PREFIX=$HOME/.local, with $HOME/.local/bin on PATH", "git-carry is not on PATH: git cannot run it")
		return
	}
	e.ok("program", "%s", path)
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	share := filepath.Join(filepath.Dir(filepath.Dir(path)), "share")
	if manual := firstFile(manualPlaces(a, share)...); manual != "" {
		e.ok("manual", "%s", manual)
	} else {
		e.add(levelWarn, "manual", "git carry man "+shellWord(filepath.Join(share, "man", "man1")), "no git-carry(1): git carry --help will find nothing")
	}
	if file := firstFile(completionPlaces(a, share)...); file != "" {
		e.ok("completion", "%s", file)
	} else {
		e.add(levelWarn, "completion", "git carry help completion", "none found for bash, zsh or fish")
	}
}

func manualPlaces(a *app, share string) []string {
	roots := []string{filepath.Join(share, "man"), "/usr/local/share/man", "/usr/local/man", "/usr/share/man"}
	roots = append(roots, filepath.SplitList(a.env.Getenv("MANPATH"))...)
	var places []string
	for _, root := range roots {
		if filepath.IsAbs(root) {
			places = append(places, filepath.Join(root, "man1", "git-carry.1"), filepath.Join(root, "man1", "git-carry.1.gz"))
		}
	}
	return places
}

func completionPlaces(a *app, share string) []string {
	roots := []string{share, "/usr/local/share", "/usr/share"}
	if data := a.env.Getenv("XDG_DATA_HOME"); data != "" {
		roots = append(roots, data)
	} else if home := a.env.Getenv("HOME"); home != "" {
		roots = append(roots, filepath.Join(home, ".local", "share"))
	}
	var places []string
	for _, root := range roots {
		for _, file := range completionFiles {
			places = append(places, filepath.Join(root, file))
		}
	}
	return places
}

func firstFile(paths ...string) string {
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path
		}
	}
	return ""
}
