//go:build unix

package packwriter

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

// fileLimit names the environment variable that makes a test process one in which no
// file may get longer than so many bytes.
const fileLimit = "PACKWRITER_TEST_FILE_LIMIT"

// TestDiskFull: a write that fails, at any point of any file, leaves nothing.
func TestDiskFull(t *testing.T) {
	if limit := os.Getenv(fileLimit); limit != "" {
		writeLimited(t, uint64(must(strconv.Atoi(limit))))
		return
	}
	for _, test := range []struct{ name, limit string }{
		{"pack", "0"},
		{"trailer of the pack", "40"},
		{"reverse index", "41"}, // an empty blob: 12 bytes of header, 9 of entry, 20 of trailer
		{"index", "56"},         // the reverse index of one object: 12, 4 and twice 20 bytes
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(os.Args[0], "-test.run=^TestDiskFull$")
			cmd.Env = append(os.Environ(), fileLimit+"="+test.limit)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

func writeLimited(t *testing.T, limit uint64) {
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	signal.Ignore(syscall.SIGXFSZ) // the write fails instead
	limited := before
	limited.Cur = limit
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limited); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "x")
	_, err := Write(path, []Object{object("blob", "")}, Options{})
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(err, syscall.EFBIG) {
		t.Errorf("got %v, want %v", err, syscall.EFBIG)
	}
	if left := names(t, filepath.Dir(path)); len(left) > 0 {
		t.Errorf("left over: %q", left)
	}
}
