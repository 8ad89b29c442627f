package patchset_test

import (
	"testing"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/mailbox"
	"github.com/git-carry/git-carry/patchset/merge3"
	"pgregory.net/rapid"
)

// changeOf is the change from one text to another, without context.
func changeOf(before, after string) mailbox.FileChange {
	var fc mailbox.FileChange
	changes, _ := merge3.Changes([]byte(before), []byte(after))
	for _, c := range changes {
		h := mailbox.Hunk{OldStart: c.OldStart, OldLines: c.OldLines, NewStart: c.NewStart, NewLines: c.NewLines}
		if h.NewLines == 0 {
			h.NewStart--
		}
		for _, side := range []struct {
			op   byte
			text []byte
		}{{'-', c.Old}, {'+', c.New}} {
			for _, l := range lines(side.text) {
				h.Lines = append(h.Lines, mailbox.Line{Op: side.op, Text: l})
			}
		}
		fc.Hunks = append(fc.Hunks, h)
	}
	return fc
}

func lines(text []byte) (out [][]byte) {
	for len(text) > 0 {
		n := 1
		for n < len(text) && text[n-1] != '\n' {
			n++
		}
		out, text = append(out, text[:n]), text[n:]
	}
	return out
}

func TestFatesOfHunks(t *testing.T) {
	const head, tail = "function f( $x ) {\n\tbegin( $x, 'here' );\n", "\tfinish( $x, 'here' );\n}\n"
	const raw, safe = "\tprint( $x->getText() );\n", "\tprint( escape( $x->getText() ) );\n"
	const guard = "\tif ( !$user->isAllowed( 'edit' ) ) {\n\t\tthrow new Denied( 'edit' );\n\t}\n"
	for name, tt := range map[string]struct {
		before, fixed, now string
		want               patchset.HunkFate
	}{
		"as it was":                      {head + raw + tail, head + safe + tail, head + safe + tail, patchset.HunkThere},
		"moved down":                     {head + raw + tail, head + safe + tail, "<?php\n\n" + head + safe + tail, patchset.HunkThere},
		"moved elsewhere":                {head + raw + tail, head + safe + tail, head + tail + "function g( $x ) {\n" + safe + "}\n", patchset.HunkThere},
		"a line beside it is edited":     {head + raw + tail, head + safe + tail, head + safe + "\tfinish( $x );\n}\n", patchset.HunkThere},
		"edited":                         {head + raw + tail, head + safe + tail, head + "\tprint( escape( $x->getText(), 80 ) );\n" + tail, patchset.HunkEdited},
		"only indented":                  {head + raw + tail, head + safe + tail, head + "\t" + safe + tail, patchset.HunkEdited},
		"put back":                       {head + raw + tail, head + safe + tail, head + raw + tail, patchset.HunkBack},
		"put back in another form":       {head + raw + tail, head + safe + tail, head + "\tprint( $x->getText( 1 ) );\n" + tail, patchset.HunkBack},
		"replaced":                       {head + raw + tail, head + safe + tail, head + "\tshow( $x );\n" + tail, patchset.HunkGone},
		"no such file":                   {head + raw + tail, head + safe + tail, "", patchset.HunkGone},
		"a guard":                        {head + tail, head + guard + tail, head + guard + tail, patchset.HunkThere},
		"a guard that is gone":           {head + tail, head + guard + tail, head + tail, patchset.HunkGone},
		"a guard of which a bit is left": {head + tail, head + guard + tail, head + "\tif ( $x ) {\n\t\treturn 0;\n\t}\n" + tail, patchset.HunkGone},
		"a guard for more":               {head + tail, head + guard + tail, head + "\tif ( !$user->isAllowed( 'edit', $x ) ) {\n\t\tthrow new Denied( 'edit' );\n\t}\n" + tail, patchset.HunkEdited},
		"removed":                        {head + raw + tail, head + tail, head + tail, patchset.HunkThere},
		"removed, another line put in":   {head + raw + tail, head + tail, head + "\tcount( $x );\n" + tail, patchset.HunkEdited},
		"removed, and back":              {head + raw + tail, head + tail, head + raw + tail, patchset.HunkBack},
		"removed, and back elsewhere":    {head + raw + tail, head + tail, head + tail + "\n" + raw + "\nend();\n", patchset.HunkThere},
		"removed with its file":          {head + raw, "", "", patchset.HunkThere},
		"removed, the file is back":      {head + raw, "", head + raw, patchset.HunkBack},
		"no text":                        {"a\x00b\n", "a\x00c\n", "a\x00d\n", patchset.HunkGone},
	} {
		t.Run(name, func(t *testing.T) {
			change := changeOf(tt.before, tt.fixed)
			if name == "no text" {
				change.Hunks = make([]mailbox.Hunk, 1)
			}
			got := patchset.FatesOf(change, []byte(tt.fixed), []byte(tt.now))
			if len(got) != 1 || got[0] != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// Whatever the texts: a fix stands wholly in what it made, and every hunk has a fate.
func TestFatesOfHunksLaws(t *testing.T) {
	text := rapid.Custom(func(t *rapid.T) string {
		var s string
		for range rapid.IntRange(0, 8).Draw(t, "lines") {
			s += rapid.SampledFrom([]string{"alpha( $x );\n", "beta( $y );\n", "some longer line of code( $z );\n", "}\n", "\n"}).Draw(t, "line")
		}
		return s
	})
	rapid.Check(t, func(t *rapid.T) {
		before, after := text.Draw(t, "before"), text.Draw(t, "after")
		change := changeOf(before, after)
		for _, fate := range patchset.FatesOf(change, []byte(after), []byte(after)) {
			if fate != patchset.HunkThere {
				t.Fatalf("%q to %q: %v in the result itself", before, after, fate)
			}
		}
		if got := patchset.FatesOf(change, []byte(after), []byte(text.Draw(t, "now"))); len(got) != len(change.Hunks) {
			t.Fatalf("%d fates of %d hunks", len(got), len(change.Hunks))
		}
	})
}
