package radar_test

import (
	"strings"
	"testing"

	"github.com/git-carry/git-carry/patchset/radar"
)

// functionCases name, for the line that ends in "// <-" or "# <-", the function around
// it and that function's first and last line.
var functionCases = map[string]struct {
	path, text, name string
	from, lines      int
}{
	"php method":            {"a.php", "<?php\nclass A {\n\tpublic static function &get( $x ) {\n\t\tif ( $x ) {\n\t\t\treturn 1; // <-\n\t\t}\n\t}\n\n\tfunction other() {\n\t}\n}\n", "get", 3, 5},
	"php between":           {"a.php", "<?php\nclass A {\n\tfunction a() {\n\t}\n\n\tpublic $x = 1; // <-\n\n\tfunction b() {\n\t}\n}\n", "", 0, 0},
	"php brace below":       {"a.php", "<?php\nfunction a()\n{\n    x(); // <-\n}\n", "a", 2, 4},
	"c":                     {"a.c", "int x;\n\nstatic int\nfoo(struct bar *b,\n    int c)\n{\n\tif (c)\n\t\treturn 1; // <-\nout:\n\treturn 0;\n}\n\nint bar(void);\n", "foo", 4, 8},
	"c declaration is none": {"a.c", "int bar(void);\nint x; // <-\n", "", 0, 0},
	"c label":               {"a.c", "void f(int a)\n{\n\tgoto out;\nout:\n\tfree(p); // <-\n}\n", "f", 1, 6},
	"c one line":            {"a.c", "static int f(void) { return 1; }\nint x; // <-\n", "", 0, 0},
	"go":                    {"a.go", "package a\n\nfunc (s *Store) Get(k string) error {\n\tgo func() {\n\t\tx() // <-\n\t}()\n\treturn nil\n}\n", "Get", 3, 6},
	"python":                {"a.py", "class A:\n    def f(\n        self,\n    ):\n        if x:\n            return 1  # <-\n\n    # about g\n    def g(self):\n        pass\n", "f", 2, 5},
	"python last":           {"a.py", "def f():\n    a()\n\nx = 1  # <-\n", "", 0, 0},
	"ruby":                  {"a.rb", "class A\n  def ok?(x)\n    if x\n      1 # <-\n    end\n  end\nend\n", "ok?", 2, 5},
	"lua":                   {"a.lua", "local function f(a)\n  if a then\n    b() -- <-\n  end\nend\n", "f", 1, 5},
	"js method":             {"a.js", "class A {\n\tasync load( x ) {\n\t\tif ( x ) {\n\t\t\ty(); // <-\n\t\t}\n\t}\n}\n", "load", 2, 5},
	"js arrow":              {"a.ts", "export const f = async (x: string) => {\n  y(); // <-\n};\n", "f", 1, 3},
	"js if is none":         {"a.js", "if ( a ) {\n\tb(); // <-\n}\n", "", 0, 0},
	"java":                  {"A.java", "class A {\n    @Override\n    public List<String> get(int a) throws E {\n        return b; // <-\n    }\n}\n", "get", 3, 3},
	"rust":                  {"a.rs", "impl A {\n    pub async fn go(&self) -> u8 {\n        1 // <-\n    }\n}\n", "go", 2, 3},
	"shell":                 {"a.sh", "f() {\n  echo # <-\n}\n", "f", 1, 3},
	"perl":                  {"A.pm", "sub f {\n    1; # <-\n}\n", "f", 1, 3},
	"no language":           {"a.xyz", "function f() {\n\tx(); // <-\n}\n", "", 0, 0},
}

func TestFunctionAround(t *testing.T) {
	for name, tt := range functionCases {
		t.Run(name, func(t *testing.T) {
			line := 1 + strings.Count(tt.text[:strings.Index(tt.text, "<-")], "\n")
			got, lines, ok := radar.FunctionAround(tt.path, []byte(tt.text), line)
			if want := (radar.Span{Start: tt.from, Lines: tt.lines}); got != tt.name || ok && lines != want || ok != (tt.lines > 0) {
				t.Errorf("line %d is in %q %v %v, want %q %v", line, got, lines, ok, tt.name, want)
			}
		})
	}
}

// FuzzFunctionAround: whatever the text, a function that is found has the line.
func FuzzFunctionAround(f *testing.F) {
	for _, tt := range functionCases {
		f.Add(tt.path, tt.text, 3)
	}
	f.Fuzz(func(t *testing.T, path, text string, line int) {
		if line < 1 || line > strings.Count(text, "\n")+1 {
			return
		}
		_, got, ok := radar.FunctionAround(path, []byte(text), line)
		if ok && (got.Start < 1 || got.Start > line || got.Start+got.Lines <= line) {
			t.Errorf("line %d is not in %v", line, got)
		}
	})
}
