package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A full disk is told in words, nothing is half accepted, and once there is room
// again the same command works. The disk is a small tmpfs, filled up to a few
// sizes; only root can mount one.
func TestDiskFull(t *testing.T) {
	w := newCrashWorld(t)
	disk := filepath.Join(w.dir, "disk")
	if err := os.Mkdir(disk, 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs", disk).CombinedOutput(); err != nil {
		t.Skipf("not run: cannot mount a small disk here: %s", strings.TrimSpace(string(out)))
	}
	t.Cleanup(func() { _ = exec.Command("umount", disk).Run() })
	before := w.refs("vault")
	w.copyVault("vault", "undisturbed")
	if _, err := w.run("undisturbed", nil, w.binary, "train", "1.1"); exitCode(err) != 3 {
		t.Fatal(err)
	}
	after := w.refs("undisturbed")
	failed := 0
	for _, room := range []string{"0", "4096", "16384", "40960", "81920", "122880", "163840", "262144"} {
		w.copyVault("vault", "disk/vault")
		filler := filepath.Join(disk, "filler")
		if out, err := w.run("vault", nil, "sh", "-c", `avail=$(df -B1 --output=avail disk | tail -1); head -c $((avail - $1)) /dev/zero > "$2"`, "sh", room, filler); err != nil {
			t.Fatalf("filling the disk: %v\n%s", err, out)
		}
		out, err := w.run("disk/vault", []string{"TMPDIR=" + disk}, w.binary, "train", "1.1")
		switch exitCode(err) {
		case 3:
		case 1:
			failed++
			if !strings.Contains(out, "error: ") || !strings.Contains(strings.ToLower(out), "space") {
				t.Errorf("room for %s bytes: the words are no help:\n%s", room, out)
			}
		default:
			t.Errorf("room for %s bytes: %v\n%s", room, err, out)
		}
		if got := w.refs("disk/vault"); got != before && got != after {
			t.Errorf("room for %s bytes: neither before nor after:\n%s", room, got)
		}
		if err := os.Remove(filler); err != nil {
			t.Fatal(err)
		}
		if out, err := w.run("disk/vault", nil, w.binary, "train", "1.1"); exitCode(err) != 3 || w.refs("disk/vault") != after {
			t.Errorf("room again after %s: %v\n%s", room, err, out)
		}
		_ = os.RemoveAll(filepath.Join(disk, "vault"))
	}
	if failed == 0 {
		t.Error("the disk was never full: this test proves nothing")
	}
}
