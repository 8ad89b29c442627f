package patchset

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/patchset/merge3"
	"github.com/git-carry/git-carry/patchset/pattern"
)

// DraftBench is what settling a conflict needs of git. Nothing that is written
// on it counts before a plan is carried out.
type DraftBench interface {
	Commit(ctx context.Context, id ID) (Commit, error)
	WriteCommit(ctx context.Context, c Commit) (ID, error)
	merge3.Merger
	Blob(ctx context.Context, id ID) ([]byte, error)
	WriteBlob(ctx context.Context, data []byte) (ID, error)
	// Entry finds a path in a tree; false when there is none.
	Entry(ctx context.Context, tree ID, path string) (ConflictSide, bool, error)
	// EditTree sets paths of a tree; the zero ConflictSide deletes.
	EditTree(ctx context.Context, tree ID, changes map[string]ConflictSide) (ID, error)
}

// DraftLabels are the labels of the markers in a draft's texts.
var DraftLabels = merge3.MarkerLabels{Upstream: "UPSTREAM", Base: "BASE", Patch: "PATCH"}

// Draft is a conflict and how far its settling has got. Its tree is the merged
// tree; texts that are open in it hold markers with [DraftLabels] around every
// dispute that is left.
type Draft struct {
	w      DraftBench
	k      Conflict
	r      Resolution
	merged ID // the tree with everything open; "" until needed
}

