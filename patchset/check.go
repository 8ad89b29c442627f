package patchset

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Check is what must hold of the tree wherever a patch is carried: a text that is
// there or is not, or a command that is content.
type Check struct {
	// Present and Absent are a text, or an expression (RE2) if Regexp is set. One of them
	// or Command is given.
	Present string `toml:"present,omitempty"`
	Absent  string `toml:"absent,omitempty"`
	Regexp  bool   `toml:"regexp,omitempty"`
	// Path says in which files to look: a path, or a pattern in which * stands for any
	// part of a name and ** for any directories.
	Path string `toml:"path,omitempty"`
	// Command is a program and its arguments, never a line for a shell.
	Command []string `toml:"command,omitempty"`
	// Seconds and MemoryMB limit the command; 0: [DefaultSeconds], [DefaultMemoryMB].
	Seconds  int    `toml:"seconds,omitempty"`
	MemoryMB int    `toml:"memory_mb,omitempty"`
	By       string `toml:"by"`
	// At is when it was added.
	At time.Time `toml:"at"`
}

// What a command may use when its check does not say.
const (
	DefaultSeconds  = 120
	DefaultMemoryMB = 2048
)

const (
	maxCheckText  = 4 << 10 // bytes
	maxCheckWords = 200
	maxSeconds    = 3600
	minMemoryMB   = 16
	maxMemoryMB   = 1 << 20
)

// CheckAt is one check in one version.
type CheckAt struct{ Version, Check string }

// CheckResult is what came of a command, for exactly one commit.
type CheckResult struct {
	Commit ID `toml:"commit"` // the stack's last
	// Of is the digest of the check that was run; see [Check.Digest].
	Of     string    `toml:"of"`
	At     time.Time `toml:"at"`
	By     string    `toml:"by"`
	Passed bool      `toml:"passed"`
	Why    string    `toml:"why,omitempty"` // unless it passed: "exit status 1"
	// Sandbox names what held the command: "namespaces+landlock(abi 7)+seccomp".
	Sandbox string `toml:"sandbox"`
	Output  string `toml:"output,omitempty"` // the end of it, printable
}

// Valid refuses a check that could not be made, with words for the person who typed it.
func (c Check) Valid() error {
	given := 0
	for _, has := range []bool{c.Present != "", c.Absent != "", len(c.Command) > 0} {
		if has {
			given++
		}
	}
	switch {
	case given != 1:
		return Faultf(CodeBadInput, "a check is one of: a text that must be present, a text that must be absent, a command")
	case len(c.Command) > 0:
		return c.validCommand()
	case c.Seconds != 0 || c.MemoryMB != 0:
		return Faultf(CodeBadInput, "limits are for commands")
	case len(c.text()) > maxCheckText || strings.ContainsRune(c.text(), 0):
		return Faultf(CodeBadInput, "the text of a check is at most %d bytes, none of them zero", maxCheckText)
	}
	if _, err := c.expression(); err != nil {
		return Faultf(CodeBadInput, "%q is no regular expression (RE2): %w", c.text(), err)
	}
	return validPattern(c.Path)
}

func (c Check) validCommand() error {
	size := 0
	for _, word := range c.Command {
		size += len(word)
		if strings.ContainsRune(word, 0) {
			return Faultf(CodeBadInput, "a command holds no zero bytes")
		}
	}
	switch {
	case c.Command[0] == "":
		return Faultf(CodeBadInput, "the command has no program")
	case size > maxCheckText || len(c.Command) > maxCheckWords:
		return Faultf(CodeBadInput, "a command is at most %d words and %d bytes", maxCheckWords, maxCheckText).
			WithHint("put it into a script in the repository")
	case c.Path != "" || c.Regexp:
		return Faultf(CodeBadInput, "a path and an expression are for texts, not for commands")
	case c.Seconds < 0 || c.Seconds > maxSeconds:
		return Faultf(CodeBadInput, "a command may run for 1 to %d seconds", maxSeconds)
	case c.MemoryMB != 0 && (c.MemoryMB < minMemoryMB || c.MemoryMB > maxMemoryMB):
		return Faultf(CodeBadInput, "a command may use %d to %d MB of memory", minMemoryMB, maxMemoryMB)
	}
	return nil
}

func validPattern(pattern string) error {
	f := Faultf(CodeBadInput, "%q is no path in a repository", pattern).WithHint("such as includes/Search.php, src/*.c or **")
	if pattern == "" || len(pattern) > maxCheckText || strings.HasPrefix(pattern, "/") {
		return f
	}
	for part := range strings.SplitSeq(pattern, "/") {
		if _, err := path.Match(part, ""); err != nil || part == "" || part == "." || part == ".." {
			return f
		}
	}
	return nil
}

