package packwriter

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var exts = []string{".pack", ".rev", ".idx"}

// TestKilled looks at what is there before each step, which is what is left if
// the process is killed then: nothing, or files that git takes for garbage, or a whole pack.
func TestKilled(t *testing.T) {
	r := newRepo(t)
	dir := filepath.Dir(r.pack("x"))
	objects := append(stack(5), object("blob", randomBytes(1, 2*bufferSize)))
	steps := 0
	var appeared []string
	look := func() {
		for _, name := range names(t, dir) {
			switch {
			case strings.HasPrefix(name, "tmp_"):
			case !slices.Contains(appeared, filepath.Ext(name)):
				appeared = append(appeared, filepath.Ext(name))
			}
		}
		if slices.Contains(appeared, ".idx") {
			r.git(t, "", "fsck", "--full", "--strict")
			return
		}
		if got := r.git(t, "", "cat-file", "--batch-check", "--batch-all-objects"); got != "" {
			t.Fatalf("after step %d git sees %s", steps, got)
		}
	}
	s, err := Write(r.pack("x"), objects, Options{Step: func() { look(); steps++ }})
	if err != nil {
		t.Fatal(err)
	}
	look()
	if !slices.Equal(appeared, exts) {
		t.Errorf("the files came in the order %q, want %q", appeared, exts)
	}
	// Three files made, synced together and renamed; the pack takes three writes, the others one each.
	if want := 3 + 1 + 3 + 3 + 1 + 1; steps != want {
		t.Errorf("%d steps, want %d", steps, want)
	}
	checkPack(t, r, "x", objects, s)
}

// TestLeavingsAreSwept: what a killed process leaves under a temporary name goes with
// git's own.
func TestLeavingsAreSwept(t *testing.T) {
	r := newRepo(t)
	type killed struct{}
	steps := 0
	func() {
		defer func() { _ = recover() }()
		_, _ = Write(r.pack("x"), []Object{object("blob", "x")}, Options{Step: func() {
			if steps++; steps == 8 { // all three are staged
				panic(killed{})
			}
		}})
	}()
	dir := filepath.Dir(r.pack("x"))
	if left := names(t, dir); len(left) != 3 {
		t.Fatalf("left over: %q", left)
	}
	r.git(t, "", "prune", "--expire=now")
	if left := names(t, dir); len(left) != 0 {
		t.Errorf("git prune leaves %q", left)
	}
}

// TestRenameFails: where one file cannot get its name, those before it lose theirs.
func TestRenameFails(t *testing.T) {
	for n, ext := range exts {
		t.Run(ext, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x")
			steps := 0
			_, err := Write(path, []Object{object("blob", "x")}, Options{Step: func() {
				if steps++; steps == 3*2+1+1+n {
					_ = os.Mkdir(path+ext, 0o700)
				}
			}})
			if err == nil {
				t.Error("no error")
			}
			if got, want := names(t, filepath.Dir(path)), []string{"x" + ext}; !slices.Equal(got, want) {
				t.Errorf("there are %q, want %q", got, want)
			}
		})
	}
}

// TestNothingIsReplaced: a file that is in the way stays.
func TestNothingIsReplaced(t *testing.T) {
	for _, ext := range exts {
		t.Run(ext, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x")
			if err := os.WriteFile(path+ext, []byte("here first"), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Write(path, []Object{object("blob", "x")}, Options{}); !errors.Is(err, fs.ErrExist) {
				t.Errorf("got %v, want %v", err, fs.ErrExist)
			}
			if got := string(read(t, path+ext)); got != "here first" {
				t.Errorf("now it is %q", got)
			}
			if got, want := names(t, filepath.Dir(path)), []string{"x" + ext}; !slices.Equal(got, want) {
				t.Errorf("there are %q, want %q", got, want)
			}
		})
	}
}

func TestUnwritableDirectory(t *testing.T) {
	if os.Getuid() <= 0 {
		t.Skip("nothing is unwritable for root, and modes are not what counts on Windows")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(filepath.Join(dir, "x"), []Object{object("blob", "x")}, Options{}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("got %v, want %v", err, fs.ErrPermission)
	}
}
