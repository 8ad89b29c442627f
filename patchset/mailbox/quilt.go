package mailbox

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// Quilt is a series of patch files in the order in which they apply.
type Quilt struct {
	Patches []QuiltPatch
	// Refused tells what of the series was left out, and which patch files are
	// there but not in the series.
	Refused []Finding
}

// QuiltPatch is one line of a series.
type QuiltPatch struct {
	Name string // as in the series, a path beside it
	// Strip goes into [Options].Strip: the series' -pN, or 0 when it has none.
	Strip int
	Data  []byte
}

// ErrNoSeries is returned for a directory that holds no series file.
var ErrNoSeries = errors.New("no series, patches/series or debian/patches/series in the directory")

// maxSeries bounds a series file in bytes.
const maxSeries = 1 << 20

// ReadQuilt reads the series in a directory, in its patches or in its
// debian/patches. The error is [ErrNoSeries], a *[LimitError], or one of reading.
func ReadQuilt(fsys fs.FS) (Quilt, error) {
	dir, series, err := findSeries(fsys)
	if err != nil {
		return Quilt{}, err
	}
	q := quiltReader{
		files: treeReader{fsys: fsys, limits: Limits{}.withDefaults()},
		dir:   dir,
		named: map[string]bool{},
		types: map[string]map[string]fs.FileMode{},
	}
	for line := range strings.Lines(string(series)) {
		if err := q.takeLine(line); err != nil {
			return Quilt{}, err
		}
	}
	if err := q.findUnnamed(); err != nil {
		return Quilt{}, err
	}
	return Quilt{Patches: q.patches, Refused: q.files.tree.Refused}, nil
}

func findSeries(fsys fs.FS) (dir string, series []byte, err error) {
	for _, dir := range []string{".", "patches", "debian/patches"} {
		series, err := readBounded(fsys, path.Join(dir, "series"), maxSeries)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", nil, fmt.Errorf("read the series: %w", err)
		}
		if len(series) > maxSeries {
			return "", nil, &LimitError{Limit: "the size of a series", Max: maxSeries, Unit: "bytes"}
		}
		return dir, series, nil
	}
	return "", nil, ErrNoSeries
}

type quiltReader struct {
	files   treeReader
	dir     string
	patches []QuiltPatch
	named   map[string]bool
	types   map[string]map[string]fs.FileMode // by directory, then name
}

// takeLine reads "name [-pN]"; a # at the start of a word begins a comment.
func (q *quiltReader) takeLine(line string) error {
	words := strings.Fields(line)
	for i, w := range words {
		if strings.HasPrefix(w, "#") {
			words = words[:i]
			break
		}
	}
	if len(words) == 0 {
		return nil
	}
	name := words[0]
	at := path.Join(q.dir, name)
	strip, ok := seriesStrip(words[1:])
	switch {
	case !fs.ValidPath(name) || name == ".":
		q.files.refuse(name, "a name in the series that leads elsewhere")
		return nil
	case q.named[at]:
		q.files.refuse(at, "named twice in the series")
		return nil
	}
	q.named[at] = true
	if !ok {
		q.files.refuse(at, "an option in the series other than -pN")
		return nil
	}
	if !q.isRegular(at) {
		q.files.refuse(at, "named in the series, but there is no such file")
		return nil
	}
	data, err := q.files.readFile(at)
	if err == nil && data != nil {
		q.patches = append(q.patches, QuiltPatch{Name: name, Strip: strip, Data: data})
	}
	return err
}

// isRegular tells whether at is a file, reached over directories only: the
// directories' own lists are asked, because they do not follow symbolic links.
func (q *quiltReader) isRegular(at string) bool {
	if !q.entryType(at).IsRegular() {
		return false
	}
	for dir := path.Dir(at); dir != "."; dir = path.Dir(dir) {
		if !q.entryType(dir).IsDir() {
			return false
		}
	}
	return true
}

// entryType is fs.ModeIrregular for what is not there.
func (q *quiltReader) entryType(at string) fs.FileMode {
	dir := path.Dir(at)
	if q.types[dir] == nil {
		q.types[dir] = map[string]fs.FileMode{}
		entries, _ := fs.ReadDir(q.files.fsys, dir)
		for _, e := range entries {
			q.types[dir][e.Name()] = e.Type()
		}
	}
	if t, ok := q.types[dir][path.Base(at)]; ok {
		return t
	}
	return fs.ModeIrregular
}

// seriesStrip reads -pN, "-p N" or -pab, quilt's word for -p1.
func seriesStrip(words []string) (strip int, ok bool) {
	if len(words) == 0 {
		return 0, true
	}
	value, ok := strings.CutPrefix(strings.Join(words, ""), "-p")
	if value == "ab" {
		return 1, ok
	}
	n, err := strconv.ParseUint(value, 10, 8)
	if n == 0 {
		return StripNone, ok && err == nil
	}
	return int(n), ok && err == nil
}

// findUnnamed refuses the patch files beside the series that it does not name.
func (q *quiltReader) findUnnamed() error {
	entries, _, err := q.files.list(q.dir)
	for _, e := range entries {
		at := path.Join(q.dir, e.Name())
		ext := path.Ext(e.Name())
		if (ext == ".patch" || ext == ".diff") && !q.named[at] {
			q.files.refuse(at, "not named in the series")
		}
	}
	return err
}
