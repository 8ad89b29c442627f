package gitops

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/patchset"
)

// Streams are what an interactive program is attached to.
type Streams struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// maxEdited bounds a file that comes back from an editor or a merge tool.
const maxEdited = 64 << 20

// Edit lets the person edit a text in the editor that git would use: $GIT_EDITOR,
// core.editor, $VISUAL, $EDITOR. The text lies in a private file in the scratch,
// named name, and is gone when Edit returns. Editors that are known to take a line
// number begin at line, from 1; 0 is anywhere.
//
// The editor's command is split into words here; no shell sees it, so it may not
// use one's powers.
func (s *Scratch) Edit(ctx context.Context, io Streams, name string, text []byte, line int) ([]byte, error) {
	words, err := s.editor(ctx)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(s.dir, "edit-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, plainName(name))
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return nil, err
	}
	if line > 0 && slices.Contains(takeLine, filepath.Base(words[0])) {
		words = append(words, fmt.Sprintf("+%d", line))
	}
	cmd := exec.CommandContext(ctx, words[0], append(words[1:], file)...)
	cmd.Env, cmd.Dir = s.git.environ, dir
	cmd.Stdin, cmd.Stdout, cmd.Stderr = io.Stdin, io.Stdout, io.Stderr
	if err := cmd.Run(); err != nil {
		return nil, patchset.Faultf(patchset.CodeFailed, "the editor %s failed, so nothing was changed: %w", words[0], err)
	}
	return readBounded(file)
}

// takeLine are the editors that begin at a line with +N before the file.
var takeLine = []string{"vi", "vim", "nvim", "gvim", "view", "nano", "pico", "emacs", "emacsclient", "micro", "kak", "joe", "jed", "mg", "ne"}

// plainName keeps the end of a path, by which editors know the language, in
// characters that are harmless everywhere.
func plainName(path string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '_' {
			return r
		}
		return '-'
	}, filepath.Base(path))
	if len(name) > 100 {
		name = name[len(name)-100:]
	}
	return "carry-" + name
}

func readBounded(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxEdited+1))
	if err == nil && len(data) > maxEdited {
		err = fmt.Errorf("the text is larger than %d bytes", maxEdited)
	}
	return data, err
}

// editor asks git which editor to use, and takes the command apart.
func (s *Scratch) editor(ctx context.Context) ([]string, error) {
	var keep []string
	if v := lookupEnv(s.git.environ, "GIT_EDITOR"); v != "" {
		keep = append(keep, "GIT_EDITOR="+v)
	}
	out, err := s.git.Run(ctx, Cmd{Dir: s.dir, Args: []string{"var", "GIT_EDITOR"}, Network: true, Env: keep})
	var failed *GitError
	if errors.As(err, &failed) {
		return nil, patchset.Faultf(patchset.CodeFailed, "git knows no editor: %s", failed.Stderr).
			WithHint("export GIT_EDITOR=vi")
	}
	if err != nil {
		return nil, err
	}
	command := strings.TrimSuffix(string(out), "\n")
	words, err := splitCommand(command)
	if err != nil {
		return nil, patchset.Faultf(patchset.CodeFailed, "cannot run the editor %q: %w", command, err).
			WithHint("name a program and its arguments, such as GIT_EDITOR='code --wait'")
	}
	home := lookupEnv(s.git.environ, "HOME")
	if rest, ok := strings.CutPrefix(words[0], "~/"); ok && home != "" {
		words[0] = filepath.Join(home, rest)
	}
	if !strings.Contains(words[0], "/") {
		found, err := lookPath(words[0], lookupEnv(s.git.environ, "PATH"))
		if err != nil {
			return nil, patchset.Faultf(patchset.CodeFailed, "the editor %s is not on PATH", words[0]).
				WithHint("export GIT_EDITOR=vi")
		}
		words[0] = found
	}
	return words, nil
}

// splitCommand takes a command line apart as a shell would that knows quotes and
// backslashes only. What a shell would expand or act on is an error.
func splitCommand(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	var quote rune
	inWord, escaped := false, false
	for _, c := range line {
		switch {
		case escaped:
			if quote == '"' && !strings.ContainsRune("\\\"$`", c) {
				word.WriteRune('\\')
			}
			word.WriteRune(c)
			escaped = false
		case c == '\\' && quote != '\'':
			escaped, inWord = true, true
		case quote != 0 && c == quote:
			quote = 0
		case quote != '\'' && (c == '$' || c == '`'):
			return nil, fmt.Errorf("%q needs a shell", c)
		case quote != 0:
			word.WriteRune(c)
		case c == '\'' || c == '"':
			quote, inWord = c, true
		case c == ' ' || c == '\t':
			if inWord {
				words = append(words, word.String())
			}
			word.Reset()
			inWord = false
		case strings.ContainsRune("|&;<>()*?[#\n", c):
			return nil, fmt.Errorf("%q needs a shell", c)
		default:
			word.WriteRune(c)
			inWord = true
		}
	}
	switch {
	case quote != 0 || escaped:
		return nil, errors.New("a quote is not closed")
	case inWord:
		words = append(words, word.String())
	}
	if len(words) == 0 || words[0] == "" {
		return nil, errors.New("it names no program")
	}
	return words, nil
}