// NewDraft opens every path of a conflict.
func NewDraft(ctx context.Context, w DraftBench, k Conflict) (*Draft, error) {
	d := &Draft{w: w, k: k, r: Resolution{Conflict: k.Record}}
	var err error
	if d.r.Tree, err = d.mergedTree(ctx); err != nil {
		return nil, err
	}
	for _, p := range k.Paths {
		if err := d.reopen(ctx, p); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// ContinueDraft goes on from a draft or a finished proposal.
func ContinueDraft(w DraftBench, k Conflict, r Resolution) *Draft {
	r.Open, r.How = slices.Clone(r.Open), slices.Clone(r.How)
	r.OpenHunks = cloneMap(r.OpenHunks)
	return &Draft{w: w, k: k, r: r}
}

// Resolution is what has been settled so far.
func (d *Draft) Resolution() Resolution { return d.r }

// IsOpen tells whether something at path is still in dispute.
func (d *Draft) IsOpen(path string) bool { return slices.Contains(d.r.Open, path) }

// mergedTree merges again, with the base's lines.
func (d *Draft) mergedTree(ctx context.Context) (ID, error) {
	if d.merged != "" {
		return d.merged, nil
	}
	req := merge3.Request{
		Base:     merge3.Side{Commit: d.k.Base, Label: DraftLabels.Base},
		Upstream: merge3.Side{Commit: d.k.Upstream, Label: DraftLabels.Upstream},
		Patch:    merge3.Side{Commit: d.k.Source, Label: DraftLabels.Patch},
		Style:    merge3.StyleDiff3,
	}
	res, err := d.w.Merge(ctx, req)
	if err != nil {
		return "", fmt.Errorf("merging again: %w", err)
	}
	d.merged = res.Tree
	return d.merged, nil
}

// reopen puts a path back into dispute.
func (d *Draft) reopen(ctx context.Context, p ConflictPath) error {
	tree, err := d.mergedTree(ctx)
	if err != nil {
		return err
	}
	entry, ok, err := d.w.Entry(ctx, tree, p.Path)
	if err != nil {
		return err
	}
	d.open(p.Path, 0)
	switch {
	case !ok:
		return d.set(ctx, p.Path, ConflictSide{})
	case isDir(entry):
		return nil
	}
	text, err := d.marked(ctx, entry)
	if err != nil {
		return err
	}
	if n := len(text.Hunks()); n > 0 {
		d.open(p.Path, n)
		return d.setText(ctx, p.Path, entry.Mode, text.Text(DraftLabels))
	}
	return d.set(ctx, p.Path, entry)
}

// marked takes a text with markers apart; nil for what is no such text or
// cannot be read for certain.
func (d *Draft) marked(ctx context.Context, entry ConflictSide) (merge3.Marked, error) {
	if entry.Mode != modeFile && entry.Mode != modeExecutable {
		return nil, nil
	}
	blob, err := d.w.Blob(ctx, entry.ID)
	if err != nil {
		return nil, err
	}
	labels := DraftLabels
	if m := baseMarker().FindSubmatch(blob); m != nil {
		labels.Base = string(m[1])
	}
	text, err := merge3.ParseMarked(blob, labels)
	if err != nil {
		return nil, nil // lines of a side look like markers: only the whole file can be settled
	}
	return text, nil
}

// baseMarker finds the name that the engine gave the base: our label, or the id
// of a commit.
var baseMarker = pattern.Of(`(?m)^\|{7} (BASE|[0-9a-f]{40}|[0-9a-f]{64}|empty tree)(?::.*)?\r?$`)

const (
	modeFile       = "100644"
	modeExecutable = "100755"
)

func isDir(e ConflictSide) bool { return strings.TrimLeft(e.Mode, "0") == "40000" }

// open notes that a path is in dispute, with n disputes in its text.
func (d *Draft) open(path string, n int) {
	if !d.IsOpen(path) {
		d.r.Open = append(d.r.Open, path)
		slices.Sort(d.r.Open)
	}
	var hunks []int
	for i := range n {
		hunks = append(hunks, i+1)
	}
	d.setHunks(path, hunks)
}

func (d *Draft) setHunks(path string, hunks []int) {
	d.r.OpenHunks = cloneMap(d.r.OpenHunks)
	delete(d.r.OpenHunks, path)
	if len(hunks) > 0 {
		d.r.OpenHunks[path] = hunks
	}
}

// settled notes that nothing at path is in dispute any more, and how it was done.
func (d *Draft) settled(path, format string, args ...any) {
	d.r.Open = slices.DeleteFunc(slices.Clone(d.r.Open), func(p string) bool { return p == path })
	d.setHunks(path, nil)
	d.note(path, format, args...)
}

func (d *Draft) note(path, format string, args ...any) {
	d.r.How = append(d.r.How, path+": "+fmt.Sprintf(format, args...))
}

func (d *Draft) set(ctx context.Context, path string, entry ConflictSide) error {
	tree, err := d.w.EditTree(ctx, d.r.Tree, map[string]ConflictSide{path: entry})
	if err != nil {
		return err
	}
	d.r.Tree = tree
	return nil
}

func (d *Draft) setText(ctx context.Context, path, mode string, text []byte) error {
	id, err := d.w.WriteBlob(ctx, text)
	if err != nil {
		return err
	}
	return d.set(ctx, path, ConflictSide{Mode: mode, ID: id})
}

// path finds a path of the conflict.
func (d *Draft) path(path string) (ConflictPath, error) {
	for _, p := range d.k.Paths {
		if p.Path == path {
			return p, nil
		}
	}
	f := Faultf(CodeUsage, "%s is not in dispute", path)
	for _, p := range d.k.Paths {
		f.WithHint("in dispute: %s", p.Path)
	}
	return ConflictPath{}, f
}

// Finish makes the commit of the result when nothing is open, else a commit that
// keeps the draft.
func (d *Draft) Finish(ctx context.Context, carryID, by string, at time.Time) (Resolution, error) {
	upstream, err := d.w.Commit(ctx, d.k.Upstream)
	if err != nil {
		return Resolution{}, err
	}
	r := d.r
	r.By, r.At, r.Result, r.Keep = by, utc(at), "", ""
	if len(r.Open) > 0 {
		r.Keep, err = d.w.WriteCommit(ctx, draftCommit(r.Tree, d.k.Upstream, upstream))
		return r, err
	}
	r.OpenHunks = nil
	source, err := d.w.Commit(ctx, d.k.Source)
	if err != nil {
		return Resolution{}, err
	}
	r.Result, err = d.w.WriteCommit(ctx, Carried(source, d.k.Upstream, upstream, r.Tree, carryID))
	return r, err
}

// draftCommit keeps a draft's tree reachable: see Resolution.Keep.
func draftCommit(tree, upstreamID ID, upstream Commit) Commit {
	c := recordCommit(tree, upstreamID, upstream, "")
	c.Parents = []ID{upstreamID}
	c.Message = []byte("draft of a resolution\n")
	return c
}

// Resolve records what somebody made of a conflict: the patch is proposed once
// nothing is open.
func (l Ledger) Resolve(at Spot, r Resolution) {
	l.Resolutions[at] = r
	in := l.Patches[at.Patch].At[at.Version]
	in.State, in.Why = StateConflict, ""
	if r.Proposed() {
		in.State = StateProposed
	}
	l.Put(at.Patch, at.Version, in)
}

// Dispute is one open dispute in a text.
type Dispute struct {
	Number int // from 1, as counted when nothing was settled
	Hunk   merge3.Hunk
}

// Disputes lists what is open in the text at path: none where there is no such
// text, or where its markers cannot be read for certain.
func (d *Draft) Disputes(ctx context.Context, path string) ([]Dispute, error) {
	text, _, err := d.text(ctx, path)
	if err != nil {
		return nil, err
	}
	var out []Dispute
	for i, h := range text.Hunks() {
		out = append(out, Dispute{d.r.OpenHunks[path][i], h})
	}
	return out, nil
}

// text is the open text at path, nil where there is none.
func (d *Draft) text(ctx context.Context, path string) (merge3.Marked, ConflictSide, error) {
	entry, ok, err := d.w.Entry(ctx, d.r.Tree, path)
	if err != nil || !ok || len(d.r.OpenHunks[path]) == 0 {
		return nil, entry, err
	}
	text, err := d.marked(ctx, entry)
	if len(text.Hunks()) != len(d.r.OpenHunks[path]) {
		return nil, entry, err
	}
	return text, entry, err
}

// Content is the text at path as the draft has it, markers and all; false when
// the path is not there or is no regular file.
func (d *Draft) Content(ctx context.Context, path string) ([]byte, bool, error) {
	entry, ok, err := d.w.Entry(ctx, d.r.Tree, path)
	if err != nil || !ok || entry.Mode != modeFile && entry.Mode != modeExecutable {
		return nil, false, err
	}
	data, err := d.w.Blob(ctx, entry.ID)
	return data, err == nil, err
}

// LeftMarker finds the first line of text, from 1, that is a marker of ours and
// no line of the path's three sides; 0 when there is none.
func (d *Draft) LeftMarker(ctx context.Context, path string, text []byte) (int, error) {
	var sides [][]byte
	if p, err := d.path(path); err == nil {
		for _, side := range []ConflictSide{p.Base, p.Upstream, p.Patch} {
			if side.Mode != modeFile && side.Mode != modeExecutable {
				continue
			}
			data, err := d.w.Blob(ctx, side.ID)
			if err != nil {
				return 0, err
			}
			if !bytes.Contains(data, []byte("<<<<<<< "+DraftLabels.Upstream)) {
				sides = append(sides, data) // else the engine's own markers are in it
			}
		}
	}
	return merge3.LeftMarker(text, DraftLabels, sides...), nil
}
