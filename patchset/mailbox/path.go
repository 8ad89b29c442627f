package mailbox

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// PathError is a path that a patch may not name.
type PathError struct {
	Path   string // as written, unquoted; quote it before showing it
	Reason string
}

func (e *PathError) Error() string {
	return fmt.Sprintf("path %s refused: %s", strconv.Quote(e.Path), e.Reason)
}

// QuotePath makes a path fit to be shown: a name with control characters,
// invisible characters or broken UTF-8 comes out quoted, any other unchanged.
func QuotePath(path string) string {
	if utf8.ValidString(path) && !strings.ContainsFunc(path, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return path
	}
	return strconv.Quote(path)
}

// CheckPath refuses what git refuses to put into an index with
// core.protectHFS and core.protectNTFS on, on every system: a repository made
// here is cloned elsewhere. The error is a *[PathError].
func CheckPath(path string) error {
	if reason := badPath(path); reason != "" {
		return &PathError{Path: path, Reason: reason}
	}
	return nil
}

func badPath(path string) string {
	switch {
	case path == "":
		return "it is empty"
	case strings.ContainsRune(path, 0):
		return "it holds a NUL byte"
	case strings.HasPrefix(path, "/"), strings.HasPrefix(path, `\`), hasDrive(path):
		return "it is absolute"
	}
	for _, part := range strings.Split(path, "/") {
		if part == "" || part == "." {
			return "it has an empty or . component"
		}
		// Windows takes a backslash for a slash.
		for _, name := range strings.Split(part, `\`) {
			if name == ".." {
				return "it leads out of the repository"
			}
			if isDotGit(name) {
				return "it leads into a .git directory"
			}
		}
	}
	return ""
}

// hasDrive tells whether path is absolute on Windows, such as C:\x. A plain
// "c:x" is left alone: it is a legal name.
func hasDrive(path string) bool {
	return len(path) >= 3 && path[1] == ':' && (path[2] == '\\' || path[2] == '/') &&
		('a' <= path[0]|0x20 && path[0]|0x20 <= 'z')
}

// isDotGit tells whether some file system takes name for ".git": in any case,
// with code points that HFS+ ignores, with the trailing dots and spaces or the
// stream name that NTFS ignores, or as the 8.3 name git~1. The rules are those
// of is_hfs_dotgit and is_ntfs_dotgit in git.
func isDotGit(name string) bool {
	name = strings.ToLower(strings.Map(dropHFSIgnored, name))
	name, _, _ = strings.Cut(name, ":")
	name = strings.TrimRight(name, " .")
	return name == ".git" || name == "git~1"
}

// isDotGitmodules is isDotGit for .gitmodules, whose 8.3 name is gitmod~1.
func isDotGitmodules(name string) bool {
	name = strings.ToLower(strings.Map(dropHFSIgnored, name))
	name, _, _ = strings.Cut(name, ":")
	name = strings.TrimRight(name, " .")
	return name == ".gitmodules" || strings.HasPrefix(name, "gitmod~")
}

func dropHFSIgnored(r rune) rune {
	switch {
	case 0x200c <= r && r <= 0x200f, 0x202a <= r && r <= 0x202e, 0x206a <= r && r <= 0x206f, r == 0xfeff:
		return -1
	}
	return r
}

// unquoteC undoes git's C-style quoting of a path (quote.c, unquote_c_style).
// s begins with a double quote; rest is what follows the closing one.
// [strconv.Unquote] will not do: it knows other escapes and turns bytes that
// are not UTF-8 into U+FFFD.
func unquoteC(s string) (name, rest string, ok bool) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; c {
		case '"':
			return b.String(), s[i+1:], true
		case '\\':
			char, n := unescapeC(s[i+1:])
			if n == 0 {
				return "", "", false
			}
			b.WriteByte(char)
			i += n
		default:
			b.WriteByte(c)
		}
	}
	return "", "", false
}

// unescapeC reads what follows a backslash and says how many bytes it used.
func unescapeC(s string) (char byte, used int) {
	if s == "" {
		return 0, 0
	}
	if i := strings.IndexByte(`abtnvfr"\`, s[0]); i >= 0 {
		return "\a\b\t\n\v\f\r\"\\"[i], 1
	}
	if len(s) < 3 {
		return 0, 0
	}
	n, err := strconv.ParseUint(s[:3], 8, 8)
	if err != nil {
		return 0, 0
	}
	return byte(n), 3
}