// checkChecks refuses checks and results that could not have been recorded by us.
func (p Patch) checkChecks() error {
	for name, c := range p.Checks {
		if err := CheckCheck(name); err != nil {
			return err
		}
		if err := c.Valid(); err != nil {
			return fmt.Errorf("check %s of %s: %w", name, p.ID, err)
		}
	}
	for at := range p.Results {
		if err := cmp.Or(CheckCheck(at.Check), CheckVersion(at.Version)); err != nil {
			return err
		}
	}
	return nil
}

// IsCommand tells whether a process must be started for it.
func (c Check) IsCommand() bool { return len(c.Command) > 0 }

func (c Check) text() string {
	if c.Present != "" {
		return c.Present
	}
	return c.Absent
}

// SecondsOr is the limit of a command in seconds, whether its check says one or not.
func (c Check) SecondsOr() int { return cmp.Or(c.Seconds, DefaultSeconds) }

// MemoryOr is the limit of a command in megabytes, whether its check says one or not.
func (c Check) MemoryOr() int { return cmp.Or(c.MemoryMB, DefaultMemoryMB) }

// Kind is present, absent or command.
func (c Check) Kind() string {
	switch {
	case c.IsCommand():
		return "command"
	case c.Present != "":
		return "present"
	}
	return "absent"
}

// String is such as `"htmlspecialchars" in includes/Search.php`; of a command, its words.
func (c Check) String() string {
	if c.IsCommand() {
		words := slices.Clone(c.Command)
		for i, word := range words {
			if word == "" || strings.ContainsAny(word, " \t\n\"'") {
				words[i] = strconv.Quote(word)
			}
		}
		return strings.Join(words, " ")
	}
	what := fmt.Sprintf("%q", c.text())
	if c.Regexp {
		what = "/" + c.text() + "/"
	}
	return what + " in " + c.Path
}

// Digest names what is checked, without who added it and when.
func (c Check) Digest() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", c.facts()))
	return hex.EncodeToString(sum[:8])
}

func (c Check) facts() []string {
	return append([]string{
		c.Present, c.Absent, strconv.FormatBool(c.Regexp), c.Path, strconv.Itoa(c.Seconds), strconv.Itoa(c.MemoryMB),
	}, c.Command...)
}

// Within tells whether the check looks into a file; of a directory, whether it may
// look into files below it.
func (c Check) Within(file string, dir bool) bool {
	return matchParts(strings.Split(c.Path, "/"), strings.Split(file, "/"), dir)
}

// matchParts matches names with patterns, one by one. The names of a directory must end
// before the patterns do.
func matchParts(pattern, names []string, dir bool) bool {
	for i, part := range pattern {
		switch {
		case part == "**" && (dir || i+1 == len(pattern)):
			return dir || len(names) > i
		case part == "**":
			for n := i; n <= len(names); n++ {
				if matchParts(pattern[i+1:], names[n:], false) {
					return true
				}
			}
			return false
		case len(names) == i:
			return dir
		}
		if ok, err := path.Match(part, names[i]); err != nil || !ok {
			return false
		}
	}
	return !dir && len(names) == len(pattern)
}

// expression is nil for a plain text.
func (c Check) expression() (*regexp.Regexp, error) {
	if !c.Regexp {
		return nil, nil
	}
	return regexp.Compile("(?m)" + c.text())
}

// Find gives the line, counted from 1, on which the text of the check begins in a
// file; 0 when it is not in it.
func (c Check) Find(data []byte) int {
	at := bytes.Index(data, []byte(c.text()))
	if re, err := c.expression(); err == nil && re != nil {
		at = -1
		if found := re.FindIndex(data); found != nil {
			at = found[0]
		}
	}
	if at < 0 {
		return 0
	}
	return 1 + bytes.Count(data[:at], []byte("\n"))
}

// FreeCheckName is a name for a further check of the patch: command, command-2 …
func (p Patch) FreeCheckName(c Check) string {
	name := c.Kind()
	for n := 2; ; n++ {
		if _, taken := p.Checks[name]; !taken {
			return name
		}
		name = fmt.Sprintf("%s-%d", c.Kind(), n)
	}
}

// CheckNames lists the checks of the patch in order of name.
func (p Patch) CheckNames() []string {
	names := make([]string, 0, len(p.Checks))
	for name := range p.Checks {
		names = append(names, name)
	}
	slices.SortFunc(names, CompareVersions)
	return names
}

// Result is what is known of a command check on a commit; ok is false when it must
// still be run.
func (p Patch) Result(at CheckAt, commit ID) (r CheckResult, ok bool) {
	r, ok = p.Results[at]
	return r, ok && r.Commit == commit && r.Of == p.Checks[at.Check].Digest()
}
