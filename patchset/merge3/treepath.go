package merge3

import (
	"slices"
	"strconv"
	"strings"
)

// nestedMarkerSize is the size of markers in a file that is merged before it
// comes into dispute with another one.
const nestedMarkerSize = DefaultMarkerSize + 1

// mergeFile adds what becomes of the file at a path. Where a directory of that
// name stays the file has to go.
func (d *dirMerge) mergeFile(name string, v planned, dirStays bool) error {
	switch {
	case v.file == [3]Entry{}:
		return nil
	case differentTypes(v.file):
		return d.splitTypes(name, v)
	case dirStays:
		return d.mergeBeside(name, v)
	}
	path := d.path + name
	e, err := d.mergeVersions(path, path, v)
	if err == nil && e.ID != "" {
		d.add(name, e)
	}
	return err
}

// mergeBeside merges a file whose name a directory has taken. One side at most
// has the file: the other one has the directory.
func (d *dirMerge) mergeBeside(name string, v planned) error {
	side := ofUpstream
	if v.file[side].ID == "" {
		side = ofPatch
	}
	if v.file[side] == v.file[ofBase] || v.file[side].ID == "" {
		return nil
	}
	moved, err := d.uniqueName(name, side)
	if err != nil {
		return err
	}
	d.note(noteFileDirectory, fileDirectoryMessage(d.path+name, d.path+moved, d.labels[side]), d.path+moved, d.path+name)
	e, err := d.mergeVersions(d.path+name, d.path+moved, v)
	if err != nil {
		return err
	}
	if _, ok := d.unmerged[d.path+moved]; !ok {
		d.unmerge(d.path+moved, only(side, e))
	}
	d.add(moved, e)
	return nil
}

// only are the versions of a path that one side alone has.
func only(side int, e Entry) (v [3]Entry) {
	v[side] = e
	return v
}

func differentTypes(v [3]Entry) bool {
	_, ok := oneChanged(v)
	return !ok && v[ofUpstream].ID != "" && v[ofPatch].ID != "" && fileType(v[ofUpstream].Mode) != fileType(v[ofPatch].Mode)
}

// mergeVersions merges versions of one type and returns what is left of them. Path is
// where they were, final where the result will be.
func (t *treeMerge) mergeVersions(path, final string, v planned) (Entry, error) {
	if v.dispute {
		t.unmerge(final, v.file)
	}
	for side := ofUpstream; side <= ofPatch; side++ {
		if v.file[side].ID == "" {
			return t.mergeOne(other(side), final, v)
		}
	}
	if e, ok := oneChanged(v.file); ok {
		return e, nil
	}
	for i := range v.from {
		if v.from[i] == "" {
			v.from[i] = path
		}
	}
	c, err := t.mergeContent(v.file, v.from, DefaultMarkerSize)
	if err != nil || c.clean {
		return c.entry, err
	}
	t.unmerge(final, v.file)
	switch {
	case c.binary:
		t.note(noteBinary, binaryMessage(final, t.markerLabels(v.from)), final)
	case v.file[ofUpstream].Mode == ModeGitlink:
		t.note(noteSubmodule, submoduleMessage(final), final)
	default:
		t.note(noteContents, contentMessage(final, v.file), final)
	}
	return c.entry, nil
}

// mergeOne is what is left of a path that at most one side has.
func (t *treeMerge) mergeOne(side int, final string, v planned) (Entry, error) {
	e, base := v.file[side], v.file[ofBase]
	switch {
	case e.ID == "" || base.ID == "" || e == base && v.dispute:
		return e, nil
	case e == base && !v.kept:
		return Entry{}, nil
	}
	t.unmerge(final, v.file)
	t.note(noteModifyDelete, modifyDeleteMessage(final, t.labels[other(side)], t.labels[side]), final)
	return e, nil
}

// contents is what came of a merge of what files hold.
type contents struct {
	entry  Entry // with markers; where there can be none, upstream's
	clean  bool
	binary bool
}

