package sandbox

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// waysToHold are tried in order: with namespaces, and without.
var waysToHold = []bool{true, false}

// selfPath is this very program, even when its file has been replaced.
func selfPath() string { return "/proc/self/exe" }

// innerID is who the command is in its namespace: nobody that may do anything. To the
// machine it is whoever runs the program.
const innerID = 1000

func processAttr(namespaces bool) *syscall.SysProcAttr {
	if !namespaces {
		return &syscall.SysProcAttr{Setsid: true}
	}
	return &syscall.SysProcAttr{
		Setsid: true,
		Cloneflags: unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWNET |
			unix.CLONE_NEWIPC | unix.CLONE_NEWUTS | unix.CLONE_NEWCGROUP,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: innerID, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: innerID, HostID: os.Getgid(), Size: 1}},
		// The first process mounts, then gives this up.
		AmbientCaps: []uintptr{unix.CAP_SYS_ADMIN},
	}
}
