package sandbox

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == Arg {
		os.Exit(Init())
	}
	os.Exit(m.Run())
}

// play runs a shell script in a sandbox, in one of the ways to hold it.
func play(t *testing.T, namespaces bool, script string, change func(*Spec)) Result {
	t.Helper()
	spec := Spec{
		Dir: t.TempDir(), Room: t.TempDir(), Command: []string{"sh", "-c", script}, Least: None,
		Limits: Limits{Time: 20 * time.Second, Memory: 512 << 20, Processes: 40, Output: 8 << 20, File: 1 << 20},
	}
	if change != nil {
		change(&spec)
	}
	res, err := run(t.Context(), job{spec, namespaces})
	var unfit *unfitError
	if errors.As(err, &unfit) {
		t.Skipf("this machine cannot hold a command so: %v", unfit)
	}
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// inEachWay plays a test with namespaces and without.
func inEachWay(t *testing.T, test func(t *testing.T, namespaces bool)) {
	for _, namespaces := range waysToHold {
		name := "plain"
		if namespaces {
			name = "namespaces"
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, namespaces)
		})
	}
}

func TestEnds(t *testing.T) {
	cases := map[string]struct {
		script string
		change func(*Spec)
		end    End
		status int
		why    string
		output string
	}{
		"passes":      {script: "echo fine; exit 0", end: Exited, output: "fine"},
		"fails":       {script: "echo bad >&2; exit 3", end: Exited, status: 3, why: "exit status 3", output: "bad"},
		"signal":      {script: "kill -TERM $$", end: Exited, status: 143, why: "ended by signal 15"},
		"no program":  {change: func(s *Spec) { s.Command = []string{"no-such-program"} }, end: NotStarted, why: "not there"},
		"no checkout": {change: func(s *Spec) { s.Command = []string{"./nothing"} }, end: NotStarted, why: "cannot be started"},
		"loops": {
			script: "while :; do :; done", change: func(s *Spec) { s.Limits.Time = 300 * time.Millisecond },
			end: CutOff, why: "ran for more than 300ms",
		},
		"prints without end": {script: "echo first; yes", end: CutOff, why: "printed more than 8 MB", output: "y\ny\n"},
		"takes memory": {
			script: `a=$(head -c 300000000 /dev/zero | tr '\0' x); sleep 30`, change: func(s *Spec) { s.Limits.Memory = 100 << 20 },
			end: CutOff, why: "of memory together",
		},
		"takes memory in many processes": {
			script: `for i in 1 2 3 4 5 6; do (head -c 30000000 /dev/zero; sleep 30) | tail -c 30000000 & done; wait`,
			change: func(s *Spec) { s.Limits.Memory = 100 << 20 },
			end:    CutOff, why: "of memory together",
		},
		// Not a bomb that would do harm if nothing held it.
		"starts very many": {script: `i=0; while [ $i -lt 60 ]; do sleep 30 & i=$((i+1)); done; sleep 30`, end: CutOff, why: "more than 40 processes"},
		"a large file":     {script: "head -c 3000000 /dev/zero > big; echo $(($(wc -c < big)))", end: Exited, output: "1048576"},
		"reads no input":   {script: "cat; echo end", end: Exited, output: "end"},
		"no environment":   {script: `env | grep -v -e '^PWD=' -e '^_=' -e SHLVL | sort | cut -d= -f1 | xargs`, end: Exited, output: "HOME LANG PATH TMPDIR"},
		"its own files":    {script: `echo x > "$TMPDIR/a"; echo y > b; cat "$HOME/a" b`, end: Exited, output: "x\ny"},
		"nothing open":     {script: `for f in 3 4 5 6 7 8 9; do (eval ": <&$f") 2>/dev/null && echo "open $f"; done; true`, end: Exited},
		"no new terminal":  {script: "tty", end: Exited, status: 1, why: "exit status 1", output: "not a tty"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			inEachWay(t, func(t *testing.T, namespaces bool) {
				res := play(t, namespaces, c.script, c.change)
				if res.End != c.end || res.Status != c.status && c.end == Exited || !strings.Contains(res.Why, c.why) ||
					!strings.Contains(string(res.Output), c.output) || c.output == "" && c.end == Exited && strings.Contains(string(res.Output), "open") {
					t.Errorf("%s %d %q %s, printed %q", res.End, res.Status, res.Why, res.Sandbox, res.Output)
				}
			})
		})
	}
}

