package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"
)

// Arg is the one argument with which the program is started again to be the first
// process of a sandbox: it must call [Init] then.
const Arg = "sandbox-init"

// job is what the first process is told; it arrives on its descriptor 3, which stays
// open as long as the command may run.
type job struct {
	Spec       Spec
	Namespaces bool // they are there: build on them
}

// report is what the first process says on its descriptor 4: what holds the command
// before that starts, and how it ended.
type report struct {
	Unfit  string  `json:",omitempty"` // why this way of holding it does not work here
	Held   *held   `json:",omitempty"`
	Result *Result `json:",omitempty"`
}

// held is what the kernel granted.
type held struct {
	Namespaces bool
	Landlock   int // its ABI; 0: none
	Seccomp    bool
}

func (h held) level() Level {
	switch {
	case h.Namespaces:
		return Full
	case h.Landlock > 0 && h.Seccomp:
		return Partial
	}
	return None
}

// String is such as "namespaces+landlock(abi 7)+seccomp".
func (h held) String() string {
	words := ""
	add := func(has bool, word string) {
		switch {
		case has && words != "":
			words += "+" + word
		case has:
			words = word
		}
	}
	add(h.Namespaces, "namespaces")
	add(h.Landlock > 0, fmt.Sprintf("landlock(abi %d)", h.Landlock))
	add(h.Seccomp, "seccomp")
	add(words == "", "limits only")
	return words
}

// unfitError says that one way of holding a command does not work on this machine.
type unfitError struct{ why string }

func (e *unfitError) Error() string { return e.why }

// Run runs a command to its end and tells how that came. The error is for what went
// wrong on our side, ctx included; whatever the command does is in the Result.
func Run(ctx context.Context, spec Spec) (Result, error) {
	var unfit *unfitError
	for _, namespaces := range waysToHold {
		res, err := run(ctx, job{spec, namespaces})
		if !errors.As(err, &unfit) {
			return res, err
		}
	}
	return Result{}, fmt.Errorf("sandbox: %w", unfit)
}

// Probe tells what Run would give on this machine.
func Probe(ctx context.Context) (level Level, words string, err error) {
	room, err := os.MkdirTemp("", "git-carry-probe-")
	if err != nil {
		return None, "", err
	}
	defer os.RemoveAll(room)
	dir, err := os.MkdirTemp(room, "dir-")
	if err != nil {
		return None, "", err
	}
	if room, err = os.MkdirTemp(room, "room-"); err != nil {
		return None, "", err
	}
	res, err := Run(ctx, Spec{Dir: dir, Room: room, Least: None, Limits: Limits{
		Time: 10 * time.Second, Memory: 1 << 30, Processes: 64, Output: 1 << 20, File: 1 << 20,
	}})
	return res.Level, res.Sandbox, err
}

// firstEnded is what a bomb can bring about: the first process runs out of what it has.
const firstEnded = "the first process of the sandbox ended before the command"

// grace is how long the first process may take to end everything.
const grace = 5 * time.Second

// watched is one run as seen from outside.
type watched struct {
	lifeline *os.File // closed: the command must end
	told     chan struct{}
	cutOnce  sync.Once
	why      string // it was cut off from here, and why
}

func (w *watched) cut(why string) {
	w.cutOnce.Do(func() {
		w.why = why
		_ = w.lifeline.Close()
		close(w.told)
	})
}

