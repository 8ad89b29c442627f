//go:build unix && !linux

package sandbox

import (
	"os"
	"syscall"
)

// waysToHold: this system has no namespaces.
var waysToHold = []bool{false}

// selfPath is this very program.
func selfPath() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	return path
}

func processAttr(bool) *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

func boundProcesses(int, int) (release func()) { return func() {} }
