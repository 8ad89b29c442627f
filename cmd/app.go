package cmd

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
)

// app is one run of the program: the environment, the flags that every command
// has, and what is opened on first use.
type app struct {
	env Env

	vaultFlag string
	person    string // --as-person
	json      bool
	quiet     bool
	verbose   bool
	engine    engineFlag

	gitTool *gitops.Git
	opened  *gitops.Vault
	ran     map[ranCheck]patchset.CheckResult
}

func (a *app) close() {
	if a.opened != nil {
		_ = a.opened.Close()
	}
}

func (a *app) git() (*gitops.Git, error) {
	if a.gitTool == nil {
		g, err := gitops.FindGit(a.env.Environ)
		if err != nil {
			return nil, err
		}
		a.gitTool = g
	}
	return a.gitTool, nil
}

// path makes a path that the user gave absolute.
func (a *app) path(p string) string {
	if filepath.IsAbs(p) {
		return filepath.Clean(p)
	}
	return filepath.Join(a.env.Dir, p)
}

// vault opens the vault: --vault, $GIT_CARRY_VAULT, git config carry.vault, or
// the one that we stand in.
func (a *app) vault(ctx context.Context) (*gitops.Vault, error) {
	if a.opened != nil {
		return a.opened, nil
	}
	git, err := a.git()
	if err != nil {
		return nil, err
	}
	dir, err := a.findVault(ctx, git)
	if err != nil {
		return nil, err
	}
	v, err := gitops.OpenVault(git, dir)
	if err != nil {
		return nil, err
	}
	a.opened = v
	return v, nil
}

func (a *app) findVault(ctx context.Context, git *gitops.Git) (string, error) {
	if a.vaultFlag != "" {
		return a.path(a.vaultFlag), nil
	}
	if dir := a.env.Getenv("GIT_CARRY_VAULT"); dir != "" {
		return a.path(dir), nil
	}
	dir, err := gitops.PersonalConfig(ctx, git, a.env.Dir, "carry.vault")
	if err != nil {
		return "", err
	}
	if dir != "" {
		return a.path(dir), nil
	}
	for dir := a.env.Dir; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if gitops.IsVault(dir) {
			return dir, nil
		}
	}
	return a.env.Dir, nil // opening it will say what to do
}

// snapshot reads the newest ledger state.
func (a *app) snapshot(ctx context.Context) (gitops.Snapshot, error) {
	v, err := a.vault(ctx)
	if err != nil {
		return gitops.Snapshot{}, err
	}
	return v.Snapshot(ctx)
}

// reading is the ledger as a command that only looks sees it.
type reading struct {
	vault    *gitops.Vault
	at       gitops.Snapshot
	ledger   patchset.Ledger
	registry owners.Registry
	past     *signedPast // nil where few signatures are looked at
	// delegates are the delegations of the ledger, weighed; nil where nobody signs.
	delegates map[patchset.Spot][]owners.Delegate
}

// newReading reads what a ledger says of people: the registry, the delegations.
func newReading(ctx context.Context, v *gitops.Vault, s gitops.Snapshot) (reading, error) {
	registry, err := registryOf(s.Ledger)
	if err != nil {
		return reading{}, err
	}
	r := reading{vault: v, at: s, ledger: s.Ledger, registry: registry, past: &signedPast{}}
	r.delegates = r.weighDelegations(ctx)
	return r, nil
}

func (a *app) read(ctx context.Context) (reading, error) {
	s, err := a.snapshot(ctx)
	if err != nil {
		return reading{}, err
	}
	return newReading(ctx, a.opened, s)
}

// registryOf reads the owners. A vault without them is broken: refuse.
func registryOf(l patchset.Ledger) (owners.Registry, error) {
	return owners.Parse(l.Other[ownersFile])
}

const ownersFile = "owners.toml"

// step is one change of the ledger in the making. Commands edit ledger and
// registry; what they make in git lands in bench.
type step struct {
	reading
	bench *gitops.Workbench
	actor owners.Actor

	runsChecks bool // carrying runs the check commands whose result is not known
	refused    refusals

	sentence string // what the entry says was done
	details  []string
}

// did sets the sentence that `git carry log` will show, without the person.
func (s *step) did(format string, args ...any) { s.sentence = fmt.Sprintf(format, args...) }

// maxReplans bounds how often a command starts over because others were faster.
const maxReplans = 20

// record changes the ledger: edit works on a copy of the newest state, and the
// result is accepted in one compare-and-swap. When somebody else was faster,
// edit runs again on the newer state.
func (a *app) record(ctx context.Context, action string, edit func(ctx context.Context, s *step) error) error {
	for range maxReplans {
		err := a.tryRecord(ctx, action, edit)
		var stale *gitops.StaleError
		if !errors.As(err, &stale) {
			return err
		}
	}
	return patchset.Faultf(patchset.CodeBusy, "others keep changing the vault").WithHint("try again")
}

