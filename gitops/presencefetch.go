package gitops

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

const (
	maxProbe    = 4 << 30  // bytes that a server may send for one probe
	maxServed   = 64 << 20 // bytes of one file that is looked at
	maxSearched = 200_000  // directories in which a file with another name is looked for
)

// greet asks for no branch at all: who answers that, answers.
func (r *prober) greet(ctx context.Context) error {
	s, err := r.v.emptyStore()
	if err != nil {
		return &ownTrouble{err}
	}
	defer s.Close()
	return r.fetch(ctx, s, false, nil, nil, "refs/carry/none/*:refs/carry/none/*")
}

// notGiven is the error of a server that does not even begin to give branches.
type notGiven struct{ err error }

func (e *notGiven) Error() string { return e.err.Error() }
func (e *notGiven) Unwrap() error { return e.err }

// get fetches branches into an empty store and reads their files. Filtered, it gets them
// without any file's content first, and then that of the files that are asked for; else all of
// the tree.
func (r *prober) get(ctx context.Context, which []int, filtered bool) error {
	if len(which) == 0 {
		return nil
	}
	s, err := r.v.emptyStore()
	if err != nil {
		return &ownTrouble{err}
	}
	defer s.Close()
	s.reader.MaxSize = maxServed
	ctx, stop := boundedStore(ctx, s.objects(), maxProbe)
	defer stop()
	var refspecs []string
	for _, i := range which {
		refspecs = append(refspecs, fmt.Sprintf("refs/heads/%s:%s", r.asked[i].Branch, servedRef(i)))
	}
	if err := r.fetch(ctx, s, filtered, []string{"--depth=1"}, nil, refspecs...); err != nil {
		return &notGiven{err}
	}
	bench := NewWorkbench(s, EngineOwn)
	var lacking []merge3.ID
	found := make([]map[string]foundEntry, len(which))
	for n, i := range which {
		if found[n], err = r.find(ctx, bench, i); err != nil {
			return err
		}
		for _, e := range found[n] {
			if _, err := s.reader.Size(ctx, e.ID); err != nil && e.Mode != merge3.ModeGitlink {
				lacking = append(lacking, e.ID)
			}
		}
	}
	if err := r.fetchFiles(ctx, s, lacking); err != nil {
		return err
	}
	for n, i := range which {
		r.served[i].Files = map[string]patchset.ServedFile{}
		for path, e := range found[n] {
			form, err := bench.form(ctx, e.Entry)
			if err != nil {
				return err
			}
			r.served[i].Files[path] = patchset.ServedFile{Path: e.path, Form: form}
		}
	}
	return nil
}

func servedRef(i int) string { return fmt.Sprintf("refs/heads/served-%d", i) }

// fetch runs git fetch from the server. Nothing that anybody has is named to it: the
// store has nothing. Filtered, the content of files is left out but of those that stdin names.
func (r *prober) fetch(ctx context.Context, s *Scratch, filtered bool, args, stdin []string, refspecs ...string) error {
	args = slices.Concat([]string{"fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance"}, r.family.flag(), args)
	c := Cmd{GitDir: s.dir, Network: true, Config: slices.Concat([][2]string{
		{"remote.served.url", transportURL(r.url)},
		{"fetch.negotiationAlgorithm", "noop"},
		{"http.followRedirects", "false"},
		{"core.fsync", "none"},
	}, fetchConfig)}
	if filtered {
		args = append(args, "--filter=blob:none")
		c.Config = append(c.Config, [2]string{"remote.served.promisor", "true"}, [2]string{"remote.served.partialclonefilter", "blob:none"})
	}
	if stdin != nil {
		args = append(args, "--stdin")
		c.Stdin = strings.NewReader(strings.Join(stdin, "\n") + "\n")
	}
	c.Args = append(append(args, "--end-of-options", "served"), refspecs...)
	_, err := s.git.Run(ctx, c)
	return err
}

// fetchFiles gets contents that were left out.
func (r *prober) fetchFiles(ctx context.Context, s *Scratch, ids []merge3.ID) error {
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	var lines []string
	for _, id := range slices.Compact(ids) {
		lines = append(lines, string(id))
	}
	return r.fetch(ctx, s, true, nil, lines)
}

// foundEntry is a file of a served tree and where it is.
type foundEntry struct {
	path string
	merge3.Entry
}

// find looks the files up that are asked for. What has another name there is known by
// its content.
func (r *prober) find(ctx context.Context, bench *Workbench, i int) (map[string]foundEntry, error) {
	tip, err := readRef(bench.dir, servedRef(i))
	if err != nil {
		return nil, err
	}
	r.served[i].Tip = tip
	c, err := bench.ReadCommit(ctx, tip)
	if err != nil {
		return nil, err
	}
	found, alike := map[string]foundEntry{}, map[merge3.ID]string{}
	for _, f := range r.asked[i].Files {
		e, ok, err := bench.Entry(ctx, c.Tree, f.Path)
		switch {
		case err != nil:
			return nil, err
		case ok && e.Mode != "040000":
			found[f.Path] = foundEntry{f.Path, e}
		default:
			for _, id := range f.Alike {
				alike[id] = f.Path
			}
		}
	}
	if len(alike) == 0 {
		return found, nil
	}
	return found, searchTree(ctx, bench.Scratch, c.Tree, func(path string, e merge3.Entry) {
		if was, ok := alike[e.ID]; ok {
			found[was] = foundEntry{path, e}
		}
	})
}

// searchTree shows every file of a tree.
func searchTree(ctx context.Context, s *Scratch, root merge3.ID, show func(path string, e merge3.Entry)) error {
	type dir struct {
		path string
		id   merge3.ID
	}
	left := maxSearched
	for queue := []dir{{"", root}}; len(queue) > 0 && left > 0; left-- {
		d := queue[0]
		queue = queue[1:]
		entries, err := s.ReadTree(ctx, d.id)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if e.IsDir() {
				queue = append(queue, dir{d.path + e.Name + "/", e.ID})
				continue
			}
			show(d.path+e.Name, merge3.Entry{Mode: merge3.PrintedMode(e.Mode), ID: e.ID})
		}
	}
	return nil
}

// boundedStore ends the context when more than limit bytes have come into an objects
// directory.
func boundedStore(ctx context.Context, objects string, limit int64) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		tick := time.NewTicker(time.Second / 4)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				if sizeOf(filepath.Join(objects, "pack")) > limit {
					cancel(patchset.Faultf(patchset.CodeFailed, "it sends more than %d MiB", limit>>20))
				}
			}
		}
	}()
	return ctx, func() { close(done); cancel(nil) }
}

func sizeOf(dir string) (bytes int64) {
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if info, err := d.Info(); err == nil {
				bytes += info.Size()
			}
		}
		return nil
	})
	return bytes
}
