package mailbox

import (
	"bytes"
	"errors"
	"strings"
)

// ParseDiff reads a diff with the default [Options]; see [Options.ParseDiff].
func ParseDiff(data []byte) ([]FileChange, error) { return Options{}.ParseDiff(data) }

// ParseDiff reads what git diff and diff -u write. Text before, between and
// after the files is passed over. No files is no error. Errors are
// *[SyntaxError], *[PathError] and *[LimitError].
func (o Options) ParseDiff(data []byte) ([]FileChange, error) {
	acc, err := o.open(data)
	if err != nil {
		return nil, err
	}
	return acc.readDiff(data)
}

// account keeps what is left of the limits for one patch file, over all of
// its mails.
type account struct {
	limits, room Limits
	strip        int
}

func (o Options) open(data []byte) (*account, error) {
	limits := o.Limits.withDefaults()
	if len(data) > limits.File {
		return nil, &LimitError{Limit: "the size of a patch file", Max: limits.File, Unit: "bytes"}
	}
	return &account{limits: limits, room: limits, strip: o.Strip}, nil
}

func (acc *account) readDiff(data []byte) ([]FileChange, error) {
	r := diffReader{text: newText(data), account: acc}
	return r.readAll()
}

// diffReader reads the files of one diff.
type diffReader struct {
	*text
	*account
}

func (r *diffReader) readAll() ([]FileChange, error) {
	var files []FileChange
	for l := r.peek(); l != nil; l = r.peek() {
		read := r.fileReader(l)
		if read == nil {
			r.next()
			continue
		}
		if r.room.Paths--; r.room.Paths < 0 {
			return nil, &LimitError{Limit: "the number of files in a patch", Max: r.limits.Paths, Unit: "files"}
		}
		fc, err := read()
		if err != nil {
			return nil, err
		}
		files = append(files, fc)
	}
	return files, nil
}

// fileReader returns what reads the file that begins with line l, nil if none does.
func (r *diffReader) fileReader(l []byte) func() (FileChange, error) {
	switch {
	case bytes.HasPrefix(l, []byte("diff --git ")):
		return r.readGitFile
	case bytes.HasPrefix(l, []byte("diff --cc ")), bytes.HasPrefix(l, []byte("diff --combined ")):
		return r.refuse("this is the diff of a merge; make the patch from a commit with one parent")
	case bytes.HasPrefix(l, []byte("@@ -")):
		return r.refuse("a hunk that belongs to no file")
	case r.atPlainHeader():
		return r.readPlainFile
	}
	return nil
}

func (r *diffReader) refuse(reason string) func() (FileChange, error) {
	return func() (FileChange, error) {
		r.next()
		return FileChange{}, r.syntax(reason)
	}
}

// atPlainHeader tells whether the next lines are "--- ", "+++ " and "@@ -", by
// which git apply knows a file without a git header.
func (r *diffReader) atPlainHeader() bool {
	ahead := text{data: r.data, pos: r.pos}
	for _, prefix := range []string{"--- ", "+++ ", "@@ -"} {
		if !bytes.HasPrefix(ahead.next(), []byte(prefix)) {
			return false
		}
	}
	return true
}

// readHunks reads hunks as long as there are any.
func (r *diffReader) readHunks() ([]Hunk, error) {
	var hunks []Hunk
	for bytes.HasPrefix(r.peek(), []byte("@@ -")) {
		if r.room.Hunks--; r.room.Hunks < 0 {
			return nil, &LimitError{Limit: "the number of hunks in a patch", Max: r.limits.Hunks, Unit: "hunks"}
		}
		h, err := readHunk(r.text, r.room.Lines)
		if errors.Is(err, errNoRoom) {
			return nil, &LimitError{Limit: "the number of lines in a patch", Max: r.limits.Lines, Unit: "lines"}
		}
		if err != nil {
			return nil, err
		}
		r.room.Lines -= len(h.Lines)
		hunks = append(hunks, h)
	}
	return hunks, nil
}

