package tui

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// binding is a row of the key table. The table moves the session, prints the
// footer and writes the help.
type binding struct {
	keys   []string // as the terminal names them; "]c" is two keys
	intent Intent
	short  string // for the footer; "" keeps it out of there
	long   string // for the help
	screen []Screen
	// works tells whether the key does something now; nil: always.
	works func(Session) bool
}

// names are the keys as the help shows them.
func (b binding) names() string {
	var names []string
	for _, k := range b.keys {
		if k == " " {
			k = "space"
		}
		names = append(names, k)
	}
	return strings.Join(names, " ")
}

// can makes a test whether a side can be taken.
func can(side Side) func(Session) bool {
	return func(s Session) bool { return s.problem(side) == "" }
}

func hunked(s Session) bool    { return s.hunked() }
func notHunked(s Session) bool { return !s.hunked() }

var (
	resolving = []Screen{ScreenResolve}
	scrolling = []Screen{ScreenHelp, ScreenWhy, ScreenReview}
	listing   = []Screen{ScreenFiles, ScreenHints}
	writing   = []Screen{ScreenHandOff}
	pages     = append(resolving, scrolling...)
)

// far is further than any text reaches, in lines.
const far = 1 << 30

// bindings is the key table, in the order of the footer and the help. Which number
// means which side is git's: stages 1, 2 and 3.
var bindings = []binding{
	{[]string{"1"}, Take{Base}, "1 base", "take BASE: what both began with", resolving, can(Base)},
	{[]string{"2"}, Take{Upstream}, "2 upstream", "take UPSTREAM: what the version has", resolving, can(Upstream)},
	{[]string{"3"}, Take{Patch}, "3 patch", "take PATCH: what the fix has", resolving, can(Patch)},
	{[]string{"b"}, Take{Both}, "b both", "take both: upstream's lines, then the patch's", resolving, hunked},
	{[]string{"0"}, Take{None}, "0 none", "take neither: the lines go", resolving, hunked},
	{[]string{"c"}, CombineWords{}, "c combine", "combine edits of different words", resolving, func(s Session) bool {
		if !s.hunked() {
			return false
		}
		_, ok := s.facts.combined(s.file, s.hunk)
		return ok
	}},
	{[]string{"h"}, Show{ScreenHints}, "h hints", "suggestions and where they come from", resolving, func(s Session) bool { return len(s.hints()) > 0 }},
	{[]string{"k"}, Take{Patch}, "k keep", "keep the path as the patch has it", resolving, func(s Session) bool { return !s.hunked() && !s.f().Patch.Absent() && s.problem(Patch) == "" }},
	{[]string{"d"}, Delete{}, "d delete", "delete the path", resolving, notHunked},
	{[]string{"o"}, AsIs{}, "o as-is", "accept what git put there", resolving, func(s Session) bool { return s.f().nowhere() }},
	{[]string{"x"}, Reset{}, "x reset", "open it again", resolving, func(s Session) bool { return s.touched() }},
	{[]string{"e"}, EditHunk{}, "e edit", "edit the hunk, with lines around it", resolving, editable},
	{[]string{"u", "z"}, Undo{}, "u undo", "undo, without limit", resolving, func(s Session) bool { return s.past != nil }},
	{[]string{"ctrl+r", "Z"}, Redo{}, "^R redo", "do again", resolving, func(s Session) bool { return s.future != nil }},
	{[]string{"]c", "]x", "right"}, Move{ByHunk, 1}, "]c [c next", "next conflict", resolving, nil},
	{[]string{"[c", "[x", "left"}, Move{ByHunk, -1}, "", "previous conflict", resolving, nil},
	{[]string{"]u"}, Move{ByOpenHunk, 1}, "", "next conflict that is open", resolving, nil},
	{[]string{"[u"}, Move{ByOpenHunk, -1}, "", "previous conflict that is open", resolving, nil},
	{[]string{"]f"}, Move{ByFile, 1}, "]f file", "next file", resolving, func(s Session) bool { return len(s.files) > 1 }},
	{[]string{"[f"}, Move{ByFile, -1}, "", "previous file", resolving, func(s Session) bool { return len(s.files) > 1 }},
	{[]string{"s"}, Sign{}, "s sign", "read what is signed, and sign", []Screen{ScreenResolve, ScreenReview}, Session.maySign},
	{[]string{"s"}, Sign{}, "s propose", "hand the proposal to the owner", []Screen{ScreenResolve, ScreenReview}, func(s Session) bool { return !s.maySign() }},
	{[]string{"@"}, Show{ScreenHandOff}, "@ hand-off", "send the draft to the owner or a deputy", []Screen{ScreenResolve, ScreenReview}, nil},
	{[]string{"?", "f1"}, Show{ScreenHelp}, "? keys", "this list", []Screen{ScreenResolve, ScreenReview}, nil},
	{[]string{"q"}, Leave{}, "q leave", "leave; the draft is kept", resolving, nil},
	{[]string{"w"}, Show{ScreenWhy}, "w why", "the public commit that caused it, and whose", resolving, nil},
	{[]string{"i"}, Show{ScreenReview}, "i interdiff", "what the resolution changes in the patch", resolving, func(s Session) bool { return s.Left() == 0 }},
	{[]string{"/"}, Ask{QuestionFind}, "/ find", "search in the result", resolving, nil},
	{[]string{"n"}, Find{}, "", "next line found", resolving, nil},
	{[]string{"N"}, Find{Back: true}, "", "previous line found", resolving, nil},
	{[]string{"A"}, Ask{QuestionAll}, "A all", "settle all that is open in the file", resolving, hunked},
	{[]string{"E"}, EditFile{}, "E file", "edit the whole file", resolving, editable},
	{[]string{"M"}, UseTool{}, "M tool", "use the configured merge tool", resolving, hunked},
	{[]string{"F"}, Show{ScreenFiles}, "F files", "all files in dispute", resolving, nil},
	{[]string{"+"}, NextView{}, "+ view", "another view: diffs, texts, result", resolving, hunked},
	{[]string{"y"}, Syntax{}, "", "colours of the language on and off", resolving, nil},
	{[]string{"enter"}, Submit{}, "enter choose", "choose", listing, nil},
	{[]string{"j", "down"}, Choose{1}, "j down", "next in the list", listing, nil},
	{[]string{"k", "up"}, Choose{-1}, "k up", "previous in the list", listing, nil},
	{[]string{"enter"}, Submit{}, "enter send", "send the draft", writing, nil},
	{[]string{"down", "tab"}, Choose{1}, "down next", "next person", writing, nil},
	{[]string{"up", "shift+tab"}, Choose{-1}, "", "previous person", writing, nil},
	{[]string{"j", "down"}, Scroll{Lines: 1}, "j down", "down", scrolling, nil},
	{[]string{"k", "up"}, Scroll{Lines: -1}, "k up", "up", scrolling, nil},
	{[]string{"j", "down"}, Scroll{Lines: 1}, "", "down", resolving, nil},
	{[]string{"k", "up"}, Scroll{Lines: -1}, "", "up", resolving, nil},
	{[]string{"ctrl+d", "pgdown", " "}, Scroll{Pages: 1}, "", "half a page down", pages, nil},
	{[]string{"ctrl+u", "pgup"}, Scroll{Pages: -1}, "", "half a page up", pages, nil},
	{[]string{"g", "home"}, Scroll{Lines: -far}, "", "to the top", pages, nil},
	{[]string{"G", "end"}, Scroll{Lines: far}, "", "to the bottom", pages, nil},
	{[]string{">"}, Sideways{8}, "", "to the right in long lines", pages, nil},
	{[]string{"<"}, Sideways{-8}, "", "to the left in long lines", pages, nil},
	{[]string{"esc"}, Back{}, "esc back", "back", append(writing, append(listing, scrolling...)...), nil},
	{[]string{"q"}, Back{}, "", "back", append(listing, scrolling...), nil},
	{[]string{"ctrl+z"}, Suspend{}, "", "suspend, back with fg", nil, nil},
	{[]string{"ctrl+c"}, Leave{Interrupted: true}, "", "leave at once; the draft is kept", nil, nil},
}

