//go:build unix && !linux

package sandbox

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Init starts the command, in a process group of its own and with what limits there
// are: this system gives nothing that would hold it. It gives the exit code of the process.
func Init() int {
	orders, answers := os.NewFile(3, "orders"), os.NewFile(4, "answers")
	syscall.CloseOnExec(3)
	syscall.CloseOnExec(4)
	var j job
	if err := json.NewDecoder(orders).Decode(&j); err != nil {
		return 2 // somebody typed it
	}
	say := json.NewEncoder(answers)
	_ = say.Encode(report{Held: &held{}})
	res := Result{End: Exited}
	if !None.AtLeast(j.Spec.Least) {
		res = Result{End: Refused}
	} else if len(j.Spec.Command) > 0 {
		res = runPlain(j.Spec, orders)
	}
	_ = say.Encode(report{Result: &res})
	return 0
}

func runPlain(spec Spec, lifeline io.Reader) Result {
	tmp := filepath.Join(spec.Room, "tmp")
	null, err := os.OpenFile("/dev/null", os.O_RDWR, 0)
	if err == nil {
		err = os.Mkdir(tmp, 0o700)
	}
	if err != nil {
		return Result{End: NotStarted, Why: err.Error()}
	}
	for resource, most := range map[int]uint64{
		syscall.RLIMIT_CORE: 0, syscall.RLIMIT_CPU: uint64(spec.Limits.Time.Seconds() + 1), syscall.RLIMIT_FSIZE: uint64(spec.Limits.File),
	} {
		_ = syscall.Setrlimit(resource, &syscall.Rlimit{Cur: most, Max: most})
	}
	program, err := findPlain(spec.Command[0])
	if err != nil {
		return Result{End: NotStarted, Why: err.Error()}
	}
	pid, err := syscall.ForkExec(program, spec.Command, &syscall.ProcAttr{
		Dir: spec.Dir, Sys: &syscall.SysProcAttr{Setpgid: true},
		Env:   []string{"PATH=" + Path, "HOME=" + tmp, "TMPDIR=" + tmp, "LANG=C.UTF-8"},
		Files: []uintptr{null.Fd(), 1, 2},
	})
	if err != nil {
		return Result{End: NotStarted, Why: spec.Command[0] + " cannot be started: " + err.Error()}
	}
	go func() {
		_, _ = io.Copy(io.Discard, lifeline)
		_ = syscall.Kill(-pid, syscall.SIGKILL)
	}()
	var status syscall.WaitStatus
	for {
		if _, err = syscall.Wait4(pid, &status, 0, nil); err != syscall.EINTR {
			break
		}
	}
	_ = syscall.Kill(-pid, syscall.SIGKILL)
	code := status.ExitStatus()
	if status.Signaled() {
		code = 128 + int(status.Signal())
	}
	return Result{End: Exited, Status: code, Why: exitWords(code)}
}

func findPlain(program string) (string, error) {
	if strings.Contains(program, "/") {
		return program, nil
	}
	for _, dir := range filepath.SplitList(Path) {
		file := filepath.Join(dir, program)
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return file, nil
		}
	}
	return "", &notFoundError{program}
}
