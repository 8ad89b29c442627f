package sandbox

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Init is the first process of a sandbox: it shuts the doors, starts the command, and
// is there until that ends. It gives the exit code of the process.
func Init() int {
	// What the doors are shut for is this thread, and what it starts.
	runtime.LockOSThread()
	orders, answers := os.NewFile(3, "orders"), os.NewFile(4, "answers")
	_ = unix.CloseRange(3, ^uint(0), unix.CLOSE_RANGE_CLOEXEC)
	var j job
	if err := json.NewDecoder(orders).Decode(&j); err != nil {
		return 2 // somebody typed it
	}
	say := json.NewEncoder(answers)
	b := &box{job: j, self: os.Getpid()}
	if err := b.shut(); err != nil {
		_ = say.Encode(report{Unfit: err.Error()})
		return 1
	}
	_ = say.Encode(report{Held: &b.held})
	res := Result{End: Exited}
	if !b.held.level().AtLeast(j.Spec.Least) {
		res = Result{End: Refused}
	} else if len(j.Spec.Command) > 0 {
		res = b.run(orders)
	}
	_ = say.Encode(report{Result: &res})
	return 0
}

// box is the sandbox seen from inside.
type box struct {
	job  job
	self int
	held held
	dir  string // where the command starts
	tmp  string // where it may put what it likes
	null *os.File
}

// shut shuts all doors that this kernel has. An error means that this way of holding
// a command does not work here.
func (b *box) shut() error {
	var err error
	if b.null, err = os.OpenFile("/dev/null", os.O_RDWR, 0); err != nil {
		return err
	}
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0) // it first, when memory runs out
	// The doors are shut for one thread: nobody may get at the others through our memory.
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return err
	}
	b.dir, b.tmp = b.job.Spec.Dir, filepath.Join(b.job.Spec.Room, "tmp")
	if b.job.Namespaces {
		b.dir, b.tmp = innerDir, innerTmp
		if err := b.newRoot(); err != nil {
			return err
		}
		b.held.Namespaces = true
		boundNamespace(b.job.Spec.Limits.Processes)
	} else {
		if err := os.Mkdir(b.tmp, 0o700); err != nil {
			return err
		}
		// What loses its parent becomes ours, so that we can end it.
		if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
			return err
		}
	}
	if err := unix.Chdir(b.dir); err != nil {
		return err
	}
	if err := b.setLimits(); err != nil {
		return err
	}
	if err := dropCapabilities(); err != nil {
		return err
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	if b.held.Landlock, err = restrictFiles(b.readable(), append([]string{b.dir, b.tmp}, b.writable()...)); err != nil {
		return err
	}
	b.held.Seccomp, err = forbidCalls()
	return err
}

// readable and writable are what is left of the machine, beside b.dir and b.tmp.
func (b *box) readable() []string {
	if b.job.Namespaces {
		return append([]string{"/proc"}, shown...)
	}
	return shown // /proc would show everybody's processes
}

func (b *box) writable() []string {
	if b.job.Namespaces {
		return append([]string{"/dev/shm"}, devices...)
	}
	return devices
}

// dropCapabilities gives up what was there for mounting; nothing that is started
// from here on can have any.
func dropCapabilities() error {
	if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); err != nil {
		return err
	}
	for c := uintptr(0); c <= unix.CAP_LAST_CAP; c++ {
		_ = unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0) // allowed to root only, and only root needs it
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var none [2]unix.CapUserData
	return unix.Capset(&header, &none[0])
}

// setLimits sets what the kernel counts for each process. It counts for us too.
func (b *box) setLimits() error {
	l := b.job.Spec.Limits
	seconds := uint64(l.Time.Seconds()+1) * uint64(runtime.NumCPU())
	for resource, most := range map[int]uint64{
		unix.RLIMIT_CORE:   0,
		unix.RLIMIT_CPU:    seconds,
		unix.RLIMIT_DATA:   uint64(l.Memory) + ownData() + 64<<20,
		unix.RLIMIT_FSIZE:  uint64(l.File),
		unix.RLIMIT_NOFILE: 1024,
		// Counted for the person, and in older kernels outside the sandbox too.
		unix.RLIMIT_NPROC: uint64(l.Processes + spare + b.othersNow()),
	} {
		var now unix.Rlimit
		if err := unix.Getrlimit(resource, &now); err != nil {
			return err
		}
		most = min(most, now.Max)
		if err := unix.Setrlimit(resource, &unix.Rlimit{Cur: most, Max: most}); err != nil {
			return err
		}
	}
	return nil
}

// ownData is how much this process itself has of what RLIMIT_DATA counts, in bytes.
func ownData() uint64 {
	statm, err := os.ReadFile("/proc/self/statm")
	fields := strings.Fields(string(statm))
	if err != nil || len(fields) < 6 {
		return 256 << 20
	}
	pages, _ := strconv.ParseUint(fields[5], 10, 32)
	return pages * uint64(os.Getpagesize())
}

// othersNow counts the processes that are none of ours.
func (b *box) othersNow() int {
	if b.job.Namespaces {
		return 0
	}
	all, err := listProcesses()
	if err != nil {
		return 0
	}
	return len(all)
}

// run starts the command and waits for it, and for all that it left to us.
func (b *box) run(lifeline io.Reader) Result {
	program, err := b.find(b.job.Spec.Command[0])
	if err != nil {
		return Result{End: NotStarted, Why: err.Error()}
	}
	watch := newWatcher(b)
	pid, err := syscall.ForkExec(program, b.job.Spec.Command, &syscall.ProcAttr{
		Dir: b.dir, Sys: &syscall.SysProcAttr{Setsid: true},
		Env:   []string{"PATH=" + Path, "HOME=" + b.tmp, "TMPDIR=" + b.tmp, "LANG=C.UTF-8"},
		Files: []uintptr{b.null.Fd(), 1, 2},
	})
	if err != nil {
		return Result{End: NotStarted, Why: b.job.Spec.Command[0] + " cannot be started: " + err.Error()}
	}
	go watch.run(lifeline)
	status := waitAll(pid)
	why := watch.stop()
	if why != "" {
		return Result{End: CutOff, Why: why}
	}
	code := status.ExitStatus()
	if status.Signaled() {
		code = 128 + int(status.Signal())
	}
	return Result{End: Exited, Status: code, Why: exitWords(code)}
}

// waitAll reaps whatever ends until the command itself has.
func waitAll(command int) syscall.WaitStatus {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, nil)
		if pid == command || err != nil && err != syscall.EINTR {
			return status
		}
	}
}

func (b *box) find(program string) (string, error) {
	if strings.Contains(program, "/") {
		return program, nil
	}
	for _, dir := range filepath.SplitList(Path) {
		file := filepath.Join(dir, program)
		if unix.Access(file, unix.X_OK) == nil {
			return file, nil
		}
	}
	return "", &notFoundError{program}
}
