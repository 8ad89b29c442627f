package merge3

import (
	"fmt"
	"testing"
)

// restartWorld has a file that moved as it was into a directory that the other side renamed, and
// n new files beside that.
func restartWorld(n int) *renameWorld {
	base := fileTree{"d/a": one, "d/b": two, "k": "k\n", "o/f": three, "o/g": prose("four")}
	patch := fileTree{"d/a": gone, "d/b": gone, "i/d/a": one, "i/d/b": two, "o/g": prose("four", 1)}
	for i := range n {
		patch[fmt.Sprint("i/p", i)] = fmt.Sprintln("new", i)
	}
	upstream := fileTree{"o/f": gone, "d/f": three, "o/g": gone, "k": "l\n"}
	return &renameWorld{base: base, upstream: base.with(upstream), patch: base.with(patch)}
}

// Git sees 9 paths (k, d and three in it, o and two in it, i), and 3 more in i beside the new ones. It starts
// over at 27, and the move of o/f is forgotten.
func TestRenamesForgotten(t *testing.T) {
	for n, want := range map[int]string{14: "upstream o/f -> d/f\n", 15: ""} {
		want += "upstream moves d/f to i/d/f\npatch d/a -> i/d/a\npatch d/b -> i/d/b"
		s, w := newRenameStore(), restartWorld(n)
		got, err := newRenameFinder(s).find(t.Context(), s.write(t, w.base), s.write(t, w.upstream), s.write(t, w.patch))
		if got := describe(got); err != nil || got != want {
			t.Errorf("%d new files:\n%s\nwant\n%s\n%v", n, got, want, err)
		}
	}
}
