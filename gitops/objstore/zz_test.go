package objstore

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/git-carry/git-carry/patchset/merge3"
)

func BenchmarkZZ(b *testing.B) {
	raw, _ := os.ReadFile("/tmp/sp2/ids")
	ids := strings.Fields(string(raw))
	for b.Loop() {
		s, err := Open("/var/tmp/bench/many/v/objects", Options{Still: true})
		if err != nil {
			b.Fatal(err)
		}
		for _, id := range ids {
			if _, _, err := s.Read(context.Background(), merge3.ID(id)); err != nil {
				b.Fatal(err)
			}
		}
		s.Close()
	}
}
