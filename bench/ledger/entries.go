package main

import (
	"fmt"
	"maps"
	"strings"
	"time"
)

// ledgerOf writes the ledger of years: the files that each entry changes, as the program
// itself writes them.
type ledgerOf struct {
	years
	made  madeCommits
	store string // carry.toml

	s     *stream
	count int
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func (l *ledgerOf) storeID() string {
	for line := range strings.Lines(l.store) {
		if id, ok := strings.CutPrefix(strings.TrimSpace(line), "id = "); ok {
			return strings.Trim(id, `"`)
		}
	}
	return ""
}

// record writes one entry; further are the commits that it newly names.
func (l *ledgerOf) record(who, action, line string, at time.Time, files map[string]string, further ...string) {
	from := ""
	if l.count == 0 {
		from = "refs/carry/ledger^0" // as the vault has it
	}
	l.count++
	message := fmt.Sprintf("%s\n\nCarry-Action: %s\nCarry-Person: %s\nCarry-Assurance: unverified (claims %s@example.org)\n", line, action, who, who)
	l.s.commit("refs/carry/ledger", from, who, at, message, files, further...)
}

func (l ledgerOf) entries(s *stream) error {
	l.s = s
	l.record("person0", "owner", "wrote down 40 people", begin.AddDate(0, 0, -1), map[string]string{"owners.toml": registry()})
	for week := range l.weeks {
		l.train(week)
		for n := week * l.weekly; n < (week+1)*l.weekly; n++ {
			l.add(week, n)
		}
		for n := max(0, week-conflictAfter) * l.weekly; n < (week-conflictAfter+1)*l.weekly; n++ {
			l.settle(week, n)
		}
	}
	return nil
}

func registry() string {
	var b strings.Builder
	b.WriteString("format = 1\n\n[policy]\nrequire = \"\"\noverride_people = 2\n\n[policy.limits]\ncritical = 7\nhigh = 30\nmedium = 60\nlow = 180\n")
	for n := range 40 {
		fmt.Fprintf(&b, "\n[[person]]\nid = %q\nname = \"Person %d\"\nemails = [\"%s@example.org\"]\nstatus = \"active\"\n", person(n), n, person(n))
	}
	return b.String()
}

// train carries to a version what the one before carried.
func (l *ledgerOf) train(week int) {
	files := map[string]string{}
	at := monday(week)
	from := ""
	if week > 0 {
		from = fmt.Sprintf("from = %q\n", version(week-1))
	}
	files["versions/"+version(week)+".toml"] = fmt.Sprintf("name = %q\n%smade = %s\n", version(week), from, stamp(at))
	files["versions/"+version(week)+"/core.toml"] = fmt.Sprintf("commit = %q\nref = %q\n", l.made.bases[week], "refs/heads/"+version(week))
	further := []string{l.made.bases[week]}
	if week > 0 {
		for i, n := range l.live(week - 1) {
			maps.Copy(files, l.carry(week, n, i+1))
			if c, is := l.made.patches[week][n]; is {
				further = append(further[:1], c.id) // the tip leads to those before it
			}
		}
	}
	l.record("person0", "train", fmt.Sprintf("carried %d patches to %s", len(files)-2, version(week)), at, files, further...)
}

// carry is what becomes of a patch in a version.
func (l *ledgerOf) carry(week, n, position int) map[string]string {
	name := fmt.Sprintf("patches/%s/at/%s.toml", task(n), version(week))
	before := l.made.patches[week-1][n].id
	head := func(state string) string { return fmt.Sprintf("state = %q\nposition = %d\n", state, position) }
	tail := fmt.Sprintf("source = %q\nfrom = %q\n", before, version(week-1))
	switch week - n/l.weekly {
	case conflictAfter:
		spot := version(week) + "/" + task(n)
		return map[string]string{
			name: head("conflict") + tail,
			"conflicts/" + spot + ".toml": fmt.Sprintf("record = %q\nupstream = %q\nbase = %q\nsource = %q\nposition = %d\nfound = %s\n\n[[path]]\npath = %q\nkind = \"content\"\nmessage = \"CONFLICT (content)\"\n",
				before, l.made.bases[week], l.made.bases[week-1], before, position, stamp(monday(week)), fmt.Sprintf("includes/part%d/File%d.php", n%50, n)),
		}
	case l.ends(n) - n/l.weekly:
		return map[string]string{
			name:                                  fmt.Sprintf("%s%spublic = %q\n", head("landed"), tail, l.made.bases[week]),
			"patches/" + task(n) + "/landed.toml": fmt.Sprintf("at = %s\nwhere = %q\n", stamp(monday(week)), l.made.bases[week]),
		}
	}
	return map[string]string{name: fmt.Sprintf("%scommit = %q\n%s", head("clean"), l.made.patches[week][n].id, tail)}
}

// add takes a patch in, and the four small things that are said of it in its first days.
func (l *ledgerOf) add(week, n int) {
	dir := "patches/" + task(n) + "/"
	at := monday(week).Add(time.Duration(n%l.weekly) * time.Hour)
	c := l.made.patches[week][n]
	l.record(person(n), "add", "added "+task(n)+" to core "+version(week)+": clean", at, map[string]string{
		dir + "patch.toml": fmt.Sprintf("component = \"core\"\ncarry_id = %q\ntitle = \"SECURITY: Escape input %d\"\ntask = %q\n\n[added]\nat = %s\nby = %q\n",
			carryID(n), n, task(n), stamp(at), person(n)),
		dir + "owner.toml":                    fmt.Sprintf("owner = %q\nconfirmed = false\n", person(n)),
		dir + "severity.toml":                 "severity = \"high\"\n",
		dir + "carried.toml":                  "at = " + stamp(at) + "\n",
		dir + "at/" + version(week) + ".toml": fmt.Sprintf("state = \"clean\"\nposition = %d\ncommit = %q\nsource = %q\n", len(l.live(week)), c.id, c.id),
	}, c.id)
	l.record(person(n), "own", person(n)+" confirmed "+task(n), at.Add(time.Hour), map[string]string{
		dir + "owner.toml": fmt.Sprintf("owner = %q\nconfirmed = true\n", person(n)),
	})
	l.record(person(n), "edit", "set the severity of "+task(n), at.Add(2*time.Hour), map[string]string{
		dir + "severity.toml": fmt.Sprintf("severity = %q\n", []string{"critical", "high", "medium", "low"}[n%4]),
	})
	l.record(person(n), "edit", "set when "+task(n)+" was found", at.Add(3*time.Hour), map[string]string{
		dir + "found.toml": "at = " + stamp(at.AddDate(0, 0, -n%30)) + "\n",
	})
	l.record(person(n+1), "own", "gave "+task(n)+" a deputy", at.Add(4*time.Hour), map[string]string{
		dir + "owner.toml": fmt.Sprintf("owner = %q\nconfirmed = true\ndeputies = [%q]\n", person(n), person(n+1)),
	})
}

// settle takes a patch out of its conflict: resolved by one, signed by the owner; told,
// disclosed, and found worse than thought.
func (l *ledgerOf) settle(week, n int) {
	dir, spot := "patches/"+task(n)+"/", version(week)+"/"+task(n)
	at := monday(week).Add(time.Duration(n%l.weekly)*time.Hour + 24*time.Hour)
	before, c := l.made.patches[week-1][n].id, l.made.patches[week][n]
	in := func(state string) string {
		return fmt.Sprintf("state = %q\nposition = %d\ncommit = %q\nsource = %q\nfrom = %q\n", state, n%l.weekly+1, c.id, before, version(week-1))
	}
	l.record("person0", "notify", "told "+person(n)+" of "+task(n), at, map[string]string{
		"told/" + task(n) + "/conflict/" + person(n) + ".toml": fmt.Sprintf("of = %q\nchannels = [\"mail\"]\nat = %s\nby = \"person0\"\n", version(week), stamp(at)),
	})
	l.record("person0", "resolve", "proposed a resolution of "+task(n)+" in "+version(week), at.Add(time.Hour), map[string]string{
		"resolutions/" + spot + ".toml":       fmt.Sprintf("conflict = %q\ntree = %q\nresult = %q\nby = \"person0\"\nat = %s\nhow = [\"both\"]\n", before, c.tree, c.id, stamp(at.Add(time.Hour))),
		dir + "at/" + version(week) + ".toml": fmt.Sprintf("state = \"proposed\"\nposition = %d\nsource = %q\nfrom = %q\n", n%l.weekly+1, before, version(week-1)),
	}, c.id)
	l.record(person(n), "sign", "signed "+task(n)+" in "+version(week)+" as owner", at.Add(2*time.Hour), map[string]string{
		"signatures/" + spot + "/" + person(n) + ".toml": l.signature(week, n, at.Add(2*time.Hour)),
		dir + "at/" + version(week) + ".toml":            in("resolved"),
	})
	l.record(person(n), "disclose", "disclosed "+task(n), at.Add(3*time.Hour), map[string]string{
		dir + "disclosed.toml": fmt.Sprintf("at = %s\nby = %q\n", stamp(at.Add(3*time.Hour)), person(n)),
	})
	l.record(person(n), "edit", "set the severity of "+task(n), at.Add(4*time.Hour), map[string]string{
		dir + "severity.toml": fmt.Sprintf("severity = %q\n", []string{"critical", "high", "medium", "low"}[(n+1)%4]),
	})
}

func (l *ledgerOf) signature(week, n int, at time.Time) string {
	before, c := l.made.patches[week-1][n].id, l.made.patches[week][n]
	return fmt.Sprintf("format = 1\nperson = %q\nas = \"owner\"\nat = %s\nassurance = \"unverified\"\n\n[claim]\nname = \"Person\"\nemail = %q\n\n"+
		"[statement]\nstore = %q\npatch = %q\nversion = %q\ncomponent = \"core\"\nbase = %q\nconflict = %q\nsource = %q\nresult = %q\ntree = %q\npurpose = \"resolve\"\n",
		person(n), stamp(at), person(n)+"@example.org", l.storeID(), task(n), version(week), l.made.bases[week], before, before, c.id, c.tree)
}
