package gitops

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A drill of the urgent lane needs a public repository with a hole in it, and the fix of
// that. Both are made up on the spot: a file that says so, and nothing else.

// drillBefore and drillAfter are the file before and after the fix.
const (
	drillFile   = "carry-drill"
	drillBefore = "This is a drill.\nThe hole is open.\nNothing depends on this file.\n"
	drillAfter  = "This is a drill.\nThe hole is closed.\nNothing depends on this file.\n"
	// DrillFix is the branch of a drill's repository that holds the fix.
	DrillFix = "drill-fix"
)

// MakeDrill makes the repository in dir: a branch for each version, and [DrillFix] by the
// author ("Name <mail>"), on the first.
func MakeDrill(ctx context.Context, git *Git, dir string, versions []string, author string, at time.Time) error {
	if err := git.initBare(ctx, dir); err != nil {
		return err
	}
	var script strings.Builder
	drillCommit(&script, "base", "", author, at, "Before the drill", drillBefore)
	for _, v := range versions {
		drillCommit(&script, v, "refs/heads/base", author, at, "Version "+v, drillBefore)
		fmt.Fprintf(&script, "M 100644 inline version\n%s", drillData(v+"\n"))
	}
	drillCommit(&script, DrillFix, "refs/heads/"+versions[0], author, at, "Drill: close the hole", drillAfter)
	return git.fastImport(ctx, dir, script.String())
}

// LandDrill puts the fix onto every version's branch, as an upstream would.
func LandDrill(ctx context.Context, git *Git, dir string, versions []string, author string, at time.Time) error {
	var script strings.Builder
	for _, v := range versions {
		drillCommit(&script, v, "refs/heads/"+v+"^0", author, at, "Close the hole", drillAfter)
	}
	return git.fastImport(ctx, dir, script.String())
}

// MakeDrillTarget makes an empty repository that a drill can publish to.
func MakeDrillTarget(ctx context.Context, git *Git, dir string) error { return git.initBare(ctx, dir) }

// DrillRoom is the directory in which a drill keeps all that it makes. It is in the vault, so that
// it outlives a restart of the machine: what is in it may have to be taken away elsewhere.
type DrillRoom struct {
	Dir  string
	lock *os.File
}

const drillPrefix = "git-carry-drill-"

// DrillRoom makes the room of a drill. It counts as the drill's as long as this process lives.
func (v *Vault) DrillRoom() (*DrillRoom, error) {
	dir, lock, err := lockedDir(v.tmp(), drillPrefix)
	if err != nil {
		return nil, fmt.Errorf("making the directory of a drill: %w", err)
	}
	return &DrillRoom{dir, lock}, nil
}

// DeadDrills are the rooms of drills whose process is dead. Whoever gets them holds them.
func (v *Vault) DeadDrills() ([]*DrillRoom, error) {
	dirs, err := filepath.Glob(filepath.Join(globQuote(v.tmp()), drillPrefix+"*"))
	var rooms []*DrillRoom
	for _, dir := range dirs {
		lock, err := tryLockDir(dir, 0)
		if errors.Is(err, os.ErrNotExist) {
			_ = os.Remove(dir) // nothing was done in it yet; see sweepDir
			continue
		}
		if err == nil {
			rooms = append(rooms, &DrillRoom{dir, lock})
		}
	}
	return rooms, err
}

// Remove removes the room.
func (r *DrillRoom) Remove() error { return removeLocked(r.Dir, r.lock) }

// Leave lets go of the room and leaves it to the next drill.
func (r *DrillRoom) Leave() error { return r.lock.Close() }

func (g *Git) initBare(ctx context.Context, dir string) error {
	crashPoint()
	_, err := g.Run(ctx, Cmd{Dir: filepath.Dir(dir), Args: []string{"init", "--quiet", "--bare", "--template=", "--end-of-options", dir}})
	return err
}

func (g *Git) fastImport(ctx context.Context, dir, script string) error {
	crashPoint()
	_, err := g.Run(ctx, Cmd{GitDir: dir, Args: []string{"fast-import", "--quiet", "--done"}, Stdin: strings.NewReader(script + "done\n")})
	return err
}

func drillCommit(b *strings.Builder, branch, from, author string, at time.Time, message, content string) {
	fmt.Fprintf(b, "commit refs/heads/%s\nauthor %s %d +0000\ncommitter %s %d +0000\n%s", branch, author, at.Unix(), author, at.Unix(), drillData(message))
	if from != "" {
		fmt.Fprintf(b, "from %s\n", from)
	}
	fmt.Fprintf(b, "M 100644 inline %s\n%s", drillFile, drillData(content))
}

func drillData(text string) string { return fmt.Sprintf("data %d\n%s\n", len(text), text) }

// RemoveBranches deletes branches of a private target, all or none, and only if each
// still holds the commit that is expected.
func (v *Vault) RemoveBranches(ctx context.Context, url string, branches []PushUpdate) error {
	s, err := v.Scratch()
	if err != nil {
		return err
	}
	defer s.Close()
	args := []string{"push", "--porcelain", "--no-verify", "--recurse-submodules=no", "--atomic"}
	var refspecs []string
	for i, b := range branches {
		was := fmt.Sprintf("refs/heads/old-%d", i)
		if err := writeRef(s.dir, was, b.Old, false); err != nil {
			return err
		}
		args = append(args, "--force-with-lease="+b.Ref+":"+was)
		refspecs = append(refspecs, ":"+b.Ref)
	}
	args = append(append(args, "--end-of-options", url), refspecs...)
	crashPoint()
	_, err = v.git.Run(ctx, Cmd{GitDir: s.dir, Env: s.env(), Args: args, Network: true, Config: [][2]string{{"http.followRedirects", "false"}}})
	crashPoint()
	return err
}
