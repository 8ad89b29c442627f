package merge3

import "bytes"

// TakeApart finds what stands in text in the place of each dispute of a merged
// text: how somebody settled it. ok is false where the rest of it was changed too, so that
// nobody can tell.
func (m Marked) TakeApart(text []byte) (parts [][]byte, ok bool) {
	for i, s := range m {
		if s.Hunk == nil {
			rest, ok := bytes.CutPrefix(text, s.Text)
			if !ok {
				return nil, false
			}
			text = rest
			continue
		}
		end := len(text)
		if i < len(m)-1 {
			next := m[i+1].Text // no two disputes touch
			if end = bytes.Index(text, next); i+1 == len(m)-1 {
				end = len(text) - len(next)
			}
			if end < 0 || len(next) == 0 || end > 0 && text[end-1] != '\n' || !bytes.HasPrefix(text[end:], next) {
				return nil, false
			}
		}
		parts, text = append(parts, text[:end]), text[end:]
	}
	return parts, len(text) == 0
}
