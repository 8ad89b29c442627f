package objstore

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Limits of what a file in a repository can make us look at.
const (
	maxDepth      = 5       // alternates of alternates of …; git's own limit
	maxAlternates = 1000    // directories
	maxSmallFile  = 1 << 20 // bytes of a configuration or a list of alternates
)

// alternates lists the object directories that dir borrows from, and the extra
// ones, with those that they borrow from. Like git it passes over directories
// that are not there and over what is too deep; none comes twice.
func alternates(dir string, extra []string) ([]string, error) {
	type lender struct {
		dir   string
		depth int
	}
	var queue []lender
	borrow := func(from string, depth int) error {
		names, err := readAlternates(from)
		for _, name := range names {
			queue = append(queue, lender{name, depth})
		}
		return err
	}
	if err := borrow(dir, 0); err != nil {
		return nil, err
	}
	for _, name := range extra {
		queue = append(queue, lender{name, 0})
	}
	seen := map[string]bool{realDir(dir): true}
	var found []string
	for ; len(queue) > 0; queue = queue[1:] {
		next := queue[0]
		real := realDir(next.dir)
		if real == "" || seen[real] || next.depth > maxDepth {
			continue
		}
		if len(found) == maxAlternates {
			return nil, &Unsupported{fmt.Sprintf("a repository with more than %d alternates", maxAlternates)}
		}
		seen[real] = true
		found = append(found, real)
		if err := borrow(real, next.depth+1); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// Alternates lists the directories, links followed, that an objects directory borrows
// from, directly or through others.
func Alternates(objectsDir string) ([]string, error) { return alternates(objectsDir, nil) }

// realDir is the one path of a directory that has no symbolic links in it, or "".
func realDir(dir string) string {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return ""
	}
	if info, err := os.Stat(real); err != nil || !info.IsDir() {
		return ""
	}
	return real
}

// readAlternates reads the list in one objects directory.
func readAlternates(objects string) ([]string, error) {
	path := filepath.Join(objects, "info", "alternates")
	data, err := readSmall(path)
	if err != nil {
		return nil, at(path, err)
	}
	var dirs []string
	for _, name := range parseAlternates(string(data)) {
		if !filepath.IsAbs(name) {
			name = filepath.Join(objects, name)
		}
		dirs = append(dirs, name)
	}
	return dirs, nil
}

// parseAlternates takes a list of directories apart: one a line, or in double
// quotes as a C string; a line that begins with # is a comment.
func parseAlternates(list string) []string {
	var names []string
	for list != "" {
		var name string
		switch name, list = nextAlternate(list); {
		case name == "", strings.ContainsRune(name, 0):
		default:
			names = append(names, name)
		}
	}
	return names
}

// nextAlternate takes the first name off. What is quoted badly is meant literally.
// One byte behind it is skipped whatever it is, as git does.
func nextAlternate(list string) (name, rest string) {
	if list[0] == '"' {
		if name, rest, ok := unquote(list); ok {
			return name, rest[min(1, len(rest)):]
		}
	}
	name, rest, _ = strings.Cut(list, "\n")
	if strings.HasPrefix(name, "#") {
		name = ""
	}
	return name, rest
}

var escapes = map[byte]byte{'a': '\a', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v', '\\': '\\', '"': '"'}

// unquote reads the C string that s begins with.
func unquote(s string) (text, rest string, ok bool) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return b.String(), s[i+1:], true
		case c != '\\':
			b.WriteByte(c)
		case i+1 < len(s) && escapes[s[i+1]] != 0:
			i++
			b.WriteByte(escapes[s[i]])
		default:
			octal, ok := octalByte(s[i+1:])
			if !ok {
				return "", "", false
			}
			i += 3
			b.WriteByte(octal)
		}
	}
	return "", "", false
}

// octalByte reads three octal digits.
func octalByte(s string) (byte, bool) {
	if len(s) < 3 || s[0] > '3' {
		return 0, false
	}
	var value byte
	for _, c := range []byte(s[:3]) {
		if c < '0' || c > '7' {
			return 0, false
		}
		value = value<<3 | (c - '0')
	}
	return value, true
}

// readSmall reads a file that may be absent but must not be large.
func readSmall(path string) ([]byte, error) {
	f, info, err := openRegular(path)
	if errors.Is(err, errGone) || isNoDir(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info.Size() > maxSmallFile {
		return nil, errors.New("it is too large")
	}
	return io.ReadAll(io.LimitReader(f, maxSmallFile))
}

// isNoDir tells whether part of a path is no directory: then the file is absent.
func isNoDir(err error) bool {
	var path *fs.PathError
	return errors.As(err, &path) && errors.Is(path.Err, syscall.ENOTDIR)
}
