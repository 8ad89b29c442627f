package gitops

import (
	"strings"
	"testing"
)

func FuzzParseFileHistory(f *testing.F) {
	const zero, blob = "0000000000000000000000000000000000000000", "78981922613b2afb6025042ff6bd878ac1994e85"
	f.Add([]byte("commit "+blob+" 2 1\x00\n:000000 100644 "+zero+" "+blob+" A\x00p/a\x00:100644 100644 "+blob+" "+blob+" R100\x00o/b\x00p/b\x00commit "+zero+" 0 5\x00"), "p/")
	f.Add([]byte("commit "+blob+" 2 1\x00\n:000000 100644 "+zero+" "+blob+" D\x00p/a\x00"), "p/")
	f.Add([]byte(":\x00a\x00"), "")
	f.Fuzz(func(t *testing.T, out []byte, under string) {
		changes, err := parseFileHistory(out, under)
		if err != nil {
			return
		}
		for _, c := range changes {
			if c.Commit == "" || c.Path == "" || strings.Contains(c.Path+c.From, "\x00") {
				t.Errorf("%+v", c)
			}
		}
	})
}
