package gitops

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/git-carry/git-carry/patchset"
)

// newVault makes a vault with one component in its first entry.
func newVault(t testing.TB) *Vault {
	t.Helper()
	git := testGit(t)
	dir := filepath.Join(t.TempDir(), "vault")
	v, err := InitVault(t.Context(), git, dir, func(v *Vault) error {
		l := patchset.Ledger{}.Clone()
		l.Store = patchset.Store{Format: patchset.Format, ID: "store", Created: time.Unix(1e9, 0).UTC()}
		return carryOut(t.Context(), v, Snapshot{}, l, "made the vault")
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.Close() })
	return v
}

func carryOut(ctx context.Context, v *Vault, from Snapshot, to patchset.Ledger, sentence string) error {
	s, err := v.Scratch()
	if err != nil {
		return err
	}
	defer s.Close()
	before := from.Ledger
	if from.Tip == "" {
		before = patchset.Ledger{}
	}
	plan, err := patchset.NewPlan(before, to, patchset.Entry{Action: "test", Sentence: sentence, At: time.Unix(1e9, 0)})
	if err != nil {
		return err
	}
	_, err = v.CarryOut(ctx, s, from, plan)
	return err
}

// addComponent is the smallest change of a ledger.
func addComponent(ctx context.Context, v *Vault, from Snapshot, name string) error {
	l := from.Ledger.Clone()
	l.Components[name] = patchset.Component{Name: name, URL: "/srv/" + name}
	return carryOut(ctx, v, from, l, "added "+name)
}

func snapshot(t testing.TB, v *Vault) Snapshot {
	t.Helper()
	s, err := v.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestLedgerIsACompareAndSwap(t *testing.T) {
	v := newVault(t)
	old := snapshot(t, v)
	if err := addComponent(t.Context(), v, old, "core"); err != nil {
		t.Fatal(err)
	}
	tip := snapshot(t, v).Tip
	err := addComponent(t.Context(), v, old, "vendor")
	var stale *StaleError
	if !errors.As(err, &stale) {
		t.Fatalf("a plan on an old state: %v, want a StaleError", err)
	}
	now := snapshot(t, v)
	if now.Tip != tip || len(now.Ledger.Components) != 1 {
		t.Errorf("the refused plan left traces: %v", now.Ledger.ComponentNames())
	}
}

func TestManyWritersLoseNothing(t *testing.T) {
	v := newVault(t)
	const writers, each = 6, 8
	var wg sync.WaitGroup
	errs := make(chan error, writers)
	for w := range writers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			own := openVault(v.git, v.dir)
			defer own.Close()
			for i := range each {
				for {
					s, err := own.Snapshot(t.Context())
					if err == nil {
						err = addComponent(t.Context(), own, s, fmt.Sprintf("c%d-%d", w, i))
					}
					var stale *StaleError
					if errors.As(err, &stale) {
						continue
					}
					if err != nil {
						errs <- err
						return
					}
					break
				}
			}
		}()
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		t.Fatal(err)
	}
	if got := len(snapshot(t, v).Ledger.Components); got != writers*each {
		t.Errorf("%d components, want %d", got, writers*each)
	}
	entries := 0
	if err := v.Log(t.Context(), func(LogEntry) bool { entries++; return true }); err != nil {
		t.Fatal(err)
	}
	if entries != writers*each+1 {
		t.Errorf("%d ledger entries, want %d", entries, writers*each+1)
	}
}

func TestDerivedRefsAreRebuilt(t *testing.T) {
	v := newVault(t)
	s := snapshot(t, v)
	scratch, err := v.Scratch()
	if err != nil {
		t.Fatal(err)
	}
	defer scratch.Close()
	tree, _ := scratch.Write("tree", nil)
	base, err := scratch.WriteCommit(patchsetCommit(tree))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := scratch.Pack(t.Context(), v.dir, base); err != nil {
		t.Fatal(err)
	}
	l := s.Ledger.Clone()
	l.Versions["v1"] = patchset.Version{Name: "v1", Made: time.Unix(1e9, 0).UTC(), Bases: map[string]patchset.Base{"core": {Commit: base, Ref: "refs/heads/v1"}}}
	if err := carryOut(t.Context(), v, s, l, "a version"); err != nil {
		t.Fatal(err)
	}
	const ref = "refs/carry/stacks/core/v1"
	for name, spoil := range map[string]func(){
		"missing":   func() { _ = os.Remove(filepath.Join(v.dir, ref)) },
		"stale":     func() { _ = writeRef(v.dir, ref, snapshot(t, v).Tip, false) },
		"left over": func() { _ = writeRef(v.dir, "refs/carry/stacks/gone/v0", base, false) },
		"packed away": func() {
			_, err := v.git.Run(t.Context(), Cmd{GitDir: v.dir, Args: []string{"pack-refs", "--all"}})
			if err != nil {
				t.Fatal(err)
			}
		},
	} {
		spoil()
		snapshot(t, v)
		refs, err := listRefs(v.dir, "refs/carry/stacks/")
		if err != nil || len(refs) != 1 || refs[ref] != base {
			t.Errorf("%s: refs are %v (%v)", name, refs, err)
		}
	}
}

