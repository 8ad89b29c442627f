// Package pattern has regular expressions that cost nothing until they are used: a program of many
// commands compiles only those of the one that runs.
package pattern

import (
	"regexp"
	"sync"
)

// Of compiles an expression when it is first asked for, and panics then if there is
// something wrong with it. It is safe for concurrent use.
func Of(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
