package cmd

import (
	"strconv"
	"strings"

	"github.com/git-carry/git-carry/tui"
)

// screens tells whether a screen may be opened: somebody sits at a terminal that
// can move its cursor.
func (a *app) screens() bool {
	term := a.env.Getenv("TERM")
	return a.env.Terminals.Stdin && a.env.Terminals.Stdout && !a.json && term != "" && term != "dumb"
}

// theme is how screens look on this terminal.
func (a *app) theme() tui.Theme {
	return tui.NewTheme(tui.ThemeOptions{Colours: a.colours(), Light: lightBackground(a.env.Getenv("COLORFGBG")), ASCII: !a.utf8()})
}

func (a *app) colours() tui.Colours {
	term, colour := a.env.Getenv("TERM"), a.env.Getenv("COLORTERM")
	switch {
	case a.env.Getenv("NO_COLOR") != "":
		return tui.NoColours
	case colour == "truecolor" || colour == "24bit":
		return tui.TrueColour
	case strings.Contains(term, "256color"):
		return tui.Colours256
	}
	return tui.Colours16
}

// lightBackground reads COLORFGBG, which some terminals set to "foreground;background".
func lightBackground(colorFGBG string) bool {
	n, err := strconv.Atoi(colorFGBG[strings.LastIndexByte(colorFGBG, ';')+1:])
	return err == nil && (n == 7 || n >= 9 && n <= 15)
}

// utf8 tells whether the locale can show more than ASCII; the first that is set counts.
func (a *app) utf8() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(a.env.Getenv(name)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return false
}
