package packwriter

import "github.com/git-carry/git-carry/patchset/merge3"

// order returns the objects in the order of the pack: each id once, otherwise as they came,
// save that a base goes before what builds on it. Where bases form a circle, one of
// them has to go before its own.
func order(objects []Object) []*Object {
	waiting := make(map[merge3.ID]*Object, len(objects))
	for i := range objects {
		if o := &objects[i]; waiting[o.ID] == nil {
			waiting[o.ID] = o
		}
	}
	ordered := make([]*Object, 0, len(waiting))
	var chain []*Object
	for i := range objects {
		chain = chain[:0]
		for o := waiting[objects[i].ID]; o != nil; o = waiting[o.Base] {
			chain = append(chain, o)
			delete(waiting, o.ID) // so that a circle ends
		}
		for n := len(chain) - 1; n >= 0; n-- {
			ordered = append(ordered, chain[n])
		}
	}
	return ordered
}
