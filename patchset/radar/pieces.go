package radar

// Piece is what upstream changed in one place around a fix.
type Piece struct {
	Path     string
	Line     int    // in the new file, counted from 1
	Function string // "" outside of any
	Removed  []string
	Added    []string
}

// Pieces lists all that upstream changed around the fixes of a file, be it worth an
// alarm or not.
func Pieces(f File) []Piece {
	v, ok := newView(f)
	if !ok {
		return nil
	}
	var pieces []Piece
	for _, w := range v.wards(f.Fixes) {
		at := v.place(w.fixes[0].At.Start - 1)
		now, ok := v.ward(w, at)
		if !ok {
			continue
		}
		c := v.comparison(w, now)
		for _, ch := range c.changes() {
			p := Piece{Path: f.Path, Line: c.line(ch), Function: w.was.name}
			for _, l := range c.old[ch.OldStart-1 : ch.OldStart-1+ch.OldLines] {
				p.Removed = append(p.Removed, v.old.lines[l.n-1])
			}
			for _, l := range c.now[ch.NewStart-1 : ch.NewStart-1+ch.NewLines] {
				p.Added = append(p.Added, v.now.lines[l.n-1])
			}
			pieces = append(pieces, p)
		}
	}
	return pieces
}
