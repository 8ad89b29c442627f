package objstore

import "testing"

func TestCacheIsBounded(t *testing.T) {
	c := &cache{limit: 100_000}
	first := location{off: 0}
	for i := range 1000 {
		c.put(location{off: int64(i)}, object{kindBlob, make([]byte, 1000)})
		if _, ok := c.get(first); !ok {
			t.Fatalf("after %d objects the one that is used all the time is gone", i)
		}
	}
	var sum int64
	for e := c.byUse.Front(); e != nil; e = e.Next() {
		sum += e.Value.(*cached).cost()
	}
	if sum != c.bytes || sum > c.limit || sum < c.limit/2 || len(c.items) != c.byUse.Len() {
		t.Errorf("%d bytes counted, %d kept in %d items, limit %d", c.bytes, sum, len(c.items), c.limit)
	}
	huge := location{off: -1}
	if c.put(huge, object{kindBlob, make([]byte, c.limit/2)}); len(c.items) < 50 {
		t.Error("one large object pushed the others out")
	}
}
