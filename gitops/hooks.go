package gitops

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// common is the git directory that all work trees of the repository share.
func (s *Source) common() string { return filepath.Dir(s.Objects) }

// Refs lists the commits, or what else, that the refs of the repository name.
func (s *Source) Refs() ([]merge3.ID, error) {
	refs, err := listRefs(s.common(), "refs/")
	return slices.Collect(maps.Values(refs)), err
}

// Advertised asks the place at url, which may be relative to dir, for the ids that its
// refs have. Nothing is sent. Where git would ask another place instead, by insteadOf,
// nothing is known: no ids.
func (s *Source) Advertised(ctx context.Context, dir, url string) ([]merge3.ID, error) {
	ask := func(args ...string) ([]byte, error) {
		return s.git.Run(ctx, Cmd{
			Dir: dir, GitDir: s.GitDir, Network: true, Interactive: true,
			Args: append(append([]string{"ls-remote", "--quiet"}, args...), "--end-of-options", url),
		})
	}
	asked, err := ask("--get-url")
	if err != nil || strings.TrimSuffix(string(asked), "\n") != url {
		return nil, err
	}
	out, err := ask()
	var ids []merge3.ID
	for line := range strings.Lines(string(out)) {
		word, _, _ := strings.Cut(line, "\t")
		if id, err := ParseID(word); err == nil {
			ids = append(ids, id)
		}
	}
	return ids, err
}

// Range reads a revision or a range as git understands it there.
func (s *Source) Range(ctx context.Context, revs ...string) (Outgoing, error) {
	var out Outgoing
	list, err := s.git.Run(ctx, Cmd{GitDir: s.GitDir, Args: append([]string{"rev-parse", "--revs-only", "--end-of-options"}, revs...)})
	if err != nil {
		return out, &UnknownRevisionError{Rev: strings.Join(revs, " ")}
	}
	for line := range strings.Lines(string(list)) {
		line = strings.TrimSpace(line)
		if id, ok := strings.CutPrefix(line, "^"); ok {
			out.Have = append(out.Have, merge3.ID(id))
		} else if merge3.ID(line).Valid() {
			out.Tips = append(out.Tips, merge3.ID(line))
		}
	}
	if len(out.Tips) == 0 {
		return out, &UnknownRevisionError{Rev: strings.Join(revs, " ")}
	}
	return out, nil
}

// configured is a value of git's configuration and where it is from: local, global, system.
type configured struct{ scope, value string }

func (s *Source) config(ctx context.Context, key string, typ ...string) ([]configured, error) {
	args := append([]string{"config", "--null", "--show-scope", "--get-all"}, typ...)
	out, err := s.git.Run(ctx, Cmd{GitDir: s.GitDir, Network: true, Args: append(args, "--end-of-options", key)})
	if code, ok := exitCode(err); ok && code == 1 {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", key, err)
	}
	var list []configured
	words := strings.Split(string(out), "\x00")
	for i := 0; i+1 < len(words); i += 2 {
		if words[i] != "command" { // that is ours
			list = append(list, configured{words[i], words[i+1]})
		}
	}
	return list, nil
}

// Configured lists the values that git's configuration has for key, the last word last.
func (s *Source) Configured(ctx context.Context, key string) ([]string, error) {
	list, err := s.config(ctx, key)
	var values []string
	for _, c := range list {
		values = append(values, c.value)
	}
	return values, err
}

// Configure sets a key of the repository's own configuration, or adds a value to it.
func (s *Source) Configure(ctx context.Context, key, value string, add bool) error {
	args := []string{"config", "--file", filepath.Join(s.common(), "config")}
	if add {
		args = append(args, "--add")
	}
	_, err := s.git.Run(ctx, Cmd{GitDir: s.GitDir, Args: append(args, "--end-of-options", key, value)})
	return err
}

// hookDir is where git looks for the hooks of the repository.
func (s *Source) hookDir(ctx context.Context) (string, error) {
	list, err := s.config(ctx, "core.hooksPath", "--type=path")
	if err != nil || len(list) == 0 {
		return filepath.Join(s.common(), "hooks"), err
	}
	last := list[len(list)-1]
	if last.scope != "local" && last.scope != "worktree" {
		return "", patchset.Faultf(patchset.CodePolicy, "core.hooksPath puts the hooks of all your repositories into %s: a guard there would refuse the pushes of every one that it knows nothing of", last.value).
			WithHint("give this one hooks of its own: git -C %s config core.hooksPath %s", filepath.Dir(s.GitDir), filepath.Join(s.common(), "hooks")).
			WithHint("or add this line to the hook there: git carry guard pre-push \"$@\" || exit 1")
	}
	if filepath.IsAbs(last.value) {
		return last.value, nil
	}
	top := s.GitDir // hooks of a bare repository run there, others at the top of the work tree
	if filepath.Base(top) == ".git" {
		top = filepath.Dir(top)
	}
	return filepath.Join(top, last.value), nil
}

