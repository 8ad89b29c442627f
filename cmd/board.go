package cmd

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
)

// board is where everything stands in one version: the ledger seen through the
// gate that verify is.
type board struct {
	reading
	version  string // "" in a vault without versions
	newest   string // version, whichever is looked at
	now      time.Time
	problems map[string][]patchset.Problem // by patch
}

// board looks at a version; "" is the one that is being prepared.
func (a *app) board(ctx context.Context, version string) (board, error) {
	r, err := a.read(ctx)
	if err != nil {
		return board{}, err
	}
	if version == "" {
		version, _ = r.ledger.Newest()
	} else if _, err := r.ledger.Version(version); err != nil {
		return board{}, err
	}
	return a.boardOf(ctx, r, version)
}

// boardOf is the board of a version of this state of the ledger.
func (a *app) boardOf(ctx context.Context, r reading, version string) (board, error) {
	b := board{reading: r, version: version, now: a.env.Now(), problems: map[string][]patchset.Problem{}}
	b.newest, _ = r.ledger.Newest()
	for _, p := range r.ledger.VerifyLedger(version, r.consent(ctx)) {
		b.problems[p.Patch] = append(b.problems[p.Patch], p)
	}
	return b, ctx.Err()
}

// patchDoc is a patch in JSON, the same in every command.
type patchDoc struct {
	ID             string                    `json:"id"`
	Component      string                    `json:"component"`
	Title          string                    `json:"title"`
	Owner          string                    `json:"owner"`
	OwnerConfirmed bool                      `json:"owner_confirmed"`
	Severity       patchset.Severity         `json:"severity"`
	Life           patchset.Life             `json:"life"`
	Embargoed      bool                      `json:"embargoed"`
	FoundAt        string                    `json:"found_at"`
	CarriedSince   string                    `json:"carried_since"`
	AgeDays        int                       `json:"age_days"`
	States         map[string]patchset.State `json:"states"` // by version
	// Blocks: this patch keeps the version from being published. Why says in
	// words, Next is the command to type.
	Blocks  bool              `json:"blocks"`
	Why     string            `json:"why"`
	Grounds []patchset.Ground `json:"grounds"` // what the state in this version rests on, the strongest first
	Next    []string          `json:"next"`
	handedDoc
}

func (b board) doc(ctx context.Context, p patchset.Patch) patchDoc {
	d := patchDoc{
		ID: p.ID, Component: p.Component, Title: p.Title, Owner: p.Owner, OwnerConfirmed: p.OwnerConfirmed,
		Severity: p.Severity, Life: p.Life(b.newest), Embargoed: p.Embargoed(),
		FoundAt: stamp(p.Found), CarriedSince: stamp(p.CarriedSince), AgeDays: p.AgeDays(b.now),
		States: map[string]patchset.State{}, Blocks: b.blocks(p), Why: b.why(ctx, p), Next: nonNil(b.next(p)),
		Grounds:   nonNil(p.At[b.version].Grounds),
		handedDoc: b.handed(b.spot(p)),
	}
	for version, in := range p.At {
		d.States[version] = in.State
	}
	return d
}

// spot is the patch in this version.
func (b board) spot(p patchset.Patch) patchset.Spot {
	return patchset.Spot{Version: b.version, Patch: p.ID}
}

func (b board) blocks(p patchset.Patch) bool { return len(b.problems[p.ID]) > 0 }

// has tells whether the gate found this kind of problem with the patch.
func (b board) has(p patchset.Patch, problem string) bool {
	return slices.ContainsFunc(b.problems[p.ID], func(q patchset.Problem) bool { return q.Problem == problem })
}

// absent tells whether the version being prepared does not know a patch that it
// will have to: before a train, or after one that could not take it along.
func (b board) absent(p patchset.Patch) bool {
	_, here := p.At[b.version]
	return !here && b.version == b.newest && len(p.At) > 0 && !p.Life(b.newest).Over()
}

// next is the command that brings a patch on, or nil when it needs nothing.
func (b board) next(p patchset.Patch) []string {
	in := p.At[b.version]
	switch {
	case b.has(p, patchset.ProblemNoOwner):
		return []string{"git", "carry", "own", p.ID}
	case b.absent(p):
		return []string{"git", "carry", "train", b.version}
	case in.Claimed() != "":
		return append(b.here("retire", p.ID), "--commit", in.Claimed().Short())
	case in.State == patchset.StateConflict:
		return b.here("resolve", p.ID)
	case in.State == patchset.StateWaiting:
		return b.here("resolve", cmp.Or(in.Cause, p.ID))
	case b.has(p, patchset.ProblemUnsigned):
		return b.turnArgv(b.spot(p))
	case b.blocks(p):
		return []string{"git", "carry", "show", p.ID}
	}
	return nil
}

// nextStep is what brings the version on: the patch that needs a person most,
// with whoever is to act; else the gate, or the way out when the ledger knows
// nothing against it.
func (b board) nextStep() (argv []string, whose string) {
	needy := slices.DeleteFunc(b.ledger.PatchIDs(), func(id string) bool {
		p := b.ledger.Patches[id]
		return !b.blocks(p) && !b.absent(p)
	})
	for _, p := range b.worstFirst(needy) {
		if next := b.next(p); len(next) > 0 {
			return next, b.whose(p)
		}
	}
	if b.unpublished() {
		return []string{"git", "carry", "publish", b.version}, ""
	}
	return []string{"git", "carry", "verify", b.version}, ""
}

