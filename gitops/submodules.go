package gitops

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	gitconfig "github.com/go-git/go-git/v5/plumbing/format/config"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// Bounds of a .gitmodules: bytes, entries, and characters of a path.
const (
	maxGitmodules     = 1 << 20
	maxSubmodules     = 5_000
	maxSubmodulePath  = 400
	gitmodulesFile    = ".gitmodules"
	submodulesSection = "submodule"
)

// Submodules reads what a commit pins: the entries of its .gitmodules that its tree has
// a commit for, in the file's order. Relative URLs are resolved against url, where the
// commit's repository is. Entries that cannot be used are named; nothing of the file
// is trusted.
func (w *Workbench) Submodules(ctx context.Context, commit merge3.ID, url string) ([]patchset.Submodule, []patchset.RefusedSubmodule, error) {
	c, err := w.ReadCommit(ctx, commit)
	if err != nil {
		return nil, nil, err
	}
	file, ok, err := w.Entry(ctx, c.Tree, gitmodulesFile)
	if err != nil || !ok {
		return nil, nil, err
	}
	if file.Mode != merge3.ModeFile && file.Mode != merge3.ModeExecutable {
		return nil, nil, patchset.Faultf(patchset.CodeBadInput, "%s of %s is no plain file", gitmodulesFile, commit.Short())
	}
	data, err := readType(ctx, w, file.ID, "blob")
	if err != nil {
		return nil, nil, err
	}
	sections, err := parseGitmodules(data)
	if err != nil {
		return nil, nil, patchset.Faultf(patchset.CodeBadInput, "%s of %s: %w", gitmodulesFile, commit.Short(), err)
	}
	var subs []patchset.Submodule
	var refused []patchset.RefusedSubmodule
	seen := map[string]bool{}
	for _, s := range sections {
		sub, why, err := w.submodule(ctx, c.Tree, s, url)
		if err != nil {
			return nil, nil, err
		}
		if why == "" && seen[sub.Path] {
			why = "its path is there twice"
		}
		if why != "" {
			refused = append(refused, patchset.RefusedSubmodule{Path: sub.Path, Why: why})
			continue
		}
		seen[sub.Path] = true
		subs = append(subs, sub)
	}
	return subs, refused, nil
}

func parseGitmodules(data []byte) (gitconfig.Subsections, error) {
	if len(data) > maxGitmodules {
		return nil, fmt.Errorf("larger than %d bytes", maxGitmodules)
	}
	config := gitconfig.New()
	if err := gitconfig.NewDecoder(bytes.NewReader(data)).Decode(config); err != nil {
		return nil, fmt.Errorf("it is no git configuration: %w", err)
	}
	sections := config.Section(submodulesSection).Subsections
	if len(sections) > maxSubmodules {
		return nil, fmt.Errorf("more than %d submodules", maxSubmodules)
	}
	return sections, nil
}

// submodule reads one entry; why says why it cannot be used.
func (w *Workbench) submodule(ctx context.Context, tree merge3.ID, s *gitconfig.Subsection, url string) (sub patchset.Submodule, why string, err error) {
	sub.Path = s.Options.Get("path")
	if sub.Path == "" {
		sub.Path = s.Name
		return sub, "it has no path", nil
	}
	if err := checkSubmodulePath(sub.Path); err != nil {
		return sub, err.Error(), nil
	}
	entry, ok, err := w.Entry(ctx, tree, sub.Path)
	if err != nil {
		return sub, "", err
	}
	if !ok || entry.Mode != merge3.ModeGitlink {
		return sub, "no commit is pinned at its path", nil
	}
	sub.Commit = entry.ID
	if sub.URL, err = SubmoduleURL(url, s.Options.Get("url")); err != nil {
		return sub, err.Error(), nil
	}
	return sub, "", nil
}

func checkSubmodulePath(path string) error {
	if len(path) > maxSubmodulePath {
		return fmt.Errorf("its path is longer than %d bytes", maxSubmodulePath)
	}
	for name := range strings.SplitSeq(path, "/") {
		if err := checkName(name, path); err != nil {
			return err
		}
	}
	return nil
}

// SubmoduleURL resolves the url of a .gitmodules as git does: one that begins with ./ or
// ../ is relative to the URL of the repository that holds the file. A plain path is
// refused: the file would point into this machine.
func SubmoduleURL(parent, raw string) (string, error) {
	local := func(url string) bool { _, is := localPath(url); return is }
	if !strings.HasPrefix(raw, "./") && !strings.HasPrefix(raw, "../") {
		url, err := CheckURL(raw, "/")
		if err == nil && local(url) && !local(parent) {
			err = errors.New("its URL is a path on this machine")
		}
		return url, err
	}
	base, separator, rest := strings.TrimRight(parent, "/"), "/", raw
	for {
		if next, ok := strings.CutPrefix(rest, "./"); ok {
			rest = next
			continue
		}
		next, ok := strings.CutPrefix(rest, "../")
		if !ok {
			break
		}
		rest = next
		cut := strings.LastIndex(base, "/")
		if cut < 0 {
			cut, separator = strings.LastIndex(base, ":"), ":"
		}
		if cut <= 0 || strings.HasSuffix(base[:cut], ":/") || separator == ":" && rest == "" {
			return "", errors.New("its URL climbs above the server")
		}
		base = base[:cut]
	}
	return CheckURL(base+separator+strings.TrimRight(rest, "/"), "/")
}

// PinnedRef is the ref, in the component's own names, under which a pinned base of a
// version is kept.
func PinnedRef(version string) string { return "refs/tags/pinned/" + version }

// FetchPinned makes sure that the vault, or the scratch alone, has a commit that another
// repository pins. It is asked for by the name of a public ref that has it, by its id,
// or else with all branches. A commit of ours is refused: no public repository can know it.
func (v *Vault) FetchPinned(ctx context.Context, s *Scratch, l patchset.Ledger, c patchset.Component, refs map[string]merge3.ID, id merge3.ID, version string, progress Progress) error {
	for _, private := range privateCommits(l) {
		if private == id {
			return patchset.Faultf(patchset.CodePolicy, "%s pins %s, which is a commit of this vault and not public", c.PinnedIn, id.Short())
		}
	}
	wants := []string{string(id), "refs/heads/*"}
	for ref, at := range refs {
		if at == id {
			wants = []string{ref}
		}
	}
	var err error
	for _, want := range wants {
		if s != nil {
			err = v.FetchInto(ctx, s, c.Name, c.URL, want, id, progress)
		} else {
			err = v.fetchAs(ctx, c.Name, c.URL, want, id, PinnedRef(version), progress)
		}
		if err == nil {
			return nil
		}
	}
	return patchset.Faultf(patchset.CodeNoBase, "%s is pinned by %s, but %s does not give it: %w", id.Short(), c.PinnedIn, MaskURL(c.URL), err).
		WithHint("when its repository has moved: git carry component discover --add")
}
