//go:build linux

package tui

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

func TestMain(m *testing.M) {
	if os.Getenv("TUI_TEST_SILENT") != "" {
		fmt.Println("TERM is", os.Getenv("TERM"))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// TestImportIsSilent: to import this package says nothing to the terminal. See
// package quiet.
func TestImportIsSilent(t *testing.T) {
	terminal, name := pseudoTerminal(t)
	pts, err := os.OpenFile(name, os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(self)
	child.Env = append(os.Environ(), "TUI_TEST_SILENT=1", "TERM=xterm-256color", "CI=")
	child.Stdin, child.Stdout, child.Stderr = pts, pts, pts
	child.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	start := time.Now()
	if err := child.Run(); err != nil {
		t.Fatal(err)
	}
	took := time.Since(start)
	said := make([]byte, 1000)
	n, err := terminal.Read(said)
	if got := string(said[:n]); err != nil || got != "TERM is xterm-256color\r\n" {
		t.Errorf("the terminal got %q, %v, after %v", got, err, took)
	}
	pts.Close()
}

// pseudoTerminal opens a terminal and names its other end.
func pseudoTerminal(t *testing.T) (*os.File, string) {
	t.Helper()
	f, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { f.Close() })
	var number, locked int32
	for request, arg := range map[uintptr]*int32{syscall.TIOCGPTN: &number, syscall.TIOCSPTLCK: &locked} {
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), request, uintptr(unsafe.Pointer(arg))); errno != 0 {
			t.Skip(errno)
		}
	}
	return f, fmt.Sprintf("/dev/pts/%d", number)
}
