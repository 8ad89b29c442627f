package gitops

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// ToolFile is one file for a merge tool: its three sides, and the text with
// markers from which the tool starts.
type ToolFile struct {
	Path                  string
	Base, Upstream, Patch merge3.Entry // zero: that side has no such file
	Marked                []byte
}

// ToolResult is what a merge tool made of a file.
type ToolResult struct {
	Path    string
	Settled bool
	Deleted bool
	Content []byte
}

// MergeTool lets the person settle files with `git mergetool`: with tool, or with
// the one that git is configured for when it is "". It runs with the person's own
// configuration in a throw-away repository that holds nothing but these files,
// inside the scratch, and is gone when MergeTool returns.
func (s *Scratch) MergeTool(ctx context.Context, io Streams, tool string, files []ToolFile) ([]ToolResult, error) {
	dir, err := os.MkdirTemp(s.dir, "tool-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	t := toolRepository{s: s, tree: filepath.Join(dir, "files"), gitDir: filepath.Join(dir, "git")}
	if err := t.fill(ctx, files); err != nil {
		return nil, fmt.Errorf("preparing the merge tool: %w", err)
	}
	toolErr := t.runTool(ctx, io, tool, files)
	if ctx.Err() != nil {
		return nil, toolErr
	}
	results, settled, err := t.results(ctx, files)
	if err == nil && settled == 0 && toolErr != nil {
		err = patchset.Faultf(patchset.CodeFailed, "git mergetool settled nothing: %w", toolErr).
			WithHint("see what is configured: git mergetool --tool-help")
	}
	return results, err
}

// toolRepository is a repository with an unmerged index and a work tree.
type toolRepository struct {
	s            *Scratch
	tree, gitDir string
}

// git runs git in the repository; its objects go to the scratch.
func (t toolRepository) git(ctx context.Context, c Cmd) ([]byte, error) {
	c.Dir = t.tree
	c.Env = append(c.Env, "GIT_WORK_TREE="+t.tree)
	c.Config = append(c.Config,
		// Nothing may change the text on its way in and out, or leave it elsewhere.
		[2]string{"core.bare", "false"}, [2]string{"core.autocrlf", "false"}, [2]string{"core.safecrlf", "false"},
		[2]string{"mergetool.writeToTemp", "false"}, [2]string{"mergetool.prompt", "false"},
	)
	if err := t.s.flushAll(); err != nil {
		return nil, err
	}
	return t.s.run(ctx, t.gitDir, c)
}

func (t toolRepository) fill(ctx context.Context, files []ToolFile) error {
	if err := writeGitDir(t.gitDir, t.s.format); err != nil {
		return err
	}
	if err := os.Mkdir(t.tree, 0o700); err != nil {
		return err
	}
	root, err := os.OpenRoot(t.tree)
	if err != nil {
		return err
	}
	defer root.Close()
	var index bytes.Buffer
	for _, f := range files {
		for name := range strings.SplitSeq(f.Path, "/") {
			if err := checkName(name, f.Path); err != nil {
				return err
			}
		}
		for i, side := range []merge3.Entry{f.Base, f.Upstream, f.Patch} {
			if side.ID != "" {
				fmt.Fprintf(&index, "%s %s %d\t%s\x00", side.Mode, side.ID, i+1, f.Path)
			}
		}
		if err := root.MkdirAll(path.Dir(f.Path), 0o700); err != nil {
			return err
		}
		if err := root.WriteFile(f.Path, f.Marked, 0o600); err != nil {
			return err
		}
	}
	_, err = t.git(ctx, Cmd{Args: []string{"update-index", "-z", "--index-info"}, Stdin: &index})
	return err
}

func (t toolRepository) runTool(ctx context.Context, io Streams, tool string, files []ToolFile) error {
	args := []string{"mergetool", "--no-prompt"}
	if tool != "" {
		args = append(args, "--tool="+tool)
	}
	args = append(args, "--")
	for _, f := range files {
		args = append(args, f.Path)
	}
	_, err := t.git(ctx, Cmd{
		Args: args, Stdin: io.Stdin, Stdout: io.Stdout, Stderr: io.Stderr, Network: true, Interactive: true,
		Env: append(localeOf(t.s.git.environ), "GIT_LITERAL_PATHSPECS=1"),
	})
	return err
}

// localeOf gives a tool with a screen the person's own language back.
func localeOf(environ []string) []string {
	env := []string{"LC_ALL="}
	for _, entry := range environ {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "LC_") || name == "LANG" || name == "TZ" {
			env = append(env, entry)
		}
	}
	return env
}

// results reads what is no longer unmerged out of the index.
func (t toolRepository) results(ctx context.Context, files []ToolFile) (results []ToolResult, settled int, err error) {
	for _, f := range files {
		out, err := t.git(ctx, Cmd{
			Args: []string{"ls-files", "--stage", "-z", "--", f.Path}, Env: []string{"GIT_LITERAL_PATHSPECS=1"},
		})
		if err != nil {
			return nil, 0, err
		}
		r, err := t.result(ctx, f, string(out))
		if err != nil {
			return nil, 0, err
		}
		if r.Settled {
			settled++
		}
		results = append(results, r)
	}
	return results, settled, nil
}

// result reads the index lines of one path: "mode id stage TAB path NUL" each,
// stage 0 for a merged one, no line for a deleted one.
func (t toolRepository) result(ctx context.Context, f ToolFile, lines string) (ToolResult, error) {
	r := ToolResult{Path: f.Path}
	line, _, _ := strings.Cut(lines, "\x00")
	if line == "" {
		r.Settled, r.Deleted = true, true
		return r, nil
	}
	head, _, _ := strings.Cut(line, "\t")
	fields := strings.Fields(head)
	if len(fields) != 3 || fields[2] != "0" {
		return r, nil
	}
	blob, err := t.s.Git(ctx, Cmd{Args: []string{"cat-file", "blob", fields[1]}})
	if err != nil {
		return r, err
	}
	if len(blob) > maxEdited {
		return r, errors.New("the result of the merge tool is too large")
	}
	r.Settled, r.Content = true, blob
	return r, nil
}
