package gitops

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	gitconfig "github.com/go-git/go-git/v5/plumbing/format/config"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// A team shares a vault through one branch of a private repository: the ledger. All
// that was ever accepted is in its history, so the branch is a whole copy; and it only
// ever goes forward, so a server may protect it as it does any branch. No remote is
// configured in the vault: its URL is a setting of ours, and a git command that looks
// for remotes finds none.

// SharedBranch is where the ledger is on the shared repository: a branch, because
// servers hide, refuse or do not protect what is elsewhere.
const SharedBranch = "refs/heads/carry/ledger"

const (
	// sharedRef is the newest entry that the shared repository is known to have had.
	// What is shown later must contain it.
	sharedRef = "refs/carry/shared"
	// incomingRef holds what was fetched last, so that no gc takes it before it is judged.
	incomingRef = "refs/carry/incoming"
	// sharedKey is the setting that names the shared repository.
	sharedKey = "carry.sync"
)

// SharedURL is the URL of the shared repository, "" when none is set.
func (v *Vault) SharedURL() (string, error) {
	data, err := os.ReadFile(filepath.Join(v.dir, "config"))
	if err != nil {
		return "", err
	}
	var cfg gitconfig.Config
	if err := gitconfig.NewDecoder(bytes.NewReader(data)).Decode(&cfg); err != nil {
		return "", fmt.Errorf("reading the vault's config: %w", err)
	}
	section, key, _ := strings.Cut(sharedKey, ".")
	raw := cfg.Section(section).Option(key)
	if raw == "" {
		return "", nil
	}
	return CheckURL(raw, "/")
}

// ShareAt sets the URL of the shared repository.
func (v *Vault) ShareAt(ctx context.Context, url string) error {
	if now, err := v.SharedURL(); err == nil && now == url {
		return nil
	}
	return v.Configure(ctx, [2]string{sharedKey, url})
}

// Tip is the newest entry of the ledger here.
func (v *Vault) Tip() (merge3.ID, error) { return readRef(v.dir, ledgerRef) }

// SharedSeen is the newest entry that the shared repository is known to have had, ""
// when there was none.
func (v *Vault) SharedSeen() (merge3.ID, error) { return readRef(v.dir, sharedRef) }

// RememberShared sets what SharedSeen gives.
func (v *Vault) RememberShared(ctx context.Context, tip merge3.ID) error {
	if seen, err := v.SharedSeen(); err != nil || seen == tip {
		return err
	}
	lock, err := lockVault(ctx, v.dir)
	if err != nil {
		return err
	}
	defer lock.release()
	return writeRef(v.dir, sharedRef, tip, true)
}

// SharedTip asks the shared repository for the newest entry of its ledger, "" when it
// has none.
func SharedTip(ctx context.Context, git *Git, url string) (merge3.ID, error) {
	out, err := git.Run(ctx, Cmd{
		Args: []string{"ls-remote", "--quiet", "--end-of-options", url, SharedBranch}, Network: true,
		Config: [][2]string{{"http.followRedirects", "false"}},
	})
	if err != nil {
		return "", remoteFault("asking", url, err)
	}
	for line := range strings.Lines(string(out)) {
		id, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		switch {
		case name != SharedBranch:
		case !merge3.ID(id).Valid():
			return "", fmt.Errorf("%s sent a list of refs that cannot be read", MaskURL(url))
		default:
			return merge3.ID(id), nil
		}
	}
	return "", nil
}

// LockSync lets one process at a time exchange the vault. The function that it gives
// ends that.
func (v *Vault) LockSync(ctx context.Context) (done func(), err error) {
	done, err = v.lockFile(ctx, "carry-sync.lock")
	if err == nil {
		// Only syncs write it: what a git that was killed left there is in the way.
		_ = os.Remove(filepath.Join(v.dir, incomingRef+".lock"))
	}
	return done, err
}

// FetchShared brings the shared ledger, which was last listed at tip, into the vault with
// all that it refers to, and changes nothing that is there. It gives the entry that it is
// at now.
func (v *Vault) FetchShared(ctx context.Context, url string, tip merge3.ID, progress Progress) (merge3.ID, error) {
	if now, err := readRef(v.dir, incomingRef); err == nil && now == tip {
		return tip, nil
	}
	args := []string{
		"fetch", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance", progress.flag(),
	}
	for _, ref := range []string{sharedRef, ledgerRef} {
		if id, err := readRef(v.dir, ref); err == nil && id != "" {
			args = append(args, "--negotiation-tip="+ref)
			break
		}
	}
	crashPoint()
	_, err := v.git.Run(ctx, Cmd{
		GitDir: v.dir, Network: true, Stderr: progress.writer("fetching the ledger"),
		Args:   append(args, "--end-of-options", url, "+"+SharedBranch+":"+incomingRef),
		Config: append([][2]string{{"http.followRedirects", "false"}}, fetchConfig...),
	})
	if err != nil {
		return "", remoteFault("fetching from", url, err)
	}
	crashPoint()
	return readRef(v.dir, incomingRef)
}

