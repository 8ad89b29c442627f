package packwriter

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/pjbgf/sha1cd"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// object is an object with the id that git would give it.
func object(typ, data string) Object {
	sum, _ := sha1cd.Sum(fmt.Appendf(nil, "%s %d\x00%s", typ, len(data), data))
	return Object{ID: merge3.ID(hex.EncodeToString(sum[:])), Type: typ, Data: []byte(data)}
}

func basedOn(base merge3.ID, o Object) Object {
	o.Base = base
	return o
}

// treeObject is a tree of files by name; a name that ends in a slash is a directory.
func treeObject(files map[string]merge3.ID) Object {
	var names []string
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	var raw strings.Builder
	for _, name := range names {
		mode, id := "100644", must(hex.DecodeString(string(files[name])))
		if strings.HasSuffix(name, "/") {
			mode = "40000"
		}
		fmt.Fprintf(&raw, "%s %s\x00%s", mode, strings.TrimSuffix(name, "/"), id)
	}
	return object("tree", raw.String())
}

func commitObject(tree, parent merge3.ID, message string) Object {
	var raw strings.Builder
	fmt.Fprintf(&raw, "tree %s\n", tree)
	if parent != "" {
		fmt.Fprintf(&raw, "parent %s\n", parent)
	}
	const who = "Test <test@example.org> 1700000000 +0000"
	fmt.Fprintf(&raw, "author %s\ncommitter %s\n\n%s\n", who, who, message)
	return object("commit", raw.String())
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// randomBytes do not compress.
func randomBytes(seed uint64, n int) string {
	r := rand.New(rand.NewPCG(seed, 0))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return string(b)
}

// randomText has lines that look like source code.
func randomText(r *rand.Rand, lines int) string {
	words := strings.Fields("int return static struct if else for while buffer length offset error value next head tail list ( ) { } ; = == + ->")
	var b strings.Builder
	for range lines {
		b.WriteByte('\t')
		for range 3 + r.IntN(6) {
			b.WriteString(words[r.IntN(len(words))])
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "x%d;\n", r.IntN(1000))
	}
	return b.String()
}

// stack is what carrying patches makes in a repository of 40,000 files: for each patch a
// blob, the three trees above it and a commit. Half of the patches
// touch the same few directories.
func stack(patches int) []Object {
	const wide = 34 // entries of a directory; three levels of them
	r := rand.New(rand.NewPCG(1, 2))
	var root map[string]merge3.ID
	below := map[string]map[string]merge3.ID{}
	text := map[string]Object{}
	entries := func(path, kind string) map[string]merge3.ID {
		m := map[string]merge3.ID{}
		for i := range wide {
			m[fmt.Sprintf("%s_%02d_%x%s", kind, i, r.Uint32()&0xfff, map[string]string{"file": ".c"}[kind])] = object("blob", fmt.Sprint(path, i)).ID
		}
		return m
	}
	slashed := func(m map[string]merge3.ID) map[string]merge3.ID {
		out := map[string]merge3.ID{}
		for name, id := range m {
			out[name+"/"] = id
		}
		return out
	}
	pick := func(m map[string]merge3.ID, n int) string {
		var names []string
		for name := range m {
			names = append(names, name)
		}
		slices.Sort(names)
		return names[r.IntN(min(n, len(names)))]
	}
	root = slashed(entries("", "dir"))
	var objects []Object
	made := map[string]merge3.ID{} // the last tree at a path that is in the pack
	put := func(path string, o Object) merge3.ID {
		o.Base = made[path]
		made[path] = o.ID
		objects = append(objects, o)
		return o.ID
	}
	var parent merge3.ID
	for n := range patches {
		near := wide
		if n%2 == 0 {
			near = 2
		}
		dir := pick(root, near)
		if below[dir] == nil {
			below[dir] = slashed(entries(dir, "sub"))
		}
		sub := dir + pick(below[dir], near)
		if below[sub] == nil {
			below[sub] = entries(sub, "file")
		}
		file := sub + pick(below[sub], wide)
		old := string(text[file].Data)
		if old == "" {
			old = randomText(r, 50+r.IntN(500))
		}
		lines := strings.SplitAfter(old, "\n")
		at := r.IntN(len(lines))
		blob := object("blob", strings.Join(slices.Insert(slices.Clone(lines), at, randomText(r, 5)), ""))
		text[file] = blob
		below[sub][file[len(sub):]] = put(file, blob)
		below[dir][sub[len(dir):]] = put(sub, treeObject(below[sub]))
		root[dir] = put(dir, treeObject(below[dir]))
		parent = put("commit", commitObject(put("", treeObject(root)), parent, fmt.Sprint("patch ", n)))
		objects[len(objects)-1].Base = "" // commits have little in common
	}
	return objects
}