// active lists the bindings of the screen in front that do something now.
func (s Session) active() []binding {
	var out []binding
	for _, b := range bindings {
		if (b.screen == nil || slices.Contains(b.screen, s.screen)) && (b.works == nil || b.works(s)) {
			out = append(out, b)
		}
	}
	return out
}

// Press applies what a key means now. Keys have the names that Bubble Tea gives
// them: "a", "enter", "ctrl+r".
func (s Session) Press(key string) (Session, []Effect) {
	if len(s.files) == 0 {
		return s.Apply(Leave{})
	}
	if s.asking != nil || s.screen == ScreenHandOff {
		if in := s.typingKey(key); in != nil {
			return s.Apply(in)
		}
	}
	if s.awaiting && key != "esc" && key != "ctrl+c" {
		return s.say("a moment: waiting for an answer"), nil
	}
	key, s.prefix = s.prefix+key, ""
	starts := false
	for _, b := range s.active() {
		for _, k := range b.keys {
			if k == key {
				return s.Apply(b.intent)
			}
			starts = starts || len(k) == 2 && k[:1] == key
		}
	}
	if starts {
		s.prefix = key
		return s, nil
	}
	return s.say("%s", s.noKey(key)), nil
}

// pressAll applies keys that arrived together: a terminal sends fast typing and
// pasted text so. What is pasted is never taken for keys.
func (s Session) pressAll(key string, runes []rune, pasted bool) (Session, []Effect) {
	switch {
	case pasted && s.asking == nil && s.screen != ScreenHandOff:
		return s.say("pasted text is not taken for keys"), nil
	case pasted:
		return s.Apply(Type{strings.Join(strings.Fields(string(runes)), " ")})
	case len(runes) < 2:
		return s.Press(key)
	}
	var effects []Effect
	for _, r := range runes {
		var more []Effect
		s, more = s.Press(string(r))
		effects = append(effects, more...)
	}
	return s, effects
}

// noKey says that a key does nothing, and why if it does something elsewhere.
func (s Session) noKey(key string) string {
	for _, b := range bindings {
		if slices.Contains(b.keys, key) && slices.Contains(b.screen, s.screen) {
			return "not now: " + b.long
		}
	}
	return key + " is no key here; ? lists them"
}

// typingKey is what a key means while a line is being typed; nil where it means
// what the table says.
func (s Session) typingKey(key string) Intent {
	if s.asking != nil && s.asking.question == QuestionAll {
		return s.answerAll(key)
	}
	switch {
	case key == "enter":
		return Submit{}
	case key == "esc":
		return Back{}
	case key == "backspace", key == "ctrl+h":
		return Erase{}
	case key == "ctrl+u":
		return Erase{All: true}
	case utf8.RuneCountInString(key) == 1:
		return Type{key}
	case key == "ctrl+c" || key == "ctrl+z" || s.asking == nil:
		return nil
	}
	return Type{}
}

// answerAll is what a key answers to the question for a side.
func (s Session) answerAll(key string) Intent {
	side, ok := map[string]Side{"1": Base, "2": Upstream, "3": Patch, "b": Both, "0": None}[key]
	switch {
	case ok:
		return TakeAll{side}
	case key == "ctrl+c":
		return nil
	}
	return Back{}
}
