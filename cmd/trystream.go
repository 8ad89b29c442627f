package cmd

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"runtime"
	"strings"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
	"github.com/git-carry/git-carry/patchset/printable"
)

// pairs answers lines "<commit> <onto>" on all cores.
func (t trial) pairs(ctx context.Context, a *app) error {
	s := tryStream{workers: runtime.GOMAXPROCS(0), ahead: func(string) {}}
	s.answer = func(ctx context.Context, line string) (tryAnswer, error) {
		fields := strings.Fields(line)
		if len(fields) != 2 {
			return newTryAnswer("", ""), errors.New(`want "<commit> <onto>", not ` + printable.Cut(line, 100))
		}
		return t.answer(ctx, fields[0], fields[1])
	}
	return s.run(ctx, a)
}

// series answers lines "<commit>", each merged onto what came of those before it. Of
// what comes next the trees are read on the other cores.
func (t trial) series(ctx context.Context, a *app, onto string) error {
	tip, err := t.commit(ctx, onto)
	if err != nil {
		return err
	}
	s := tryStream{workers: 1, ahead: func(line string) {
		if id := merge3.ID(strings.TrimSpace(line)); id.Valid() {
			t.bench.ReadAhead(ctx, "", []patchset.Item{{Source: id}})
		}
	}}
	s.answer = func(ctx context.Context, line string) (tryAnswer, error) {
		commit := strings.TrimSpace(line)
		answer := newTryAnswer(commit, onto)
		patch, err := t.commit(ctx, commit)
		if err != nil {
			return answer, err
		}
		if err := t.merge(ctx, patch, tip, &answer); err != nil || answer.Result != tryClean {
			return answer, err
		}
		next := patchset.Carried(patch.Commit, tip.id, tip.Commit, answer.Tree, "")
		id, err := t.bench.WriteCommit(ctx, next)
		tip = triedCommit{id, next}
		return answer, err
	}
	return s.run(ctx, a)
}

// tryStream answers line by line, in order. At most a few lines per core are in
// flight, so memory does not grow with the input.
type tryStream struct {
	workers int
	ahead   func(line string) // what is done when a line is read
	answer  func(ctx context.Context, line string) (tryAnswer, error)
}

// tryLine is a line and where its answer goes.
type tryLine struct {
	text   string
	answer chan tryAnswer
}

func (s tryStream) run(ctx context.Context, a *app) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	lines := make(chan tryLine, 4*runtime.GOMAXPROCS(0))
	answers := make(chan chan tryAnswer, cap(lines))
	readErr := make(chan error, 1)
	go func() {
		defer close(answers)
		defer close(lines)
		readErr <- s.read(ctx, a.env.Stdin, lines, answers)
	}()
	for range s.workers {
		go func() {
			for line := range lines {
				line.answer <- s.answered(ctx, line.text)
			}
		}()
	}
	failed, err := writeAnswers(ctx, a.env.Stdout, answers)
	if err != nil {
		return err
	}
	if err := <-readErr; err != nil {
		return err
	}
	if failed {
		return outcome{exitFailed}
	}
	return nil
}

// read gives every line to the workers, and where its answer will be to who writes them.
func (s tryStream) read(ctx context.Context, from io.Reader, lines chan<- tryLine, answers chan<- chan tryAnswer) error {
	in := bufio.NewScanner(from)
	for in.Scan() {
		line := tryLine{in.Text(), make(chan tryAnswer, 1)}
		s.ahead(line.text)
		select {
		case answers <- line.answer:
			lines <- line
		case <-ctx.Done():
			return nil
		}
	}
	return in.Err()
}

func (s tryStream) answered(ctx context.Context, line string) tryAnswer {
	answer, err := s.answer(ctx, line)
	if err != nil {
		answer.Result, answer.Error = tryError, err.Error()
	}
	return answer
}

// writeAnswers writes answers as they come, until there are no more or ctx ends: nobody
// else would notice that while the next line is waited for.
func writeAnswers(ctx context.Context, w io.Writer, answers <-chan chan tryAnswer) (failed bool, err error) {
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for {
		var answer chan tryAnswer
		more := false
		select {
		case answer, more = <-answers:
		case <-ctx.Done():
		}
		if err := ctx.Err(); err != nil {
			return failed, err
		}
		if !more {
			return failed, out.Flush()
		}
		t := <-answer
		failed = failed || t.Result == tryError
		// Flush where a reader may be waiting for this answer before it asks on.
		err = enc.Encode(t)
		if len(answers) == 0 {
			err = errors.Join(err, out.Flush())
		}
		if err != nil {
			return failed, err
		}
	}
}
