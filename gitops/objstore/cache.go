package objstore

import (
	"container/list"
	"sync"
)

// cache keeps objects from packs, bases of deltas above all, up to a number of
// bytes. The one that was unused for longest goes first.
type cache struct {
	limit int64

	mu    sync.Mutex
	bytes int64
	byUse list.List // of *cached, the latest first
	items map[location]*list.Element
}

// location is where an entry of a pack begins.
type location struct {
	pack *pack
	off  int64
}

type cached struct {
	at  location
	obj object
}

// overhead is about what an object costs in a cache beside its data, in bytes.
const overhead = 200

func (c cached) cost() int64 { return int64(len(c.obj.data)) + overhead }

func (c *cache) get(at location) (object, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.items[at]
	if !ok {
		return object{}, false
	}
	c.byUse.MoveToFront(e)
	return e.Value.(*cached).obj, true
}

// takes tells whether put keeps an object of size bytes.
func (c *cache) takes(size int64) bool { return size+overhead <= c.limit/4 }

// put keeps an object unless it would push most others out.
func (c *cache) put(at location, obj object) {
	item := &cached{at, obj}
	if !c.takes(int64(len(obj.data))) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.items[at]; ok {
		return
	}
	if c.items == nil {
		c.items = map[location]*list.Element{}
	}
	c.items[at] = c.byUse.PushFront(item)
	for c.bytes += item.cost(); c.bytes > c.limit; {
		oldest := c.byUse.Remove(c.byUse.Back()).(*cached)
		delete(c.items, oldest.at)
		c.bytes -= oldest.cost()
	}
}
