package tui

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/chroma/v2"
)

// Every language that is named has a description that works, and none is there in vain.
func TestLanguages(t *testing.T) {
	files, err := fs.Glob(lexerFiles, "lexers/*.xml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for end, language := range languages {
		name := end
		if strings.HasPrefix(end, ".") {
			name = "src/x" + end
		}
		lexer := lexerFor(name)
		if lexer == nil {
			t.Errorf("%s: no description of %s", end, language)
			continue
		}
		if _, err := chroma.Tokenise(lexer, nil, "if x = \"text\" // 1\n"); err != nil {
			t.Errorf("%s: %v", language, err)
		}
		files = slices.DeleteFunc(files, func(f string) bool { return f == "lexers/"+language+".xml" })
	}
	if len(files) > 0 {
		t.Errorf("no file is of the language of %v", files)
	}
	if lexerFor("README") != nil {
		t.Error("README has a language")
	}
}
