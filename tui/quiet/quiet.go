// Package quiet keeps the program from talking to the terminal before main runs.
//
// Bubble Tea v1 asks the terminal for its background colour in an init function
// (its tea_init.go). Whoever imports it does so in every command, also in one that
// prints a single line: control sequences go out, typed keys are swallowed as
// the answer, and a terminal that gives none costs five seconds. The asking is left
// out where TERM is "dumb".
//
// Go initializes packages in the order of their import paths as soon as what they
// import is initialized. This one imports next to nothing, so it comes before
// Bubble Tea's dependencies; a test of package tui makes sure.
package quiet

import "os"

var term, known = os.LookupEnv("TERM")

func init() { _ = os.Setenv("TERM", "dumb") }

// Over puts the environment back. Package tui calls it when it is initialized,
// which is after Bubble Tea.
func Over() {
	if known {
		_ = os.Setenv("TERM", term)
	} else {
		_ = os.Unsetenv("TERM")
	}
}
