package merge3

import (
	"fmt"
	"strings"
)

// Git's sentences, so that a dispute reads the same whoever found it.

func contentMessage(path string, v [3]Entry) string {
	reason := "content"
	if v[ofBase].ID == "" {
		reason = string(KindAddAdd)
	}
	return fmt.Sprintf("CONFLICT (%s): Merge conflict in %s", reason, path)
}

func submoduleMessage(path string) string {
	return fmt.Sprintf("Failed to merge submodule %s (not checked out)", path)
}

func binaryMessage(path string, labels MarkerLabels) string {
	return fmt.Sprintf("warning: Cannot merge binary files: %s (%s vs. %s)", path, labels.Upstream, labels.Patch)
}

func modifyDeleteMessage(path, deleted, modified string) string {
	return fmt.Sprintf("CONFLICT (modify/delete): %s deleted in %s and modified in %s.  Version %s of %s left in tree.",
		path, deleted, modified, modified, path)
}

func fileDirectoryMessage(path, moved, label string) string {
	return fmt.Sprintf("CONFLICT (file/directory): directory in the way of %s from %s; moving it to %s instead.", path, label, moved)
}

func distinctTypesMessage(path string, both bool) string {
	renamed := "one of them"
	if both {
		renamed = "both of them"
	}
	return fmt.Sprintf("CONFLICT (distinct types): %s had different types on each side; renamed %s so each can be recorded somewhere.",
		path, renamed)
}

func renameDeleteMessage(r rename, renamed, deleted string) string {
	return fmt.Sprintf("CONFLICT (rename/delete): %s renamed to %s in %s, but deleted in %s.", r.From, r.To, renamed, deleted)
}

func renameRenameMessage(from, upTo, patchTo string, labels [3]string) string {
	return fmt.Sprintf("CONFLICT (rename/rename): %s renamed to %s in %s and to %s in %s.",
		from, upTo, labels[ofUpstream], patchTo, labels[ofPatch])
}

func collisionMessage(r rename) string {
	return fmt.Sprintf("CONFLICT (rename involved in collision): rename of %s -> %s has content conflicts AND collides with another path; "+
		"this may result in nested conflict markers.", r.From, r.To)
}

func addedLocationMessage(m dirMove, added, renamed string) string {
	return fmt.Sprintf("CONFLICT (file location): %s added in %s inside a directory that was renamed in %s, "+
		"suggesting it should perhaps be moved to %s.", m.Path, added, renamed, m.To)
}

func renamedLocationMessage(from string, m dirMove, side, renamed string) string {
	return fmt.Sprintf("CONFLICT (file location): %s renamed to %s in %s, inside a directory that was renamed in %s, "+
		"suggesting it should perhaps be moved to %s.", from, m.Path, side, renamed, m.To)
}

func inTheWayMessage(m dirMove) string {
	return fmt.Sprintf("CONFLICT (implicit dir rename): Existing file/dir at %s in the way of implicit directory rename(s) "+
		"putting the following path(s) there: %s.", m.To, strings.Join(m.Among, ", "))
}

func manyMessage(m dirMove) string {
	return fmt.Sprintf("CONFLICT (implicit dir rename): Cannot map more than one path to %s; "+
		"implicit directory renames tried to put these paths there: %s", m.To, strings.Join(m.Among, ", "))
}

func splitMessage(dir string) string {
	return fmt.Sprintf("CONFLICT (directory rename split): Unclear where to rename %s to; it was renamed to multiple other directories, "+
		"with no destination getting a majority of the files.", dir)
}
