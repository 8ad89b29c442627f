package cmd

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/gitops/sandbox"
	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/printable"
)

// What commands may use beside what their check says.
const (
	checkProcesses = 512
	checkOutput    = 64 << 20 // bytes
	checkFile      = 1 << 30  // bytes
)

// judge looks whether the checks of the stacks that were carried hold. It runs commands
// if the step is one that does; else what is not known yet counts as nothing.
func (a *app) judge(ctx context.Context, s *step, version string, bases map[string]patchset.Base) error {
	components := slices.Sorted(maps.Keys(bases))
	if s.runsChecks {
		var work []patchset.CheckWork
		for _, component := range components {
			work = append(work, s.ledger.MissingChecks(component, version)...)
		}
		var err error
		if s.refused, err = a.runChecks(ctx, s, work); err != nil {
			return err
		}
	}
	for _, component := range components {
		if err := s.ledger.Judge(ctx, s.bench, s.ledger.Stack(component, version)); err != nil {
			return fmt.Errorf("component %s: %w", component, err)
		}
	}
	return nil
}

// refusals are the commands that were not run, by patch and check, and why.
type refusals map[[2]string]string

// runChecks runs commands, each on a checkout of its own of its whole stack, and records
// what came of them in the step's ledger.
func (a *app) runChecks(ctx context.Context, s *step, work []patchset.CheckWork) (refusals, error) {
	refused := refusals{}
	defer a.endProgress()
	for i, w := range work {
		if report := a.progress(); report != nil {
			report(fmt.Sprintf("checking %d of %d: %s %s", i+1, len(work), w.Patch, w.Check))
		}
		res, err := a.runCheck(ctx, s, w)
		if err != nil {
			return nil, fmt.Errorf("check %s of %s: %w", w.Check, w.Patch, err)
		}
		if res.Of == "" {
			refused[[2]string{w.Patch, w.Check}] = res.Why
			continue
		}
		s.ledger.SetResult(w.Patch, patchset.CheckAt{Version: w.Stack.Version, Check: w.Check}, res)
	}
	return refused, nil
}

// ranCheck names a command that this process has run: others may have been faster, and
// then the same is asked again.
type ranCheck struct {
	commit patchset.ID
	digest string
}

// runCheck runs one command. A result without a digest was not run; Why says why not.
func (a *app) runCheck(ctx context.Context, s *step, w patchset.CheckWork) (patchset.CheckResult, error) {
	c := s.ledger.Patches[w.Patch].Checks[w.Check]
	key := ranCheck{w.Stack.Tip(), c.Digest()}
	if res, done := a.ran[key]; done {
		return res, nil
	}
	if dir := s.vault.Dir(); sandbox.Shows(dir) {
		return patchset.CheckResult{Why: "not run: the vault lies in " + filepath.Dir(dir) + ", where every command may read"}, nil
	}
	res, err := runInSandbox(ctx, s, w.Stack.Tip(), c)
	if err != nil {
		return patchset.CheckResult{}, err
	}
	if res.End == sandbox.Refused {
		return patchset.CheckResult{Why: res.Why}, nil
	}
	out := patchset.CheckResult{
		Commit: key.commit, Of: key.digest, At: a.env.Now().UTC().Truncate(time.Second), By: s.by(),
		Passed: res.Passed(), Why: printable.Line(res.Why), Sandbox: res.Sandbox, Output: endOf(res.Output),
	}
	if a.ran == nil {
		a.ran = map[ranCheck]patchset.CheckResult{}
	}
	a.ran[key] = out
	return out, nil
}

func runInSandbox(ctx context.Context, s *step, tip patchset.ID, c patchset.Check) (sandbox.Result, error) {
	commit, err := s.bench.Commit(ctx, tip)
	if err != nil {
		return sandbox.Result{}, err
	}
	checkout, err := s.bench.Checkout(ctx, commit.Tree)
	if err != nil {
		return sandbox.Result{}, err
	}
	defer checkout.Close()
	return sandbox.Run(ctx, sandbox.Spec{
		Dir: checkout.Dir, Room: checkout.Room, Command: c.Command, Least: leastSandbox(s.registry),
		Limits: sandbox.Limits{
			Time: time.Duration(c.SecondsOr()) * time.Second, Memory: int64(c.MemoryOr()) << 20,
			Processes: checkProcesses, Output: checkOutput, File: checkFile,
		},
	})
}

func leastSandbox(r owners.Registry) sandbox.Level {
	return sandbox.Level(cmp.Or(r.Policy.Sandbox, owners.DefaultPolicy().Sandbox))
}

// maxOutputLines bounds what is kept of the output of a command.
const maxOutputLines = 40

