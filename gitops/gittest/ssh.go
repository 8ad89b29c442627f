package gittest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"time"
)

// SSHServer is the program that ServeSSH runs. Where it is missing, tests are skipped.
const SSHServer = "/usr/sbin/sshd"

// ServeSSH runs OpenSSH's server on this machine until stop is called. It keeps its keys
// in dir, which must exist, lets in who has the one of them, and then runs git's own
// restricted shell and nothing else. A repository's URL is host and its absolute path;
// command is for GIT_SSH_COMMAND.
func ServeSSH(dir string) (host, command string, stop func(), err error) {
	me, err := user.Current()
	if err != nil {
		return "", "", nil, err
	}
	if me.Uid == "0" {
		_ = os.MkdirAll("/run/sshd", 0o755) // sshd's own demand when root starts it
	}
	port, err := FreePort()
	if err != nil {
		return "", "", nil, err
	}
	config, err := sshFiles(dir, port)
	if err != nil {
		return "", "", nil, err
	}
	if stop, err = StartServer(fmt.Sprintf("127.0.0.1:%d", port), SSHServer, "-D", "-e", "-f", config); err != nil {
		return "", "", nil, err
	}
	command = fmt.Sprintf("ssh -F none -i %[1]s/client -o IdentitiesOnly=yes -o BatchMode=yes -o UserKnownHostsFile=%[1]s/known -o LogLevel=ERROR", dir)
	return fmt.Sprintf("ssh://%s@127.0.0.1:%d", me.Username, port), command, stop, nil
}

// sshFiles writes the keys, what each side knows of the other's, and the configuration.
func sshFiles(dir string, port int) (config string, err error) {
	public := map[string]string{}
	for _, key := range []string{"host", "client"} {
		name := filepath.Join(dir, key)
		if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", name).CombinedOutput(); err != nil {
			return "", fmt.Errorf("ssh-keygen: %w: %s", err, out)
		}
		text, err := os.ReadFile(name + ".pub")
		if err != nil {
			return "", err
		}
		public[key] = string(text)
	}
	config = filepath.Join(dir, "sshd_config")
	for name, text := range map[string]string{
		filepath.Join(dir, "known"):   fmt.Sprintf("[127.0.0.1]:%d %s", port, public["host"]),
		filepath.Join(dir, "allowed"): `restrict,command="git shell -c \"$SSH_ORIGINAL_COMMAND\"" ` + public["client"],
		config: fmt.Sprintf("Port %d\nListenAddress 127.0.0.1\nHostKey %[2]s/host\nAuthorizedKeysFile %[2]s/allowed\n"+
			"StrictModes no\nUsePAM no\nPidFile none\nPermitRootLogin yes\nPasswordAuthentication no\n", port, dir),
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	return config, nil
}

// FreePort is a port of this machine that nobody listens on.
func FreePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// StartServer runs a server until stop is called, and waits until it listens at an address.
func StartServer(address, name string, args ...string) (stop func(), err error) {
	c := exec.Command(name, args...)
	var said strings.Builder
	c.Stderr = &said
	c.WaitDelay = time.Second // a child of it may hold stderr open
	if err := c.Start(); err != nil {
		return nil, err
	}
	stop = func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	}
	for range 500 {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			return stop, conn.Close()
		}
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	return nil, fmt.Errorf("%s does not listen on %s: %s", name, address, said.String())
}
