// Command pictures draws the screens for the documentation: it makes the practice world, runs
// the real program in it in a terminal (tmux), and writes what is then seen as SVG; and the
// page of a report as a browser (chromium) shows it.
//
//	go run ./bench/pictures -program bin/git-carry -out docs/pictures
//
// The clock of the program is fixed, so that the pictures change when the screens do. What
// to show is the table in shots.go, the page is page.go's; ansi.go reads what tmux captured, svg.go draws it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/git-carry/git-carry/bench/internal/drive"
)

type options struct{ program, out string }

func main() {
	var o options
	flag.StringVar(&o.program, "program", "bin/git-carry", "the program that is shown")
	flag.StringVar(&o.out, "out", "docs/pictures", "the directory to write into")
	drive.Main(o.run)
}

func (o *options) run(ctx context.Context) (err error) {
	program, err := filepath.Abs(o.program)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "git-carry-pictures-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	for _, s := range shots {
		text, err := s.take(ctx, program, filepath.Join(dir, s.name))
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		picture := draw(s.title, parse(text), s.width)
		if err := os.WriteFile(filepath.Join(o.out, s.name+".svg"), picture, 0o644); err != nil {
			return err
		}
	}
	page, err := takePage(ctx, program, filepath.Join(dir, "page"))
	if err != nil {
		return fmt.Errorf("the page: %w", err)
	}
	return os.WriteFile(filepath.Join(o.out, "report.png"), page, 0o644)
}
