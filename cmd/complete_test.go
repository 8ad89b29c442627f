package cmd

import (
	"regexp"
	"strings"
	"testing"
)

// TestCompletionKnowsTheTree: what is completed exists, and what names a patch or
// a version is completed.
func TestCompletionKnowsTheTree(t *testing.T) {
	named := regexp.MustCompile(`\b(ID|VERSION)\b`)
	seen := map[string]bool{}
	for _, c := range allCommands(newRootCmd(&app{})) {
		path := strings.Join(words(c), " ")
		seen[path] = true
		_, use, _ := strings.Cut(c.Use, " ")
		if named.MatchString(use) && completedArgs[path] == nil && path != "owner add" {
			t.Errorf("the arguments of %q are not completed: %s", path, c.Use)
		}
	}
	for path := range completedArgs {
		if !seen[path] {
			t.Errorf("there is no command %q to complete", path)
		}
	}
}

func TestCompletionWithoutAVaultIsSilent(t *testing.T) {
	exit, stdout, _ := runHere(t, nil, "__complete", "show", "")
	if exit != 0 || stdout != ":4\n" {
		t.Errorf("exit %d, stdout %q", exit, stdout)
	}
}
