package suggest

import (
	"bytes"
	"slices"

	"github.com/git-carry/git-carry/patchset/merge3"
	"github.com/git-carry/git-carry/patchset/pattern"
)

// Lines that can be an entry of a list by themselves: imports of several languages and
// bullets; what is appended to one variable; quoted or bare names, with a comma or a backslash or not.
var (
	imported = pattern.Of(`^[ \t]*(#[ \t]*include|@?import|from|use|using|require|require_once|[-*+])[ \t<"'(]`)
	appended = pattern.Of(`^[ \t]*([\w.$()/-]+)[ \t]*\+=`)
	name     = pattern.Of(`^[ \t]*(?:"[^"]*"|'[^']*'|[\w./-]+)[ \t]*[,\\]?[ \t]*\r?\n$`)
)

// kindOfEntry is the same for entries that can stand in one list, "" for a line that is none.
func kindOfEntry(l []byte) string {
	if m := imported().FindSubmatch(l); m != nil {
		return string(bytes.ReplaceAll(m[1], []byte(" "), nil))
	}
	if m := appended().FindSubmatch(l); m != nil {
		return string(m[1]) + " +="
	}
	if name().Match(l) {
		return "name"
	}
	return ""
}

// unite is the union of entries that both sides have put into a sorted list. The
// lines around must belong to the list, or not be of its kind.
func unite(h merge3.Hunk, ctx around) ([]byte, bool) {
	base, upstream, patch := rows(h.Base), rows(h.Upstream), rows(h.Patch)
	if len(upstream) == 0 || len(patch) == 0 {
		return nil, false
	}
	kind := kindOfEntry(slices.Concat(upstream, patch)[0])
	for _, l := range slices.Concat(base, upstream, patch) {
		if k := kindOfEntry(l); k == "" || k != kind || !bytes.HasSuffix(l, []byte("\n")) {
			return nil, false
		}
	}
	for _, side := range [][][]byte{upstream, patch} {
		if !rising(side, ctx, kind) {
			return nil, false
		}
	}
	was, inPatch := setOf(base), setOf(patch)
	var out [][]byte
	for _, l := range upstream {
		if !was[string(l)] || inPatch[string(l)] {
			out = append(out, l)
		}
	}
	have := setOf(out)
	for _, l := range patch {
		if !was[string(l)] && !have[string(l)] {
			out = append(out, l)
		}
	}
	slices.SortStableFunc(out, bytes.Compare)
	if !rising(out, ctx, kind) {
		return nil, false
	}
	return bytes.Join(out, nil), true
}

// rising tells whether a list is sorted, together with the lines around it that are of
// its kind. At least three in a row have to say so.
func rising(list [][]byte, ctx around, kind string) bool {
	const enough = 3
	all := slices.Clone(list)
	if kindOfEntry(ctx.before) == kind {
		all = append([][]byte{ctx.before}, all...)
	}
	if kindOfEntry(ctx.after) == kind {
		all = append(all, ctx.after)
	}
	return len(all) >= enough && slices.IsSortedFunc(all, bytes.Compare)
}

func rows(text []byte) [][]byte { return slices.Collect(bytes.Lines(text)) }

func setOf(lines [][]byte) map[string]bool {
	set := make(map[string]bool, len(lines))
	for _, l := range lines {
		set[string(l)] = true
	}
	return set
}