func TestDeadHoldersLeaveNoLock(t *testing.T) {
	v := newVault(t)
	// As a process that was killed between lock and rename leaves it.
	if err := os.WriteFile(filepath.Join(v.dir, "carry.lock"), []byte(`{"pid":1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(v.dir, ledgerRef+".lock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := addComponent(t.Context(), v, snapshot(t, v), "core"); err != nil {
		t.Fatal(err)
	}
}

func TestALockOfGitIsRespected(t *testing.T) {
	v := newVault(t)
	path := filepath.Join(v.dir, ledgerRef+".lock") // carry.lock is empty: not one of ours
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	err := addComponent(t.Context(), v, snapshot(t, v), "core")
	var fault *patchset.Fault
	if !errors.As(err, &fault) || fault.Code != patchset.CodeBusy {
		t.Errorf("%v, want busy", err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the lock of a living git was removed: %v", err)
	}
}

func TestAcceptedCommitsSurviveGarbageCollection(t *testing.T) {
	v := newVault(t)
	for i := range 20 { // more than maxParents go into bundles
		s := snapshot(t, v)
		if i == 0 {
			l := s.Ledger.Clone()
			scratch, err := v.Scratch()
			if err != nil {
				t.Fatal(err)
			}
			tree, _ := scratch.Write("tree", nil)
			bases := map[string]patchset.Base{}
			for n := range 40 {
				c := patchsetCommit(tree)
				c.Message = []byte(fmt.Sprint(n))
				id, err := scratch.WriteCommit(c)
				if err != nil {
					t.Fatal(err)
				}
				bases[fmt.Sprintf("c%d", n)] = patchset.Base{Commit: id, Ref: "x"}
			}
			l.Versions["v1"] = patchset.Version{Name: "v1", Made: time.Unix(1e9, 0).UTC(), Bases: bases}
			plan, err := patchset.NewPlan(s.Ledger, l, patchset.Entry{At: time.Unix(1e9, 0)})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := v.CarryOut(t.Context(), scratch, s, plan); err != nil {
				t.Fatal(err)
			}
			_ = scratch.Close()
			continue
		}
		if err := addComponent(t.Context(), v, s, fmt.Sprintf("x%d", i)); err != nil {
			t.Fatal(err)
		}
	}
	want := snapshot(t, v)
	if err := os.RemoveAll(filepath.Join(v.dir, "refs", "carry", "stacks")); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"reflog", "expire", "--expire=now", "--all"}, {"gc", "--quiet", "--prune=now", "--aggressive"}, {"fsck", "--full", "--strict"}} {
		if _, err := v.git.Run(t.Context(), Cmd{GitDir: v.dir, Args: args}); err != nil {
			t.Fatal(err)
		}
	}
	_ = v.Close()
	again := openVault(v.git, v.dir)
	defer again.Close()
	for id := range want.Ledger.References() {
		if ok, err := again.Exists(t.Context(), id); err != nil || !ok {
			t.Fatalf("%s is gone (%v)", id, err)
		}
	}
}

func TestHostileVaultsAreRefused(t *testing.T) {
	marker := filepath.Join(t.TempDir(), "ran")
	for name, spoil := range map[string]func(dir string) error{
		"a remote":            appendConfig("[remote \"origin\"]\n\turl = https://example.org/x\n"),
		"an ssh command":      appendConfig("[core]\n\tsshCommand = touch " + marker + "\n"),
		"a hooks path":        appendConfig("[core]\n\thooksPath = /tmp\n"),
		"an fsmonitor":        appendConfig("[core]\n\tfsmonitor = touch " + marker + "\n"),
		"an include":          appendConfig("[include]\n\tpath = /etc/passwd\n"),
		"a filter":            appendConfig("[filter \"x\"]\n\tsmudge = touch " + marker + "\n"),
		"a merge driver":      appendConfig("[merge \"x\"]\n\tdriver = touch " + marker + "\n"),
		"url rewriting":       appendConfig("[url \"ext::sh\"]\n\tinsteadOf = https://\n"),
		"a credential helper": appendConfig("[credential]\n\thelper = !touch " + marker + "\n"),
		"a promisor":          appendConfig("[extensions]\n\tpartialClone = origin\n"),
		"alternates": func(dir string) error {
			path := filepath.Join(dir, "objects", "info")
			return errors.Join(os.MkdirAll(path, 0o700), os.WriteFile(filepath.Join(path, "alternates"), []byte("/tmp\n"), 0o600))
		},
		"shallow":         func(dir string) error { return os.WriteFile(filepath.Join(dir, "shallow"), nil, 0o600) },
		"writable by all": func(dir string) error { return os.Chmod(dir, 0o777) },
		"no ledger":       func(dir string) error { return os.Remove(filepath.Join(dir, ledgerRef)) },
		"a broken ledger ref": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, ledgerRef), []byte("-x\n"), 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			v := newVault(t)
			if err := spoil(v.dir); err != nil {
				t.Fatal(err)
			}
			if _, err := OpenVault(v.git, v.dir); err == nil {
				t.Error("opened")
			}
		})
	}
	v := newVault(t)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(v.dir, link); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenVault(v.git, link); err == nil {
		t.Error("opened through a symbolic link")
	}
	if _, err := os.Stat(marker); err == nil {
		t.Error("a program of the vault's choice ran")
	}
	if _, err := OpenVault(v.git, v.dir); err != nil {
		t.Errorf("the untouched vault: %v", err)
	}
}

func appendConfig(text string) func(dir string) error {
	return func(dir string) error {
		f, err := os.OpenFile(filepath.Join(dir, "config"), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = f.WriteString(text)
		return errors.Join(err, f.Close())
	}
}

func TestVaultIsPrivate(t *testing.T) {
	v := newVault(t)
	if err := addComponent(t.Context(), v, snapshot(t, v), "core"); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(v.dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("mode %v (%v), want 0700", info.Mode().Perm(), err)
	}
}

func TestURLs(t *testing.T) {
	for raw, ok := range map[string]bool{
		"https://example.org/x.git": true, "ssh://git@example.org:29418/x": true, "git@example.org:x.git": true, "git://example.org/x": true,
		"/srv/x": true, "../x": true, "file:///srv/x": true,
		"": false, "-x": false, "ext::sh -c id": false, "fd::3": false, "https://u:p@example.org/x": false, "https://-oProxyCommand=x/y": false,
		"https://example.org/x\ny": false, "foo://x": false, "ssh://-x/y": false, "-oProxyCommand=x:y": false, "https:///x": false,
	} {
		if _, err := CheckURL(raw, "/work"); (err == nil) != ok {
			t.Errorf("%q: %v", raw, err)
		} else if err != nil && strings.Contains(err.Error(), ":p@") {
			t.Errorf("%q: the error tells the password", raw)
		}
	}
	same := [][2]string{
		{"https://Example.org/x.git", "https://example.org/x/"},
		{"git@example.org:x.git", "ssh://other@example.org/x"},
		{"/srv/x", "file:///srv/x"},
		{"https://example.org:443/x", "https://example.org/x"},
	}
	for _, pair := range same {
		if !SameRemote(pair[0], pair[1]) {
			t.Errorf("%v: taken for two", pair)
		}
	}
	for _, pair := range [][2]string{{"https://example.org/x", "https://example.com/x"}, {"/srv/x", "/srv/y"}, {"https://example.org/a/x", "https://example.org/x"}} {
		if SameRemote(pair[0], pair[1]) {
			t.Errorf("%v: taken for one", pair)
		}
	}
}

// tracingGit is git with a packet trace, which the program itself would not let
// through.
func tracingGit(t testing.TB, git, trace string) string {
	path := writeTemp(t, "#!/bin/sh\nGIT_TRACE_PACKET="+trace+" exec "+git+" \"$@\"\n")
	if err := os.Chmod(path, 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func writeTemp(t testing.TB, text string) string {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func readTrace(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
