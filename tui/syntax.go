package tui

import (
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/alecthomas/chroma/v2"
)

// colourRun is an ink that lasts up to an offset of a line, in bytes.
type colourRun struct {
	to  int
	ink ink
}

func inkAt(runs []colourRun, i int) ink {
	for _, r := range runs {
		if i < r.to {
			return r.ink
		}
	}
	return plain
}

// maxColoured bounds what is coloured at once, in bytes.
const maxColoured = 16 << 10

// colourCache keeps what was coloured: a frame is drawn many times.
type colourCache struct {
	mu     sync.Mutex
	lexers map[string]chroma.Lexer
	lines  map[string][][]colourRun
}

// colours are the runs of each of some lines of a file that follow each other.
// Only those are read, so a comment that began above them is not seen as one.
func (c *colourCache) colours(file string, lines []string) [][]colourRun {
	text := strings.Join(lines, "")
	if len(text) > maxColoured {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	key := file + "\x00" + text
	if known, ok := c.lines[key]; ok {
		return known
	}
	lexer, ok := c.lexers[file]
	if !ok {
		lexer = lexerFor(file)
		if c.lexers == nil {
			c.lexers = map[string]chroma.Lexer{}
		}
		c.lexers[file] = lexer
	}
	if c.lines == nil || len(c.lines) > 500 {
		c.lines = map[string][][]colourRun{}
	}
	c.lines[key] = colourRuns(lexer, text, len(lines))
	return c.lines[key]
}

// colourRuns colours a text of n lines; nil where that cannot be done.
func colourRuns(lexer chroma.Lexer, text string, n int) (out [][]colourRun) {
	if lexer == nil || !utf8.ValidString(text) {
		return nil
	}
	defer func() {
		if recover() != nil { // a language inside the language that nobody described
			out = nil
		}
	}()
	tokens, err := lexer.Tokenise(&chroma.TokeniseOptions{State: "root"}, text)
	if err != nil {
		return nil
	}
	out = make([][]colourRun, n)
	row, at := 0, 0
	for _, token := range tokens.Tokens() {
		for part := range strings.SplitAfterSeq(token.Value, "\n") {
			if row == n || part == "" {
				continue
			}
			at += len(part)
			out[row] = append(out[row], colourRun{at, syntaxInk(token.Type)})
			if strings.HasSuffix(part, "\n") {
				row, at = row+1, 0
			}
		}
	}
	return out
}

func syntaxInk(t chroma.TokenType) ink {
	switch t.Category() {
	case chroma.Keyword:
		return syntaxWord
	case chroma.Comment:
		return syntaxComment
	case chroma.Literal:
		switch t.SubCategory() {
		case chroma.LiteralString:
			return syntaxString
		case chroma.LiteralNumber:
			return syntaxNumber
		}
	}
	return plain
}