func (r *diffReader) readBinary() (*BinaryChange, error) {
	b, err := readBinary(r.text, r.room.Expanded)
	if errors.Is(err, errNoRoom) {
		return nil, &LimitError{Limit: "unpacked binary content", Max: r.limits.Expanded, Unit: "bytes"}
	}
	if err != nil {
		return nil, err
	}
	r.room.Expanded -= len(b.Data)
	if b.Delta {
		r.room.Expanded -= b.Size
	}
	return b, nil
}

// readPlainFile reads a file that begins with --- and +++, as diff -u and quilt
// write it.
func (r *diffReader) readPlainFile() (FileChange, error) {
	oldName, oldStamp := cutFileName(strings.TrimPrefix(bare(r.next()), "--- "))
	newName, newStamp := cutFileName(strings.TrimPrefix(bare(r.next()), "+++ "))
	hunks, err := r.readHunks()
	if err != nil {
		return FileChange{}, err
	}
	fc := FileChange{Kind: KindModify, Hunks: hunks}
	first := hunks[0]
	switch {
	case oldName == devNull, first.OldStart == 0 && first.OldLines == 0 && isEpoch(oldStamp):
		fc.Kind = KindAdd
	case newName == devNull, first.NewStart == 0 && first.NewLines == 0 && isEpoch(newStamp):
		fc.Kind = KindDelete
	}
	name, err := r.plainName(oldName, newName)
	if err != nil {
		return FileChange{}, err
	}
	fc.OldPath, fc.NewPath = name, name
	return r.finish(fc)
}

// plainName finds the one name of a file from its --- and +++ lines. The new
// name decides: the old one is often that of a backup.
func (r *diffReader) plainName(oldName, newName string) (string, error) {
	if newName == devNull {
		newName = oldName
	}
	if oldName == devNull {
		oldName = newName
	}
	strip := r.strip
	if strip == 0 && (afterSlash(oldName) == afterSlash(newName) && oldName != newName ||
		strings.HasPrefix(oldName, "a/") || strings.HasPrefix(newName, "b/")) {
		strip = 1
	}
	return r.stripName(newName, strip)
}

// isEpoch tells whether a time stamp of diff -u stands for "no such file": GNU
// diff -N writes the epoch, in the zone of its user.
func isEpoch(stamp string) bool {
	return strings.HasPrefix(stamp, "1970-01-01 ") || strings.HasPrefix(stamp, "1969-12-31 ")
}

// finish settles the kind and checks that all parts of a change agree.
func (r *diffReader) finish(fc FileChange) (FileChange, error) {
	if fc.Kind == KindModify && fc.OldMode != fc.NewMode && len(fc.Hunks) == 0 && fc.Binary == nil {
		fc.Kind = KindMode
	}
	for _, name := range []string{fc.OldPath, fc.NewPath} {
		if len(name) > r.limits.Path {
			return FileChange{}, &LimitError{Limit: "the length of a path", Max: r.limits.Path, Unit: "bytes"}
		}
		if err := CheckPath(name); err != nil {
			return FileChange{}, err
		}
	}
	if fc.NewMode == ModeSymlink && isDotGitmodules(fc.NewPath) {
		return FileChange{}, &PathError{Path: fc.NewPath, Reason: "it may not be a symbolic link"}
	}
	if fc.Kind == KindModify && len(fc.Hunks) == 0 && fc.Binary == nil {
		return FileChange{}, r.syntax("the patch names " + QuotePath(fc.NewPath) + " but says nothing to do to it")
	}
	for _, h := range fc.Hunks {
		if fc.Kind == KindAdd && h.OldLines > 0 {
			return FileChange{}, r.syntax("a new file depends on old content")
		}
		if fc.Kind == KindDelete && h.NewLines > 0 {
			return FileChange{}, r.syntax("a deleted file still has content")
		}
	}
	switch fc.Kind {
	case KindAdd:
		fc.OldPath, fc.OldMode = "", ""
	case KindDelete:
		fc.NewPath, fc.NewMode = "", ""
	}
	return fc, nil
}
