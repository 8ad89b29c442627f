package main

import (
	"regexp"
	"strconv"
	"strings"
)

// style is how a terminal draws a character. Colours are numbers of the palette of 256,
// none for what the terminal has.
type style struct {
	fore, back                     int
	bold, dim, underlined, inverse bool
}

const none = -1

// run is text of one style.
type run struct {
	style
	text string
}

// sgr is an escape sequence that sets the style; others are not in what tmux captures.
var sgr = regexp.MustCompile("\x1b\\[([0-9;:]*)m")

// parse reads a screen as tmux captures it, row by row. A style holds over line ends.
func parse(screen string) [][]run {
	s := style{fore: none, back: none}
	var rows [][]run
	for row := range strings.Lines(screen) {
		row = strings.TrimSuffix(row, "\n")
		var runs []run
		at := 0
		for _, m := range sgr.FindAllStringSubmatchIndex(row, -1) {
			runs = add(runs, s, row[at:m[0]])
			s = s.set(row[m[2]:m[3]])
			at = m[1]
		}
		rows = append(rows, add(runs, s, row[at:]))
	}
	for len(rows) > 0 && len(rows[len(rows)-1]) == 0 {
		rows = rows[:len(rows)-1]
	}
	return rows
}

func add(runs []run, s style, text string) []run {
	if text == "" {
		return runs
	}
	return append(runs, run{s, text})
}

// set is the style after the parameters of a sequence.
func (s style) set(parameters string) style {
	codes := strings.FieldsFunc(parameters, func(r rune) bool { return r == ';' || r == ':' })
	if len(codes) == 0 {
		codes = []string{"0"}
	}
	for i := 0; i < len(codes); i++ {
		n, err := strconv.Atoi(codes[i])
		if err != nil {
			return s
		}
		if (n == 38 || n == 48) && i+2 < len(codes) && codes[i+1] == "5" {
			colour, err := strconv.Atoi(codes[i+2])
			if err != nil || colour > 255 {
				return s
			}
			if i += 2; n == 38 {
				s.fore = colour
			} else {
				s.back = colour
			}
			continue
		}
		s = s.one(n)
	}
	return s
}

// one is the style after a single code.
func (s style) one(n int) style {
	switch {
	case n == 0:
		return style{fore: none, back: none}
	case n == 1:
		s.bold = true
	case n == 2:
		s.dim = true
	case n == 4:
		s.underlined = true
	case n == 7:
		s.inverse = true
	case n == 22:
		s.bold, s.dim = false, false
	case n == 24:
		s.underlined = false
	case n == 27:
		s.inverse = false
	case n >= 30 && n <= 37:
		s.fore = n - 30
	case n == 39:
		s.fore = none
	case n >= 40 && n <= 47:
		s.back = n - 40
	case n == 49:
		s.back = none
	case n >= 90 && n <= 97:
		s.fore = n - 90 + 8
	case n >= 100 && n <= 107:
		s.back = n - 100 + 8
	}
	return s
}
