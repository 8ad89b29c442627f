package gitops

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"syscall"
	"time"
)

// sendTime bounds how long one message may take.
const sendTime = 30 * time.Second

// runHook runs a program that the owner of the vault has named: no shell, the text on
// stdin, an environment of PATH and HOME alone. What it prints is read only when it fails,
// the end of it. When its time is over everything that it started ends with it.
func runHook(ctx context.Context, environ, argv []string, stdin []byte) error {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=" + lookupEnv(environ, "PATH"), "HOME=" + lookupEnv(environ, "HOME"), "LC_ALL=C", "TZ=UTC"}
	cmd.Stdin = bytes.NewReader(stdin)
	var said tailBuffer
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return fmt.Errorf("%s: %w: %s", argv[0], err, cleanStderr(said.Bytes()))
	}
	return nil
}
