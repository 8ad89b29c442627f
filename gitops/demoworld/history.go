package demoworld

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"
)

// history is a line of commits in the making, kept as the files of its tip and
// as the script for git fast-import that makes it.
type history struct {
	day    time.Time // that ages in days count back from
	files  map[string]string
	branch string
	tip    int // mark of the newest commit
	marks  int
	out    strings.Builder
}

// change is one commit: who, when (days before the newest cut, and the hour), what.
type change struct {
	author  person
	daysAgo int
	hour    int
	subject string
	body    string
	edits   []edit
}

// edit replaces text in a file, or renames it first.
type edit struct {
	path     string
	renameTo string
	old, new string
}

// newHistory starts with the files of start as the first commit of main.
func newHistory(start fs.FS, day time.Time) (*history, error) {
	h := &history{day: day, files: map[string]string{}, branch: "refs/heads/main"}
	err := fs.WalkDir(start, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(start, name)
		h.files[name] = string(data)
		return err
	})
	if err != nil {
		return nil, err
	}
	h.header(change{author: translators, daysAgo: 200, hour: 6, subject: "Import the sources of the practice world"})
	for _, name := range slices.Sorted(maps.Keys(h.files)) {
		h.file(name)
	}
	return h, nil
}

// commit adds one commit. An edit whose text is not there exactly once is an
// error: the story has a hole.
func (h *history) commit(c change) error {
	touched := map[string]bool{}
	for _, e := range c.edits {
		name := e.path
		if e.renameTo != "" {
			h.files[e.renameTo] = h.files[name]
			delete(h.files, name)
			touched[name] = true
			name = e.renameTo
		}
		if n := strings.Count(h.files[name], e.old); e.old != "" && n != 1 {
			return fmt.Errorf("%q: the text to replace is there %d times in %s", c.subject, n, name)
		}
		h.files[name] = strings.Replace(h.files[name], e.old, e.new, 1)
		touched[name] = true
	}
	h.header(c)
	for _, name := range slices.Sorted(maps.Keys(touched)) {
		if _, there := h.files[name]; there {
			h.file(name)
		} else {
			fmt.Fprintf(&h.out, "D %s\n", name)
		}
	}
	return nil
}

func (h *history) header(c change) {
	h.marks++
	at := h.day.AddDate(0, 0, -c.daysAgo).Add(time.Duration(c.hour) * time.Hour).Unix()
	message := c.subject + "\n"
	if c.body != "" {
		message += "\n" + c.body + "\n"
	}
	fmt.Fprintf(&h.out, "commit %s\nmark :%d\n", h.branch, h.marks)
	for _, role := range []string{"author", "committer"} {
		fmt.Fprintf(&h.out, "%s %s <%s> %d +0000\n", role, c.author.name, c.author.email, at)
	}
	fmt.Fprintf(&h.out, "data %d\n%s", len(message), message)
	if h.tip != 0 {
		fmt.Fprintf(&h.out, "from :%d\n", h.tip)
	}
	h.tip = h.marks
}

func (h *history) file(name string) {
	data := h.files[name]
	fmt.Fprintf(&h.out, "M 100644 inline %s\ndata %d\n%s\n", name, len(data), data)
}

// cut makes the deployment branch of a version at the tip.
func (h *history) cut(version string) {
	fmt.Fprintf(&h.out, "reset refs/heads/wmf/%s\nfrom :%d\n\n", version, h.tip)
}

// fork starts another branch at the tip, in a copy that h never sees.
func (h *history) fork() *history {
	f := &history{day: h.day, files: maps.Clone(h.files), branch: h.branch, tip: h.tip, marks: h.marks}
	f.out.WriteString(h.out.String())
	return f
}

func (h *history) script() string { return h.out.String() + "done\n" }
