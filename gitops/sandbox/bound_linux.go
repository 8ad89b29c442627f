package sandbox

import (
	"os"
	"path/filepath"
	"strconv"
)

// The kernel counts a person's processes, but never root's. So root's commands go
// into a control group that counts them, where there is one to be had; for all
// others it is RLIMIT_NPROC.

// spare is how many processes and threads the first process may need itself.
const spare = 64

// boundProcesses puts a process that has not begun yet under a limit for all that it
// will start. It gives what takes the group away again.
func boundProcesses(pid, most int) (release func()) {
	for _, mount := range []string{"/sys/fs/cgroup/pids", "/sys/fs/cgroup"} {
		group := filepath.Join(mount, "git-carry-"+strconv.Itoa(pid))
		if os.Getuid() != 0 || os.Mkdir(group, 0o755) != nil {
			continue
		}
		if writeNumber(group, "pids.max", most+spare) == nil && writeNumber(group, "cgroup.procs", pid) == nil {
			return func() { _ = os.Remove(group) }
		}
		_ = os.Remove(group)
	}
	return func() {}
}

func writeNumber(dir, name string, n int) error {
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteString(strconv.Itoa(n))
	return err
}

// boundNamespace limits the ids that this process namespace gives out: from Linux 6.14
// on it has a limit of its own, which must leave room for those that the kernel reserves.
func boundNamespace(most int) {
	_ = writeNumber("/proc/sys/kernel", "pid_max", most+spare+300)
}
