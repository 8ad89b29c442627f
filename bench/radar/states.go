package main

import (
	"fmt"
	"strings"

	"github.com/git-carry/git-carry/patchset"
)

// stateTable is what was said of every fix in every week, one line each, for looking closer.
func stateTable(results []*result) string {
	var b strings.Builder
	b.WriteString("table\trepo\tbranch\tfix\tlanded\tverdict\tlabel\tbase\thas\treverted\tstate\tpublic\tculprit\tgrounds\twhy\n")
	for _, r := range results {
		switch {
		case r.skipped != "":
			row(&b, string(r.kind), r.repo, r.train.branch, string(r.fix), "", "skipped", "", "", "", "", "", "", "", "", r.skipped)
		case r.kind == kindTrain:
			r.addWeeks(&b, r.train.branch, string(judge(r.weeks, r.train).verdict), r.weeks)
		case r.kind == kindPick:
			r.addWeeks(&b, r.pick.label, "", r.weeks)
		default:
			r.addWeeks(&b, r.loss.kind+", public", caughtWord(r.watched), r.watched.weeks)
			r.addWeeks(&b, r.loss.kind+", carried", caughtWord(r.carried), r.carried.weeks)
		}
	}
	return b.String()
}

func (r *result) addWeeks(b *strings.Builder, branch, verdict string, weeks []week) {
	for _, w := range weeks {
		row(b, string(r.kind), r.repo, branch, string(r.fix), string(r.train.landed), verdict, w.label, string(w.base),
			fmt.Sprint(w.has), fmt.Sprint(w.reverted), string(w.told.State), string(w.told.Public), string(w.told.Culprit),
			groundsText(w.told.Grounds), w.told.Why)
	}
}

func groundsText(grounds []patchset.Ground) string {
	var out []string
	for _, g := range grounds {
		out = append(out, fmt.Sprintf("%s %s %s:%d %s", g.Kind, g.Commit.Short(), g.Path, g.Line, g.Words))
	}
	return strings.Join(out, "; ")
}

// row writes cells with tabs between; breaks inside of them become spaces.
func row(b *strings.Builder, cells ...string) {
	space := strings.NewReplacer("\t", " ", "\n", " ", "\r", " ")
	for i, cell := range cells {
		if i > 0 {
			b.WriteByte('\t')
		}
		b.WriteString(space.Replace(cell))
	}
	b.WriteByte('\n')
}
