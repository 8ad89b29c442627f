//go:build crashtest

package gitops

import (
	"os"
	"strconv"
	"sync/atomic"
	"syscall"
)

// crashAt is how many crash points the process survives, 0 for all.
var (
	crashAt, _ = strconv.ParseInt(os.Getenv("GIT_CARRY_CRASH_AT"), 10, 64)
	crashes    atomic.Int64
)

// crashPoint kills the process at the crash point that $GIT_CARRY_CRASH_AT
// names, as a power cut would: nothing is cleaned up.
func crashPoint() {
	if crashes.Add(1) == crashAt {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
}
