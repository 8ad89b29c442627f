package tui

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Question is what a person can be asked to type.
type Question int

// The questions that a key can open.
const (
	QuestionFind Question = iota
	// QuestionAll asks for the side that settles all that is open in the file.
	QuestionAll
	// The program asks these itself.
	questionSure   // the id of the patch, or y
	questionReason // of a deputy or an override
)

// asking is a line that is being typed.
type asking struct {
	question Question
	label    string
	text     string
	want     string // what has to be typed, for questionSure
	then     Intent
}

// maxTyped bounds a line that is typed, in bytes.
const maxTyped = 500

// confirm has the person type the patch's id before something is done that gives
// up the fix.
func (s Session) confirm(in Intent, what string) Session {
	s.asking = &asking{question: questionSure, want: s.c.Patch, then: in, label: fmt.Sprintf("%s. Type %s to do it:", what, s.c.Patch)}
	return s
}

// ask opens a line to type in.
func (s Session) ask(q Question) Session {
	label := map[Question]string{
		QuestionFind:   "/",
		QuestionAll:    "All that is open in this file: 1 base, 2 upstream, 3 patch, b both, 0 none; esc cancels",
		questionReason: fmt.Sprintf("Why do you sign as %s? It is recorded:", s.c.As),
	}[q]
	s.asking = &asking{question: q, label: label}
	return s
}

// applyTyping carries out the intents about the line that is being typed.
func (s Session) applyTyping(in Intent) (Session, []Effect, bool) {
	switch in := in.(type) {
	case Ask:
		return s.ask(in.Question), nil, true
	case Type:
		return s.typed(in.Text), nil, true
	case Erase:
		return s.erase(in.All), nil, true
	case Submit:
		next, effects := s.submit()
		return next, effects, true
	}
	return s, nil, false
}

func (s Session) typed(text string) Session {
	switch {
	case s.asking != nil && len(s.asking.text)+len(text) <= maxTyped:
		a := *s.asking
		a.text += text
		s.asking = &a
	case s.asking == nil && s.screen == ScreenHandOff && len(s.note)+len(text) <= maxTyped:
		s.note += text
	}
	return s
}

func (s Session) erase(all bool) Session {
	shorter := func(t string) string {
		if all {
			return ""
		}
		_, n := utf8.DecodeLastRuneInString(t)
		return t[:len(t)-n]
	}
	switch {
	case s.asking != nil:
		a := *s.asking
		a.text = shorter(a.text)
		s.asking = &a
	case s.screen == ScreenHandOff:
		s.note = shorter(s.note)
	}
	return s
}

// submit ends a line that was typed.
func (s Session) submit() (Session, []Effect) {
	if s.asking == nil {
		switch s.screen {
		case ScreenHandOff:
			return s.handOff()
		case ScreenFiles:
			return s.goTo(s.chosen, 0), nil
		case ScreenHints:
			return s.Apply(Suggest{s.chosen})
		}
		return s, nil
	}
	a := *s.asking
	s.asking = nil
	text := strings.TrimSpace(a.text)
	switch a.question {
	case QuestionFind:
		return s.Apply(Find{Text: a.text})
	case questionReason:
		if text == "" {
			return s.say("a reason is needed to sign as %s", s.c.As), nil
		}
		s.reason = text
		return s.Apply(Sign{})
	case questionSure:
		if text != a.want {
			return s.say("that is not %s: nothing was changed", a.want), nil
		}
		s.sure = true
		next, effects := s.Apply(a.then)
		next.sure = false
		return next, effects
	}
	return s, nil
}

// typedFilter is a filter after a key, and whether more of it is to come.
func typedFilter(filter, key string) (typed string, typing bool) {
	switch r := []rune(filter); {
	case key == "enter":
		return filter, false
	case key == "esc":
		return "", false
	case key == "backspace" && filter != "":
		return string(r[:len(r)-1]), true
	case len([]rune(key)) == 1 && len(filter) < maxTyped:
		return filter + key, true
	}
	return filter, true
}
