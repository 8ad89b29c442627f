package patchset

import (
	"regexp"
	"slices"
	"strings"
)

// SecretWords finds words that must not be in public, letter case aside, where they are not
// parts of longer words.
type SecretWords struct {
	any    *regexp.Regexp // nil: there are none
	prefix *regexp.Regexp
}

// NewSecretWords takes words of any letters; empty ones are left out.
func NewSecretWords(words []string) SecretWords {
	var parts []string
	for _, w := range words {
		if w = strings.TrimSpace(w); w != "" {
			parts = append(parts, regexp.QuoteMeta(w))
		}
	}
	if len(parts) == 0 {
		return SecretWords{}
	}
	slices.SortFunc(parts, func(a, b string) int { return len(b) - len(a) }) // the longest that fits
	word := `(?i)(^|[^\pL\pN])(?:` + strings.Join(parts, "|") + `)($|[^\pL\pN])`
	return SecretWords{
		regexp.MustCompile(word),
		regexp.MustCompile(`(?im)^[ \t]*\[?(?:` + strings.Join(parts, "|") + `)\]?:[ \t]*`),
	}
}

// In tells whether a text has one of them.
func (w SecretWords) In(text string) bool { return w.any != nil && w.any.MatchString(text) }

// gap stands where a word was.
const gap = "[...]"

// takeOut puts a gap in the place of each word; "WORD: " at the start of a line goes
// without a trace.
func (w SecretWords) takeOut(text string) string {
	if w.any == nil {
		return text
	}
	text = w.prefix.ReplaceAllString(text, "")
	for range 2 { // two words that have one space between them share it
		text = w.any.ReplaceAllString(text, "${1}"+gap+"${2}")
	}
	return text
}

// isOurs tells whether a line is a trailer of ours, wherever it stands.
func isOurs(line string) bool {
	key, _, ok := parseTrailer([]byte(line))
	return ok && strings.HasPrefix(strings.ToLower(key), "carry-")
}

// PublicMessage is a commit message as the public may see it: without Carry- trailers,
// without trailers that have a secret word, and with a gap where one was in the rest.
func PublicMessage(message []byte, secret SecretWords) []byte {
	head, trailers := CutTrailers(message)
	var said, kept []string
	for line := range strings.SplitSeq(secret.takeOut(string(head)), "\n") {
		if !isOurs(line) {
			said = append(said, line)
		}
	}
	for line := range strings.SplitSeq(string(trailers), "\n") {
		if !isOurs(line) && !secret.In(line) && line != "" {
			kept = append(kept, line)
		}
	}
	text := strings.Trim(strings.Join(said, "\n"), "\n")
	if strings.TrimSpace(text) == "" {
		text = gap // a commit has to be called something
	}
	if len(kept) > 0 {
		text += "\n\n" + strings.Join(kept, "\n")
	}
	return []byte(text + "\n")
}

// PublicForm is a carried commit as it is put forward for public review: its author, its
// change and its public message, on another parent. The committer is the author, at the
// later of the author's and the parent's time, so that the same inputs give the same id.
func PublicForm(carried Commit, parentID ID, parent Commit, secret SecretWords) Commit {
	c := carried
	c.Parents = []ID{parentID}
	c.Message = PublicMessage(carried.Message, secret)
	c.Committer = personAt(carried.Author, max(rawTime(carried.Author), rawTime(parent.Committer)))
	return c
}
