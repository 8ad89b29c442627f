package tui

import (
	"fmt"
	"strings"

	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset/printable"
)

// help is the key table, with what does not work now left dim.
func (d frame) help() []line {
	out := []line{d.t.rule(d.size.Width, span{title, "KEYS"})}
	for _, b := range bindings {
		if b.screen != nil && b.screen[0] != ScreenResolve {
			continue
		}
		in := plain
		word := ""
		if b.works != nil && !b.works(d.s) {
			in, word = dim, "  (not now)"
		}
		out = append(out, append(line{{title, fmt.Sprintf(" %-21s ", b.names())}}, text(in, "%s%s", b.long, word)...))
	}
	for _, l := range []string{
		"",
		"UPSTREAM is the version that the patch is carried to, PATCH the fix, BASE what both began with.",
		"Git calls them stages 2, 3 and 1; in a rebase it also says ours and theirs, which nobody can remember.",
		"CHECK counts the changed lines of the fix and of upstream that the result keeps. It is an aid to",
		"reading and no proof: a line may be there and do nothing.",
	} {
		out = append(out, d.wrapped(dim, l)...)
	}
	return out
}

// cursor marks what is chosen in a list.
func cursor(here bool) span {
	if here {
		return span{current, "> "}
	}
	return span{plain, "  "}
}

// fileList draws all files in dispute.
func (d frame) fileList() []line {
	s := d.s
	var out []line
	for i := range s.files {
		f := &s.c.Files[i]
		state, in := "settled", plain
		if n := s.files[i].left(); n > 0 {
			state, in = fmt.Sprintf("%d of %d open", n, s.units(i)), alarm
		}
		row := line{cursor(i == s.chosen), {in, fmt.Sprintf("%-14s", state)}, {dim, fmt.Sprintf("%-18s", f.Kind)}}
		out = append(out, append(row, text(plain, "%s", printable.Cut(f.Path, max(8, d.size.Width-36)))...))
	}
	return out
}

// why draws the public commit behind the conflict.
func (d frame) why() []line {
	out := []line{d.t.rule(d.size.Width, span{title, "WHY"})}
	c := d.s.c.Cause
	if c == nil {
		return append(out, d.wrapped(plain, "No single public commit is known that brought this about. git carry why "+d.s.c.Patch+" says more.")...)
	}
	out = append(out,
		append(line{{title, " commit   "}}, text(plain, "%s", c.ID)...),
		append(line{{title, " author   "}}, text(plain, "%s", c.Author)...),
		append(line{{title, " date     "}}, text(plain, "%s", c.Date.Format("2 Jan 2006 15:04 -0700"))...),
		append(line{{title, " subject  "}}, text(plain, "%s", c.Subject)...), nil)
	for _, l := range splitLines([]byte(c.Body)) {
		op := byte(' ')
		if l[0] == '+' || l[0] == '-' {
			op = l[0]
		}
		body := code(l, false, nil, op, nil, d.t)
		if op != ' ' {
			body = body.in(map[byte]ink{'+': added, '-': removed}[op])
		}
		out = append(out, append(line{{plain, "  "}}, body.from(d.s.sideways)...))
	}
	return out
}

// hintList draws the suggestions for the hunk in front.
func (d frame) hintList() []line {
	var out []line
	for i, g := range d.s.hints() {
		out = append(out, append(line{cursor(i == d.s.chosen)}, text(title, "%s", g.words())...))
		for _, l := range splitLines(g.Lines) {
			out = append(out, append(line{{plain, "      "}}, code(l, false, nil, ' ', nil, d.t)...))
		}
	}
	return out
}

