package mailbox

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
)

// TreeChange is what one commit did to one file of a tree of patch files: it put it there,
// under a new name or not. Removals are not told: what was once there keeps its age.
type TreeChange struct {
	Commit string
	At     time.Time
	Path   string // from the root of the tree
	From   string // the name that it had before; "" when it was not renamed
	Same   bool   // renamed and not changed
	Blob   string // the id of its content
}

// Origin is where a patch file, under whatever name and in whatever version, was first.
type Origin struct {
	At     time.Time
	Commit string
	Path   string
}

// Origins follows patch files through the history of a tree. From version to version they
// are copied, renamed, numbered anew and edited, and no version control tells. A new file
// goes back to an older one of the same component when it has, in this order,
//
//   - the same path, or git says that it was renamed, unless both names have a task and
//     not the same one;
//   - the same content;
//   - the same name, but for -revN and .updated, .dropped, .failed;
//   - the same task, and the older file has no other successor in this version.
//
// Else it is new.
type Origins struct {
	paths  map[string]*Origin
	blobs  map[originKey]*Origin
	names  map[originKey]*Origin
	tasks  map[originKey][]*Origin
	heirs  map[heir]bool
	commit string
	weak   []TreeChange // of the commit, those that the first look did not place
}

// originKey is something that files of a component have in common.
type originKey struct{ component, what string }

// heir is a version of a component in which an old file goes on.
type heir struct {
	dir    string
	origin *Origin
}

// NewOrigins follows the changes of a history, the oldest first.
func NewOrigins(changes []TreeChange) *Origins {
	o := &Origins{
		paths: map[string]*Origin{}, blobs: map[originKey]*Origin{}, names: map[originKey]*Origin{},
		tasks: map[originKey][]*Origin{}, heirs: map[heir]bool{},
	}
	for _, c := range changes {
		if c.Commit != o.commit {
			o.placeWeak()
			o.commit = c.Commit
		}
		if found := o.certain(c); found != nil {
			o.keep(c, found)
		} else {
			o.weak = append(o.weak, c)
		}
	}
	o.placeWeak()
	return o
}

// Of is where the file at a path was first; false for one that the history does not have.
func (o *Origins) Of(at string) (Origin, bool) {
	if found := o.paths[at]; found != nil {
		return *found, true
	}
	return Origin{}, false
}

// certain finds the origin of a file by its path, content or name.
func (o *Origins) certain(c TreeChange) *Origin {
	if found := o.paths[c.Path]; found != nil {
		return found
	}
	if found := o.paths[c.From]; found != nil && (c.Same || sameTask(c.From, c.Path)) {
		return found
	}
	component := componentOf(c.Path)
	if found := o.blobs[originKey{component, c.Blob}]; found != nil {
		return found
	}
	return o.names[originKey{component, parsedName(c.Path).stem}]
}

// placeWeak places what is left of a commit by its task, once the files that are certain
// have taken what is theirs.
func (o *Origins) placeWeak() {
	for _, c := range o.weak {
		dir := path.Dir(c.Path)
		older := o.tasks[taskKey(c.Path)]
		i := slices.IndexFunc(older, func(found *Origin) bool { return !o.heirs[heir{dir, found}] })
		if i >= 0 && taskKey(c.Path).what != "" {
			o.keep(c, older[i])
			continue
		}
		found := &Origin{c.At, c.Commit, c.Path}
		o.tasks[taskKey(c.Path)] = append(older, found)
		o.keep(c, found)
	}
	o.weak = nil
}

// keep notes what the file may be known by later.
func (o *Origins) keep(c TreeChange, found *Origin) {
	component := componentOf(c.Path)
	o.paths[c.Path] = found
	o.heirs[heir{path.Dir(c.Path), found}] = true
	first := func(m map[originKey]*Origin, key originKey) {
		if m[key] == nil && key.what != "" {
			m[key] = found
		}
	}
	first(o.blobs, originKey{component, c.Blob})
	first(o.names, originKey{component, parsedName(c.Path).stem})
}

// componentOf is the directory of a file without that of its version, if it has one.
func componentOf(at string) string {
	dir := path.Dir(at)
	top, rest, nested := strings.Cut(dir, "/")
	switch top {
	case "core", "vendor", "extensions", "skins":
		return dir
	}
	if !nested {
		return ""
	}
	return rest
}

func parsedName(at string) TreeFile {
	f, _, _ := parseFileName(path.Base(at))
	return f
}

// taskKey is the task of a file, in its component; "" where its name has none.
func taskKey(at string) originKey {
	return originKey{componentOf(at), taskOfName(at)}
}

// taskOfName is the task in a name, with the ordinal that the name spells out.
func taskOfName(at string) string {
	f := parsedName(at)
	if !taskInName().MatchString(f.Task) {
		return ""
	}
	return fmt.Sprintf("%s-%d", strings.ToUpper(f.Task), max(1, f.explicit))
}

func sameTask(a, b string) bool {
	was, is := taskOfName(a), taskOfName(b)
	return was == "" || is == "" || was == is
}