func (a *app) tryRecord(ctx context.Context, action string, edit func(ctx context.Context, s *step) error) error {
	s, err := a.newStep(ctx)
	if err != nil {
		return err
	}
	defer s.bench.Close()
	if err := edit(ctx, s); err != nil {
		return err
	}
	plan, err := a.plan(action, s)
	if err != nil {
		return err
	}
	if _, err = s.vault.CarryOut(ctx, s.bench.Scratch, s.at, plan); err == nil {
		s.vault.KeepPatterns(ctx, s.bench, plan.Carried())
	}
	return err
}

// rehearse runs edit and throws the result away: a dry run.
func (a *app) rehearse(ctx context.Context, edit func(ctx context.Context, s *step) error) error {
	s, err := a.newStep(ctx)
	if err != nil {
		return err
	}
	defer s.bench.Close()
	err = edit(ctx, s)
	s.vault.KeepPatterns(ctx, s.bench, nil)
	return err
}

func (a *app) newStep(ctx context.Context) (*step, error) {
	if _, err := a.vault(ctx); err != nil {
		return nil, err
	}
	claim := a.claim(ctx) // git is asked while the ledger is read
	r, err := a.read(ctx)
	if err != nil {
		return nil, err
	}
	return a.stepOn(r, claim)
}

// stepOn begins a step on a state of the ledger.
func (a *app) stepOn(r reading, claim func() (owners.Claim, error)) (*step, error) {
	r.ledger = r.ledger.Clone()
	actor, err := a.actor(r.registry, claim)
	if err != nil {
		return nil, err
	}
	scratch, err := r.vault.Scratch()
	if err != nil {
		return nil, err
	}
	return &step{reading: r, actor: actor, bench: r.vault.Workbench(scratch, a.engine.mode)}, nil
}

func (a *app) plan(action string, s *step) (patchset.Plan, error) {
	return patchset.NewPlan(s.at.Ledger, s.ledger, patchset.Entry{
		Action: action, Sentence: s.sentence, Details: s.details,
		Person: s.actor.Person, Claim: s.actor.Label(), At: a.env.Now(),
	})
}

// claim begins to ask git who the person is: in the vault, if one is open. The answer
// waits for whoever wants it.
func (a *app) claim(ctx context.Context) func() (owners.Claim, error) {
	git, err := a.git()
	if err != nil {
		return func() (owners.Claim, error) { return owners.Claim{}, err }
	}
	dir := a.env.Dir
	if a.opened != nil {
		dir = a.opened.Dir()
	}
	answer := sync.OnceValues(func() (owners.Claim, error) {
		name, email, err := gitops.Identity(ctx, git, dir)
		return owners.Claim{Name: name, Email: email}, err
	})
	go func() { _, _ = answer() }()
	return answer
}

// actor is who acts: --as-person, else git's configured identity.
func (a *app) actor(r owners.Registry, claim func() (owners.Claim, error)) (owners.Actor, error) {
	who, err := claim()
	if err != nil {
		return owners.Actor{}, err
	}
	if a.person != "" {
		return r.ActAs(a.person, who)
	}
	return r.Identify(who), nil
}

// by names the actor in events.
func (s *step) by() string {
	if s.actor.Person != "" {
		return s.actor.Person
	}
	return s.actor.Claim.String()
}

func (s *step) setRegistry(r owners.Registry) {
	s.registry = r
	s.ledger.Other[ownersFile] = owners.Format(r)
}

// randomID gives n random bytes in hexadecimal.
func (a *app) randomID(n int) (string, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(a.env.Random, b); err != nil {
		return "", fmt.Errorf("reading random bytes: %w", err)
	}
	return hex.EncodeToString(b), nil
}

// progress reports long work on one line of a terminal, or not at all.
func (a *app) progress() gitops.Progress {
	if a.quiet || a.json || !a.env.Terminals.Stderr {
		return nil
	}
	return func(line string) {
		width := max(20, a.env.columns()-1)
		if len(line) > width {
			line = line[:width]
		}
		fmt.Fprintf(a.env.Stderr, "\r%s%s", line, strings.Repeat(" ", width-len(line)))
	}
}

// progressLine is progress in words.
func (a *app) progressLine(format string, args ...any) {
	if show := a.progress(); show != nil {
		show(fmt.Sprintf(format, args...))
	}
}

// endProgress clears the progress line.
func (a *app) endProgress() {
	if a.progress() != nil {
		fmt.Fprintf(a.env.Stderr, "\r%s\r", strings.Repeat(" ", max(20, a.env.columns()-1)))
	}
}
