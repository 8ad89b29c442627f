package tui

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/git-carry/git-carry/patchset/printable"
)

// Plain has a person, a screen reader or a script work on a conflict with
// questions and answers on plain text: nothing is drawn twice, every line stands
// for itself, and the answers are the keys of the screen. It ends with q, or
// where the answers end; the draft is kept either way.
//
// An editor gets io too. It returns what [Run] returns.
func Plain(ctx context.Context, s Session, h Host, io Streams) (Result, error) {
	p := &plainTalk{ctx: ctx, s: s, host: h, io: io, in: bufio.NewReader(io.In)}
	err := p.run()
	return p.s.result(false), err
}

// plainTalk is a talk under way.
type plainTalk struct {
	ctx  context.Context
	s    Session
	host Host
	io   Streams
	in   *bufio.Reader
	left bool  // the person wants to leave
	err  error // of writing
}

// say writes a line; what comes from data is cleaned.
func (p *plainTalk) say(format string, args ...any) {
	if _, err := io.WriteString(p.io.Out, printable.Text(fmt.Sprintf(format, args...))+"\n"); p.err == nil {
		p.err = err
	}
}

// read asks for one line; false where there are no more.
func (p *plainTalk) read(question string) (string, bool) {
	if _, err := fmt.Fprintf(p.io.Out, "%s ", printable.Line(question)); p.err == nil {
		p.err = err
	}
	var out []byte
	for {
		part, more, err := p.in.ReadLine()
		if err != nil {
			p.say("")
			return "", false
		}
		if len(out) < maxTyped {
			out = append(out, part[:min(len(part), maxTyped)]...)
		}
		if !more {
			return strings.TrimSpace(string(out)), true
		}
	}
}

func (p *plainTalk) run() error {
	c := p.s.c
	if len(p.s.files) == 0 {
		p.say("Nothing is in dispute.")
		return p.err
	}
	p.say("Resolve %s for %s, component %s.", c.Patch, c.Version, c.Component)
	if c.Title != "" {
		p.say("Title: %s", printable.Line(c.Title))
	}
	p.say("%s", p.s.ownerLine())
	if c.Cause != nil {
		p.say("Cause: upstream commit %s, %q, %s, %s.", c.Cause.ID.Short(), c.Cause.Subject, c.Cause.Author, c.Cause.Date.Format("2 Jan 2006"))
	}
	for _, n := range c.Notes {
		p.say("Note: %s", n)
	}
	p.s.message = ""
	for shown := -1; p.err == nil && p.ctx.Err() == nil && !p.left; {
		if here := p.s.number(p.s.file, p.s.hunk); here != shown {
			p.describe()
			p.say("%s", p.choices())
			shown = here
		}
		before := p.s.past
		answer, ok := p.read("Choice [show again]:")
		switch {
		case !ok:
			p.left = true
			continue
		case answer == "":
			shown = -1
			continue
		}
		p.answer(answer)
		if p.s.past != before {
			p.report()
			if p.s.Left() > 0 && !p.s.isOpen(p.s.file, p.s.hunk) {
				p.s = p.s.move(ByOpenHunk, 1)
			}
		}
	}
	return errors.Join(p.err, p.ctx.Err())
}

// describe shows the dispute in front.
func (p *plainTalk) describe() {
	s, f := p.s, p.s.f()
	p.say("")
	p.say("File %d of %d: %s. Conflict %d of %d, %s.", s.file+1, len(s.files), f.Path, s.number(s.file, s.hunk), s.Total(), f.Kind)
	if !s.hunked() {
		for _, l := range f.sentences() {
			p.say("%s", l)
		}
		if f.Message != "" {
			p.say("%s", printable.Line(f.Message))
		}
		for _, side := range []Side{Base, Upstream, Patch} {
			p.say("%s: %s.", side, printable.Line(f.entryWords(side)))
		}
		p.say("Decided: %s", decidedOr(f.decided(s.w())))
		return
	}
	h := s.facts.files[s.file].hunks[s.hunk]
	if h.HasBase {
		p.lines("Base was", h.Base)
	}
	p.lines("Upstream has", h.Upstream)
	p.lines("Patch has", h.Patch)
	if combined, ok := s.facts.combined(s.file, s.hunk); ok {
		p.lines("The two change different words; c combines them to", combined)
	}
	for i, g := range s.hints() {
		p.lines(fmt.Sprintf("Suggestion h%d: %s", i+1, g.words()), g.Lines)
	}
}

func decidedOr(what string) string {
	if what == "" {
		return "nothing yet."
	}
	return what + "."
}

// maxPlain bounds the lines of one text.
const maxPlain = 60

func (p *plainTalk) lines(name string, text []byte) {
	lines := splitLines(text)
	if len(lines) == 0 {
		p.say("%s: no lines.", name)
		return
	}
	p.say("%s:", name)
	for i, l := range lines {
		if i == maxPlain {
			p.say("  and %d more lines.", len(lines)-i)
			return
		}
		p.say("  %s", chomp(l))
	}
}

// choices lists the answers that mean something now.
func (p *plainTalk) choices() string {
	var out []string
	for _, b := range p.s.active() {
		switch b.intent.(type) {
		case Scroll, Sideways, NextView, Syntax, Suspend, Find, Ask:
			continue
		}
		if b.short != "" {
			out = append(out, b.short+".")
		}
	}
	return "Choices: " + strings.Join(out, " ")
}

