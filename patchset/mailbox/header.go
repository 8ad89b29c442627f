package mailbox

import (
	"bytes"
	"cmp"
	"strings"
)

// devNull stands in a diff for the side on which the file does not exist.
const devNull = "/dev/null"

// gitHeader is what stands between "diff --git" and the first hunk. Names are
// unquoted and still have their prefix, but for from and to, which git writes
// without one. go-diff reads these lines too, but not names with raw bytes,
// and it cuts spaces at the end of a name.
type gitHeader struct {
	names            string // what follows "diff --git "
	from, to         string // of a rename or copy
	oldName, newName string // of the --- and +++ lines
	oldMode, newMode string
	oldBlob, newBlob string
	kind             Kind
}

// readGitFile reads a file that begins with "diff --git".
func (r *diffReader) readGitFile() (FileChange, error) {
	h, err := r.readGitHeader()
	if err != nil {
		return FileChange{}, err
	}
	fc := FileChange{
		OldMode: h.oldMode, NewMode: h.newMode,
		OldBlob: h.oldBlob, NewBlob: h.newBlob,
		Kind: h.kind,
	}
	if fc.OldPath, fc.NewPath, err = r.gitNames(h); err != nil {
		return FileChange{}, err
	}
	if err := r.readContent(&fc); err != nil {
		return FileChange{}, err
	}
	return r.finish(fc)
}

func (r *diffReader) readContent(fc *FileChange) (err error) {
	switch l := r.peek(); {
	case bytes.HasPrefix(l, []byte("GIT binary patch")):
		r.next()
		fc.Binary, err = r.readBinary()
	case bytes.HasPrefix(l, []byte("Binary files ")), bytes.HasPrefix(l, []byte("Files ")) && strings.HasSuffix(bare(l), " differ"):
		r.next()
		fc.Binary = &BinaryChange{Missing: true}
	default:
		fc.Hunks, err = r.readHunks()
	}
	return err
}

func (r *diffReader) readGitHeader() (gitHeader, error) {
	h := gitHeader{kind: KindModify, names: strings.TrimPrefix(bare(r.next()), "diff --git ")}
	for {
		known, err := h.readLine(bare(r.peek()))
		if err != "" {
			r.next()
			return gitHeader{}, r.syntax(err)
		}
		if !known {
			return h, nil
		}
		r.next()
	}
}

// readLine takes up one line. problem is "" when all is well.
func (h *gitHeader) readLine(l string) (known bool, problem string) {
	for _, e := range extendedHeaders {
		if value, ok := strings.CutPrefix(l, e.prefix); ok {
			return true, e.take(h, value)
		}
	}
	return false, ""
}

// extendedHeaders is the table of header lines that git writes (and, in "rename
// old" and "rename new", once wrote).
var extendedHeaders = []struct {
	prefix string
	take   func(h *gitHeader, value string) (problem string)
}{
	{"old mode ", func(h *gitHeader, v string) string { return takeMode(&h.oldMode, v) }},
	{"new mode ", func(h *gitHeader, v string) string { return takeMode(&h.newMode, v) }},
	{"new file mode ", func(h *gitHeader, v string) string { h.kind = KindAdd; return takeMode(&h.newMode, v) }},
	{"deleted file mode ", func(h *gitHeader, v string) string { h.kind = KindDelete; return takeMode(&h.oldMode, v) }},
	{"copy from ", func(h *gitHeader, v string) string { h.kind = KindCopy; return takeName(&h.from, v) }},
	{"copy to ", func(h *gitHeader, v string) string { h.kind = KindCopy; return takeName(&h.to, v) }},
	{"rename from ", func(h *gitHeader, v string) string { h.kind = KindRename; return takeName(&h.from, v) }},
	{"rename to ", func(h *gitHeader, v string) string { h.kind = KindRename; return takeName(&h.to, v) }},
	{"rename old ", func(h *gitHeader, v string) string { h.kind = KindRename; return takeName(&h.from, v) }},
	{"rename new ", func(h *gitHeader, v string) string { h.kind = KindRename; return takeName(&h.to, v) }},
	{"similarity index ", func(*gitHeader, string) string { return "" }},
	{"dissimilarity index ", func(*gitHeader, string) string { return "" }},
	{"index ", (*gitHeader).takeIndex},
	{"--- ", func(h *gitHeader, v string) string { return takeStampedName(&h.oldName, v) }},
	{"+++ ", func(h *gitHeader, v string) string { return takeStampedName(&h.newName, v) }},
}

func takeMode(to *string, value string) (problem string) {
	switch value = strings.TrimSpace(value); {
	case value == ModeSymlink, value == ModeSubmodule:
	case len(value) == 6 && strings.HasPrefix(value, "100") && strings.Trim(value, "01234567") == "":
		// Long ago git recorded group and world bits; only the owner's x counts.
		executable := (value[3]-'0')&1 == 1
		value = ModeFile
		if executable {
			value = ModeExecutable
		}
	default:
		return "a file mode that git does not have"
	}
	if *to != "" && *to != value {
		return "two different modes for one side of a file"
	}
	*to = value
	return ""
}

func takeName(to *string, value string) (problem string) {
	name := value
	if strings.HasPrefix(value, `"`) {
		var rest string
		var ok bool
		if name, rest, ok = unquoteC(value); !ok || rest != "" {
			return "a quoted file name that cannot be read"
		}
	}
	if name == "" {
		return "an empty file name"
	}
	if *to != "" && *to != name {
		return "two different names for one side of a file"
	}
	*to = name
	return ""
}

func takeStampedName(to *string, value string) (problem string) {
	name, _ := cutFileName(value)
	if name == "" || *to != "" {
		return "a file name that cannot be read, or one too many"
	}
	*to = name
	return ""
}

// cutFileName takes the name from a --- or +++ line. What follows a tab is a
// time stamp, or nothing: git ends a name that holds spaces with a tab.
func cutFileName(value string) (name, stamp string) {
	if strings.HasPrefix(value, `"`) {
		name, stamp, _ = unquoteC(value)
		return name, strings.TrimSpace(stamp)
	}
	name, stamp, _ = strings.Cut(value, "\t")
	return name, stamp
}

// takeIndex reads "<old>..<new>[ <mode>]".
func (h *gitHeader) takeIndex(value string) (problem string) {
	ids, mode, hasMode := strings.Cut(value, " ")
	oldBlob, newBlob, ok := strings.Cut(ids, "..")
	if !ok || !isHex(oldBlob) || !isHex(newBlob) {
		return "an index line that cannot be read"
	}
	h.oldBlob, h.newBlob = strings.ToLower(oldBlob), strings.ToLower(newBlob)
	if !hasMode {
		return ""
	}
	if h.newMode == "" {
		problem = takeMode(&h.newMode, mode)
	}
	return cmp.Or(problem, takeMode(&h.oldMode, mode))
}

// isHex tells whether s can be an object id, whole or abbreviated, of SHA-1 or
// SHA-256.
func isHex(s string) bool {
	return 0 < len(s) && len(s) <= 64 && strings.Trim(s, "0123456789abcdefABCDEF") == ""
}
