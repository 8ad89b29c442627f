package mailbox

import "fmt"

// Limits bound what one patch file may cost. The zero value of a field means
// its default.
type Limits struct {
	File     int // bytes of the patch file; default 32 MiB
	Hunks    int // hunks in all files together; default 20,000
	Lines    int // lines of hunks in all files together; default 1,000,000
	Paths    int // changed files, and mails; default 5,000
	Expanded int // bytes of all binary content when unpacked; default 256 MiB
	Path     int // bytes of one path; default 4,096
}

func (l Limits) withDefaults() Limits {
	return Limits{
		File:     orDefault(l.File, 32<<20),
		Hunks:    orDefault(l.Hunks, 20_000),
		Lines:    orDefault(l.Lines, 1_000_000),
		Paths:    orDefault(l.Paths, 5_000),
		Expanded: orDefault(l.Expanded, 256<<20),
		Path:     orDefault(l.Path, 4_096),
	}
}

func orDefault(n, def int) int {
	if n == 0 {
		return def
	}
	return n
}

// LimitError says which limit a patch exceeds.
type LimitError struct {
	// Limit names the limit in words, such as "size of the patch file".
	Limit string
	// Max is the most that is allowed, in Unit.
	Max  int
	Unit string
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("limit exceeded: %s is at most %d %s", e.Limit, e.Max, e.Unit)
}

// Hints tells a person what to do about it.
func (e *LimitError) Hints() []string {
	return []string{"look at the file before trusting it; split it if it is genuine"}
}

// Options say how a patch is read. The zero value reads what git format-patch,
// git diff (with or without --no-prefix) and quilt write.
type Options struct {
	Limits Limits
	// Strip is the number of leading directories to cut from each name, as -p of
	// git apply. Zero means to find out: one for a/x and b/x, none for x and x.
	Strip int
}

// StripNone is the value of Options.Strip that cuts nothing, as -p0.
const StripNone = -1

// SyntaxError says where a patch cannot be understood.
type SyntaxError struct {
	// Line counts from 1 where the patch begins: in a mail below the message, and
	// after decoding.
	Line   int
	Reason string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d of the patch: %s", e.Line, e.Reason)
}