// mergeContent merges what two files of one type hold, and their modes. From
// are the paths that the versions come from.
func (t *treeMerge) mergeContent(v [3]Entry, from [3]string, markerSize int) (contents, error) {
	base, up, patch := v[ofBase], v[ofUpstream], v[ofPatch]
	c := contents{entry: up, clean: true}
	if mode, ok := oneChanged([3]string{base.Mode, up.Mode, patch.Mode}); ok {
		c.entry.Mode = mode
	} else {
		c.clean = false
	}
	if fileType(base.Mode) != fileType(up.Mode) {
		base = Entry{}
	}
	ids := [3]ID{base.ID, up.ID, patch.ID}
	if id, ok := oneChanged(ids); ok {
		c.entry.ID = id
		return c, nil
	}
	if fileType(up.Mode) != ModeFile {
		c.clean = false
		return c, nil
	}
	labels := t.markerLabels(from)
	labels.Size = markerSize
	res, err := t.mergeText(ids, labels)
	if err != nil {
		return c, err
	}
	if res.Binary {
		c.clean, c.binary = false, true
		return c, nil
	}
	c.clean = c.clean && res.Clean()
	c.entry.ID, err = t.objects.WriteBlob(res.Bytes())
	return c, err
}

// markerLabels are the labels of a file in dispute. They tell its paths if it
// has several.
func (t *treeMerge) markerLabels(from [3]string) MarkerLabels {
	labels := t.labels
	if from[ofBase] != from[ofUpstream] || from[ofBase] != from[ofPatch] {
		for i, path := range from {
			labels[i] += ":" + path
		}
	}
	return MarkerLabels{Base: labels[ofBase], Upstream: labels[ofUpstream], Patch: labels[ofPatch]}
}

// mergeText merges three texts; the base's id may be "".
func (t *treeMerge) mergeText(ids [3]ID, labels MarkerLabels) (TextResult, error) {
	var texts [3][]byte
	for i, id := range ids {
		if id == "" {
			continue
		}
		text, err := t.objects.ReadBlob(t.ctx, id)
		if err != nil {
			return TextResult{}, err
		}
		texts[i] = text
	}
	if slices.ContainsFunc(texts[:], isBinary) { // even where an empty file is no change to an empty base
		return TextResult{Binary: true}, nil
	}
	if max(len(texts[ofBase]), len(texts[ofUpstream]), len(texts[ofPatch])) > maxMergedText {
		return TextResult{}, beyond(beyondText)
	}
	o := t.text
	o.Labels, o.MaxWork = labels, maxTextWork
	res := Text(texts[ofBase], texts[ofUpstream], texts[ofPatch], o)
	if res.Exhausted {
		return TextResult{}, beyond(beyondText)
	}
	return res, nil
}

// fileType is ModeFile for regular files, else the mode itself.
func fileType(mode string) string {
	if mode == ModeExecutable {
		return ModeFile
	}
	return mode
}

// splitTypes adds two versions of a path that cannot be merged: a file and a
// symbolic link, for one. The link keeps the name, a file gets another one.
func (d *dirMerge) splitTypes(name string, v planned) error {
	path := d.path + name
	var moves [3]bool
	for side := ofUpstream; side <= ofPatch; side++ {
		moves[side] = fileType(v.file[side].Mode) == ModeFile
	}
	if !moves[ofUpstream] && !moves[ofPatch] {
		moves[ofUpstream], moves[ofPatch] = true, true
	}
	paths := []string{path}
	for side := ofUpstream; side <= ofPatch; side++ {
		final := name
		if moves[side] {
			var err error
			if final, err = d.uniqueName(name, side); err != nil {
				return err
			}
		}
		stage := only(side, v.file[side])
		if fileType(v.file[ofBase].Mode) == fileType(v.file[side].Mode) {
			stage[ofBase] = v.file[ofBase]
		}
		d.add(final, v.file[side])
		d.unmerge(d.path+final, stage)
		paths = append(paths, d.path+final)
	}
	d.note(noteTypes, distinctTypesMessage(path, moves[ofUpstream] && moves[ofPatch]), paths...)
	return nil
}

// uniqueName is a name for a side's file that has to give way. No tree has it.
func (d *dirMerge) uniqueName(name string, side int) (string, error) {
	base := name + "~" + strings.ReplaceAll(d.labels[side], "/", "_")
	unique := base
	for n := 0; ; n++ {
		taken, err := d.taken(unique)
		if err != nil || !taken {
			return unique, err
		}
		unique = base + "_" + strconv.Itoa(n)
	}
}

// taken tells whether any tree has a name, or the merged one so far.
func (d *dirMerge) taken(name string) (bool, error) {
	for _, tree := range d.trees {
		list, err := d.objects.ReadTree(d.ctx, tree)
		if err != nil {
			return false, err
		}
		if _, ok := findEntry(list, name); ok {
			return true, nil
		}
	}
	merged := slices.ContainsFunc(d.merged, func(e TreeEntry) bool { return e.Name == name })
	return merged || d.plannedNames()[name], nil
}
