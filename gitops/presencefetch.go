package gitops

import (
	"context"
	"errors"
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

// prober gets the branches of one repository by one family of addresses.
type prober struct {
	v      *Vault
	url    string
	family Family
	asked  []patchset.AskedBranch
	served []patchset.Served
}

// probe gets those branches that are there and have moved. The error is ours.
func (r *prober) probe(ctx context.Context, refs map[string]merge3.ID) error {
	var moved []int
	for i, b := range r.asked {
		switch tip, there := refs["refs/heads/"+b.Branch]; {
		case !there:
			r.served[i] = patchset.Served{Failure: patchset.ServedNoBranch, Why: "it has no branch " + b.Branch}
		case tip == b.Known:
			r.served[i] = patchset.Served{Tip: tip, Unread: true}
		default:
			r.served[i].Tip = tip
			moved = append(moved, i)
		}
	}
	err := r.get(ctx, moved)
	if err == nil || len(moved) == 1 {
		return r.whyNot(ctx, moved, err)
	}
	for _, i := range moved { // which of them it cannot give shows one by one
		if err := r.whyNot(ctx, []int{i}, r.get(ctx, []int{i})); err != nil {
			return err
		}
	}
	return nil
}

// reach greets a server of which nothing was read. That it has not moved was told by
// whichever family git took; whether this one leads there too is another question.
func (r *prober) reach(ctx context.Context) error {
	if slices.ContainsFunc(r.served, func(s patchset.Served) bool { return len(s.Files) > 0 || s.Failure != "" }) {
		return nil
	}
	err := r.greet(ctx)
	var own *ownTrouble
	if err == nil || errors.As(err, &own) {
		return err
	}
	for i, s := range r.served {
		r.served[i] = failed(s.Tip, patchset.ServedSilent, err)
	}
	return nil
}

// whyNot notes why branches were not got, if err says so: it tells a server that cannot
// give what it names from one that does not answer.
func (r *prober) whyNot(ctx context.Context, which []int, err error) error {
	var own *ownTrouble
	if err == nil || errors.As(err, &own) {
		return err
	}
	failure := patchset.ServedBroken
	if ctx.Err() != nil {
		failure, err = patchset.ServedSilent, context.Cause(ctx)
	} else if silent := r.greet(ctx); silent != nil {
		failure, err = patchset.ServedSilent, silent
	}
	for _, i := range which {
		r.served[i] = failed(r.served[i].Tip, failure, err)
	}
	return nil
}

// ownTrouble is an error that is not the server's.
type ownTrouble struct{ err error }

func (e *ownTrouble) Error() string { return e.err.Error() }
func (e *ownTrouble) Unwrap() error { return e.err }

// store is an empty repository of its own, which borrows from nobody.
func (r *prober) store() (*Scratch, error) {
	format, err := detectFormat(filepath.Join(r.v.dir, "objects"))
	if err != nil {
		return nil, &ownTrouble{err}
	}
	s, err := newScratch(r.v.git, r.v.tmp(), format)
	if err != nil {
		return nil, &ownTrouble{err}
	}
	s.reader.MaxSize = maxServed
	return s, nil
}

// greet asks for no branch at all: who answers that, answers.
func (r *prober) greet(ctx context.Context) error {
	s, err := r.store()
	if err != nil {
		return err
	}
	defer s.Close()
	return r.fetch(ctx, s, false, nil, nil, "refs/carry/none/*:refs/carry/none/*")
}

// get fetches branches into an empty store and reads their files. First without any
// file's content, then that of the files that are asked for; where the server does not do
// that, all of the tree.
func (r *prober) get(ctx context.Context, which []int) error {
	if len(which) == 0 {
		return nil
	}
	err := r.getInto(ctx, which, true)
	var own *ownTrouble
	if err != nil && ctx.Err() == nil && !errors.As(err, &own) {
		err = r.getInto(ctx, which, false)
	}
	return err
}

func (r *prober) getInto(ctx context.Context, which []int, filtered bool) error {
	s, err := r.store()
	if err != nil {
		return err
	}
	defer s.Close()
	ctx, stop := boundedStore(ctx, s.objects(), maxProbe)
	defer stop()
	var refspecs []string
	for _, i := range which {
		refspecs = append(refspecs, fmt.Sprintf("refs/heads/%s:%s", r.asked[i].Branch, servedRef(i)))
	}
	if err := r.fetch(ctx, s, filtered, []string{"--depth=1"}, nil, refspecs...); err != nil {
		return err
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
			show(d.path+e.Name, merge3.Entry{Mode: printedMode(e.Mode), ID: e.ID})
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
