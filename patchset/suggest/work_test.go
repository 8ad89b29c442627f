package suggest

import (
	"bytes"
	"fmt"
	"runtime"
	"testing"
)

// mostAllocated stands for the work, which no clock can tell on a busy machine. It is some
// twenty times what is needed, or twice with the race detector.
const mostAllocated = 512 << 20

// TestWorkIsBounded: what is hard to compare is answered, or not, with little work.
func TestWorkIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("slow")
	}
	lines := func(n int, format string) []byte {
		var b bytes.Buffer
		for i := range n {
			fmt.Fprintf(&b, format, i, i/2, i%7)
		}
		return b.Bytes()
	}
	long := func(c string) []byte { return append(bytes.Repeat([]byte(c+" ,"), 9000), '\n') }
	for name, f := range map[string]File{
		"many lines that are alike": {
			Base: lines(1000, "call( %d, a, %d, %d );\n"), Upstream: lines(1000, "call( %d, b, %d, %d );\n"), Patch: lines(1000, "call( %d, c, %d, %d );\n"),
		},
		"many added on both sides": {Upstream: lines(5000, "x%d%.0[2]d%.0[3]d,\n"), Patch: lines(5000, "y%d%.0[2]d%.0[3]d,\n")},
		"long lines":               {Base: long("a"), Upstream: long("b"), Patch: long("c")},
		"lines of one letter":      {Base: lines(40000, "%[3]d%.0[1]d%.0[2]d\n"), Upstream: lines(30000, "%.0[3]d%.0[1]d%.0[2]da\n"), Patch: lines(30000, "%.0[3]d%.0[1]d%.0[2]db\n")},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		For(f)
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took > mostAllocated {
			t.Errorf("%s: %d MB were allocated", name, took>>20)
		}
	}
}