// Hook is one hook of ours in a repository.
type Hook struct {
	Path string
	// Kept is where the hook is that was there before, and that ours runs after itself;
	// "" for none.
	Kept string
	// Was tells that ours was there already.
	Was bool
}

const hookMark = "# This hook is git carry's guard"

// hookText runs the guard, and then the hook that was there. Both read what git says.
func hookText(name string) string {
	return `#!/bin/sh
` + hookMark + `: embargoed work does not go to a public place.
# It was put here by "git carry guard install"; --remove takes it out again.
updates=$(cat)
printf '%s\n' "$updates" | git carry guard ` + name + ` "$@" || {
	echo "git carry guard: refused (without git-carry on PATH everything is)" >&2
	exit 1
}
kept=$(dirname "$0")/` + name + `.local
if [ -x "$kept" ]; then
	if [ -n "$updates" ]; then printf '%s\n' "$updates"; fi | "$kept" "$@" || exit
fi
`
}

// InstallHook puts the guard where git runs it. A hook that is there is kept beside it.
func (s *Source) InstallHook(ctx context.Context, name string) (Hook, error) {
	dir, err := s.hookDir(ctx)
	if err != nil {
		return Hook{}, err
	}
	h := Hook{Path: filepath.Join(dir, name)}
	kept := h.Path + ".local"
	if _, err := os.Lstat(kept); err == nil {
		h.Kept = kept
	}
	switch ours, err := isOurHook(h.Path); {
	case err == nil && ours:
		h.Was = true
	case err == nil && h.Kept != "":
		return h, patchset.Faultf(patchset.CodePolicy, "%s is a hook of somebody else's, and so is %s", h.Path, kept).
			WithHint("add this line to the first: git carry guard %s \"$@\" || exit 1", name)
	case err == nil:
		if err := os.Rename(h.Path, kept); err != nil {
			return h, err
		}
		h.Kept = kept
	case !errors.Is(err, fs.ErrNotExist):
		return h, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return h, err
	}
	tmp := h.Path + ".new"
	if err := os.WriteFile(tmp, []byte(hookText(name)), 0o700); err != nil {
		return h, err
	}
	return h, errors.Join(os.Chmod(tmp, 0o755), os.Rename(tmp, h.Path))
}

// Guarded tells whether the guard is in the repository, for what is pushed from it or to it.
func (s *Source) Guarded(ctx context.Context) (bool, error) {
	dir, err := s.hookDir(ctx)
	if err != nil {
		return false, err
	}
	for _, name := range []string{"pre-push", "pre-receive"} {
		ours, err := isOurHook(filepath.Join(dir, name))
		if ours || err != nil && !errors.Is(err, fs.ErrNotExist) {
			return ours, err
		}
	}
	return false, nil
}

// RemoveHook takes the guard out and puts back what was there before. Was is false when
// it was not there.
func (s *Source) RemoveHook(ctx context.Context, name string) (Hook, error) {
	dir, err := s.hookDir(ctx)
	if err != nil {
		return Hook{}, err
	}
	h := Hook{Path: filepath.Join(dir, name)}
	ours, err := isOurHook(h.Path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !ours {
		return h, nil
	}
	if err != nil {
		return h, err
	}
	h.Was = true
	kept := h.Path + ".local"
	if _, err := os.Lstat(kept); err == nil {
		h.Kept = kept
		return h, os.Rename(kept, h.Path)
	}
	return h, os.Remove(h.Path)
}

func isOurHook(path string) (bool, error) {
	data, err := os.ReadFile(path)
	return strings.Contains(string(data), hookMark), err
}

// SamePlace tells whether a push to url goes exactly where listed says. Unlike
// [SameRemote] it takes what only looks alike for another place.
func SamePlace(listed, url, dir string) bool {
	x, err := CheckURL(listed, dir)
	if err != nil {
		return false
	}
	y, err := CheckURL(url, dir)
	if err != nil {
		return false
	}
	a, local := localPath(x)
	b, too := localPath(y)
	if local && too {
		return canonicalPath(a) == canonicalPath(b)
	}
	return !local && !too && strings.TrimSuffix(x, "/") == strings.TrimSuffix(y, "/")
}
