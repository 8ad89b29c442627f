package gitops

import "github.com/git-carry/git-carry/patchset/merge3"

// idCache keeps what objects hold, up to a total size in any unit, and starts over when it is
// full: a carry reads the same few trees and commits again and again, and nothing else is
// worth keeping.
type idCache[V any] struct {
	kept map[merge3.ID]V
	size int
}

const (
	maxSeen        = 4 << 20 // bytes of commits
	maxTreeEntries = 120_000
)

func (c *idCache[V]) get(id merge3.ID) (V, bool) {
	v, ok := c.kept[id]
	return v, ok
}

func (c *idCache[V]) put(id merge3.ID, v V, size, most int) {
	if c.kept == nil || c.size+size > most {
		c.kept, c.size = map[merge3.ID]V{}, 0
	}
	c.kept[id] = v
	c.size += size
}