// worstFirst orders patches by how soon a person must look at them.
func (b board) worstFirst(ids []string) []patchset.Patch {
	var out []patchset.Patch
	ranks := map[string]int{}
	for _, id := range ids {
		p := b.ledger.Patches[id]
		out, ranks[id] = append(out, p), b.rank(p)
	}
	slices.SortStableFunc(out, func(x, y patchset.Patch) int {
		return cmp.Or(
			ranks[x.ID]-ranks[y.ID],
			x.Severity.Compare(y.Severity),
			y.AgeDays(b.now)-x.AgeDays(b.now),
		)
	})
	return out
}

// unpublished tells whether a target lacks a stack of the version as it is now.
func (b board) unpublished() bool {
	if len(b.ledger.Targets) > 0 && len(b.ledger.Following(b.version)) > 0 {
		return true
	}
	for _, t := range b.ledger.Targets {
		list, err := b.ledger.Deliveries(t, b.version)
		if err != nil {
			continue // publish will say why
		}
		for _, d := range list {
			if d.Last != d.Tip && (d.Length > 0 || d.Last != "") {
				return true
			}
		}
	}
	return false
}

// here is a command on a patch in this version.
func (b board) here(command, id string) []string {
	argv := []string{"git", "carry", command, id}
	if newest, _ := b.ledger.Newest(); b.version != newest {
		argv = append(argv, "--version", b.version)
	}
	return argv
}

// why says in a few words what the state of a patch rests on, or what it needs.
func (b board) why(ctx context.Context, p patchset.Patch) string {
	return b.handed(b.spot(p)).before(b.whyState(ctx, p))
}

func (b board) whyState(ctx context.Context, p patchset.Patch) string {
	in, at := p.At[b.version], b.spot(p)
	switch {
	case b.has(p, patchset.ProblemNoOwner):
		return fmt.Sprintf("%s is not in the registry", p.Owner)
	case b.absent(p):
		latest, _ := p.Latest()
		return fmt.Sprintf("carried in %s, not here yet", latest)
	case in.State == patchset.StateConflict:
		return b.whyConflict(ctx, at, in)
	case in.State != patchset.StateProposed && b.has(p, patchset.ProblemUnsigned):
		return b.ledger.Clause(at) + "; to be signed by " + p.Owner
	}
	return b.ledger.Clause(at)
}

func (b board) whyConflict(ctx context.Context, at patchset.Spot, in patchset.Incarnation) string {
	cause := joinWords(in.Paths)
	if in.Culprit != "" {
		if c, err := b.vault.Commit(ctx, in.Culprit); err == nil {
			name, _, _ := strings.Cut(c.Author, " <")
			cause = fmt.Sprintf("%s %s: %s", in.Culprit.Short(), name, patchset.Subject(c.Message))
		}
	}
	if in.Why != "" {
		cause = in.Why + "; " + cause
	}
	if r, ok := b.ledger.Resolutions[at]; ok {
		return fmt.Sprintf("draft by %s, %s open; %s", r.By, count(len(r.Open), "file", "files"), cause)
	}
	return cause
}

// stateIn is the state of a patch in this version as people see it.
func (b board) stateIn(p patchset.Patch) string {
	switch s := p.At[b.version].State; {
	case b.has(p, patchset.ProblemMissing):
		return "MISSING" // the gate refuses it
	case s == "" && p.Dropped.Happened():
		return string(patchset.StateDropped)
	case s == "":
		return "-"
	case s == patchset.StateDrift && !b.blocks(p):
		return string(s) // signed
	default:
		return stateWord(s)
	}
}

// ownerCell is the owner with what one should know before asking them.
func (b board) ownerCell(p patchset.Patch) string {
	cell := p.Owner
	if !p.OwnerConfirmed {
		cell += "?"
	}
	return cell + b.awayMark(p.Owner)
}

func (b board) awayMark(person string) string {
	if _, away := b.registry.AwayOn(person, owners.DateOf(b.now.UTC())); away {
		return " (away)"
	}
	return ""
}

// whose says who is to act on a patch: the owner, or the one it was handed to.
func (b board) whose(p patchset.Patch) string {
	if turn := b.turn(b.spot(p)); turn != "" {
		return "handed to " + turn + b.awayMark(turn)
	}
	return "owner " + b.ownerCell(p)
}

// patchNow is a patch in JSON after a command has changed it.
func (a *app) patchNow(ctx context.Context, id string) (patchDoc, error) {
	b, err := a.board(ctx, "")
	if err != nil {
		return patchDoc{}, err
	}
	p, err := b.ledger.Patch(id)
	if err != nil {
		return patchDoc{}, err
	}
	return b.doc(ctx, p), nil
}

// showChanged is showPatch for what changes where a version stands.
func (a *app) showChanged(ctx context.Context, command, id, format string, args ...any) error {
	err := a.showPatch(ctx, command, id, format, args...)
	if err == nil {
		a.next("git carry status")
	}
	return err
}

// showPatch ends a command that changed a patch: the patch in JSON, or a line.
func (a *app) showPatch(ctx context.Context, command, id, format string, args ...any) error {
	d, err := a.patchNow(ctx, id)
	if err != nil {
		return err
	}
	doc := struct {
		Schema string `json:"schema"`
		patchDoc
	}{schema(command), d}
	a.show(doc, func() { a.say(format, args...) })
	return nil
}
