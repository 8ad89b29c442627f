package merge3

import "bytes"

// Style says which lines stand in a dispute, and with that what is one: a
// dispute of one style may be none in another.
type Style int

// The styles, named as git's merge.conflictStyle names them.
const (
	// StyleMerge disputes only what the two sides say differently; the base's
	// lines are not known.
	StyleMerge Style = iota
	// StyleDiff3 disputes whole changes, with the base's lines.
	StyleDiff3
	// StyleZdiff3 is StyleDiff3 without the lines that the sides begin and end
	// alike with; the base's lines stay whole.
	StyleZdiff3
)

// String is the style's name in git's merge.conflictStyle.
func (s Style) String() string { return [...]string{"merge", "diff3", "zdiff3"}[s] }

// TextOptions say how texts are to be merged. The zero value is what git
// before 2.54 does without configuration.
type TextOptions struct {
	Style  Style
	Labels MarkerLabels
	// RediffShifted compares changed groups anew that came to face each other by
	// sliding. git does so since 2.54; in one of some 16,000 real merges it shows.
	RediffShifted bool
	// Algorithm is how changes are found. Merges of git use Histogram.
	Algorithm Algorithm
	// MaxWork bounds the comparison in steps of some nanoseconds; 0 is no bound. A few
	// texts cost the square of their lines: see TextResult.Exhausted.
	MaxWork int
}

// TextResult is what came of a merge of texts.
type TextResult struct {
	// Regions are the merged text in order, resolved parts and disputes. The sides
	// of a dispute are as they stand in the inputs: the last line of a text
	// may have no line break. All of it shares memory with the inputs.
	Regions Marked
	// Binary tells that an input is no text. Then Regions is a single dispute
	// about the whole.
	Binary bool
	// Exhausted tells that MaxWork was not enough. The rest is a result, but not git's.
	Exhausted bool

	labels MarkerLabels
}

// Clean tells whether nothing is in dispute.
func (r TextResult) Clean() bool {
	for _, s := range r.Regions {
		if s.Hunk != nil {
			return false
		}
	}
	return true
}

// Bytes is the merged text with its disputes between markers, as git writes it.
// Where an input is binary it is upstream's version.
func (r TextResult) Bytes() []byte {
	if r.Binary {
		return r.Regions.Take(TakeUpstream)
	}
	return r.Regions.Text(r.labels)
}

// Text merges the changes that upstream and patch make to base. See the
// package comment for the algorithm.
func Text(base, upstream, patch []byte, o TextOptions) TextResult {
	r := TextResult{labels: o.Labels}
	switch {
	case bytes.Equal(upstream, patch):
		r.Regions = resolved(nil, upstream, FromBoth)
	case bytes.Equal(base, upstream):
		r.Regions = resolved(nil, patch, FromPatch)
	case bytes.Equal(base, patch):
		r.Regions = resolved(nil, upstream, FromUpstream)
	case isBinary(base) || isBinary(upstream) || isBinary(patch):
		r.Binary = true
		r.Regions = Marked{{Hunk: &Hunk{Base: base, Upstream: upstream, Patch: patch, HasBase: true}}}
	default:
		r.Regions, r.Exhausted = mergeLines(base, upstream, patch, o)
	}
	return r
}

// mergeLines merges three texts that differ from each other.
func mergeLines(base, upstream, patch []byte, o TextOptions) (regions Marked, exhausted bool) {
	n := newInterner(CountLines(base) + 16)
	m := merge{style: o.Style, base: n.split(base), upstream: n.split(upstream), patch: n.split(patch)}
	m.run(newDiffer(len(n.known), o))
	return m.regions(), m.differ.exhausted()
}

// merge is a merge of texts under way.
type merge struct {
	style                 Style
	base, upstream, patch lines
	differ                *differ
	pieces                []piece
}

// run finds the pieces of the merge.
func (m *merge) run(d *differ) {
	m.differ = d
	m.combine(d.diff(m.base.ids, m.upstream.ids), d.diff(m.base.ids, m.patch.ids))
	switch m.style {
	case StyleMerge:
		m.refine()
		m.joinNear()
	case StyleZdiff3:
		m.trimAlike()
	}
}
