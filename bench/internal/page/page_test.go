package page

import (
	"os"
	"path/filepath"
	"testing"
)

func TestPutReplacesOnlyItsPart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "page.md")
	if err := os.WriteFile(path, []byte("by hand\n"+begin("x")+"old\n"+end("x")+"after\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Put(path, "x", "new\n\n"); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := "by hand\n" + begin("x") + "new\n" + end("x") + "after\n"; string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if err := Put(path, "y", "text"); err == nil {
		t.Error("a page without the marks was taken")
	}
}

func TestPutMakesThePage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "page.md")
	if err := Put(path, "x", "text"); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(path); string(got) != begin("x")+"text\n"+end("x") {
		t.Errorf("got %q", got)
	}
}

func TestTable(t *testing.T) {
	got := Table([][]string{{"name", "count:"}, {"a|b", "3"}})
	if want := "| name | count |\n| --- | ---: |\n| a\\|b | 3 |\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
