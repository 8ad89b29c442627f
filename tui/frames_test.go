package tui

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	_ "github.com/charmbracelet/x/exp/golden" // owns -update
	"golang.org/x/tools/txtar"
)

// TestFrames plays the scripts in testdata: keys in, frames out. A script is a
// txtar archive whose comment is one command a line:
//
//	conflict NAME [ROLE]   begin; see fixtures_test.go
//	size WxH               of the screen; 100x30 unless said
//	press KEY...           keys, as they are named in the key table
//	type TEXT              a key for each character
//	answer TEXT            what the editor, or the host, answers next; \n is a line break
//	fail TEXT              what goes wrong next
//	frame NAME             the screen, compared with the file of that name
//	outcome NAME           what was decided, compared likewise
//	plain ANSWER | ANSWER  the plain form with those answers, compared as "plain N"
//
// With -update the files are written anew.
func TestFrames(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(names) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			p := player{t: t, size: Size{100, 30}, archive: archive}
			for row := range strings.Lines(string(archive.Comment)) {
				p.play(strings.TrimSuffix(row, "\n"))
			}
			if update() {
				archive.Files = p.files
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func update() bool { return flag.Lookup("update").Value.String() == "true" }

type player struct {
	t       *testing.T
	archive *txtar.Archive
	files   []txtar.File
	size    Size
	session Session
	host    recorder
}

// recorder is a host that answers what it was told to.
type recorder struct {
	saved  [][]FileOutcome
	said   []string
	answer string
	fail   string
	review Review
}

func (h *recorder) note(format string, args ...any) {
	h.said = append(h.said, fmt.Sprintf(format, args...))
}

// failure is what was told to go wrong, once.
func (h *recorder) failure() (err error) {
	if h.fail != "" {
		err, h.fail = errors.New(h.fail), ""
	}
	return err
}

func (h *recorder) Save(_ context.Context, files []FileOutcome) error {
	h.saved = append(h.saved, files)
	return nil
}

func (h *recorder) Edit(_ context.Context, _ Streams, path string, text []byte, line int) ([]byte, error) {
	h.note("edit %s at line %d: %q", path, line, text)
	return []byte(h.answer), h.failure()
}

func (h *recorder) MergeTool(_ context.Context, _ Streams, path string, text []byte) ([]byte, error) {
	h.note("merge tool for %s: %q", path, text)
	return []byte(h.answer), h.failure()
}

func (h *recorder) Review(context.Context, []FileOutcome) (Review, error) {
	return h.review, h.failure()
}

func (h *recorder) Sign(_ context.Context, _ []FileOutcome, c Consent) (string, error) {
	h.note("sign as %s, reason %q", c.As, c.Reason)
	return "Signed T401234 for 1.46.0-wmf.6 (unverified).", h.failure()
}

func (h *recorder) HandOff(_ context.Context, _ []FileOutcome, to HandOff) (string, error) {
	h.note("hand off to %s, note %q", to.To, to.Note)
	return "Handed to " + to.To + ".", h.failure()
}

func (p *player) play(row string) {
	verb, rest, _ := strings.Cut(row, " ")
	switch verb {
	case "", "#":
	case "conflict":
		name, role, _ := strings.Cut(rest, " ")
		c := fixture(name, role)
		p.session = NewSession(c, Abilities{})
		p.host.review = fixtureReview
	case "size":
		w, h, _ := strings.Cut(rest, "x")
		p.size.Width, _ = strconv.Atoi(w)
		p.size.Height, _ = strconv.Atoi(h)
	case "press":
		for _, key := range strings.Fields(rest) {
			if key == "]c" || key == "[c" || key == "]f" || key == "[f" || key == "]u" || key == "[u" {
				p.key(key[:1])
				key = key[1:]
			}
			p.key(key)
		}
	case "type":
		for _, r := range rest {
			p.key(string(r))
		}
	case "answer":
		p.host.answer = strings.ReplaceAll(rest, `\n`, "\n")
	case "fail":
		p.host.fail = rest
	case "frame":
		got := Render(p.session, p.size, NewTheme(ThemeOptions{}))
		p.checkShape(got)
		p.compare(rest, trimRight(got))
	case "outcome":
		var b strings.Builder
		for _, f := range p.session.Outcome() {
			fmt.Fprintf(&b, "%q settled=%v take=%s delete=%v open=%v\n", f.Path, f.Settled, f.Take, f.Delete, f.Open)
			for _, h := range f.How {
				fmt.Fprintf(&b, "  %s\n", h)
			}
			if f.HasText {
				fmt.Fprintf(&b, "%q\n", f.Text)
			}
		}
		for _, s := range p.host.said {
			fmt.Fprintln(&b, s)
		}
		p.compare(rest, b.String())
	case "plain":
		var out strings.Builder
		answers := strings.ReplaceAll(rest, " | ", "\n") + "\n"
		res, err := Plain(context.Background(), p.session, &p.host, Streams{In: strings.NewReader(answers), Out: &out})
		if err != nil {
			p.t.Fatal(err)
		}
		if strings.ContainsAny(out.String(), "\x1b\r\a\b") {
			p.t.Errorf("control characters in %q", out.String())
		}
		fmt.Fprintf(&out, "\nleft %d, signed %v\n", res.Left, res.Signed)
		p.compare(fmt.Sprintf("plain %d", len(p.files)+1), out.String())
	default:
		p.t.Fatalf("unknown command %q", row)
	}
}

// key presses a key and carries out what comes of it.
func (p *player) key(key string) {
	p.t.Helper()
	if key == "space" {
		key = " "
	}
	next, effects := p.session.Press(key)
	p.session = next
	for _, e := range effects {
		if _, quits := e.(Quit); quits {
			p.host.note("quit")
		}
		if in := carryOut(context.Background(), &p.host, Streams{}, e); in != nil {
			p.session, _ = p.session.answered(in)
		}
	}
}

// checkShape: every frame fills the screen exactly, whatever it shows.
func (p *player) checkShape(got string) {
	p.t.Helper()
	rows := strings.Split(got, "\n")
	if len(rows) != p.size.Height {
		p.t.Errorf("%d rows, want %d", len(rows), p.size.Height)
	}
	for i, r := range rows {
		if w := (line{{plain, r}}).width(); w != p.size.Width {
			p.t.Errorf("row %d is %d cells wide, want %d: %q", i, w, p.size.Width, r)
		}
		if strings.ContainsAny(r, "\x1b\r\t\a\b") {
			p.t.Errorf("row %d holds control characters: %q", i, r)
		}
	}
}

func trimRight(frame string) string {
	var b strings.Builder
	for row := range strings.Lines(frame) {
		b.WriteString(strings.TrimRight(row, " \n") + "\n")
	}
	return b.String()
}

func (p *player) compare(name, got string) {
	p.t.Helper()
	p.files = append(p.files, txtar.File{Name: name, Data: []byte(got)})
	if update() {
		return
	}
	for _, f := range p.archive.Files {
		if f.Name == name {
			if !bytes.Equal(f.Data, []byte(got)) {
				p.t.Errorf("%s differs; with -update it is written anew\ngot:\n%s\nwant:\n%s", name, got, f.Data)
			}
			return
		}
	}
	p.t.Errorf("the script has no file %s; with -update it gets one", name)
}
