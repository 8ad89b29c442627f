package gitops

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

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
//
// It runs in a scratch, where refs stand for the commits: their ids would show in
// the process list.
func (v *Vault) Push(ctx context.Context, url string, updates []PushUpdate, progress Progress) error {
	s, err := v.Scratch()
	if err != nil {
		return err
	}
	defer s.Close()
	args := []string{"push", "--porcelain", "--no-verify", "--no-follow-tags", "--recurse-submodules=no", "--atomic", progress.flag()}
	var refspecs []string
	for i, u := range updates {
		now, was := fmt.Sprintf("refs/heads/new-%d", i), fmt.Sprintf("refs/heads/old-%d", i)
		if err := writeRef(s.dir, now, u.New, false); err != nil {
			return err
		}
		refspecs = append(refspecs, now+":"+u.Ref)
		if u.Old == "" {
			args = append(args, "--force-with-lease="+u.Ref+":")
			continue
		}
		if err := writeRef(s.dir, was, u.Old, false); err != nil {
			return err
		}
		args = append(args, "--force-with-lease="+u.Ref+":"+was)
	}
	args = append(append(args, "--end-of-options", url), refspecs...)
	crashPoint()
	_, err = v.git.Run(ctx, Cmd{
		GitDir: s.dir, Env: s.env(), Args: args, Network: true, Stderr: progress.writer("pushing to " + MaskURL(url)),
		Config: [][2]string{{"http.followRedirects", "false"}, {"push.negotiate", "false"}},
	})
	crashPoint()
	if err != nil {
		return patchset.Faultf(patchset.CodeFailed, "pushing to %s: %w", MaskURL(url), err).
			WithHint("nothing was changed there, or somebody else moved the branch: look at it, then try again")
	}
	return nil
}

// Expected is a branch that a target must serve: exactly this commit, and all that its
// newest Depth commits hold.
type Expected struct {
	Ref    string
	Commit merge3.ID
	Depth  int
}

// ReadBack proves that a target serves a commit: an empty repository fetches the
// branch, the id must be the one expected, and everything that the newest depth
// commits hold must be there and sound.
func (v *Vault) ReadBack(ctx context.Context, url, ref string, want merge3.ID, depth int) error {
	return v.readBack(ctx, url, []Expected{{ref, want, depth}})[0]
}

// ReadBackAll is ReadBack for several branches of one repository, in one fetch where all
// are well. It gives the error of each.
func (v *Vault) ReadBackAll(ctx context.Context, url string, want []Expected) []error {
	errs := v.readBack(ctx, url, want)
	if len(want) == 1 {
		return errs
	}
	for i := range want { // of several, one may have spoilt it for the others
		if errs[i] != nil && ctx.Err() == nil {
			errs[i] = v.readBack(ctx, url, want[i:i+1])[0]
		}
	}
	return errs
}

func (v *Vault) readBack(ctx context.Context, url string, want []Expected) []error {
	errs := make([]error, len(want))
	fail := func(err error) []error {
		for i := range errs {
			if errs[i] == nil {
				errs[i] = err
			}
		}
		return errs
	}
	s, err := v.emptyStore()
	if err != nil {
		return fail(err)
	}
	defer s.Close()
	run := func(c Cmd) ([]byte, error) {
		c.GitDir = s.dir
		return v.git.Run(ctx, c)
	}
	depth, tips := 1, ""
	args := []string{"fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--end-of-options", transportURL(url)}
	for i, w := range want {
		args = append(args, fmt.Sprintf("%s:refs/heads/readback-%d", w.Ref, i))
		depth, tips = max(depth, w.Depth), tips+string(w.Commit)+"\n"
	}
	args = slices.Insert(args, 4, "--depth="+strconv.Itoa(depth))
	_, err = run(Cmd{
		Args: args, Network: true, Config: append([][2]string{{"http.followRedirects", "false"}, {"core.fsync", "none"}}, fetchConfig...),
	})
	if err != nil {
		return fail(remoteFault("reading back from", url, err))
	}
	for i, w := range want {
		got, err := readRef(s.dir, fmt.Sprintf("refs/heads/readback-%d", i))
		switch {
		case err != nil:
			errs[i] = err
		case got != w.Commit:
			errs[i] = patchset.Faultf(patchset.CodeFailed, "%s serves %s at %s, not %s", MaskURL(url), got.Short(), w.Ref, w.Commit.Short())
		}
	}
	if slices.ContainsFunc(errs, func(err error) bool { return err != nil }) && len(want) > 1 {
		return fail(fmt.Errorf("%s was read together with others", MaskURL(url))) // each is asked again
	}
	if errs[0] != nil {
		return errs
	}
	if _, err := run(Cmd{Args: []string{"rev-list", "--objects", "--quiet", "--stdin"}, Stdin: strings.NewReader(tips)}); err != nil {
		return fail(fmt.Errorf("%s serves a branch with objects missing: %w", MaskURL(url), err))
	}
	return errs
}

// transportURL makes a local path go through git's transport: a plain path would
// ignore --depth.
func transportURL(url string) string {
	if filepath.IsAbs(url) {
		return "file://" + url
	}
	return url
}
