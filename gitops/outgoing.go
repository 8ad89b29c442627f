package gitops

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/fingerprint"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// Outgoing is what would become public: all that the tips have in their history and
// none of have does.
type Outgoing struct {
	Tips []merge3.ID // of any type
	Have []merge3.ID // what is public where it goes; those that are not here do not count
}

// Seen is what the guard saw in what would become public.
type Seen struct {
	fingerprint.Seen
	Commits int
	// public are commits that are where it goes, right below what is new.
	public []merge3.ID
}

// OpenOutgoing finds the repository at dir, of whatever shape: what is pushed is all here.
func OpenOutgoing(ctx context.Context, git *Git, dir string) (*Source, error) {
	gitDir, common, err := askGitDir(ctx, git, dir)
	if err != nil {
		return nil, patchset.Faultf(patchset.CodeBadRepository, "%s is no git repository that can be read: %w", dir, err).
			WithHint("git -C %s status", dir)
	}
	s := &Source{git: git, GitDir: gitDir, Objects: filepath.Join(common, "objects")}
	_, err = os.Stat(filepath.Join(common, "shallow"))
	s.Shallow = err == nil
	return s, nil
}

// Outgoing makes a throw-away place that has the objects of the repository and of
// quarantine, where a server keeps what it has not accepted yet; "" for none.
func (s *Source) Outgoing(tmp, quarantine string) (*Scratch, error) {
	var more []string
	if quarantine != "" {
		more = append(more, quarantine)
	}
	scratch, err := NewScratch(s.git, tmp, s.Objects, more...)
	if err != nil || !s.Shallow {
		return scratch, err
	}
	cut, err := os.ReadFile(filepath.Join(filepath.Dir(s.Objects), "shallow"))
	if err == nil {
		err = os.WriteFile(filepath.Join(scratch.dir, "shallow"), cut, 0o600)
	}
	if err != nil {
		_ = scratch.Close()
		return nil, err
	}
	return scratch, nil
}

// See looks at every commit, tag, tree and file that would become public.
func (w *Workbench) See(ctx context.Context, out Outgoing) (Seen, error) {
	seen := Seen{Seen: fingerprint.Seen{}}
	var input strings.Builder
	for _, tip := range out.Tips {
		commit, err := w.seeTip(ctx, seen.Seen, tip)
		if err != nil {
			return seen, err
		}
		if commit != "" {
			fmt.Fprintln(&input, commit)
		}
	}
	if input.Len() == 0 {
		return seen, nil
	}
	for _, id := range out.Have {
		if id.Valid() {
			fmt.Fprintln(&input, "^"+id)
		}
	}
	list, err := w.Git(ctx, Cmd{
		Args:  []string{"rev-list", "--topo-order", "--reverse", "--boundary", "--ignore-missing", "--stdin"},
		Stdin: strings.NewReader(input.String()),
	})
	if err != nil {
		return seen, fmt.Errorf("finding out what is new: %w", err)
	}
	for line := range strings.Lines(string(list)) {
		line = strings.TrimSpace(line)
		if edge, ok := strings.CutPrefix(line, "-"); ok {
			seen.public = append(seen.public, merge3.ID(edge))
			continue
		}
		seen.Commits++
		if err := w.seeCommit(ctx, seen.Seen, merge3.ID(line)); err != nil {
			return seen, fmt.Errorf("looking at %.10s: %w", line, err)
		}
	}
	return seen, nil
}

// maxTagChain bounds how many tags may point at each other.
const maxTagChain = 50

// seeTip notes what a tip is besides a history: a tag, a tree, a file. It returns the
// commit at its end, "" for none.
func (w *Workbench) seeTip(ctx context.Context, seen fingerprint.Seen, id merge3.ID) (merge3.ID, error) {
	for range maxTagChain {
		obj, err := w.Read(ctx, id)
		if err != nil {
			return "", err
		}
		switch obj.Type {
		case "commit":
			return id, nil
		case "tree":
			return "", w.seeTree(ctx, seen, "", id, "")
		case "blob":
			return "", w.seeChanges(ctx, seen, "", "", []TreeChange{{New: merge3.Entry{Mode: merge3.ModeFile, ID: id}}}, "", false)
		}
		seen.Text(obj.Data, fingerprint.Place{Commit: string(id)})
		head, _, _ := bytes.Cut(obj.Data, []byte("\n"))
		target, ok := strings.CutPrefix(string(head), "object ")
		if !ok {
			return "", fmt.Errorf("tag %s points at nothing", id)
		}
		id = merge3.ID(target)
	}
	return "", fmt.Errorf("more than %d tags that point at each other", maxTagChain)
}

