package mailbox

import (
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of a tree of patch files.
const (
	maxTreeEntries = 200_000
	maxTreeDepth   = 12
	maxTreeBytes   = 256 << 20
)

// Tree is a directory of patch files, one directory per version:
//
//	<version>/core/NN-Txxx.patch
//	<version>/vendor/NN-Txxx.patch
//	<version>/extensions/<name>[/<nested path>]/NN-Txxx.patch
//	<version>/skins/<name>[/<nested path>]/NN-Txxx.patch
//
// Everything below the directory is in exactly one of Versions and Refused,
// but for a .git directory.
type Tree struct {
	// Versions are sorted with numbers counted: wmf.9 before wmf.10. The name is
	// "" when the directory is itself a version.
	Versions []TreeVersion
	// Refused tells what was left out, Guessed what is in but was not certain.
	Refused, Guessed []Finding
}

// TreeVersion is the patch files of one version, in the order in which they
// apply: by component, then as [TreeFile] says.
type TreeVersion struct {
	Name  string
	Files []TreeFile
}

// TreeFile is one patch file. In a component, files are sorted by Number; those
// without a number come last; then by name.
type TreeFile struct {
	Path      string // from the root of the tree
	Component string // such as "core" or "extensions/AbuseFilter"
	Number    int    // the NN, or -1
	// Task is the id in the name, such as "T401234" or "CVE-2024-1234". A name
	// without one gives a word made from the name.
	Task string
	// Ordinal counts the files of one task in one component from 1.
	Ordinal int
	// Revision is the N of -revN, or 0.
	Revision int
	// Suffix is the state that was marked by renaming the file: "", "updated",
	// "dropped" or "failed".
	Suffix string
	Data   []byte

	// stem is the name without suffix and revision, explicit the ordinal it
	// spells out.
	stem     string
	explicit int
}

// Finding is a remark about one file or directory.
type Finding struct {
	Path   string // quote it before showing it
	Reason string
}

// ReadTree reads a tree of patch files. What does not belong there is refused
// and named, never an error; the error is for a root that cannot be read, and
// *[LimitError].
func ReadTree(fsys fs.FS) (Tree, error) {
	r := treeReader{fsys: fsys, limits: Limits{}.withDefaults()}
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return Tree{}, fmt.Errorf("read the directory of patches: %w", err)
	}
	if slices.ContainsFunc(entries, isRoot) {
		err = r.readVersion("", "")
	} else {
		err = r.readVersions(entries)
	}
	slices.SortStableFunc(r.tree.Versions, func(a, b TreeVersion) int { return CompareNatural(a.Name, b.Name) })
	return r.tree, err
}

// isRoot tells whether an entry of a version's directory may hold patches.
func isRoot(e fs.DirEntry) bool {
	switch e.Name() {
	case "core", "vendor", "extensions", "skins":
		return e.IsDir()
	}
	return false
}

type treeReader struct {
	fsys    fs.FS
	limits  Limits
	tree    Tree
	entries int
	bytes   int
}

func (r *treeReader) refuse(at, reason string) {
	r.tree.Refused = append(r.tree.Refused, Finding{Path: at, Reason: reason})
}

func (r *treeReader) guess(at, reason string) {
	r.tree.Guessed = append(r.tree.Guessed, Finding{Path: at, Reason: reason})
}

