package tui

import (
	"embed"
	"path"
	"strings"
	"sync"

	"github.com/alecthomas/chroma/v2"
)

//go:embed lexers/*.xml
var lexerFiles embed.FS

// languages names the description of a language by the end of a file's name, or by all
// of it.
var languages = map[string]string{
	".sh": "bash", ".bash": "bash", ".c": "c", ".h": "c", ".cs": "csharp", ".cc": "cpp", ".cpp": "cpp", ".cxx": "cpp",
	".hpp": "cpp", ".hh": "cpp", ".cmake": "cmake", "CMakeLists.txt": "cmake", ".css": "css", ".less": "css", ".scss": "css",
	"Dockerfile": "docker", ".html": "html", ".htm": "html", ".ini": "ini", ".cfg": "ini", ".java": "java", ".js": "javascript",
	".mjs": "javascript", ".cjs": "javascript", ".jsx": "javascript", ".json": "json", ".kt": "kotlin", ".lua": "lua",
	"Makefile": "makefile", ".mk": "makefile", ".pl": "perl", ".pm": "perl", ".php": "php", ".inc": "php", ".pp": "puppet",
	".py": "python", ".rb": "ruby", ".rs": "rust", ".scala": "scala", ".sql": "sql", ".swift": "swift", ".toml": "toml",
	".ts": "typescript", ".tsx": "typescript", ".xml": "xml", ".svg": "xml", ".yaml": "yaml", ".yml": "yaml", ".go": "go",
}

// lexerFor describes the language of a file; nil for one that is not known.
func lexerFor(file string) chroma.Lexer {
	name := path.Base(file)
	language, ok := languages[name]
	if !ok {
		language = languages[strings.ToLower(path.Ext(name))]
	}
	switch language {
	case "":
		return nil
	case "go":
		return goLexer
	}
	return known()[language]
}

// known reads the descriptions, when the first file is shown. Some languages hold
// others: the registry lets those be found.
var known = sync.OnceValue(func() map[string]chroma.Lexer {
	registry := chroma.NewLexerRegistry()
	byName := map[string]chroma.Lexer{}
	for _, language := range languages {
		lexer, err := chroma.NewXMLLexer(lexerFiles, "lexers/"+language+".xml")
		if err != nil || byName[language] != nil {
			continue // Go has none; of all others a test reads them
		}
		byName[language] = registry.Register(lexer)
	}
	return byName
})

// goLexer colours Go, which chroma describes in code and not in a file.
var goLexer = chroma.MustNewLexer(&chroma.Config{Name: "Go"}, func() chroma.Rules {
	return chroma.Rules{"root": {
		{Pattern: `\s+`, Type: chroma.Text},
		{Pattern: `//[^\n]*`, Type: chroma.CommentSingle},
		{Pattern: `/\*[^*]*\*+(?:[^/*][^*]*\*+)*/`, Type: chroma.CommentMultiline},
		{Pattern: `(?:break|case|chan|const|continue|default|defer|else|fallthrough|for|func|go|goto|if|import|interface|map|package|range|return|select|struct|switch|type|var)\b`, Type: chroma.Keyword},
		{Pattern: "`[^`]*`", Type: chroma.String},
		{Pattern: `"(?:\\.|[^"\\\n])*"`, Type: chroma.String},
		{Pattern: `'(?:\\.|[^'\\\n])*'`, Type: chroma.LiteralStringChar},
		{Pattern: `0[xX][0-9a-fA-F_]+|[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]+)?i?`, Type: chroma.LiteralNumber},
		{Pattern: `[\p{L}_][\p{L}\p{N}_]*`, Type: chroma.Name},
		{Pattern: `.`, Type: chroma.Punctuation},
	}}
})
