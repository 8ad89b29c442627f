package tui

import (
	"context"
	"strings"
)

// Lane is what the screen of the urgent lane shows: the text of git carry urgent status.
type Lane struct {
	Items int // how many are in the lane
	You   string
	Text  []string // lines
}

// LaneSession is a look at the urgent lane as a value: [LaneSession.Press] gives the next one.
type LaneSession struct {
	lane    Lane
	scroll  int
	help    bool
	message string
	refresh bool
}

// NewLaneSession looks at a lane.
func NewLaneSession(l Lane) LaneSession { return LaneSession{lane: l} }

// Refresh tells, once Press said that the look is over, that the person wants to see the
// newest state; else they go back to the board.
func (s LaneSession) Refresh() bool { return s.refresh }

func (s LaneSession) writing() bool { return false }

func (s LaneSession) render(size Size, t Theme) string { return RenderLane(s, size, t) }

// laneKeys are the keys of the lane, for the footer and the help.
var laneKeys = []lookKey{
	{"j down", "j k scroll", "a line down", 0},
	{"k up", "", "a line up", 0},
	{"R", "R refresh", "read the newest state", 0},
	{"?", "? keys", "this list", 0},
	{"esc", "esc back", "back to the board", 60},
	{"q ctrl+c", "q back", "back to the board", 0},
}

// Press does what a key means. done tells that the look is over.
func (s LaneSession) Press(key string) (next LaneSession, done bool) {
	s.message = ""
	switch key {
	case "q", "esc":
		if s.help {
			s.help = false
			return s, false
		}
		return s, true
	case "ctrl+c":
		return s, true
	case "j", "down", "k", "up", "pgdown", "pgup", "g", "G":
		by := map[string]int{"j": 1, "down": 1, "k": -1, "up": -1, "pgdown": halfPage, "pgup": -halfPage, "g": -far, "G": far}[key]
		s.scroll = min(max(0, s.scroll+by), max(0, len(s.lane.Text)-1))
	case "?":
		s.help = true
	case "R":
		s.refresh = true
		return s, true
	default:
		s.message = key + " is no key here; ? lists them"
	}
	return s, false
}

// RenderLane draws a lane: exactly Height lines of Width cells each.
func RenderLane(s LaneSession, size Size, t Theme) string {
	if size.Width < minimum.Width || size.Height < minimum.Height {
		return t.screen([]line{text(plain, "needs %dx%d, now %dx%d; q goes back", minimum.Width, minimum.Height, size.Width, size.Height)}, size)
	}
	head := []line{banner(size.Width, " URGENT  "+count(s.lane.Items, "item", "items"), s.lane.You)}
	foot := []line{t.rule(size.Width), footer(laneKeys, size.Width, nil), text(plain, "%s", s.message)}
	height := size.Height - len(head) - len(foot)
	body := []line{}
	if s.help {
		body = helpLines(t, size.Width, laneKeys)
	} else {
		for _, row := range s.lane.Text {
			kind := plain
			if strings.HasPrefix(row, "Needed:") || strings.HasPrefix(row, "Type:") {
				kind = title
			}
			body = append(body, text(kind, " %s", row))
		}
	}
	top := s.scroll
	if s.help {
		top = 0
	}
	return t.screen(append(append(head, scrolled(body, top, height)...), foot...), size)
}

// RunLane shows the lane on a terminal until the person wants something else.
func RunLane(ctx context.Context, s LaneSession, io Streams, t Theme) (refresh bool, err error) {
	last, err := runLook(ctx, s, io, t)
	return last.Refresh(), err
}
