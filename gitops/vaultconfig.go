package gitops

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	gitconfig "github.com/go-git/go-git/v5/plumbing/format/config"

	"github.com/git-carry/git-carry/patchset"
)

// vaultConfig is the git configuration of a new vault.
const vaultConfig = `[core]
	repositoryformatversion = 0
	filemode = true
	bare = true
	sharedRepository = 0600
	logAllRefUpdates = always
	fsync = all
[gc]
	auto = 0
	pruneExpire = never
[maintenance]
	auto = false
[receive]
	denyNonFastForwards = true
[transfer]
	hideRefs = refs/carry
[carry]
	vault = true
`

// A vault's configuration may come from another hand, so it is an allow-list:
// anything else could make git run a program, borrow objects, or talk to a
// remote.
var (
	allowedSections = []string{
		"user", "author", "committer", "carry", "gc", "maintenance", "receive",
		"transfer", "pack", "repack", "advice", "color", "init", "i18n",
	}
	allowedCore = []string{
		"repositoryformatversion", "filemode", "bare", "sharedrepository", "logallrefupdates", "fsync",
		"fsyncmethod", "ignorecase", "precomposeunicode", "symlinks", "compression", "abbrev", "bigfilethreshold",
		"packedgitlimit", "packedgitwindowsize", "protecthfs", "protectntfs", "quotepath", "autocrlf",
	}
)

// checkVaultDir refuses a vault that somebody else could have put there or could
// change under us.
func checkVaultDir(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return notAVault(dir)
	}
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		return unsafeVault(dir, "is a symbolic link").WithHint("give the real path with --vault")
	case !info.IsDir():
		return notAVault(dir)
	case info.Mode().Perm()&0o077 != 0:
		return unsafeVault(dir, "is open to others").WithHint("chmod 700 %s", dir)
	case !isOurs(info):
		return unsafeVault(dir, "belongs to another user").
			WithHint("a vault is one person's; each has a clone of their own")
	}
	for name, why := range forbiddenFiles {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			return unsafeVault(dir, "has "+name+": "+why).WithHint("look at it, then remove %s", filepath.Join(dir, name))
		}
	}
	for _, name := range ownPlaces {
		info, err := os.Lstat(filepath.Join(dir, name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return err
		case info.Mode()&fs.ModeSymlink != 0:
			return unsafeVault(dir, "has a symbolic link in it: "+name)
		case info.Mode().Perm()&0o022 != 0 || !isOurs(info):
			return unsafeVault(dir, "has a "+name+" that others can change").WithHint("chmod go-w %s", filepath.Join(dir, name))
		}
	}
	return nil
}

// forbiddenFiles would make git look elsewhere, or lack objects.
var forbiddenFiles = map[string]string{
	"objects/info/alternates":      "it borrows objects from another repository",
	"objects/info/http-alternates": "it borrows objects from another repository",
	"commondir":                    "its configuration and refs would come from elsewhere",
	"config.worktree":              "a second configuration",
	"shallow":                      "its history is cut off",
}

// ownPlaces are where we read and write; none may lead elsewhere.
var ownPlaces = []string{
	"config", "HEAD", "packed-refs", "objects", "objects/pack", "objects/info", "refs", "refs/carry",
	"refs/carry/ledger", "refs/carry/stacks", "refs/carry/public", sharedRef, incomingRef, "carry-tmp", "carry.lock",
}

func isOurs(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return !ok || int(st.Uid) == os.Geteuid()
}

// checkVaultConfig applies the allow-list.
func checkVaultConfig(dir string) error {
	data, err := os.ReadFile(filepath.Join(dir, "config"))
	if errors.Is(err, fs.ErrNotExist) {
		return notAVault(dir)
	}
	if err != nil {
		return err
	}
	var cfg gitconfig.Config
	if err := gitconfig.NewDecoder(bytes.NewReader(data)).Decode(&cfg); err != nil {
		return unsafeVault(dir, "has a config file that cannot be read: "+err.Error())
	}
	for _, s := range cfg.Sections {
		if bad := forbiddenKey(s); bad != "" {
			return unsafeVault(dir, "has "+bad+" in its config, which a vault must not have").
				WithHint("git -C %s config --unset-all %s", dir, bad).
				WithHint("a vault has no remotes and runs no programs of its own")
		}
	}
	return nil
}

func forbiddenKey(s *gitconfig.Section) string {
	name := strings.ToLower(s.Name)
	if name == "gc" && s.HasOption("recentObjectsHook") {
		return "gc.recentObjectsHook"
	}
	if slices.Contains(allowedSections, name) {
		return ""
	}
	if name != "core" {
		if len(s.Subsections) > 0 {
			sub := s.Subsections[0]
			if len(sub.Options) > 0 {
				return name + "." + sub.Name + "." + sub.Options[0].Key
			}
			return name + "." + sub.Name
		}
	}
	for _, o := range s.Options {
		if name != "core" || !slices.Contains(allowedCore, strings.ToLower(o.Key)) {
			return name + "." + o.Key
		}
	}
	if name != "core" {
		return name
	}
	return ""
}

func notAVault(dir string) error {
	return patchset.Faultf(patchset.CodeNotAVault, "%s is not a git-carry vault", dir).
		WithHint("make one:    git carry init DIR --component NAME=URL").
		WithHint("or name one: git carry --vault DIR …, $GIT_CARRY_VAULT, git config --global carry.vault DIR").
		WithHint("or try it:   git carry demo")
}

func unsafeVault(dir, why string) *patchset.Fault {
	return patchset.Faultf(patchset.CodeUnsafeVault, "the vault %s %s", dir, why)
}

// Configure sets keys of the vault's own git configuration, such as user.name.
// They must be in one of the sections that a vault may have whole.
func (v *Vault) Configure(ctx context.Context, keys ...[2]string) error {
	for _, kv := range keys {
		section, _, _ := strings.Cut(kv[0], ".")
		if !slices.Contains(allowedSections, section) {
			return unsafeVault(v.dir, "must not have "+kv[0]+" in its config")
		}
		_, err := v.git.Run(ctx, Cmd{
			GitDir: v.dir, Args: []string{"config", "--file", filepath.Join(v.dir, "config"), "--end-of-options", kv[0], kv[1]},
		})
		if err != nil {
			return fmt.Errorf("setting %s in the vault: %w", kv[0], err)
		}
	}
	return nil
}
