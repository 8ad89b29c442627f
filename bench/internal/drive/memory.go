package drive

import (
	"os"
	"runtime/debug"
)

// Shrink makes this process small. A child counts the memory of the process that
// started it as its own peak until it has become another program, so the measuring
// program should be smaller than what it measures. On systems other than Linux the
// peak of the past stays.
func Shrink() {
	debug.FreeOSMemory()
	// 5: forget the largest size so far. It fails only where there is no such file.
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
}
