package gitops

import (
	"context"
	"fmt"
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
	keep := "refs/carry/public/" + component + "/" + strings.TrimPrefix(ref, "refs/")
	if have, err := readRef(v.dir, keep); err == nil && have == id {
		if ok, err := v.Exists(ctx, id); err != nil || ok {
			return err
		}
	}
	args, config, err := v.negotiation(component)
	if err != nil {
		return err
	}
	args = append([]string{"fetch", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance", progress.flag()}, args...)
	_, err = v.git.Run(ctx, Cmd{
		GitDir: v.dir, Args: append(args, "--end-of-options", url, ref), Network: true,
		Config: append(slices.Clone(fetchConfig), config...), Stderr: progress.writer("fetching " + component),
	})
	if err != nil {
		return remoteFault("fetching from", url, err)
	}
	if ok, err := v.Exists(ctx, id); err != nil || !ok {
		if err == nil {
			err = patchset.Faultf(patchset.CodeFailed, "%s moved %s while it was fetched", MaskURL(url), ref).WithHint("try again")
		}
		return err
	}
	return v.keepPublic(ctx, keep, id)
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
	refs, err := listRefs(v.dir, "refs/carry/public/"+component+"/")
	if err != nil {
		return nil, nil, err
	}
	tips := map[merge3.ID]bool{}
	for _, id := range refs {
		if len(tips) < maxTips {
			tips[id] = true
		}
	}
	for id := range tips {
		args = append(args, "--negotiation-tip="+string(id))
	}
	slices.Sort(args)
	if len(args) == 0 {
		config = [][2]string{{"fetch.negotiationAlgorithm", "noop"}}
	}
	return args, config, nil
}

func remoteFault(doing, url string, err error) error {
	return patchset.Faultf(patchset.CodeFailed, "%s %s: %w", doing, MaskURL(url), err).
		WithHint("check it by hand: git ls-remote %s", MaskURL(url))
}
