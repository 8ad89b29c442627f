package sandbox

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// look is how often the processes are counted.
const look = 50 * time.Millisecond

// watcher counts what the kernel does not count for all processes together, and ends
// them all when that is too much or nobody outside waits any more. It works on a thread
// of its own: without namespaces, the one that starts the command cannot see processes.
type watcher struct {
	b        *box
	done     chan struct{} // the command has ended
	finished chan struct{} // and so has all that it left
	mu       sync.Mutex
	why      string
}

func newWatcher(b *box) *watcher {
	return &watcher{b: b, done: make(chan struct{}), finished: make(chan struct{})}
}

func (w *watcher) run(lifeline io.Reader) {
	defer close(w.finished)
	go func() {
		_, _ = io.Copy(io.Discard, lifeline)
		w.cut("cut off")
	}()
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		select {
		case <-w.done:
			w.endRest()
			return
		case <-tick.C:
			if why := w.tooMuch(); why != "" {
				w.cut(why)
			}
		}
	}
}

// tooMuch says which limit is crossed, "" for none.
func (w *watcher) tooMuch() string {
	l := w.b.job.Spec.Limits
	// The count alone is cheap, which matters when there are thousands.
	all, err := listProcesses()
	if err == nil && w.b.alone() && len(all) > l.Processes+1 {
		return tooManyProcesses(l.Processes)
	}
	ours, memory := w.b.descendants(all)
	switch {
	case len(ours) > l.Processes:
		return tooManyProcesses(l.Processes)
	case memory > l.Memory:
		return fmt.Sprintf("cut off: its processes used more than %s of memory together", size(l.Memory))
	}
	return ""
}

func tooManyProcesses(most int) string {
	return fmt.Sprintf("cut off: it had more than %d processes at one time", most)
}

// cut ends everything.
func (w *watcher) cut(why string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.why == "" {
		w.why = why
	}
	w.b.killAll()
}

// stop ends what the command left behind, and says why it was cut off, if it was.
func (w *watcher) stop() string {
	close(w.done)
	<-w.finished
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.why
}

// endRest kills and reaps until nobody is left, or for as long as one may wait.
func (w *watcher) endRest() {
	for end := time.Now().Add(grace / 2); time.Now().Before(end); {
		w.b.killAll()
		pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
		if err == syscall.ECHILD {
			return
		}
		if pid == 0 {
			time.Sleep(time.Millisecond)
		}
	}
}

// alone tells that every process that can be seen is in the sandbox.
func (b *box) alone() bool { return b.job.Namespaces && b.self == 1 }

// killAll kills every process of the sandbox but this one.
func (b *box) killAll() {
	if b.alone() {
		_ = syscall.Kill(-1, syscall.SIGKILL)
		return
	}
	all, err := listProcesses()
	if err != nil {
		return
	}
	ours, _ := b.descendants(all)
	for _, pid := range ours {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// descendants are those of the processes that come from this one, and the memory, in bytes,
// that they use together.
func (b *box) descendants(pids []int) (ours []int, memory int64) {
	parents := map[int]int{}
	pages := map[int]int64{}
	for _, pid := range pids {
		if parent, rss, err := readStat(pid); err == nil {
			parents[pid], pages[pid] = parent, rss
		}
	}
	for pid := range parents {
		at := pid
		for range len(parents) {
			if at = parents[at]; at == b.self || at == 0 {
				break
			}
		}
		if at == b.self {
			ours = append(ours, pid)
			memory += pages[pid] * int64(os.Getpagesize())
		}
	}
	return ours, memory
}

// listProcesses lists the ids of the processes that /proc shows.
func listProcesses() ([]int, error) {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(0)
	var pids []int
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids, err
}

// readStat gives the parent of a process and its resident memory in pages.
func readStat(pid int) (parent int, rss int64, err error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0, err
	}
	// The name in parentheses may hold anything, parentheses too.
	fields := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:])
	if len(fields) < 22 {
		return 0, 0, io.ErrUnexpectedEOF
	}
	parent, _ = strconv.Atoi(string(fields[1]))
	rss, err = strconv.ParseInt(string(fields[21]), 10, 64)
	return parent, rss, err
}