// endOf is the end of what a command printed, fit for people.
func endOf(output []byte) string {
	lines := strings.Split(strings.TrimRight(printable.Text(string(output)), "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-maxOutputLines):], "\n")
}

// checkDoc is a check in one version, in JSON.
type checkDoc struct {
	ID    string `json:"id"`
	Check string `json:"check"`
	Kind  string `json:"kind"` // present, absent or command
	What  string `json:"what"`
	// State is passed, failed or, of a command, not-run: nobody has run it on this stack.
	State   string      `json:"state"`
	Why     string      `json:"why"`
	Commit  patchset.ID `json:"commit"` // the stack's last, that it was looked at on
	At      string      `json:"at"`
	Sandbox string      `json:"sandbox"` // what held the command
	Output  string      `json:"output"`  // the end of it
}

// The words for what came of a check.
const (
	checkPassed = "passed"
	checkFailed = "failed"
	checkNotRun = "not-run"
)

// checkDocs lists the checks of what a version carries, as they stand.
func checkDocs(l patchset.Ledger, version string, refused refusals) []checkDoc {
	docs := []checkDoc{}
	for _, p := range l.In(version) {
		if !p.At[version].State.InStack() {
			continue
		}
		for _, name := range p.CheckNames() {
			d := newCheckDoc(l, version, p, name)
			if why := refused[[2]string{p.ID, name}]; why != "" {
				d.Why = why
			}
			docs = append(docs, d)
		}
	}
	return docs
}

func newCheckDoc(l patchset.Ledger, version string, p patchset.Patch, name string) checkDoc {
	c := p.Checks[name]
	tip := l.Stack(p.Component, version).Tip()
	d := checkDoc{ID: p.ID, Check: name, Kind: c.Kind(), What: c.String(), State: checkPassed, Commit: tip}
	if c.IsCommand() {
		r, known := p.Result(patchset.CheckAt{Version: version, Check: name}, tip)
		if !known {
			d.State, d.Why, d.Commit = checkNotRun, "not run on this stack yet", ""
			return d
		}
		d.At, d.Sandbox, d.Output, d.Why = stamp(r.At), r.Sandbox, r.Output, r.Why
		if !r.Passed {
			d.State = checkFailed
		}
		return d
	}
	if d.Why = p.At[version].BrokenIn(name); d.Why != "" {
		d.State = checkFailed
	}
	return d
}

// reportChecks prints what came of checks: a table, and the end of what failed.
func (a *app) reportChecks(docs []checkDoc) {
	if len(docs) == 0 {
		return
	}
	rows := [][]string{{"PATCH", "CHECK", "RESULT", "WHAT", "WHY"}}
	for _, d := range docs {
		result := d.State
		if d.State != checkPassed {
			result = strings.ToUpper(strings.ReplaceAll(d.State, "-", " "))
		}
		rows = append(rows, []string{d.ID, d.Check, result, printable.Cut(d.What, 40), strings.TrimPrefix(d.Why, "check "+d.Check+": ")})
	}
	a.table(rows)
	for _, d := range docs {
		if d.State == checkFailed && d.Kind == "command" {
			a.reportOutput(d)
		}
	}
}

// shownLines bounds how much of an output is printed.
const shownLines = 12

func (a *app) reportOutput(d checkDoc) {
	a.say("")
	a.say("%s %s: %s, in %s", d.ID, d.Check, d.Why, d.Sandbox)
	if d.Output == "" {
		a.say("  | (it printed nothing)")
		return
	}
	lines := strings.Split(d.Output, "\n")
	for _, line := range lines[max(0, len(lines)-shownLines):] {
		a.say("  | %s", printable.Cut(line, 200))
	}
}

// countChecks gives how many docs are in a state.
func countChecks(docs []checkDoc, state string) int {
	n := 0
	for _, d := range docs {
		if d.State == state {
			n++
		}
	}
	return n
}

// verifyChecks runs what has not been run on the stacks of a version, and records
// nothing: the gate only looks.
func (a *app) verifyChecks(ctx context.Context, s *step, version string) ([]patchset.Problem, error) {
	var work []patchset.CheckWork
	for _, component := range s.ledger.ComponentNames() {
		work = append(work, s.ledger.MissingChecks(component, version)...)
	}
	refused, err := a.runChecks(ctx, s, work)
	if err != nil {
		return nil, err
	}
	var problems []patchset.Problem
	for _, w := range work {
		p := s.ledger.Patches[w.Patch]
		d := newCheckDoc(s.ledger, version, p, w.Check)
		problem := patchset.Problem{Patch: p.ID, Component: p.Component, Problem: patchset.ProblemCheck}
		switch d.State {
		case checkNotRun:
			problem.Problem, problem.Detail = patchset.ProblemUnchecked, fmt.Sprintf("check %s: %s", w.Check, refused[[2]string{w.Patch, w.Check}])
		case checkFailed:
			problem.Detail = fmt.Sprintf("check %s: %s", w.Check, d.Why)
			if lines := strings.Split(d.Output, "\n"); d.Output != "" {
				problem.Detail += "; it ended with: " + printable.Cut(lines[len(lines)-1], 100)
			}
		default:
			continue
		}
		problems = append(problems, problem)
	}
	return problems, nil
}

// brokenCheck tells whether a check is among the problems.
func brokenCheck(problems []patchset.Problem) bool {
	return slices.ContainsFunc(problems, func(p patchset.Problem) bool { return p.Problem == patchset.ProblemCheck })
}
