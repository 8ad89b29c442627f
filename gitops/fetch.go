package gitops

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// fetchConfig: one pack per fetch, checked as it comes in. The list names what
// fsck would refuse in old public histories although it does no harm.
var fetchConfig = [][2]string{
	{"fetch.unpackLimit", "1"},
	{"transfer.unpackLimit", "1"},
	{"fetch.fsckObjects", "true"},
	{"fetch.writeCommitGraph", "false"},
	{"fetch.fsck.zeroPaddedFilemode", "ignore"},
	{"fetch.fsck.badFilemode", "ignore"},
	{"fetch.fsck.missingEmail", "ignore"},
	{"fetch.fsck.badEmail", "ignore"},
	{"fetch.fsck.missingNameBeforeEmail", "ignore"},
	{"fetch.fsck.missingSpaceBeforeEmail", "ignore"},
	{"fetch.fsck.missingSpaceBeforeDate", "ignore"},
	{"fetch.fsck.badDate", "ignore"},
	{"fetch.fsck.badDateOverflow", "ignore"},
	{"fetch.fsck.zeroPaddedDate", "ignore"},
	{"fetch.fsck.badTimezone", "ignore"},
	{"fetch.fsck.missingTaggerEntry", "ignore"},
}

// ListRemote asks a server for its branches and tags. Annotated tags are given
// as the commits they point at.
func ListRemote(ctx context.Context, git *Git, url string) (map[string]merge3.ID, error) {
	out, err := git.Run(ctx, Cmd{
		Args: []string{"ls-remote", "--quiet", "--heads", "--tags", "--end-of-options", url}, Network: true,
	})
	if err != nil {
		return nil, remoteFault("asking", url, err)
	}
	refs := map[string]merge3.ID{}
	peeled := map[string]merge3.ID{}
	for line := range strings.Lines(string(out)) {
		id, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if !ok || !merge3.ID(id).Valid() {
			return nil, fmt.Errorf("%s sent a list of refs that cannot be read", MaskURL(url))
		}
		if tag, ok := strings.CutSuffix(name, "^{}"); ok {
			peeled[tag] = merge3.ID(id)
			continue
		}
		refs[name] = merge3.ID(id)
	}
	for tag, id := range peeled {
		refs[tag] = id
	}
	return refs, nil
}

// RemoteHead asks a server which branch is its main one: the one that its HEAD names.
func RemoteHead(ctx context.Context, git *Git, url string) (ref string, id merge3.ID, err error) {
	out, err := git.Run(ctx, Cmd{
		Args: []string{"ls-remote", "--quiet", "--symref", "--end-of-options", url, "HEAD"}, Network: true,
	})
	if err != nil {
		return "", "", remoteFault("asking", url, err)
	}
	for line := range strings.Lines(string(out)) {
		what, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		target, symbolic := strings.CutPrefix(what, "ref: ")
		switch {
		case name != "HEAD": // some clone's, refs/remotes/origin/HEAD
		case symbolic:
			ref = target
		default:
			id = merge3.ID(what)
		}
	}
	branch, ok := strings.CutPrefix(ref, "refs/heads/")
	if !ok || !ValidBranch(branch) || !id.Valid() {
		return "", "", patchset.Faultf(patchset.CodeNoBase, "%s does not say which branch is its main one", MaskURL(url)).
			WithHint("name a branch; it has: git ls-remote --heads %s", MaskURL(url))
	}
	return ref, id, nil
}

// KeptPublic lists the public branches and tags of a component that were fetched
// before, by full name, as they were then.
func (v *Vault) KeptPublic(component string) (map[string]merge3.ID, error) {
	refs := map[string]merge3.ID{}
	root := "refs/carry/public/" + component + "/"
	// Not all below the component: another one may be named below it.
	for _, kind := range []string{"heads/", "tags/"} {
		list, err := listRefs(v.dir, root+kind)
		if err != nil {
			return nil, err
		}
		for name, id := range list {
			refs["refs/"+strings.TrimPrefix(name, root)] = id
		}
	}
	return refs, nil
}

// FetchPublic brings one public ref of a component into the vault and gives the
// commit that it points at. The server learns the ids of public commits of the
// same component, or nothing at all: never anything private.
func (v *Vault) FetchPublic(ctx context.Context, component, url, ref string, progress Progress) (merge3.ID, error) {
	refs, err := ListRemote(ctx, v.git, url)
	if err != nil {
		return "", err
	}
	id, ok := refs[ref]
	if !ok {
		return "", patchset.Faultf(patchset.CodeNoBase, "%s has no %s", MaskURL(url), ref)
	}
	return id, v.FetchCommit(ctx, component, url, ref, id, progress)
}

