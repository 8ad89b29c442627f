package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/printable"
	"github.com/spf13/cobra"
)

// The exit codes, the same for every command. Codes 125 to 129 belong to shells
// and git.
const (
	exitFailed    = 1
	exitUsage     = 2
	exitConflicts = 3
	exitConsent   = 4
	exitCheck     = 5
	exitPolicy    = 6
	exitPending   = 8
	exitBusy      = 75
)

// exitCodes maps kinds of failure to exit codes; what is not here exits 1.
var exitCodes = map[patchset.Code]int{
	patchset.CodeUsage:      exitUsage,
	patchset.CodeConflicts:  exitConflicts,
	patchset.CodeConsent:    exitConsent,
	patchset.CodeNotAllowed: exitConsent,
	patchset.CodePolicy:     exitPolicy,
	patchset.CodePending:    exitPending,
	patchset.CodeBusy:       exitBusy,
}

var errInterrupted = patchset.Faultf("interrupted", "interrupted; what was accepted before is safe, nothing is half done").
	WithHint("run the same command again")

// outcome is an exit code without an error message: the command has said all
// there is to say (conflicts are parked, verify has listed its problems).
type outcome struct{ exit int }

func (o outcome) Error() string { return fmt.Sprintf("exit %d", o.exit) }

// failure is an error in the form in which it is shown.
type failure struct {
	Schema  string   `json:"schema"`
	Code    string   `json:"code"`
	Exit    int      `json:"exit"`
	Message string   `json:"message"`
	Hint    []string `json:"hint"`
	// Problems is what the gate found, when it was the gate that refused.
	Problems []patchset.Problem `json:"problems,omitempty"`
}

// finish says what went wrong, if anything, and gives the exit code.
func (a *app) finish(err error) int {
	var quiet outcome
	switch {
	case err == nil:
		return 0
	case errors.As(err, &quiet):
		return quiet.exit
	}
	f := explain(err)
	if a.json {
		a.printJSON(f)
		return f.Exit
	}
	fmt.Fprintf(a.env.Stderr, "error: %s\n", printable.Text(f.Message))
	for _, hint := range f.Hint {
		fmt.Fprintf(a.env.Stderr, "hint:  %s\n", printable.Text(hint))
	}
	return f.Exit
}

// explain turns any error into words, a code and an exit code. It is the only
// place that does.
func explain(err error) failure {
	f := failure{Schema: schema("error"), Code: string(patchset.CodeFailed), Exit: exitFailed, Message: err.Error(), Hint: []string{}}
	var fault *patchset.Fault
	var notAllowed *owners.NotAllowedError
	var registry *owners.RegistryError
	var key *owners.KeyError
	var unknownRev *gitops.UnknownRevisionError
	var missing *gitops.MissingObjectError
	var stale *gitops.StaleError
	switch {
	case errors.Is(err, errInterrupted):
		f.Code, f.Exit = "interrupted", exitInterrupted
	case errors.As(err, &fault):
		f.Code = string(fault.Code)
		if exit, ok := exitCodes[fault.Code]; ok {
			f.Exit = exit
		}
	case errors.As(err, &notAllowed), errors.As(err, &key):
		f.Code, f.Exit = string(patchset.CodeNotAllowed), exitConsent
	case errors.As(err, &registry):
		f.Code = string(patchset.CodeRegistry)
	case errors.As(err, &stale):
		f.Code, f.Exit = string(patchset.CodeBusy), exitBusy
	case errors.As(err, &unknownRev):
		f.Code = "unknown-revision"
	case errors.As(err, &missing):
		f.Code = string(patchset.CodeBadRepository)
		f.Hint = append(f.Hint, "check the repository: git fsck --full")
	case errors.Is(err, context.DeadlineExceeded):
		f.Code = "timeout"
	case isUsage(err):
		f.Code, f.Exit = string(patchset.CodeUsage), exitUsage
	}
	var refused *gateError
	if errors.As(err, &refused) {
		f.Problems = refused.problems
	}
	var hinter interface{ Hints() []string }
	if errors.As(err, &hinter) {
		f.Hint = slices.Concat(f.Hint, hinter.Hints())
	}
	return f
}

// usageError is a wrong command line.
type usageError struct{ msg string }

func (e usageError) Error() string { return e.msg }

func usagef(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

// unknown refuses the name of a thing, such as a target, that is none of those which there are.
func unknown[T any](thing string, all map[string]T, name string) error {
	known := cmp.Or(joinWords(slices.Sorted(maps.Keys(all))), "none yet")
	return patchset.Faultf(patchset.CodeUsage, "no %s %q (known: %s)", thing, name, known).
		WithHint("git carry %s list", thing)
}

// isUsage also knows the one error of the command library that is not in our words.
func isUsage(err error) bool {
	var u usageError
	return errors.As(err, &u) || strings.HasPrefix(err.Error(), "unknown command ")
}

// helpFor gives a wrong command line that says no more the way to the help of
// its command.
func helpFor(c *cobra.Command, err error) error {
	if err == nil || c == nil {
		return err
	}
	var fault *patchset.Fault
	bare := errors.As(err, &fault) && fault.Code == patchset.CodeUsage && len(fault.Hint) == 0
	if !bare && !isUsage(err) {
		return err
	}
	return patchset.Faultf(patchset.CodeUsage, "%w", err).WithHint("git carry help%s", strings.TrimPrefix(c.CommandPath(), "git carry"))
}

// withHint adds a way on to an error that has hints of its own.
func withHint(err error, format string, args ...any) error {
	var fault *patchset.Fault
	if errors.As(err, &fault) {
		fault.WithHint(format, args...)
	}
	return err
}
