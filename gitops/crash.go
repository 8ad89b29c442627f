//go:build !crashtest

package gitops

// crashPoint stands before and after every step that changes a vault. It does
// nothing, but in a program built with the tag crashtest it can end the process
// there; see crash_on.go.
func crashPoint() {}
