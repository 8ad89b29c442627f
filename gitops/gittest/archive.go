package gittest

import (
	"os"
	"path/filepath"
	"strings"
)

type archiveFile struct{ name, data string }

// parseArchive takes a txtar archive apart: a comment, then files that each
// begin with a line "-- NAME --". See golang.org/x/tools/txtar, which this
// module does not otherwise need.
func parseArchive(s string) (comment string, files []archiveFile) {
	current := &comment
	for line := range strings.SplitAfterSeq(s, "\n") {
		name, ok := strings.CutPrefix(strings.TrimSpace(line), "-- ")
		if name, end := strings.CutSuffix(name, " --"); ok && end {
			files = append(files, archiveFile{name: strings.TrimSpace(name)})
			current = &files[len(files)-1].data
			continue
		}
		*current += line
	}
	return comment, files
}

// writeFile makes the directories that it needs.
func writeFile(path, content string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(content), 0o644)
}