// PushShared moves the shared ledger from was to entry, which comes after it, and reads
// it back.
func (v *Vault) PushShared(ctx context.Context, url string, was, entry merge3.ID, progress Progress) error {
	crashPoint()
	if err := v.Push(ctx, url, []PushUpdate{{Ref: SharedBranch, Old: was, New: entry}}, progress); err != nil {
		return err
	}
	crashPoint()
	return v.ReadBack(ctx, url, SharedBranch, entry, 1)
}

// CheckShared reads a shared ledger as it is after tip, and refuses what would be refused here.
func (v *Vault) CheckShared(ctx context.Context, tip merge3.ID) (Snapshot, error) {
	s, err := v.SnapshotAt(ctx, tip)
	if err != nil {
		return s, err
	}
	return s, checkStackRefs(s.Ledger)
}

// OpenToOthers tells whether a repository on this machine can be read by its other users.
func OpenToOthers(url string) bool {
	dir, local := localPath(url)
	if !local {
		return false
	}
	info, err := os.Stat(dir)
	return err == nil && info.Mode().Perm()&0o005 != 0
}

// IsVaultURL tells whether a URL is that of a vault on this machine.
func IsVaultURL(url string) bool {
	dir, local := localPath(url)
	return local && IsVault(dir)
}

// Parting is the newest entry that is before, or is, both of two entries; "" when they
// belong to two ledgers.
func (v *Vault) Parting(ctx context.Context, a, b merge3.ID) (merge3.ID, error) {
	sides := [2]merge3.ID{a, b}
	seen := [2]map[merge3.ID]bool{{}, {}}
	for sides[0] != "" || sides[1] != "" {
		for i, id := range sides {
			if id == "" {
				continue
			}
			if seen[i][id] = true; seen[1-i][id] {
				return id, nil
			}
			c, err := v.Commit(ctx, id)
			if err != nil {
				return "", fmt.Errorf("reading the ledger: %w", err)
			}
			sides[i] = c.Parent()
		}
		if err := ctx.Err(); err != nil {
			return "", err
		}
	}
	return "", nil
}

// KeepBases notes the bases of versions as public commits that the vault has, where
// none are noted: so the next fetch in a vault that came from others begins there. A
// commit that the ledger names as anything else is not public.
func (v *Vault) KeepBases(ctx context.Context, l patchset.Ledger) error {
	private := privateCommits(l)
	for _, version := range l.Versions {
		for component, base := range version.Bases {
			ref := base.Ref
			if _, _, pinned := base.Pin(); pinned {
				ref = PinnedRef(version.Name)
			}
			branch, ok := strings.CutPrefix(ref, "refs/")
			name := "refs/carry/public/" + component + "/" + branch
			if have, err := readRef(v.dir, name); !ok || !ValidBranch(branch) || err != nil || have != "" || slices.Contains(private, base.Commit) {
				continue
			}
			if err := v.keepPublic(ctx, name, base.Commit); err != nil {
				return err
			}
		}
	}
	return nil
}

// JoinShared fills a new vault with what is shared at url.
func (v *Vault) JoinShared(ctx context.Context, url string, progress Progress) (Snapshot, error) {
	tip, err := SharedTip(ctx, v.git, url)
	if err != nil {
		return Snapshot{}, err
	}
	if tip == "" {
		return Snapshot{}, patchset.Faultf(patchset.CodeFailed, "nobody has shared a vault at %s yet", MaskURL(url)).
			WithHint("who has one begins there: git carry sync --remote %s", MaskURL(url)).
			WithHint("to make the first: git carry init DIR --component NAME=URL")
	}
	if tip, err = v.FetchShared(ctx, url, tip, progress); err != nil {
		return Snapshot{}, err
	}
	s, err := v.CheckShared(ctx, tip)
	if err != nil {
		return s, err
	}
	if err := v.accept(ctx, "", tip, s.Ledger); err != nil {
		return s, err
	}
	if err := v.RememberShared(ctx, tip); err != nil {
		return s, err
	}
	if err := v.KeepBases(ctx, s.Ledger); err != nil {
		return s, err
	}
	return s, v.ShareAt(ctx, url)
}
