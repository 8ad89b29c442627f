package cmd

import (
	"context"
	"fmt"
	"strings"

	"github.com/git-carry/git-carry/patchset/merge3"
	"github.com/git-carry/git-carry/patchset/suggest"
)

// trySuggestion is one suggestion for one dispute of a file.
type trySuggestion struct {
	Path      string         `json:"path"`
	Hunk      int            `json:"hunk"` // from 1
	Source    suggest.Source `json:"source"`
	Label     string         `json:"label"`
	Precision int            `json:"precision"` // per cent
	Text      string         `json:"text"`
	Also      *tryEdit       `json:"also,omitempty"`
}

// tryEdit is a further change that belongs to a suggestion.
type tryEdit struct {
	Path string `json:"path"`
	Line int    `json:"line"`
	Old  string `json:"old"`
	New  string `json:"new"`
}

// suggest adds to the conflicts in texts what could be made of them.
func (t trial) suggest(ctx context.Context, req merge3.Request, conflicts []merge3.Conflict, to []tryConflict) error {
	base := req.Base.Tree
	if req.Base.Commit != "" {
		c, err := t.bench.Commit(ctx, req.Base.Commit)
		if err != nil {
			return err
		}
		base = c.Tree
	}
	elsewhere := suggest.NewElsewhere(t.bench.Scratch, base, req.Upstream.Tree)
	for i, k := range conflicts {
		if k.Kind != merge3.KindContent {
			continue
		}
		f := suggest.File{Path: k.Path, Elsewhere: elsewhere.Files(ctx, k.Path)}
		for _, side := range []struct {
			id   merge3.ID
			text *[]byte
		}{{k.Base.ID, &f.Base}, {k.Upstream.ID, &f.Upstream}, {k.Patch.ID, &f.Patch}} {
			var err error
			if *side.text, err = t.bench.ReadBlob(ctx, side.id); err != nil {
				return fmt.Errorf("%s: %w", k.Path, err)
			}
		}
		to[i].Suggestions = trySuggestions(k.Path, suggest.For(f))
	}
	return elsewhere.Err()
}

// trySuggestions is never nil: none is an answer too.
func trySuggestions(path string, a suggest.Answers) *[]trySuggestion {
	out := []trySuggestion{}
	for n, list := range a.Disputes {
		for _, s := range list {
			one := trySuggestion{
				Path: path, Hunk: n + 1, Source: s.Source, Label: s.Label,
				Precision: s.Precision.Percent(), Text: string(s.Text),
			}
			if s.Also != nil {
				one.Also = &tryEdit{s.Also.Path, s.Also.Line, string(s.Also.Old), string(s.Also.New)}
			}
			out = append(out, one)
		}
	}
	return &out
}

// say prints a suggestion and its lines.
func (s trySuggestion) say(a *app) {
	a.say("    hunk %d: %s (%s: right in %d %% of real conflicts)", s.Hunk, s.Label, s.Source, s.Precision)
	if s.Text == "" {
		a.say("      no lines")
	}
	sayLines(a, s.Text)
	if s.Also != nil {
		a.say("      and %s, from line %d:", s.Also.Path, s.Also.Line)
		sayLines(a, s.Also.New)
	}
}

func sayLines(a *app, text string) {
	for line := range strings.Lines(text) {
		a.say("      | %s", strings.TrimRight(line, "\r\n"))
	}
}
