package gitops

// idCache keeps what objects hold, or pairs of them, up to a total size in any unit, and starts
// over when it is full: a carry reads the same few trees and commits again and again, and nothing
// else is worth keeping.
type idCache[K comparable, V any] struct {
	kept map[K]V
	size int
}

const (
	maxSeen        = 4 << 20 // bytes of commits
	maxTreeEntries = 120_000
	maxDiffering   = 40_000 // entries in which trees differ
)

func (c *idCache[K, V]) get(key K) (V, bool) {
	v, ok := c.kept[key]
	return v, ok
}

func (c *idCache[K, V]) put(key K, v V, size, most int) {
	if c.kept == nil || c.size+size > most {
		c.kept, c.size = map[K]V{}, 0
	}
	c.kept[key] = v
	c.size += size
}
