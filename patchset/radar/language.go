package radar

import (
	"path"
	"regexp"
	"strings"

	"github.com/git-carry/git-carry/patchset/pattern"
)

// Language is what has to be known of a language to find functions and comments.
type Language struct {
	name string
	// header matches the line on which a function begins; its first group that
	// matches, if it has any, is the name.
	header func() *regexp.Regexp
	ends   ending
	line   []string // what begins a comment to the end of the line
	block  [2]string
	quotes string // the signs that strings begin and end with
}

// ending is how the end of a function can be told.
type ending int

const (
	byBrace  ending = iota // a closing brace as far left as the header
	byIndent               // the next line as far left as the header
	byWord                 // "end" as far left as the header
)

var (
	slashes = []string{"//"}
	stars   = [2]string{"/*", "*/"}
)

// The languages. Methods of C-like languages are told from calls by the words before
// the name, and from statements by what may not come first.
var (
	php    = &Language{"php", pattern.Of(`^\s*(?:(?:abstract|final|public|protected|private|static|readonly)\s+)*function\s+&?\s*(\w+)`), byBrace, []string{"//", "#"}, stars, `"'`}
	js     = &Language{"js", pattern.Of(`^\s*(?:(?:export|default|async|public|private|protected|static|get|set|override|readonly)\s+)*(?:function\s*\*?\s*([\w$]+)|(?:const|let|var)\s+([\w$]+)\s*=\s*(?:async\s*)?(?:function\b|\([^)]*\)\s*(?::[^=]+)?=>|[\w$]+\s*=>)|([\w$.]+)\s*[=:]\s*(?:async\s+)?function\b|(?:\*\s*)?([\w$#]+)\s*(?:<[^>]*>)?\([^;]*\)\s*(?::[^{;]+)?\{\s*$)`), byBrace, slashes, stars, "\"'`"}
	golang = &Language{"go", pattern.Of(`^func\s+(?:\([^)]*\)\s*)?(\w+)`), byBrace, slashes, stars, "\"`"}
	rust   = &Language{"rust", pattern.Of(`^\s*(?:pub(?:\([^)]*\))?\s+)?(?:(?:const|async|unsafe|default|extern(?:\s+"[^"]*")?)\s+)*fn\s+(\w+)`), byBrace, slashes, stars, `"`}
	java   = &Language{"java", pattern.Of(`^\s*(?:@\w+\s+)*(?:(?:[\w<>\[\],.?&]+)\s+)+(\w+)\s*\([^;]*$`), byBrace, slashes, stars, `"`}
	swift  = &Language{"swift", pattern.Of(`^\s*(?:@\w+\s+|(?:\w+(?:\([^)]*\))?)\s+)*(?:func|fun|def)\s+(?:\([^)]*\)\s*|[\w.<>]+\.)?(\w+)`), byBrace, slashes, stars, `"`}
	clike  = &Language{"c", pattern.Of(`^(?:[A-Za-z_~][\w\s*&:<>,~]*?[\s*&:])?([A-Za-z_~]\w*)\s*\((?:[^;]*|[^;]*\{.*)$`), byBrace, slashes, stars, `"`}
	perl   = &Language{"perl", pattern.Of(`^\s*sub\s+([\w:]+)`), byBrace, []string{"#"}, [2]string{}, `"'`}
	shell  = &Language{"shell", pattern.Of(`^\s*(?:function\s+([\w:-]+)|([\w:-]+)\s*\(\s*\))`), byBrace, []string{"#"}, [2]string{}, `"'`}
	python = &Language{"python", pattern.Of(`^\s*(?:async\s+)?def\s+(\w+)`), byIndent, []string{"#"}, [2]string{}, `"'`}
	ruby   = &Language{"ruby", pattern.Of(`^\s*(?:private\s+|protected\s+)?def\s+([\w.?!=]+)`), byWord, []string{"#"}, [2]string{}, `"'`}
	lua    = &Language{"lua", pattern.Of(`^\s*(?:local\s+)?function\s+([\w.:]+)`), byWord, []string{"--"}, [2]string{"--[[", "]]"}, `"'`}
	css    = &Language{"css", pattern.Of(`^()[^\s@/*][^;]*\{\s*$`), byBrace, nil, stars, `"'`}
	hashed = &Language{"config", nil, byIndent, []string{"#", ";"}, [2]string{}, `"'`}
)

var languages = map[string]*Language{
	".php": php, ".inc": php, ".phtml": php, ".php5": php,
	".js": js, ".mjs": js, ".cjs": js, ".ts": js, ".jsx": js, ".tsx": js, ".vue": js,
	".go": golang, ".rs": rust, ".java": java, ".cs": java, ".groovy": java, ".kt": swift, ".kts": swift, ".swift": swift, ".scala": swift,
	".c": clike, ".h": clike, ".cc": clike, ".cpp": clike, ".cxx": clike, ".hh": clike, ".hpp": clike, ".hxx": clike, ".m": clike, ".mm": clike,
	".pl": perl, ".pm": perl, ".t": perl, ".sh": shell, ".bash": shell,
	".py": python, ".pyx": python, ".pyi": python, ".rb": ruby, ".rake": ruby, ".lua": lua,
	".css": css, ".less": css, ".scss": css,
	".yaml": hashed, ".yml": hashed, ".conf": hashed, ".ini": hashed, ".toml": hashed, ".cfg": hashed,
}

// LanguageOf is the language of a file by its name; nil when it is not known.
func LanguageOf(name string) *Language { return languages[strings.ToLower(path.Ext(name))] }

// notNames are words that look like the name of a function before a parenthesis.
var notNames = map[string]bool{
	"if": true, "else": true, "elseif": true, "for": true, "foreach": true, "while": true, "switch": true, "catch": true,
	"return": true, "new": true, "throw": true, "do": true, "try": true, "with": true, "sizeof": true, "using": true,
	"lock": true, "synchronized": true, "defined": true, "case": true, "goto": true, "assert": true,
}

// named gives the name of the function that begins on a line.
func (l *Language) named(line string) (string, bool) {
	if l == nil || l.header == nil || len(line) > maxLine {
		return "", false
	}
	m := l.header().FindStringSubmatch(line)
	if m == nil || notNames[firstWord(line)] {
		return "", false
	}
	for _, name := range m[1:] {
		if name != "" {
			return name, !notNames[name]
		}
	}
	return "", true
}

func firstWord(line string) string {
	line = strings.TrimLeft(line, " \t}")
	end := strings.IndexFunc(line, func(r rune) bool { return !isWord(r) })
	if end < 0 {
		return line
	}
	return line[:end]
}

func isWord(r rune) bool {
	return r == '_' || r == '$' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= 0x80
}
