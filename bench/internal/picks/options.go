package picks

import (
	"flag"
	"runtime"
)

// Options are what all programs ask that go over real cases from several repositories.
type Options struct {
	Repos   Repositories
	Limit   int    // how many rows of a repository are taken, evenly spread; 0: all of them
	Workers int    // how many are worked on at a time
	Out     string // the document that the tables go into; "": they are printed
}

// Flags sets up the flags for them.
func (o *Options) Flags() {
	flag.Var(&o.Repos, "repo", "a clone, `NAME=DIR`, with the name that the table gives it; given once for each")
	flag.IntVar(&o.Limit, "limit", 0, "at most `N` rows of a repository, spread evenly (0: all of them)")
	flag.IntVar(&o.Workers, "workers", runtime.GOMAXPROCS(0), "work on `N` rows at a time")
	flag.StringVar(&o.Out, "out", "", "the document to put the tables into, `FILE.md` (else they are printed)")
}