func (r *treeReader) readVersions(entries []fs.DirEntry) error {
	for _, e := range entries {
		switch {
		case e.Name() == ".git":
		case r.refusedName(e.Name(), e):
		case !e.IsDir():
			r.refuse(e.Name(), "a file beside the version directories")
		default:
			if err := r.readVersion(e.Name(), e.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *treeReader) readVersion(name, dir string) error {
	entries, ok, err := r.list(dir)
	if err != nil || !ok {
		return err
	}
	if !slices.ContainsFunc(entries, isRoot) {
		r.refuse(dir, "a directory without core, extensions, skins or vendor is not a version")
		return nil
	}
	version := TreeVersion{Name: name}
	for _, e := range entries {
		at := path.Join(dir, e.Name())
		switch {
		case e.Name() == ".git", r.refusedName(at, e):
		case !isRoot(e):
			r.refuse(at, "not one of core, extensions, skins and vendor")
		default:
			files, err := r.readComponents(at, e.Name(), 0)
			if err != nil {
				return err
			}
			version.Files = append(version.Files, files...)
		}
	}
	r.number(version.Files)
	r.tree.Versions = append(r.tree.Versions, version)
	return nil
}

// readComponents reads a component and those nested in it.
func (r *treeReader) readComponents(dir, component string, depth int) ([]TreeFile, error) {
	if depth > maxTreeDepth {
		r.refuse(dir, "nested too deep")
		return nil, nil
	}
	entries, ok, err := r.list(dir)
	if err != nil || !ok {
		return nil, err
	}
	group := component == "extensions" || component == "skins"
	flat := component == "core" || component == "vendor"
	var files, nested []TreeFile
	for _, e := range entries {
		at := path.Join(dir, e.Name())
		switch {
		case r.refusedName(at, e):
		case e.IsDir() && flat:
			r.refuse(at, "a directory in "+component+", which holds files only")
		case e.IsDir():
			below, err := r.readComponents(at, component+"/"+e.Name(), depth+1)
			if err != nil {
				return nil, err
			}
			nested = append(nested, below...)
		case group:
			r.refuse(at, "a file beside the directories of "+component)
		default:
			f, ok, err := r.readPatch(at, e)
			if err != nil {
				return nil, err
			}
			if ok {
				f.Component = component
				files = append(files, f)
			}
		}
	}
	slices.SortFunc(files, compareFiles)
	r.noteOrder(files)
	return append(files, nested...), nil
}

// noteOrder tells where numbers give another order than names do: scap applies 10-T2 before
// 9-T9.
func (r *treeReader) noteOrder(files []TreeFile) {
	for i := 1; i < len(files); i++ {
		was, is := files[i-1], files[i]
		if was.Number >= 0 && is.Number >= 0 && was.Path > is.Path {
			r.guess(is.Path, "By its number it comes after "+path.Base(was.Path)+"; what sorts names as text applies it first.")
		}
	}
}

// list reads a directory that must not be empty.
func (r *treeReader) list(dir string) (entries []fs.DirEntry, ok bool, err error) {
	entries, readErr := fs.ReadDir(r.fsys, cmp.Or(dir, "."))
	if readErr != nil {
		r.refuse(dir, "the directory cannot be read")
		return nil, false, nil
	}
	if r.entries += len(entries); r.entries > maxTreeEntries {
		return nil, false, &LimitError{Limit: "the number of files in a tree of patches", Max: maxTreeEntries, Unit: "files"}
	}
	if len(entries) == 0 {
		r.refuse(dir, "an empty directory")
		return nil, false, nil
	}
	return entries, true, nil
}

// refusedName refuses what is no plain file or directory, or has a name that
// cannot be meant.
func (r *treeReader) refusedName(at string, e fs.DirEntry) bool {
	name := e.Name()
	switch {
	case !utf8.ValidString(name) || strings.ContainsFunc(name, func(c rune) bool { return !unicode.IsPrint(c) }):
		r.refuse(at, "a name that cannot be read")
	case e.Type()&fs.ModeSymlink != 0:
		r.refuse(at, "a symbolic link")
	case !e.IsDir() && !e.Type().IsRegular():
		r.refuse(at, "not a regular file")
	case strings.HasSuffix(name, "~"), strings.HasPrefix(name, "#"), slices.Contains(leftovers, path.Ext(name)):
		r.refuse(at, "a leftover of an editor or of patch")
	case strings.HasPrefix(name, "."):
		r.refuse(at, "a hidden file")
	default:
		return false
	}
	return true
}

// leftovers are endings that editors and patch(1) leave behind.
var leftovers = []string{".swp", ".swo", ".bak", ".orig", ".rej", ".tmp"}

func (r *treeReader) readPatch(at string, e fs.DirEntry) (TreeFile, bool, error) {
	f, guesses, ok := parseFileName(e.Name())
	if !ok {
		r.refuse(at, "not a patch file: the name does not end with .patch")
		return TreeFile{}, false, nil
	}
	f.Path = at
	var err error
	if f.Data, err = r.readFile(at); err != nil {
		return TreeFile{}, false, err
	}
	if f.Data == nil {
		return TreeFile{}, false, nil
	}
	for _, g := range guesses {
		r.guess(at, g)
	}
	return f, true, nil
}

// readFile returns nil for a file that it refused.
func (r *treeReader) readFile(at string) ([]byte, error) {
	data, err := readBounded(r.fsys, at, r.limits.File)
	switch {
	case err != nil:
		r.refuse(at, "the file cannot be read")
		return nil, nil
	case len(data) > r.limits.File:
		r.refuse(at, fmt.Sprintf("larger than %d bytes", r.limits.File))
		return nil, nil
	case len(data) == 0:
		r.refuse(at, "an empty file")
		return nil, nil
	}
	if r.bytes += len(data); r.bytes > maxTreeBytes {
		return nil, &LimitError{Limit: "the size of a tree of patches", Max: maxTreeBytes, Unit: "bytes"}
	}
	return data, nil
}

// readBounded reads at most one byte more than limit.
func readBounded(fsys fs.FS, at string, limit int) ([]byte, error) {
	f, err := fsys.Open(at)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, int64(limit)+1))
}
