package suggest

import (
	"bytes"
	"testing"

	"github.com/git-carry/git-carry/patchset/merge3"
)

func TestUnite(t *testing.T) {
	for _, test := range []struct {
		name                  string
		base, upstream, patch []byte
		around                around
		want                  []byte // nil for no list
	}{
		{"includes", nil, say("#include <b.h>"), say("#include <a.h>"), around{nil, []byte("#include <c.h>\n")}, nil},
		{
			"includes between others", nil, say("#include <d.h>"), say("#include <c.h>"),
			around{[]byte("#include <b.h>\n"), []byte("#include <e.h>\n")},
			say("#include <c.h>", "#include <d.h>"),
		},
		{
			"the same entry", nil, say("import b", "import d"), say("import b", "import c"),
			around{[]byte("import a\n"), nil},
			say("import b", "import c", "import d"),
		},
		{
			"not sorted", nil, say("import d", "import b"), say("import b", "import c"), around{[]byte("import a\n"), nil}, nil,
		},
		{
			"one removes what the other keeps", say("use C;"), say("use B;", "use C;", "use E;"), say("use D;", "use F;"),
			around{[]byte("use A;\n"), nil},
			say("use B;", "use D;", "use E;", "use F;"),
		},
		{
			"names", nil, say("  'delta',"), say("  'charlie',"),
			around{[]byte("  'bravo',\n"), []byte("  'echo',\n")},
			say("  'charlie',", "  'delta',"),
		},
		{
			"two kinds", nil, say("import b", "use c", "use d"), say("import b", "import c", "import d"), around{}, nil,
		},
		{
			"statements", nil, say("a = b;", "b = c;", "c = d;"), say("a = c;", "c = d;", "e = f;"), around{}, nil,
		},
	} {
		got, ok := unite(merge3.Hunk{Base: test.base, Upstream: test.upstream, Patch: test.patch}, test.around)
		if ok != (test.want != nil) || !bytes.Equal(got, test.want) {
			t.Errorf("%s: got %q, %v", test.name, got, ok)
		}
	}
}
