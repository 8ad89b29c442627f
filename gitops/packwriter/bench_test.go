package packwriter

import (
	"fmt"
	"path/filepath"
	"testing"
)

// BenchmarkWrite packs what carrying 300 patches makes in a repository of 40,000 files.
func BenchmarkWrite(b *testing.B) {
	objects := stack(300)
	whole := make([]Object, len(objects))
	trees := make([]Object, len(objects))
	raw := 0
	for i, o := range objects {
		raw += len(o.Data)
		trees[i], whole[i] = o, o
		whole[i].Base = ""
		if o.Type == "blob" {
			trees[i].Base = ""
		}
	}
	for _, c := range []struct {
		name    string
		objects []Object
	}{{"whole", whole}, {"trees", trees}, {"all", objects}} {
		b.Run(c.name, func(b *testing.B) {
			dir := b.TempDir()
			var s Summary
			n := 0
			for b.Loop() {
				n++
				var err error
				if s, err = Write(filepath.Join(dir, fmt.Sprint(n)), c.objects, Options{}); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(int64(raw))
			b.ReportMetric(float64(s.Size), "bytes/pack")
			b.ReportMetric(float64(s.Deltas), "deltas")
			b.ReportMetric(float64(s.Objects), "objects")
		})
	}
}

// BenchmarkDelta is the search alone, on a text and on what it is worst at.
func BenchmarkDelta(b *testing.B) {
	text := randomBytes(1, 1<<20)
	zeros := string(make([]byte, 1<<20))
	for _, c := range []struct{ name, base, target string }{
		{"moved", text, text[1<<19:] + "x" + text[:1<<19]},
		{"unlike", text, randomBytes(2, 1<<20)},
		{"zeros", "a" + zeros + "b", "c" + zeros + "d"},
	} {
		b.Run(c.name, func(b *testing.B) {
			var e deltaEncoder
			b.SetBytes(int64(len(c.target)))
			for b.Loop() {
				e.encode([]byte(c.base), []byte(c.target), len(c.target))
			}
		})
	}
}