// run runs a command in one of the ways to hold it; *unfitError when it does not
// work here.
func run(ctx context.Context, j job) (Result, error) {
	pipes, err := newPipes()
	if err != nil {
		return Result{}, err
	}
	defer pipes.close()
	cmd := exec.Command(selfPath())
	cmd.Args = []string{"git-carry", Arg}
	cmd.Dir, cmd.Env = "/", []string{}
	cmd.Stdout, cmd.Stderr = pipes.out[1], pipes.out[1]
	cmd.ExtraFiles = []*os.File{pipes.job[0], pipes.report[1]}
	cmd.SysProcAttr = processAttr(j.Namespaces)
	if err := cmd.Start(); err != nil {
		return Result{}, &unfitError{err.Error()}
	}
	pipes.closeTheirs()
	defer boundProcesses(cmd.Process.Pid, j.Spec.Limits.Processes)()
	w := &watched{lifeline: pipes.job[1], told: make(chan struct{})}
	timer := time.AfterFunc(j.Spec.Limits.Time, func() { w.cut(tookTooLong(j.Spec.Limits.Time)) })
	defer timer.Stop()
	defer context.AfterFunc(ctx, func() { w.cut("interrupted") })()

	var work sync.WaitGroup
	printed := &tail{most: j.Spec.Limits.Output, over: func() { w.cut(printedTooMuch(j.Spec.Limits.Output)) }}
	work.Go(func() { _, _ = io.Copy(printed, pipes.out[0]) })
	var said report
	work.Go(func() { said = readReport(pipes.report[0]) })
	if err := json.NewEncoder(pipes.job[1]).Encode(j); err != nil {
		w.cut("the sandbox did not start")
	}
	waitFor(cmd, w)
	// What outlived the first process, where the kernel allows that, may hold a pipe.
	soon := time.Now().Add(grace)
	_ = pipes.out[0].SetReadDeadline(soon)
	_ = pipes.report[0].SetReadDeadline(soon)
	work.Wait()
	if err := ctx.Err(); err != nil {
		return Result{}, context.Cause(ctx)
	}
	w.cut("") // from here on w.why is ours
	return said.result(j, w.why, printed.kept)
}

// waitFor waits for the first process, and ends it when it does not end by itself
// after it was told to.
func waitFor(cmd *exec.Cmd, w *watched) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = cmd.Wait()
	}()
	select {
	case <-done:
		return
	case <-w.told:
	}
	select {
	case <-done:
	case <-time.After(grace):
		_ = cmd.Process.Kill()
		<-done
	}
}

func readReport(r io.Reader) report {
	var all report
	for d := json.NewDecoder(io.LimitReader(r, 64<<10)); d.Decode(&all) == nil; {
		continue
	}
	return all
}

// result puts together what the first process said and what was seen from outside.
func (r report) result(j job, cut string, output []byte) (Result, error) {
	switch {
	case r.Unfit != "":
		return Result{}, &unfitError{r.Unfit}
	case r.Held == nil:
		return Result{}, fmt.Errorf("the sandbox did not start: %.200q", output)
	}
	res := Result{End: CutOff, Why: "cut off: " + firstEnded}
	if r.Result != nil {
		res = *r.Result
	}
	if cut != "" && res.End != Refused {
		res.End, res.Why = CutOff, cut
	}
	res.Sandbox, res.Level, res.Output = r.Held.String(), r.Held.level(), output
	if res.End == Refused {
		res.Why = fmt.Sprintf("not run: this machine gives %s (%s), and %s is demanded", res.Level, res.Sandbox, j.Spec.Least)
	}
	return res, nil
}

// pipes are the three that connect us with a sandbox: reading end, writing end.
type pipes struct{ job, report, out [2]*os.File }

func newPipes() (*pipes, error) {
	p := &pipes{}
	for _, pair := range []*[2]*os.File{&p.job, &p.report, &p.out} {
		var err error
		if pair[0], pair[1], err = os.Pipe(); err != nil {
			p.close()
			return nil, err
		}
	}
	return p, nil
}

func (p *pipes) closeTheirs() {
	for _, f := range []*os.File{p.job[0], p.report[1], p.out[1]} {
		_ = f.Close()
	}
}

func (p *pipes) close() {
	for _, pair := range [][2]*os.File{p.job, p.report, p.out} {
		for _, f := range pair {
			_ = f.Close() // closed twice, or never opened: an error and no more
		}
	}
}
