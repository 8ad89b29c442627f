package gitops

import (
	"os"
	"path/filepath"
	"testing"
)

// What dead processes left beside a file goes; what somebody is writing, and what is no plain
// file of ours, stays.
func TestReplaceFileSweepsWhatTheDeadLeft(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, name := range []string{".git-carry-report-dead", "other"} {
		if err := os.WriteFile(at(name), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(at("other"), at(".git-carry-report-link")); err != nil {
		t.Fatal(err)
	}
	living, err := lockedTempFile(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer living.Close()
	if err := ReplaceFile(at("report"), []byte("whole"), 0o600); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(at("report")); string(data) != "whole" {
		t.Errorf("%q, %v", data, err)
	}
	for _, path := range []string{living.Name(), at("other"), at(".git-carry-report-link")} {
		if _, err := os.Lstat(path); err != nil {
			t.Error(err)
		}
	}
	if left, _ := filepath.Glob(at(".git-carry-report-*")); len(left) != 2 {
		t.Errorf("left: %v", left)
	}
}

// A drill that lives keeps its room; the next one gets that of a dead one, and no other does.
func TestDeadDrills(t *testing.T) {
	v := &Vault{dir: t.TempDir()}
	living, err := v.DrillRoom()
	if err != nil {
		t.Fatal(err)
	}
	dead, err := v.DrillRoom()
	if err != nil {
		t.Fatal(err)
	}
	if err := dead.Leave(); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(v.tmp(), drillPrefix+"unlocked"), 0o700); err != nil {
		t.Fatal(err)
	}
	rooms, err := v.DeadDrills()
	if err != nil || len(rooms) != 1 || rooms[0].Dir != dead.Dir {
		t.Fatalf("%v, %v", rooms, err)
	}
	if again, err := v.DeadDrills(); err != nil || len(again) != 0 {
		t.Errorf("held by another: %v, %v", again, err)
	}
	if err := rooms[0].Remove(); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(v.tmp(), "*")); len(left) != 1 || left[0] != living.Dir {
		t.Errorf("left: %v", left)
	}
}
