package suggest

type XR struct {
	Text []byte
	K    string
	F    findings
}

func X(b, u, p, before, after []byte, pf, tidy bool) (XR, bool) {
	w, ok := weave(b, u, p, pf)
	if !ok {
		return XR{}, false
	}
	n := w.found
	s := ""
	if tidy {
		w.tidy(around{before, after})
	}
	f := func(k string, v int) {
		if v > 0 {
			s += k + " "
		}
	}
	f("words", n.combined)
	f("OVER", n.overruled)
	f("TORN", n.torn)
	f("beside", n.beside)
	f("have", n.present)
	f("haveP", n.contained)
	f("gone", n.gone)
	f("undone", n.undone)
	f("rewr", n.rewritten)
	f("sim", n.alike)
	if n.added == 0 && n.gone > 0 {
		s += "onlygone "
	}
	return XR{w.text(), s, n}, true
}
