package patchset

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/git-carry/git-carry/patchset/mailbox"
	"github.com/git-carry/git-carry/patchset/pattern"
)

// Names that we create become parts of ref names, ledger paths and command
// lines, so they come from a short list of characters. Names that we merely meet
// (paths in a repository, branches) are never used unchecked.
var (
	patchIDPattern   = pattern.Of(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	versionPattern   = pattern.Of(`^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$`)
	componentPattern = pattern.Of(`^[A-Za-z0-9][A-Za-z0-9._+-]*(/[A-Za-z0-9][A-Za-z0-9._+-]*){0,7}$`)
	carryIDPattern   = pattern.Of(`^[A-Za-z0-9]{8,64}$`)
)

// CheckPatchID accepts ids such as T401234, T401234-2, CVE-2026-1.
func CheckPatchID(id string) error { return checkName("patch id", id, patchIDPattern) }

// CheckVersion accepts versions such as 1.46.0-wmf.6.
func CheckVersion(v string) error { return checkName("version", v, versionPattern) }

// CheckComponent accepts components such as core and extensions/AbuseFilter.
func CheckComponent(c string) error {
	if len(c) > 200 {
		return Faultf(CodeBadInput, "component name of %d characters is longer than 200", len(c))
	}
	if strings.Contains(c+"/", "/heads/") || strings.Contains(c+"/", "/tags/") {
		return Faultf(CodeBadInput, "%q is no component: heads and tags are git's own words in a ref", c)
	}
	return checkName("component", c, componentPattern)
}

// CheckTarget accepts names of publishing targets.
func CheckTarget(name string) error { return checkName("target name", name, versionPattern) }

// CheckChannel accepts names of channels.
func CheckChannel(name string) error { return checkName("channel name", name, versionPattern) }

// CheckCheck accepts names of checks.
func CheckCheck(name string) error { return checkName("check name", name, versionPattern) }

func checkName(what, name string, allowed func() *regexp.Regexp) error {
	reason := ""
	switch {
	case !allowed().MatchString(name):
		reason = "letters, digits, '.', '_' and '-' only, a letter or digit first"
	case strings.Contains(name, ".."):
		reason = "'..' is not allowed"
	case strings.HasSuffix(name, ".lock") || strings.Contains(name, ".lock/"):
		reason = "'.lock' at the end is git's own"
	case strings.HasSuffix(name, "."):
		reason = "a '.' at the end is not allowed"
	default:
		return nil
	}
	return Faultf(CodeBadInput, "%q is no %s: %s", name, what, reason)
}

// CompareVersions orders versions as people read them: runs of digits as
// numbers, so wmf.9 comes before wmf.10. It returns -1, 0 or 1.
func CompareVersions(a, b string) int { return mailbox.CompareNatural(a, b) }

// FreePatchID gives the id for the next patch of a task: the task itself, then
// task-2, task-3.
func FreePatchID(task string, taken func(id string) bool) string {
	if !taken(task) {
		return task
	}
	for n := 2; ; n++ {
		if id := fmt.Sprintf("%s-%d", task, n); !taken(id) {
			return id
		}
	}
}

// BaseCandidates picks, from the public branches and tags of a component (full
// ref names), those that can be the base of a version: the one named VERSION, or
// those whose last path segment is VERSION. pattern, if not empty, settles it:
// "wmf/{version}".
func BaseCandidates(version, pattern string, refs []string) []string {
	var exact, tail []string
	want := version
	if pattern != "" {
		want = strings.ReplaceAll(pattern, "{version}", version)
	}
	for _, ref := range refs {
		name := ShortRef(ref)
		switch {
		case name == want:
			exact = append(exact, ref)
		case pattern == "" && strings.HasSuffix(name, "/"+version):
			tail = append(tail, ref)
		}
	}
	return append(exact, tail...)
}

// ShortRef cuts refs/heads/ or refs/tags/ off a ref name.
func ShortRef(ref string) string {
	for _, prefix := range []string{"refs/heads/", "refs/tags/"} {
		if s, ok := strings.CutPrefix(ref, prefix); ok {
			return s
		}
	}
	return ref
}
