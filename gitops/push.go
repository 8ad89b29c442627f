package gitops

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// PushUpdate moves one branch of a private target.
type PushUpdate struct {
	Ref string    // refs/heads/…
	Old merge3.ID // what must be there now; "" for nothing
	New merge3.ID
}

// Push moves branches of one private target, all or none, and only if each still
// holds what is expected. It never forces blindly.
func (v *Vault) Push(ctx context.Context, url string, updates []PushUpdate, progress Progress) error {
	args := []string{"push", "--porcelain", "--no-verify", "--no-follow-tags", "--recurse-submodules=no", "--atomic", progress.flag()}
	for _, u := range updates {
		args = append(args, "--force-with-lease="+u.Ref+":"+string(u.Old))
	}
	args = append(args, "--end-of-options", url)
	for _, u := range updates {
		args = append(args, string(u.New)+":"+u.Ref)
	}
	_, err := v.git.Run(ctx, Cmd{
		GitDir: v.dir, Args: args, Network: true, Stderr: progress.writer("pushing to " + MaskURL(url)),
		Config: [][2]string{{"http.followRedirects", "false"}, {"push.negotiate", "false"}},
	})
	if err != nil {
		return patchset.Faultf(patchset.CodeFailed, "pushing to %s: %w", MaskURL(url), err).
			WithHint("nothing was changed there, or somebody else moved the branch: look at it, then try again")
	}
	return nil
}

// ReadBack proves that a target serves a commit: an empty repository fetches the
// branch, the id must be the one expected, and everything that the newest depth
// commits hold must be there and sound.
func (v *Vault) ReadBack(ctx context.Context, url, ref string, want merge3.ID, depth int) error {
	dir, lock, err := lockedTempDir(v.tmp())
	if err != nil {
		return err
	}
	defer func() {
		_ = os.RemoveAll(dir)
		_ = lock.Close()
	}()
	run := func(c Cmd) ([]byte, error) {
		c.GitDir = dir
		return v.git.Run(ctx, c)
	}
	if _, err := run(Cmd{Args: []string{"init", "--quiet", "--bare", "--template="}}); err != nil {
		return err
	}
	_, err = run(Cmd{
		Args: []string{
			"fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--depth=" + strconv.Itoa(depth),
			"--end-of-options", transportURL(url), ref + ":refs/heads/readback",
		},
		Network: true, Config: append([][2]string{{"http.followRedirects", "false"}, {"core.fsync", "none"}}, fetchConfig...),
	})
	if err != nil {
		return remoteFault("reading back from", url, err)
	}
	got, err := readRef(dir, "refs/heads/readback")
	if err != nil {
		return err
	}
	if got != want {
		return patchset.Faultf(patchset.CodeFailed, "%s serves %s at %s, not %s", MaskURL(url), got.Short(), ref, want.Short())
	}
	if _, err := run(Cmd{Args: []string{"rev-list", "--objects", "--quiet", string(want)}}); err != nil {
		return fmt.Errorf("%s serves a branch with objects missing: %w", MaskURL(url), err)
	}
	return nil
}

// transportURL makes a local path go through git's transport: a plain path would
// ignore --depth.
func transportURL(url string) string {
	if filepath.IsAbs(url) {
		return "file://" + url
	}
	return url
}
