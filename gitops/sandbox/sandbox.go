// Package sandbox runs a command that nobody trusts on a directory that nobody
// needs: without network, with an empty environment, with limits, and with nothing
// of this machine in reach but what programs are made of.
//
// How much of that holds is the kernel's to say. A [Result] names what it was, and
// a caller demands at least a [Level]; with less, the command is not run.
//
// The program starts itself again as the sandbox's first process, [Init], which
// shuts the doors and then starts the command.
package sandbox

import (
	"fmt"
	"slices"
	"time"
)

// Level says how much of the sandbox the kernel itself guarantees.
type Level string

// The levels, the strongest first.
const (
	// Full: what is not shown to the command does not exist for it, it has a network
	// with nobody in it, and all that it started ends with it.
	Full Level = "full"
	// Partial: files and sockets are refused, but a process could outlive the command.
	Partial Level = "partial"
	// None: there are limits and nothing else.
	None Level = "none"
)

// Levels lists all levels, the strongest first.
var Levels = []Level{Full, Partial, None}

// AtLeast tells whether l is as strong as other or stronger.
func (l Level) AtLeast(other Level) bool {
	return slices.Index(Levels, l) <= slices.Index(Levels, other)
}

// Limits bound what a command may use.
type Limits struct {
	Time      time.Duration // from start to end
	Memory    int64         // bytes, of all its processes together
	Processes int           // at one time
	Output    int64         // bytes on stdout and stderr together
	File      int64         // bytes of the largest file that it writes
}

// Spec is one command to run.
type Spec struct {
	// Dir is the directory that the command may do with as it likes, and starts in;
	// Room an empty directory beside it that the sandbox needs. Both absolute.
	Dir, Room string
	// Command is the program and its arguments. A program without a slash is looked
	// for on Path, one with a slash from Dir.
	Command []string
	Limits  Limits
	// Least is the level below which the command is not run.
	Least Level
}

// Path is where programs are looked for in a sandbox.
const Path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// End is how a command ended.
type End string

// The ways to end.
const (
	Exited     End = "exited"      // by itself, or a signal of its own; see Result.Status
	CutOff     End = "cut-off"     // it went over a limit; see Result.Why
	NotStarted End = "not-started" // there is no such program; see Result.Why
	Refused    End = "refused"     // this machine gives less than Spec.Least; see Result.Why
)

// Result is what came of a command.
type Result struct {
	End    End
	Status int    // the exit status; 128 and the signal when one ended it
	Why    string // in words, unless it exited with 0
	// Output is the end of what it printed, at most [MaxTail] bytes, as it came.
	Output []byte
	// Sandbox names what held the command: "namespaces+landlock(abi 7)+seccomp".
	Sandbox string
	Level   Level
}

// Passed tells whether the command ran and was content.
func (r Result) Passed() bool { return r.End == Exited && r.Status == 0 }

// MaxTail is how much of the output a Result keeps, in bytes.
const MaxTail = 4 << 10

// tail keeps the last bytes written, and counts them all. Above most it calls over
// once and goes on taking what comes, so that nobody blocks on a full pipe.
type tail struct {
	kept  []byte
	count int64
	most  int64
	over  func()
}

func (t *tail) Write(p []byte) (int, error) {
	t.count += int64(len(p))
	if t.count > t.most && t.over != nil {
		t.over()
		t.over = nil
	}
	t.kept = append(t.kept, p[max(0, len(p)-MaxTail):]...)
	if extra := len(t.kept) - MaxTail; extra > 0 {
		t.kept = append(t.kept[:0], t.kept[extra:]...)
	}
	return len(p), nil
}

func exitWords(status int) string {
	switch {
	case status == 0:
		return ""
	case status > 128:
		return fmt.Sprintf("ended by signal %d", status-128)
	}
	return fmt.Sprintf("exit status %d", status)
}

func printedTooMuch(limit int64) string {
	return fmt.Sprintf("cut off: it printed more than %s", size(limit))
}

func tookTooLong(limit time.Duration) string {
	return fmt.Sprintf("cut off: it ran for more than %s", limit)
}

func size(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d bytes", n)
	}
	return fmt.Sprintf("%d MB", n>>20)
}

// notFoundError says that there is no such program.
type notFoundError struct{ program string }

func (e *notFoundError) Error() string {
	return e.program + " is not there: not on " + Path
}
