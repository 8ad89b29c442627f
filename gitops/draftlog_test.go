package gitops

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/git-carry/git-carry/patchset"
)

func TestDraftLogSurvives(t *testing.T) {
	v := &Vault{dir: t.TempDir()}
	at := patchset.Spot{Version: "1.1", Patch: "T1"}
	open := func() *DraftLog {
		l, err := v.OpenDraftLog(at, "priya")
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	last := func(want string) {
		t.Helper()
		l := open()
		defer l.Close()
		if got, err := l.Last(); err != nil || string(got) != want {
			t.Errorf("last line %q, %v; want %q", got, err, want)
		}
	}
	last("")
	l := open()
	for _, line := range []string{"one", "two"} {
		if err := l.Append([]byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	last("two")
	path := filepath.Join(v.dir, draftLogs, "1.1", "T1~priya.log")
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("cut of"); err != nil {
		t.Fatal(err)
	}
	f.Close()
	last("two")
	if err := l.Append([]byte("three")); err != nil {
		t.Fatal(err)
	}
	last("three")
	if err := l.startOver([]byte("four\n")); err != nil {
		t.Fatal(err)
	}
	last("four")
	if err := l.Append([]byte("five")); err != nil {
		t.Fatal(err)
	}
	last("five")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if err := l.Remove(); err != nil {
		t.Fatal(err)
	}
	last("")
	if _, err := v.OpenDraftLog(patchset.Spot{Version: "../x", Patch: "T1"}, ""); err == nil {
		t.Error("a name that leads out of the vault was let through")
	}
}
