package drive

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

// Main reads the flags and runs a program that measures until it ends or somebody
// interrupts it. When it fails the process ends with exit code 1. A method is bound before
// the flags are read, so it must be one of a pointer.
func Main(run func(ctx context.Context) error) {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}
