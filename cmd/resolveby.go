package cmd

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
)

// Settling with another program: the person works on a rehearsal, and what comes
// of it is recorded afterwards, so that nothing is locked or asked twice.

// answer is what a person made of one file.
type answer struct {
	path    string
	text    []byte
	deleted bool
}

func (o *resolveOptions) interactive(ctx context.Context, a *app) error {
	var record patchset.ID
	var answers []answer
	how := "edited"
	if o.useTool {
		how = "git mergetool"
	}
	err := a.rehearse(ctx, func(ctx context.Context, s *step) error {
		at, err := o.conflictAt(s.ledger)
		if err != nil {
			return err
		}
		d, _, err := o.openDraft(ctx, s, at)
		if err != nil {
			return err
		}
		record = s.ledger.Conflicts[at].Record
		answers, err = o.ask(ctx, a, s, d, s.ledger.Conflicts[at])
		return err
	})
	if err != nil {
		return err
	}
	var left []string
	err = o.settle(ctx, a, func(ctx context.Context, d *patchset.Draft) error {
		left = nil
		if d.Resolution().Conflict != record {
			return patchset.Faultf(patchset.CodeBusy, "a train changed the conflict meanwhile: what was settled no longer fits").
				WithHint("git carry resolve %s", o.id)
		}
		for _, w := range answers {
			line, err := w.apply(ctx, d, how)
			if err != nil {
				return err
			}
			if line > 0 {
				left = append(left, fmt.Sprintf("%s line %d", w.path, line))
			}
		}
		return nil
	})
	if len(left) > 0 && !a.json {
		return patchset.Faultf(patchset.CodeConflicts, "not settled: conflict markers are left (%s)", strings.Join(left, "; ")).
			WithHint("the text is kept in the draft; go on: git carry resolve %s --edit", o.id)
	}
	return err
}

func (w answer) apply(ctx context.Context, d *patchset.Draft, how string) (line int, err error) {
	if w.deleted {
		return 0, d.Delete(ctx, w.path)
	}
	return d.Edited(ctx, w.path, w.text, how)
}

// ask has the person settle the files that are asked for, or all that are open.
func (o *resolveOptions) ask(ctx context.Context, a *app, s *step, d *patchset.Draft, k patchset.Conflict) ([]answer, error) {
	paths := o.files
	if len(paths) == 0 {
		paths = d.Resolution().Open
	}
	if len(paths) == 0 {
		return nil, patchset.Faultf(patchset.CodeUsage, "nothing is open: name the file to change, --file PATH")
	}
	var files []gitops.ToolFile
	for _, path := range paths {
		text, ok, err := d.Content(ctx, path)
		if err != nil {
			return nil, err
		}
		if !ok || !o.useTool && bytes.IndexByte(text, 0) >= 0 {
			a.talk("%s is no text file: settle it with --take or --delete", path)
			continue
		}
		files = append(files, toolFile(k, path, text))
	}
	if len(files) == 0 {
		return nil, patchset.Faultf(patchset.CodeConflicts, "none of the files is a text").
			WithHint("git carry resolve %s --take upstream|patch", o.id)
	}
	streams := gitops.Streams{Stdin: a.env.Stdin, Stdout: a.env.Stdout, Stderr: a.env.Stderr}
	if a.json {
		streams.Stdout = a.env.Stderr
	}
	if o.useTool {
		return o.askTool(ctx, s, streams, files)
	}
	return askEditor(ctx, s, streams, files)
}

func toolFile(k patchset.Conflict, path string, text []byte) gitops.ToolFile {
	f := gitops.ToolFile{Path: path, Marked: text}
	for _, p := range k.Paths {
		if p.Path == path {
			f.Base, f.Upstream, f.Patch = p.Base, p.Upstream, p.Patch
		}
	}
	return f
}

func askEditor(ctx context.Context, s *step, streams gitops.Streams, files []gitops.ToolFile) ([]answer, error) {
	var answers []answer
	for _, f := range files {
		text, err := s.bench.Edit(ctx, streams, f.Path, f.Marked, 0)
		if err != nil {
			return nil, err
		}
		answers = append(answers, answer{path: f.Path, text: text})
	}
	return answers, nil
}

func (o *resolveOptions) askTool(ctx context.Context, s *step, streams gitops.Streams, files []gitops.ToolFile) ([]answer, error) {
	for _, f := range files {
		if f.Base.ID == "" && f.Upstream.ID == "" && f.Patch.ID == "" {
			return nil, patchset.Faultf(patchset.CodeUsage, "%s is not in dispute: a merge tool has nothing to do", f.Path)
		}
	}
	tool := o.tool
	if tool == configuredTool {
		tool = ""
	}
	results, err := s.bench.MergeTool(ctx, streams, tool, files)
	if err != nil {
		return nil, err
	}
	var answers []answer
	for _, r := range results {
		if r.Settled {
			answers = append(answers, answer{r.Path, r.Content, r.Deleted})
		}
	}
	return answers, nil
}
