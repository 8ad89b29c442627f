package objstore

import "sync"

// maxKnown is the number of objects of a directory whose places are remembered: some
// 3 MB.
const maxKnown = 1 << 15

// known remembers where packed objects were found. Trees of a history are read from
// several sides, and to find one again costs more than to have it in the cache.
type known struct {
	mu sync.Mutex
	at map[hash]place
}

func (k *known) get(h hash) (place, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	at, ok := k.at[h]
	return at, ok && !at.pack.gone.Load()
}

func (k *known) put(h hash, at place) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.at == nil || len(k.at) >= maxKnown {
		k.at = map[hash]place{}
	}
	k.at[h] = at
}