func (w *Workbench) seeTree(ctx context.Context, seen fingerprint.Seen, old, now, commit merge3.ID) error {
	seen.Add(fingerprint.Tree, string(now), fingerprint.Place{Commit: string(commit)})
	changes, err := w.DiffTrees(ctx, old, now)
	if err != nil {
		return err
	}
	return w.seeChanges(ctx, seen, old, now, changes, commit, commit != "")
}

func (w *Workbench) seeCommit(ctx context.Context, seen fingerprint.Seen, id merge3.ID) error {
	at := fingerprint.Place{Commit: string(id)}
	seen.Add(fingerprint.Commit, string(id), at)
	message, err := w.publicMessage(ctx, id)
	if err != nil {
		return err
	}
	seen.Text(message, at)
	now, parents, err := w.treesAround(ctx, id)
	if err != nil {
		return err
	}
	if len(parents) < 2 {
		return w.seeTree(ctx, seen, append(parents, "")[0], now, id)
	}
	seen.Add(fingerprint.Tree, string(now), at)
	changes, err := w.mergeChanges(ctx, now, parents)
	if err != nil {
		return err
	}
	return w.seeChanges(ctx, seen, parents[0], now, changes, id, false)
}

// treesAround are the tree of a commit and those of its parents that are here.
func (w *Workbench) treesAround(ctx context.Context, id merge3.ID) (now merge3.ID, parents []merge3.ID, err error) {
	walk, done := w.past.walk(ctx)
	defer done()
	c, err := walk.commit(id)
	if err != nil {
		return "", nil, err
	}
	for _, parent := range c.parents {
		p, err := walk.commit(parent)
		if isMissing(err) {
			continue // a shallow clone ends here
		}
		if err != nil {
			return "", nil, err
		}
		parents = append(parents, p.tree)
	}
	return c.tree, parents, nil
}

// mergeChanges are the paths at which a merge has what none of its parents has.
func (w *Workbench) mergeChanges(ctx context.Context, now merge3.ID, parents []merge3.ID) ([]TreeChange, error) {
	changes, err := w.DiffTrees(ctx, parents[0], now)
	if err != nil {
		return nil, err
	}
	var own []TreeChange
	for _, c := range changes {
		taken := false
		for _, parent := range parents[1:] {
			e, _, err := w.Entry(ctx, parent, c.Path)
			if err != nil {
				return nil, err
			}
			taken = taken || e.ID == c.New.ID
		}
		if !taken {
			own = append(own, c)
		}
	}
	return own, nil
}

func isMissing(err error) bool {
	var missing *MissingObjectError
	return errors.As(err, &missing)
}

// maxPublicEdges bounds in how many public trees a line is looked for.
const maxPublicEdges = 3

// basicRegexp makes a pattern of a text. (With --fixed-strings git 2.39 trips over \E.)
var basicRegexp = strings.NewReplacer(`\`, `\\`, `.`, `\.`, `*`, `\*`, `[`, `\[`, `]`, `\]`, `^`, `\^`, `$`, `\$`)

// WithoutPublic drops the hits on lines that are public anyhow, where the new work begins.
func (w *Workbench) WithoutPublic(ctx context.Context, seen Seen, hits []fingerprint.Hit) ([]fingerprint.Hit, error) {
	var patterns strings.Builder
	for _, h := range hits {
		if h.Mark.Kind == fingerprint.Added {
			fmt.Fprintln(&patterns, basicRegexp.Replace(h.At.Line))
		}
	}
	if patterns.Len() == 0 {
		return hits, nil
	}
	public := map[string]bool{}
	for _, id := range seen.public[:min(len(seen.public), maxPublicEdges)] {
		out, err := w.Git(ctx, Cmd{
			Args:  []string{"grep", "-h", "-I", "--no-color", "--basic-regexp", "-f", "-", string(id)},
			Stdin: strings.NewReader(patterns.String()),
		})
		if code, ok := exitCode(err); ok && code == 1 {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("looking for public lines: %w", err)
		}
		for line := range bytes.Lines(out) {
			public[fingerprint.Essence(line)] = true
		}
	}
	var left []fingerprint.Hit
	for _, h := range hits {
		if h.Mark.Kind != fingerprint.Added || !public[h.Mark.Text] {
			left = append(left, h)
		}
	}
	return left, nil
}