// answer does what an answer says. What a screen would show instead is said.
func (p *plainTalk) answer(answer string) {
	if n, ok := strings.CutPrefix(answer, "h"); ok && n != "" {
		number, _ := strconv.Atoi(n)
		p.apply(Suggest{number - 1})
	} else {
		p.press(answer)
	}
	switch p.s.screen {
	case ScreenWhy, ScreenHelp, ScreenFiles, ScreenHints:
		p.readScreen()
	case ScreenReview:
		p.review()
		if answer == "s" {
			p.apply(Sign{})
			p.askRest()
		}
		p.s = p.s.back()
	case ScreenHandOff:
		p.handOff()
	}
	p.askRest()
}

// press presses the keys of an answer: one key, or two that belong together.
func (p *plainTalk) press(answer string) {
	if answer == "^R" {
		answer = "ctrl+r"
	}
	keys := []string{answer}
	if len(answer) == 2 && (answer[0] == ']' || answer[0] == '[') {
		keys = []string{answer[:1], answer[1:]}
	}
	for _, k := range keys {
		next, effects := p.s.Press(k)
		p.s = next
		p.carryOut(effects)
	}
	p.sayMessage()
}

func (p *plainTalk) apply(in Intent) {
	next, effects := p.s.Apply(in)
	p.s = next
	p.carryOut(effects)
	p.sayMessage()
}

func (p *plainTalk) carryOut(effects []Effect) {
	for _, e := range effects {
		switch e.(type) {
		case Quit:
			p.left = true
		default:
			streams := Streams{In: p.in, Out: p.io.Out, Err: p.io.Err}
			if in := carryOut(p.ctx, p.host, streams, e); in != nil {
				next, more := p.s.answered(in)
				p.s = next
				p.carryOut(more)
			}
		}
	}
}

func (p *plainTalk) sayMessage() {
	if p.s.message != "" {
		p.say("%s.", strings.TrimSuffix(p.s.message, "."))
		p.s.message = ""
	}
}

// askRest asks what the session wants typed.
func (p *plainTalk) askRest() {
	for p.s.asking != nil && p.err == nil {
		typed, ok := p.read(p.s.asking.label)
		switch {
		case !ok || typed == "":
			p.apply(Back{})
			p.say("Nothing was changed.")
		case p.s.asking.question == QuestionAll:
			p.press(typed)
		default:
			p.s = p.s.typed(typed)
			p.apply(Submit{})
		}
	}
}

// readScreen says a screen that is only to be read, and leaves it.
func (p *plainTalk) readScreen() {
	p.sayRows(p.frame().text())
	p.apply(Back{})
}

// review says what a signature would stand for.
func (p *plainTalk) review() { p.sayRows(p.frame().text()) }

// frame draws on a screen without end.
func (p *plainTalk) frame() frame {
	return frame{p.s, Size{100, 1 << 16}, NewTheme(ThemeOptions{ASCII: true})}
}

// sayRows says the rows of a screen; of titles only the words.
func (p *plainTalk) sayRows(rows []line) {
	for _, l := range rows {
		row := strings.TrimRight(l.plain(), " ")
		if strings.HasSuffix(row, "---") {
			row = strings.Trim(row, "- ") + "."
		}
		if row != "" {
			p.say("%s", strings.TrimPrefix(row, " "))
		}
	}
}

// plain is the text of a line.
func (l line) plain() string {
	var b strings.Builder
	for _, s := range l {
		b.WriteString(s.text)
	}
	return b.String()
}

// handOff asks to whom and with which note.
func (p *plainTalk) handOff() {
	for i, r := range p.s.recipients() {
		p.say("%d. %s %s", i+1, r.As, r)
	}
	answer, ok := p.read("Hand off to whom? Number [nobody]:")
	n, err := strconv.Atoi(answer)
	if !ok || err != nil || n < 1 || n > len(p.s.recipients()) {
		p.s = p.s.back()
		p.say("Not handed off.")
		return
	}
	p.s.chosen = n - 1
	if note, ok := p.read("Note:"); ok {
		p.s = p.s.typed(note)
	}
	p.apply(Submit{})
	p.s = p.s.back()
}

// lost says what became of the lines of a side that were not kept.
func (p *plainTalk) lost(side string, lines []LostLine) {
	for _, l := range lines[:min(len(lines), maxPlain)] {
		p.say("%s, %s: %s", side, l.fate(), strings.TrimSpace(l.Text))
	}
	if more := len(lines) - maxPlain; more > 0 {
		p.say("%s, %d more lines.", side, more)
	}
}

// report says what a decision made of the result.
func (p *plainTalk) report() {
	s := p.s
	if s.hunked() && s.w().whole.how == "" {
		c := s.w().hunks[s.hunk]
		if !c.open() {
			p.lines("Result, "+c.how, c.text(s.facts.files[s.file].hunks[s.hunk]))
		}
	} else {
		p.say("Decided: %s", decidedOr(s.f().decided(s.w())))
	}
	m := s.Meter()
	p.say("Fix lines kept %d of %d. Upstream lines kept %d of %d. Conflicts left: %d.", m.Fix.Kept, m.Fix.Total, m.Upstream.Kept, m.Upstream.Total, s.Left())
	p.lost("Of the fix", m.Fix.Lost)
	p.lost("Of upstream", m.Upstream.Lost)
	if s.Left() == 0 {
		p.say("%s", s.next())
	}
}
