package patchset

import "fmt"

// Code names a kind of failure in JSON and decides the exit code. The words are
// part of the contract with scripts: add, never rename.
type Code string

// The kinds of failure that a caller can act on.
const (
	CodeFailed           Code = "failed"
	CodeUsage            Code = "usage"
	CodeNotAVault        Code = "not-a-vault"
	CodeNewerFormat      Code = "newer-format"
	CodeUnsafeVault      Code = "unsafe-vault"
	CodeBadInput         Code = "bad-input"
	CodeUnknownPatch     Code = "unknown-patch"
	CodeUnknownVersion   Code = "unknown-version"
	CodeUnknownComponent Code = "unknown-component"
	CodeUnknownPerson    Code = "unknown-person"
	CodeAmbiguousBase    Code = "ambiguous-base"
	CodeNoBase           Code = "no-base"
	CodeBadRepository    Code = "bad-repository"
	CodeRegistry         Code = "owners-registry"
	CodeConflicts        Code = "conflicts"
	CodeConsent          Code = "owner-signature-missing"
	CodeNotAllowed       Code = "not-allowed"
	CodePolicy           Code = "policy"
	CodePending          Code = "pending"
	CodeBusy             Code = "busy"
)

// Fault is an error that a person can act on: what happened, why, and what to
// type next.
type Fault struct {
	Code  Code
	Msg   string   // one sentence without a full stop, lower case
	Hint  []string // what to type next, a line each
	Cause error    // may be nil; printed after Msg
}

// Faultf makes a Fault without hints. It wraps the error given for %w, if any.
func Faultf(code Code, format string, args ...any) *Fault {
	f := &Fault{Code: code}
	err := fmt.Errorf(format, args...)
	f.Msg = err.Error()
	if u, ok := err.(interface{ Unwrap() error }); ok {
		f.Cause = u.Unwrap()
	}
	return f
}

// WithHint adds a line that says what to type next.
func (f *Fault) WithHint(format string, args ...any) *Fault {
	f.Hint = append(f.Hint, fmt.Sprintf(format, args...))
	return f
}

func (f *Fault) Error() string { return f.Msg }

// Unwrap gives the error below, if there is one.
func (f *Fault) Unwrap() error { return f.Cause }

// Hints tells a person what to type next.
func (f *Fault) Hints() []string { return f.Hint }
