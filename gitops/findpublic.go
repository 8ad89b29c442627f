package gitops

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/mailbox"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// The search for the public commit that has a fix. Candidates are the base's new
// commits that touch the same files.

const (
	// maxPublicCandidates bounds the commits whose messages are read.
	maxPublicCandidates = 2000
	// maxCompared bounds the commits whose lines are compared.
	maxCompared = 300
)

// Evidence implements patchset.Workbench.
func (w *Workbench) Evidence(ctx context.Context, q patchset.Query) (patchset.Evidence, error) {
	var e patchset.Evidence
	s, err := w.newPublicSearch(ctx, q)
	if err != nil || len(s.changes) == 0 {
		return e, err
	}
	past, err := w.history(ctx)
	if err != nil {
		return e, err
	}
	commits, err := past.bringing(ctx, q.Base, q.Since(), s.paths, s.tokens(), maxPublicCandidates)
	if err != nil {
		return e, fmt.Errorf("searching the public history: %w", err)
	}
	traces, err := s.traces(ctx, commits)
	if err != nil {
		return e, err
	}
	strong := false
	for i, t := range traces {
		if !t.Says() {
			continue
		}
		if t.Undone, err = s.undone(ctx, t, commits[:i]); unreadable(err) {
			continue // whether it stands cannot be told, so it proves nothing
		} else if err != nil {
			return e, err
		}
		strong = strong || t.Strong() && !t.Undone.Happened
		e.Traces = append(e.Traces, t)
	}
	if !q.Empty && (q.Closely || strong) {
		e.Fates, err = w.fatesIn(ctx, q.SourceID, q.Base)
	}
	return e, err
}

// tokens are what a message must have to be tied to the patch by its words, wherever
// the commit is at work: upstream may have moved everything.
func (s *publicSearch) tokens() [][]byte {
	if !s.q.Closely {
		return nil
	}
	var tokens [][]byte
	for _, token := range append(patchset.Trailers(s.q.Source.Message, "Change-Id"), s.q.Item.CarryID, s.q.Item.Task) {
		if token != "" {
			tokens = append(tokens, []byte(token))
		}
	}
	return tokens
}

// publicSearch looks at one public commit after the other.
type publicSearch struct {
	w       *Workbench
	q       patchset.Query
	changes []TreeChange // of the patch
	paths   []string     // its files, and where the base has them
	own     []string     // its files
	picked  []string     // the commits that it says it was picked from
	subject string
}

func (w *Workbench) newPublicSearch(ctx context.Context, q patchset.Query) (*publicSearch, error) {
	s := &publicSearch{w: w, q: q, picked: pickedFrom(q.Source.Message), subject: plainSubject(q.Source.Message)}
	var err error
	if s.changes, err = w.changes(ctx, q.SourceID); err != nil {
		return nil, err
	}
	s.own = changedPaths(s.changes)
	s.paths = s.own
	if !q.Closely {
		return s, nil
	}
	where, err := w.whereabouts(ctx, q.SourceID, q.Base, s.own)
	if err != nil {
		return nil, err
	}
	for _, path := range where {
		if !slices.Contains(s.paths, path) {
			s.paths = append(slices.Clip(s.paths), path)
		}
	}
	return s, nil
}

