package main

import (
	"bytes"
	"fmt"
	"go/format"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/bench/internal/page"
	"github.com/git-carry/git-carry/patchset/suggest"
)

// tally counts what came of one repository, or of several.
type tally struct {
	name                     string
	tuned                    bool
	rows                     int
	skipped                  map[string]int // by reason
	files, whole             int
	disputes                 int
	right, wrong, none, some int // first suggestion right, wrong, none at all; any right
	sources                  map[suggest.Source]suggest.Precision
	settled                  map[suggest.Key][]byte // how disputes were settled so far
}

func newTally(name string) *tally {
	return &tally{
		name: name, skipped: map[string]int{},
		sources: map[suggest.Source]suggest.Precision{}, settled: map[suggest.Key][]byte{},
	}
}

func (t *tally) add(v verdict) {
	t.rows++
	if v.skipped != "" {
		t.skipped[v.skipped]++
		return
	}
	for _, f := range v.files {
		t.files++
		if f.whole {
			t.whole++
		}
		for _, d := range f.disputes {
			t.addDispute(d)
		}
	}
	// Disputes of one row do not know of each other.
	for _, f := range v.files {
		for _, d := range f.disputes {
			if d.known {
				t.settled[d.key] = d.landed
			}
		}
	}
}

func (t *tally) addDispute(d disputeVerdict) {
	t.disputes++
	switch {
	case len(d.offered) == 0:
		t.none++
	case d.offered[0].right:
		t.right++
	default:
		t.wrong++
	}
	if slices.ContainsFunc(d.offered, func(o offer) bool { return o.right }) {
		t.some++
	}
	for _, o := range d.offered {
		t.count(o.source, o.right)
	}
	if before, ok := t.settled[d.key]; ok && d.known {
		t.count(suggest.Known, bytes.Equal(before, d.landed))
	}
}

func (t *tally) count(s suggest.Source, right bool) {
	p := t.sources[s]
	p.Of++
	if right {
		p.Right++
	}
	t.sources[s] = p
}

// sum adds up tallies into one.
func sum(name string, tallies []*tally) *tally {
	all := newTally(name)
	for _, t := range tallies {
		all.rows += t.rows
		all.files += t.files
		all.whole += t.whole
		all.disputes += t.disputes
		all.right += t.right
		all.wrong += t.wrong
		all.none += t.none
		all.some += t.some
		for why, n := range t.skipped {
			all.skipped[why] += n
		}
		for s, p := range t.sources {
			q := all.sources[s]
			all.sources[s] = suggest.Precision{Right: q.Right + p.Right, Of: q.Of + p.Of}
		}
	}
	return all
}

// line says in a line what came of it.
func (t *tally) line() string {
	return fmt.Sprintf("%d rows, %d disputes: first suggestion right %s, wrong %s, none %s; files all right %s",
		t.rows, t.disputes, share(t.right, t.disputes), share(t.wrong, t.disputes), share(t.none, t.disputes), share(t.whole, t.files))
}

// report is what goes into the document.
type report struct {
	begin   time.Time
	tallies []*tally
}

func (r report) group(tuned bool) []*tally {
	return slices.DeleteFunc(slices.Clone(r.tallies), func(t *tally) bool { return t.tuned != tuned })
}

func (r report) text() string {
	tuned, kept := sum("all that were looked at", r.group(true)), sum("all held out", r.group(false))
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d real picks.\n\n", r.begin.UTC().Format(time.DateOnly), tuned.rows+kept.rows)
	b.WriteString(page.Table(slices.Concat(
		[][]string{{"repository", "picks:", "skipped:", "files:", "disputes:", "first right:", "first wrong:", "none:", "any right:", "whole file right:"}},
		lines(append(r.group(false), kept)), lines(append(r.group(true), tuned)),
	)))
	b.WriteString("\n")
	b.WriteString(sourceTable(kept, tuned))
	b.WriteString(skippedTable(sum("", r.tallies).skipped))
	return b.String()
}

func lines(tallies []*tally) [][]string {
	var rows [][]string
	for _, t := range tallies {
		skipped := 0
		for _, n := range t.skipped {
			skipped += n
		}
		rows = append(rows, []string{
			t.name, fmt.Sprint(t.rows), fmt.Sprint(skipped), fmt.Sprint(t.files), fmt.Sprint(t.disputes),
			share(t.right, t.disputes), share(t.wrong, t.disputes), share(t.none, t.disputes),
			share(t.some, t.disputes), share(t.whole, t.files),
		})
	}
	return rows
}

func sourceTable(kept, tuned *tally) string {
	rows := [][]string{{"source", "held out, offered:", "right:", "looked at, offered:", "right:"}}
	for _, s := range suggest.Sources {
		k, t := kept.sources[s], tuned.sources[s]
		rows = append(rows, []string{string(s), fmt.Sprint(k.Of), share(k.Right, k.Of), fmt.Sprint(t.Of), share(t.Right, t.Of)})
	}
	return page.Table(rows)
}

func skippedTable(skipped map[string]int) string {
	if len(skipped) == 0 {
		return ""
	}
	rows := [][]string{{"why a pick was skipped", "picks:"}}
	for _, why := range slices.Sorted(maps.Keys(skipped)) {
		rows = append(rows, []string{why, fmt.Sprint(skipped[why])})
	}
	return "\n" + page.Table(rows)
}

// share is n of all in per cent.
func share(n, all int) string {
	if all == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(all))
}

// code is the table of precisions as a Go file, of the repositories held out if there are any:
// they say what is to be expected.
func (r report) code() []byte {
	from := r.group(false)
	if len(from) == 0 {
		from = r.tallies
	}
	all := sum("", from)
	var b bytes.Buffer
	b.WriteString("// Code generated by \"make suggest PICKS=FILE REPOS=DIR\" (bench/suggest -precision). DO NOT EDIT.\n\npackage suggest\n\n")
	fmt.Fprintf(&b, "// measured is how often each source was right, of %d disputes in %d real picks of\n", all.disputes, all.rows)
	fmt.Fprintf(&b, "// %d repositories that were held out when the sources were written.\nvar measured = map[Source]Precision{\n", len(from))
	names := map[suggest.Source]string{
		suggest.Known: "Known", suggest.Present: "Present", suggest.Space: "Space", suggest.Covers: "Covers",
		suggest.Lines: "Lines", suggest.Removes: "Removes", suggest.Words: "Words", suggest.Absent: "Absent",
		suggest.Moved: "Moved", suggest.Partly: "Partly", suggest.List: "List",
		suggest.PatchFirst: "PatchFirst", suggest.UpstreamFirst: "UpstreamFirst",
	}
	for _, s := range suggest.Sources {
		p := all.sources[s]
		fmt.Fprintf(&b, "%s: {Right: %d, Of: %d},\n", names[s], p.Right, p.Of)
	}
	b.WriteString("}\n")
	code, err := format.Source(b.Bytes())
	if err != nil {
		panic(err) // the lines above are wrong
	}
	return code
}
