package mailbox

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// file is a file of a test tree.
type file struct {
	mode string
	data []byte
}

type files map[string]file

func writeFiles(t testing.TB, dir string, tree files) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != ".git" {
			if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, f := range tree {
		at := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if f.mode == ModeSymlink {
			err = os.Symlink(string(f.data), at)
		} else {
			perm := map[string]fs.FileMode{ModeFile: 0o644, ModeExecutable: 0o755}[f.mode]
			err = os.WriteFile(at, f.data, perm)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// patchTree applies changes to a tree with Apply alone.
func patchTree(pre files, changes []FileChange) (files, error) {
	post := files{}
	for name, f := range pre {
		post[name] = f
	}
	for _, fc := range changes {
		if fc.Kind != KindCopy && fc.Kind != KindAdd {
			delete(post, fc.OldPath)
		}
	}
	for _, fc := range changes {
		data, _, err := Apply(pre[fc.OldPath].data, fc)
		if err != nil {
			return nil, err
		}
		if fc.Kind == KindDelete {
			continue
		}
		mode := fc.NewMode
		if mode == "" {
			mode = pre[fc.OldPath].mode
		}
		post[fc.NewPath] = file{mode, data}
	}
	return post, nil
}

func diffTrees(a, b files) string {
	var names []string
	for n := range a {
		names = append(names, n)
	}
	for n := range b {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range slices.Compact(names) {
		fa, inA := a[n]
		fb, inB := b[n]
		if inA != inB || fa.mode != fb.mode || !bytes.Equal(fa.data, fb.data) {
			return fmt.Sprintf("%q: got %v %s %q, want %v %s %q", n, inA, fa.mode, fa.data, inB, fb.mode, fb.data)
		}
	}
	return ""
}

func randomLines(r *rand.Rand, n int) []byte {
	words := []string{"", "alpha", "beta", "-- x", "++ y", "- ", "@@ -1 +1 @@", "\xff\xfe latin", "größe", "\tindented", "trailing ", "\\ No newline at end of file", "diff --git a/x b/x", "From me"}
	ends := []string{"\n", "\n", "\n", "\r\n"}
	var b bytes.Buffer
	for range n {
		b.WriteString(words[r.IntN(len(words))])
		if r.IntN(2) == 0 {
			fmt.Fprintf(&b, "%d", r.IntN(50))
		}
		b.WriteString(ends[r.IntN(len(ends))])
	}
	if r.IntN(4) == 0 {
		return bytes.TrimRight(b.Bytes(), "\r\n")
	}
	return b.Bytes()
}

func randomFile(r *rand.Rand) file {
	switch r.IntN(10) {
	case 0:
		data := make([]byte, r.IntN(5000))
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		return file{ModeFile, append(data, 0)}
	case 1:
		return file{ModeSymlink, []byte(oddNames[r.IntN(4)])}
	case 2:
		return file{ModeExecutable, randomLines(r, r.IntN(10))}
	}
	return file{ModeFile, randomLines(r, 1+r.IntN(60))}
}

// edit changes some lines, or some bytes of a binary file.
func edit(r *rand.Rand, data []byte) []byte {
	if bytes.IndexByte(data, 0) >= 0 {
		return append(append([]byte{1, 2, 3}, data...), byte(r.Uint32()))
	}
	lines := splitLines(data)
	var out []byte
	for _, l := range lines {
		switch r.IntN(12) {
		case 0:
		case 1:
			out = append(out, randomLines(r, 1+r.IntN(3))...)
		case 2:
			out = append(append(out, l...), randomLines(r, 1)...)
		default:
			out = append(out, l...)
		}
	}
	return out
}

func randomTrees(r *rand.Rand) (pre, post files) {
	pre, post = files{}, files{}
	for _, i := range r.Perm(len(oddNames))[:8] {
		name := oddNames[i]
		if clashes(pre, name) {
			continue
		}
		f := randomFile(r)
		pre[name] = f
		switch r.IntN(7) {
		case 0: // deleted
		case 1:
			post["moved/"+name] = f
		case 2:
			if f.mode != ModeSymlink {
				f.data = edit(r, f.data)
			}
			post["moved too/"+name] = f
		case 3:
			if f.mode == ModeFile {
				f.mode = ModeExecutable
			}
			post[name] = f
		case 4:
			post[name] = randomFile(r)
		default:
			if f.mode != ModeSymlink {
				f.data = edit(r, f.data)
			}
			post[name] = f
		}
	}
	for range r.IntN(3) {
		post[fmt.Sprintf("added %d", r.IntN(100))] = randomFile(r)
	}
	return pre, post
}

// clashes tells whether name is a directory of another, or under one.
func clashes(tree files, name string) bool {
	for n := range tree {
		if strings.HasPrefix(n, name+"/") || strings.HasPrefix(name, n+"/") {
			return true
		}
	}
	return false
}