// traces are what speaks for each of the commits, newest first. Lines are compared where
// something else speaks for a commit, and with all of them where nothing does for any.
func (s *publicSearch) traces(ctx context.Context, commits []*pastCommit) ([]patchset.Trace, error) {
	traces := make([]patchset.Trace, len(commits))
	changed := make([][]string, len(commits))
	for i, c := range commits {
		var err error
		if changed[i], err = s.w.past.pathsOf(ctx, c); err != nil {
			return nil, err
		}
		if traces[i], err = s.trace(ctx, c, changed[i]); unreadable(err) {
			traces[i] = patchset.Trace{Commit: c.id} // nothing is known of it
		} else if err != nil {
			return nil, err
		}
	}
	if !s.q.Closely {
		return traces, nil
	}
	some := slices.ContainsFunc(traces, patchset.Trace.Says)
	telling := telling(s.paths, changed)
	mine, err := s.w.lineChanges(ctx, s.q.SourceID, telling)
	if err != nil {
		return nil, err
	}
	for i := range traces[:min(len(traces), maxCompared)] {
		t := &traces[i]
		if t.Strong() || some && !t.Says() || !shareAny(changed[i], telling) {
			continue
		}
		theirs, err := s.w.lineChanges(ctx, t.Commit, telling)
		if unreadable(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		t.Shared = sharedPercent(mine, theirs)
	}
	return traces, nil
}

// manyCommits is how many commits it takes to tell which files all of them change.
const manyCommits = 20

// telling leaves out the files that most of many commits change, such as a change log:
// to change them too says nothing. Where that leaves none, it is all of them.
func telling(paths []string, changed [][]string) []string {
	if len(changed) < manyCommits {
		return paths
	}
	times := map[string]int{}
	for _, one := range changed {
		for _, path := range one {
			times[path]++
		}
	}
	var out []string
	for _, path := range paths {
		if 2*times[path] <= len(changed) {
			out = append(out, path)
		}
	}
	if len(out) == 0 {
		return paths
	}
	return out
}

func shareAny(a, b []string) bool {
	return slices.ContainsFunc(a, func(path string) bool { return slices.Contains(b, path) })
}

// trace is what speaks for one public commit that changes paths, its lines left aside.
func (s *publicSearch) trace(ctx context.Context, c *pastCommit, paths []string) (patchset.Trace, error) {
	t := patchset.Trace{Commit: c.id}
	message, err := s.w.publicMessage(ctx, c.id)
	if err != nil {
		return t, err
	}
	t.Bears, t.Names = s.bears(c.id, message), s.names(message)
	if t.Same, err = s.same(ctx, c.id, paths); err != nil {
		return t, err
	}
	t.Equal = t.Same
	if t.Bears != "" && !t.Same {
		t.Equal, err = s.equal(ctx, c)
	}
	return t, err
}

// bears is the trailer that ties a public commit to the patch.
func (s *publicSearch) bears(id merge3.ID, message []byte) string {
	carryID := s.q.Item.CarryID
	if carryID != "" && slices.Contains(patchset.Trailers(message, patchset.CarryTrailer), carryID) {
		return patchset.CarryTrailer
	}
	mine := patchset.Trailers(s.q.Source.Message, "Change-Id")
	for _, theirs := range patchset.Trailers(message, "Change-Id") {
		if slices.Contains(mine, theirs) {
			return "Change-Id"
		}
	}
	if slices.ContainsFunc(s.picked, func(from string) bool { return strings.HasPrefix(string(id), from) }) {
		return patchset.CherryPicked
	}
	return ""
}

// taskTrailers are those that name a ticket.
var taskTrailers = []string{"Bug", "Task", "Fixes", "Closes", "Resolves"}

// names tells what of the patch a message has.
func (s *publicSearch) names(message []byte) string {
	subject := patchset.Subject(message)
	if task := s.q.Item.Task; task != "" {
		for _, key := range taskTrailers {
			if slices.Contains(patchset.Trailers(message, key), task) {
				return "task"
			}
		}
		if slices.Contains(strings.FieldsFunc(subject, notInName), task) {
			return "task"
		}
	}
	if len(s.subject) >= minSubject && plainSubject(message) == s.subject {
		return "subject"
	}
	return ""
}

// same tells whether a public commit removes and adds the same lines.
func (s *publicSearch) same(ctx context.Context, id merge3.ID, changes []string) (bool, error) {
	if len(changes) != len(s.changes) {
		return false, nil
	}
	for _, path := range changes {
		if mailbox.CheckPath(path) != nil {
			return false, nil
		}
	}
	cmp, err := s.w.Compare(ctx, s.q.SourceID, id)
	return cmp.Same, err
}

// equal tells whether the patch, merged onto the parent of a public commit, gives what
// that commit has in the files that this changes.
func (s *publicSearch) equal(ctx context.Context, c *pastCommit) (bool, error) {
	if len(c.parents) == 0 || s.q.Source.Parent() == "" {
		return false, nil
	}
	before, err := s.w.ReadCommit(ctx, c.parents[0])
	if err != nil {
		return false, err
	}
	base, err := s.w.ReadCommit(ctx, s.q.Source.Parent())
	if err != nil {
		return false, err
	}
	res, err := s.w.Merge(ctx, merge3.Request{
		Base:     merge3.Side{Commit: s.q.Source.Parent(), Tree: base.Tree},
		Upstream: merge3.Side{Commit: c.parents[0], Tree: before.Tree},
		Patch:    merge3.Side{Commit: s.q.SourceID, Tree: s.q.Source.Tree},
	})
	if err != nil || !res.Clean() {
		return false, err
	}
	made, err := s.w.DiffTrees(ctx, before.Tree, res.Tree)
	if err != nil {
		return false, err
	}
	for _, change := range made {
		theirs, _, err := s.w.Entry(ctx, c.tree, change.Path)
		if err != nil || theirs != change.New {
			return false, err
		}
	}
	return len(made) > 0, nil
}

// undone tells whether a trace was taken back; newer are the commits after it.
func (s *publicSearch) undone(ctx context.Context, t patchset.Trace, newer []*pastCommit) (patchset.Undoing, error) {
	if s.q.Empty {
		// What it did is there: at most another commit brought it again.
		return s.w.revertedBy(ctx, t.Commit, newer)
	}
	if !t.Strong() {
		return patchset.Undoing{}, nil
	}
	places := patchset.Places{}
	for _, path := range s.own {
		places[path] = path
	}
	return s.w.Undone(ctx, t.Commit, t.Commit, s.q.Base, places, true)
}

// publicMessage is the message of a commit, however old its headers are.
func (w *Workbench) publicMessage(ctx context.Context, id merge3.ID) ([]byte, error) {
	obj, err := w.Read(ctx, id)
	if err != nil {
		return nil, err
	}
	_, message, _ := strings.Cut(string(obj.Data), "\n\n")
	return []byte(message), nil
}

func changedPaths(changes []TreeChange) []string {
	paths := make([]string, len(changes))
	for i, c := range changes {
		paths[i] = c.Path
	}
	return paths
}