// reviewText draws what a signature would stand for.
func (d frame) reviewText() []line {
	s, c := d.s, d.s.c
	role := "Your signature says: this still fixes " + c.Patch + " in " + c.Version + "."
	switch {
	case !s.maySign():
		role = "You cannot sign " + c.Patch + ": s hands the proposal over."
	case c.As == owners.AsOverride:
		role = "An override: your signature and that of a second person stand in for the owner, who reviews it later."
	case c.As == owners.AsDelegate:
		role = "You sign for " + c.Owner.Name + ", who delegated it to you: this still fixes " + c.Patch + " in " + c.Version + "."
	case c.As == owners.AsDeputy:
		role = "You sign for " + c.Owner.Name + ", with a reason: this still fixes " + c.Patch + " in " + c.Version + "."
	}
	head := d.t.rule(d.size.Width, span{title, "SIGN " + printable.Line(c.Patch)}, span{plain, "  " + printable.Cut(c.Title, max(4, d.size.Width-30))})
	out := append([]line{head}, d.wrapped(plain, role)...)
	m := s.Meter()
	out = append(out, nil)
	out = append(out, d.item("FIX", fmt.Sprintf("the patch's own lines: %d of %d kept", m.Fix.Kept, m.Fix.Total), m.Fix.Lost)...)
	out = append(out, d.item("UPSTREAM", fmt.Sprintf("lines that upstream changed in the conflicts: %d of %d kept", m.Upstream.Kept, m.Upstream.Total), m.Upstream.Lost)...)
	places := s.written()
	out = append(out, d.item("NEW", count(len(places), "place", "places")+" that somebody wrote or combined", nil)...)
	for _, p := range places {
		out = append(out, text(plain, "            %s: %s", p.where, p.how))
		for _, l := range p.lines {
			out = append(out, append(line{{added, "          + "}}, code(l, strings.HasSuffix(l, "\r\n"), nil, '+', nil, d.t).from(s.sideways)...))
		}
	}
	for i, w := range s.files {
		if w.whole.how != "" {
			out = append(out, d.item("PATH", s.c.Files[i].Path+": "+s.c.Files[i].decided(w), nil)...)
		}
	}
	return append(append(out, nil), d.interdiff()...)
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// item is one thing to read before signing, with the lines that are lost.
func (d frame) item(name, words string, lost []LostLine) []line {
	in := plain
	if len(lost) > 0 {
		in, words = alarm, "! "+words
	}
	out := []line{append(line{{title, fmt.Sprintf(" %-10s", name)}}, text(in, "%s", words)...)}
	for _, l := range lost {
		out = append(out, append(line{{alarm, fmt.Sprintf("%11s %s: ", "", l.fate())}}, code(strings.TrimSpace(l.Text)+"\n", false, nil, ' ', nil, d.t)...))
	}
	return out
}

// interdiff draws how the patch changed against the form that was last signed.
func (d frame) interdiff() []line {
	r := d.s.review
	if r == nil {
		return []line{text(dim, " comparing with the patch as it was last signed …")}
	}
	out := []line{d.t.rule(d.size.Width, span{title, "INTERDIFF"}, span{dim, " the patch " + printable.Line(r.Against) + ", and as it is now"})}
	for _, n := range r.Notes {
		out = append(out, d.wrapped(alarm, n)...)
	}
	if r.Change.Same() {
		return append(out, text(plain, " It removes and adds the same lines as before."))
	}
	for _, f := range r.Change.Files {
		if f.Same() {
			continue
		}
		out = append(out, text(title, " %s", f.Path))
		for _, n := range f.Notes {
			out = append(out, text(plain, "   %s", n))
		}
		for _, l := range f.Lines {
			in := map[byte]ink{'+': added, '-': removed, ' ': dim}[l.In]
			form := map[byte]string{'+': "now ", '-': "was ", ' ': "    "}[l.In]
			body := code(chomp(string(l.Text))+"\n", false, nil, ' ', nil, d.t).in(in)
			out = append(out, append(line{{in, "   " + form + string(rune(l.Op)) + " "}}, body.from(d.s.sideways)...))
		}
	}
	return out
}

// handOffWindow draws whom the draft can be sent. The note that is being typed is
// always in sight.
func (d frame) handOffWindow(height int) []line {
	s := d.s
	out := []line{d.t.rule(d.size.Width, span{title, "HAND OFF " + printable.Line(s.c.Patch+" for "+s.c.Version)})}
	people := d.recipientRows()
	if small := height < len(people)+8; small {
		room := max(1, height-2)
		first := min(max(0, s.chosen-room/2), max(0, len(people)-room))
		out = append(out, people[first:min(len(people), first+room)]...)
		return append(out, d.noteRow())
	}
	if !s.maySign() {
		out = append(out, d.wrapped(plain, "You cannot sign this patch. Send your proposal to somebody who can.")...)
	}
	out = append(append(out, nil), people...)
	return append(out, nil,
		append(line{{title, " Sends "}}, text(plain, "the draft: %d of %s decided", s.Total()-s.Left(), count(s.Total(), "conflict", "conflicts"))...),
		append(line{{title, "       "}}, text(plain, "one command: git carry resolve %s --version %s", s.c.Patch, s.c.Version)...), nil,
		d.noteRow())
}

// recipientRows list the people who can be asked.
func (d frame) recipientRows() []line {
	var out []line
	for i, r := range d.s.recipients() {
		mark := "( )"
		if i == d.s.chosen {
			mark = "(*)"
		}
		label := "       "
		if i == 0 {
			label = " To    "
		}
		out = append(out, append(line{{title, label}, cursor(i == d.s.chosen)}, text(plain, "%s %-9s %s", mark, r.As, r.String())...))
	}
	return out
}

// noteRow is the note, its end in sight.
func (d frame) noteRow() line {
	note := text(plain, "%s_", d.s.note)
	if skip := note.width() - d.size.Width + 8; skip > 0 {
		note = note.fit(skip, d.size.Width-8)
	}
	return append(line{{title, " Note  "}}, note...)
}
