package mailbox

import (
	"bytes"
	"testing"
	"testing/fstest"
)

func FuzzParseMessages(f *testing.F) {
	for _, s := range []string{
		someDiff, "From: Ann <ann@example.org>\nSubject: =?utf-8?q?=C3=A4?=\n\nbody\n---\n" + someDiff + "-- \n2.39.5\n",
		"From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\nFrom: a\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/x-patch\n\n" + someDiff + "--b--\n",
		"diff --git a/x b/y\nsimilarity index 90%\nrename from x\nrename to y\n", "diff --git \"a/\\303\" \"b/\\303\"\nnew file mode 160000\n",
		"diff --git a/x b/x\nindex 1..2\nGIT binary patch\nliteral 0\nHcmV?d00001\n\n", "Description: x\n y\n .\n\n--- x\n+++ x\n@@ -1 +1 @@\n-a\n+b\n\\ No newline at end of file\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		messages, err := ParseMessages(data)
		if err != nil {
			if err.Error() == "" || bytes.ContainsAny([]byte(err.Error()), "\x1b\r\x00") {
				t.Errorf("an error that is not fit to be shown: %q", err)
			}
			return
		}
		for _, m := range messages {
			m.CommitMessage()
			checkFiles(t, m.Files)
		}
	})
}

// checkFiles holds what every parsed change must keep to.
func checkFiles(t *testing.T, files []FileChange) {
	t.Helper()
	for _, fc := range files {
		if (fc.OldPath == "") != (fc.Kind == KindAdd) || (fc.NewPath == "") != (fc.Kind == KindDelete) {
			t.Errorf("%s of %q to %q", fc.Kind, fc.OldPath, fc.NewPath)
		}
		for _, p := range []string{fc.OldPath, fc.NewPath} {
			if p != "" && CheckPath(p) != nil {
				t.Errorf("path %q", p)
			}
		}
		for _, h := range fc.Hunks {
			var oldLines, newLines int
			for _, l := range h.Lines {
				if len(l.Text) == 0 || bytes.IndexByte(l.Text[:len(l.Text)-1], '\n') >= 0 {
					t.Errorf("line %q", l.Text)
				}
				if l.Op != '+' {
					oldLines++
				}
				if l.Op != '-' {
					newLines++
				}
			}
			if oldLines != h.OldLines || newLines != h.NewLines {
				t.Errorf("hunk %+v has %d and %d lines", h, oldLines, newLines)
			}
		}
	}
	if same, moved := SameChange(files, files); !same && len(files) > 0 || moved {
		for _, fc := range files {
			if fc.Binary != nil {
				return // without ids or data nothing can be said
			}
		}
		t.Errorf("a change is not the same as itself: %v %v", same, moved)
	}
}

func FuzzApply(f *testing.F) {
	f.Add([]byte("a\n"), []byte(someDiff))
	f.Add([]byte("1\n2\na"), []byte("--- a/x\n+++ b/x\n@@ -2,2 +2,2 @@\n 2\n-a\n\\ No newline at end of file\n+b\n"))
	f.Add([]byte("x"), []byte("diff --git a/x b/x\nindex 1..2\nGIT binary patch\ndelta 4\nLcmZ?b00001\n\n"))
	f.Fuzz(func(t *testing.T, pre, patch []byte) {
		files, err := ParseDiff(patch)
		if err != nil {
			return
		}
		for _, fc := range files {
			before := bytes.Clone(pre)
			post, _, err := Apply(pre, fc)
			if !bytes.Equal(before, pre) {
				t.Error("the old content is overwritten")
			}
			if err != nil || fc.Binary != nil {
				continue
			}
			if back, _, err := Apply(post, reverse(fc)); err == nil && len(fc.Hunks) == 1 && fc.Hunks[0].OldStart == fc.Hunks[0].NewStart && !bytes.Equal(back, pre) && !repeats(pre, fc) {
				t.Errorf("there and back gives %q", back)
			}
		}
	})
}

// reverse turns a text change around.
func reverse(fc FileChange) FileChange {
	back := FileChange{OldPath: fc.NewPath, NewPath: fc.OldPath, Kind: fc.Kind}
	switch fc.Kind {
	case KindAdd:
		back.Kind = KindDelete
	case KindDelete:
		back.Kind = KindAdd
	}
	flip := map[byte]byte{' ': ' ', '+': '-', '-': '+'}
	for _, h := range fc.Hunks {
		b := Hunk{OldStart: h.NewStart, OldLines: h.NewLines, NewStart: h.OldStart, NewLines: h.OldLines}
		for _, l := range h.Lines {
			b.Lines = append(b.Lines, Line{flip[l.Op], l.Text})
		}
		back.Hunks = append(back.Hunks, b)
	}
	return back
}

// repeats tells whether the hunk was found away from its place; then its
// reverse may fit a nearer one.
func repeats(pre []byte, fc FileChange) bool {
	_, offsets, err := Apply(pre, fc)
	return err != nil || len(offsets) > 0
}

func FuzzReadTree(f *testing.F) {
	f.Add("v/core/01-T1.patch", "v/core/01-T1-2.patch.failed")
	f.Add("core/T1-rev9.patch", "extensions/a/b/c.diff")
	f.Add("v/skins/x/9-CVE-2024-1.patch.dropped", "README")
	f.Fuzz(func(t *testing.T, a, b string) {
		fsys := fstest.MapFS{a: {Data: []byte("a")}, b: {Data: []byte("b")}}
		tree, err := ReadTree(fsys)
		if err != nil {
			return
		}
		seen := map[string]string{}
		for _, v := range tree.Versions {
			for _, file := range v.Files {
				key := v.Name + "\x00" + file.Component + "\x00" + file.Task + string(rune(file.Ordinal))
				if other, ok := seen[key]; ok && other != file.stem {
					t.Errorf("%q and %q are one patch", other, file.Path)
				}
				seen[key] = file.stem
				if file.Task == "" || file.Ordinal < 1 || file.Number < -1 {
					t.Errorf("%+v", file)
				}
			}
		}
	})
}

func FuzzBinaryDelta(f *testing.F) {
	f.Add([]byte("abcdef"), []byte{6, 3, 0x90, 3})
	f.Add([]byte("abc"), []byte{3, 2, 2, 'x', 'y'})
	f.Add([]byte(""), []byte{0, 0xff, 0xff, 0xff, 0x7f, 0xff})
	f.Fuzz(func(t *testing.T, old, delta []byte) {
		out, err := applyDelta(old, delta)
		if err != nil {
			return
		}
		if _, size, _, _ := deltaSizes(delta); size != len(out) {
			t.Errorf("%d bytes, announced %d", len(out), size)
		}
	})
}