// FetchCommit makes sure that the vault has the commit id, which the server
// listed at ref, with all of its history.
func (v *Vault) FetchCommit(ctx context.Context, component, url, ref string, id merge3.ID, progress Progress) error {
	return v.fetchAs(ctx, component, url, ref, id, ref, progress)
}

// fetchAs is FetchCommit that remembers the commit as another ref than it was asked for by.
func (v *Vault) fetchAs(ctx context.Context, component, url, ref string, id merge3.ID, as string, progress Progress) error {
	keep := "refs/carry/public/" + component + "/" + strings.TrimPrefix(as, "refs/")
	if have, err := readRef(v.dir, keep); err == nil && have == id {
		if ok, err := v.Exists(ctx, id); err != nil || ok {
			return err
		}
	}
	if err := v.fetch(ctx, nil, component, url, ref, progress); err != nil {
		return err
	}
	if ok, err := v.Exists(ctx, id); err != nil || !ok {
		return orMoved(err, url, ref)
	}
	return v.keepPublic(ctx, keep, id)
}

// FetchInto is FetchCommit for a rehearsal: what the vault lacks comes into the
// scratch, and the vault stays as it is.
func (v *Vault) FetchInto(ctx context.Context, s *Scratch, component, url, ref string, id merge3.ID, progress Progress) error {
	if ok, err := v.Exists(ctx, id); err != nil || ok {
		return err
	}
	if err := v.fetch(ctx, s, component, url, ref, progress); err != nil {
		return err
	}
	if _, err := s.ReadCommit(ctx, id); err != nil {
		return orMoved(nil, url, ref)
	}
	return nil
}

func orMoved(err error, url, ref string) error {
	if err != nil {
		return err
	}
	return patchset.Faultf(patchset.CodeFailed, "%s moved %s while it was fetched", MaskURL(url), ref).WithHint("try again")
}

// fetch runs git fetch: what comes goes to the scratch, or, where that is nil, to the vault.
func (v *Vault) fetch(ctx context.Context, s *Scratch, component, url, ref string, progress Progress) error {
	place, err := v.newFetchPlace(s, component)
	if err != nil {
		return err
	}
	defer place.close()
	args, config, err := v.negotiation(component)
	if err != nil {
		return err
	}
	c := Cmd{GitDir: place.dir, Env: place.env}
	args = append([]string{"fetch", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance", progress.flag()}, args...)
	c.Args = append(args, "--end-of-options", url, ref)
	c.Network, c.Config, c.Stderr = true, append(slices.Clone(fetchConfig), config...), progress.writer("fetching "+component)
	if _, err := v.git.Run(ctx, c); err != nil {
		return remoteFault("fetching from", url, err)
	}
	return nil
}

func (v *Vault) keepPublic(ctx context.Context, name string, id merge3.ID) error {
	lock, err := lockVault(ctx, v.dir)
	if err != nil {
		return err
	}
	defer lock.release()
	return writeRef(v.dir, name, id, false)
}

// maxTips bounds how many public commits a fetch tells the server about.
const maxTips = 32

// negotiation says what the server may be told: the public commits that it gave
// us before. Without any, the no-op negotiator tells it nothing. (hideRefs would
// not do: git names commits that it has, whatever their ref.)
func (v *Vault) negotiation(component string) (args []string, config [][2]string, err error) {
	refs, err := v.KeptPublic(component)
	if err != nil {
		return nil, nil, err
	}
	newest := slices.SortedFunc(maps.Keys(refs), func(a, b string) int { return patchset.CompareVersions(b, a) })
	for _, name := range newest[:min(len(newest), maxTips)] {
		args = append(args, "--negotiation-tip="+string(refs[name]))
	}
	if len(args) == 0 {
		config = [][2]string{{"fetch.negotiationAlgorithm", "noop"}}
	}
	return args, config, nil
}

func remoteFault(doing, url string, err error) error {
	return patchset.Faultf(patchset.CodeFailed, "%s %s: %w", doing, MaskURL(url), err).
		WithHint("check it by hand: git ls-remote %s", MaskURL(url))
}