// TestNothingIsInReach: files of this machine, the network, other processes.
func TestNothingIsInReach(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("embargoed"), 0o644); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	port := listener.Addr().String()[len("127.0.0.1:"):]
	scripts := map[string]string{
		"reads":       "cat " + secret,
		"writes":      "echo x > " + secret,
		"lists":       "ls " + filepath.Dir(secret),
		"looks up":    "ls /root /home /var",
		"writes usr":  "echo x > /usr/bin/git-carry-was-here",
		"connects":    `exec 3<>/dev/tcp/127.0.0.1/` + port,
		"datagrams":   "exec 3<>/dev/udp/127.0.0.1/9",
		"looks at us": "cat /proc/1/environ || readlink /proc/1/fd/3 || head -c 1 /proc/$PPID/mem",
		"signals":     "kill -0 " + strconv.Itoa(os.Getpid()),
		"mounts":      "unshare -rm true",
	}
	for name, script := range scripts {
		t.Run(name, func(t *testing.T) {
			inEachWay(t, func(t *testing.T, namespaces bool) {
				res := play(t, namespaces, script, func(s *Spec) { s.Command = []string{"bash", "-c", script} })
				if !res.Level.AtLeast(Partial) {
					t.Skipf("this machine gives %s", res.Level)
				}
				if res.Passed() || res.End != Exited || strings.Contains(string(res.Output), "embargoed") {
					t.Errorf("%s %d %q %s, printed %q", res.End, res.Status, res.Why, res.Sandbox, res.Output)
				}
			})
		})
	}
}

// TestNothingIsLeft: what the command leaves running ends with it, and does not keep
// us waiting.
func TestNothingIsLeft(t *testing.T) {
	inEachWay(t, func(t *testing.T, namespaces bool) {
		mark := "left-by-" + filepath.Base(filepath.Dir(t.TempDir())) + strconv.Itoa(os.Getpid())
		res := play(t, namespaces, "", func(s *Spec) {
			s.Command = []string{"bash", "-c", `(setsid bash -c "exec -a ` + mark + ` sleep 1000" &); sleep 0.1; echo started`}
		})
		if !res.Passed() || !strings.Contains(string(res.Output), "started") {
			t.Fatalf("%s %d %q %s, printed %q", res.End, res.Status, res.Why, res.Sandbox, res.Output)
		}
		all, err := filepath.Glob("/proc/[0-9]*/cmdline")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range all {
			if data, _ := os.ReadFile(file); strings.HasPrefix(string(data), mark) {
				t.Errorf("%s is still there", file)
			}
		}
	})
}

func TestInterrupted(t *testing.T) {
	inEachWay(t, func(t *testing.T, namespaces bool) {
		ctx, stop := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer stop()
		_, err := run(ctx, job{Spec{
			Dir: t.TempDir(), Room: t.TempDir(), Command: []string{"sleep", "1000"}, Least: None,
			Limits: Limits{Time: time.Minute, Memory: 512 << 20, Processes: 10, Output: 1 << 20, File: 1 << 20},
		}, namespaces})
		var unfit *unfitError
		if !errors.Is(err, context.DeadlineExceeded) && !errors.As(err, &unfit) {
			t.Errorf("got %v", err)
		}
	})
}

// TestRefused: with less than is demanded, nothing runs.
func TestRefused(t *testing.T) {
	res := play(t, false, "echo ran; touch ran", func(s *Spec) { s.Least = Full })
	if res.End != Refused || len(res.Output) > 0 || !strings.Contains(res.Why, "full is demanded") {
		t.Errorf("%s %d %q %s, printed %q", res.End, res.Status, res.Why, res.Sandbox, res.Output)
	}
}

func TestShows(t *testing.T) {
	for dir, want := range map[string]bool{"/usr/share/vault": true, "/usr": true, "/srv/vault": false, "/usrx": false, "/etc/passwd": true} {
		if got := Shows(dir); got != want {
			t.Errorf("Shows(%s) = %v", dir, got)
		}
	}
}

func TestTail(t *testing.T) {
	over := 0
	w := &tail{most: 10_000, over: func() { over++ }}
	for range 10_000 {
		if _, err := w.Write([]byte("0123456789")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Write([]byte(strings.Repeat("x", 2*MaxTail) + "end")); err != nil {
		t.Fatal(err)
	}
	if over != 1 || len(w.kept) != MaxTail || !strings.HasSuffix(string(w.kept), "xend") {
		t.Errorf("over %d times, kept %d bytes", over, len(w.kept))
	}
}
