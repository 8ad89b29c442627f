package patchset

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Paths in a repository are bytes; TOML holds UTF-8 only. A path that TOML could
// not give back as it is stands in the ledger as a Go string literal, "raw\xff",
// quotes included. So does one that begins with a quote itself.

func storedPath(path string) string {
	if utf8.ValidString(path) && !strings.HasPrefix(path, `"`) {
		return path
	}
	return strconv.Quote(path)
}

func realPath(stored string) string {
	if !strings.HasPrefix(stored, `"`) {
		return stored
	}
	path, err := strconv.Unquote(stored)
	if err != nil {
		return stored
	}
	return path
}

func mapPaths(paths []string, f func(string) string) []string {
	paths = slices.Clone(paths)
	for i, p := range paths {
		paths[i] = f(p)
	}
	return paths
}

func (in Incarnation) withPaths(f func(string) string) Incarnation {
	in.Paths = mapPaths(in.Paths, f)
	in.Grounds = slices.Clone(in.Grounds)
	for i := range in.Grounds {
		in.Grounds[i].Path = f(in.Grounds[i].Path)
	}
	return in
}

func (k Conflict) withPaths(f func(string) string) Conflict {
	k.Paths = slices.Clone(k.Paths)
	for i := range k.Paths {
		k.Paths[i].Path = f(k.Paths[i].Path)
		k.Paths[i].Message = strings.ToValidUTF8(k.Paths[i].Message, "\uFFFD") // for people only
	}
	return k
}

func (r Resolution) withPaths(f func(string) string) Resolution {
	r.Open = mapPaths(r.Open, f)
	r.How = mapPaths(r.How, func(s string) string { return strings.ToValidUTF8(s, "\uFFFD") })
	if r.OpenHunks == nil {
		return r
	}
	hunks := make(map[string][]int, len(r.OpenHunks))
	for path, open := range r.OpenHunks {
		hunks[f(path)] = open
	}
	r.OpenHunks = hunks
	return r
}
