package patchset

import (
	"cmp"
	"fmt"
	"strings"
)

// Basis is what the state of a patch in a version rests on, as far as the ledger tells.
type Basis struct {
	// Clause says it in a few words, for a line in a table.
	Clause string
	// Sentences say the rest with all that people can look up: the evidence, the commits
	// that were compared, the conflict and what answers it, whose act it was.
	Sentences []string
}

// Basis is the only place that turns an incarnation into words.
func (l Ledger) Basis(at Spot) Basis { return l.basis(at, false) }

// Clause is the clause of Basis, for those who ask of every patch.
func (l Ledger) Clause(at Spot) string { return l.basis(at, true).Clause }

func (l Ledger) basis(at Spot, brief bool) Basis {
	p := l.Patches[at.Patch]
	in, here := p.At[at.Version]
	b := basis{ledger: l, at: at, patch: p, in: in, brief: brief}
	switch {
	case !here && p.Dropped.Happened(), in.State == StateDropped:
		b.dropped()
	case !here:
	case in.State.InStack():
		b.carried()
	case in.State.Parked():
		b.parked()
	default:
		b.public()
	}
	if !brief {
		b.Sentences = append(b.evidence(), b.Sentences...)
	}
	return b.Basis
}

type basis struct {
	Basis
	ledger Ledger
	at     Spot
	patch  Patch
	in     Incarnation
	brief  bool // nobody asks for sentences
}

func (b *basis) say(format string, args ...any) {
	b.Sentences = append(b.Sentences, fmt.Sprintf(format, args...))
}

// evidence says the grounds that the clause does not tell already.
func (b *basis) evidence() []string {
	var words []string
	for _, g := range b.in.Grounds {
		place := g.Path
		if g.Line > 0 {
			place = fmt.Sprintf("%s:%d", g.Path, g.Line)
		}
		told := strings.Contains(b.Clause, g.Words) && strings.Contains(b.Clause, place) && strings.Contains(b.Clause, g.Commit.Short())
		if !told {
			words = append(words, g.Sentence())
		}
	}
	return words
}

// source is the commit that was merged, and where it comes from.
func (b *basis) source() string {
	if b.in.From == "" {
		return b.in.Source.Short() + ", as it was added"
	}
	return fmt.Sprintf("%s of %s", b.in.Source.Short(), b.in.From)
}

// below is the commit that the patch stands on in the stack, and whose it is.
func (b *basis) below() string {
	if b.brief {
		return ""
	}
	s := b.ledger.Stack(b.patch.Component, b.at.Version)
	below := "the base " + s.Base.Commit.Short()
	for _, p := range s.Patches {
		if p.ID == b.patch.ID {
			break
		}
		below = fmt.Sprintf("%s (%s)", p.At[b.at.Version].Commit.Short(), p.ID)
	}
	return below
}

// sameWords say how the carried change relates to its source.
var sameWords = map[State]string{
	StateMoved: "the same change at other lines or in a renamed file",
	StateDrift: "the merge was clean, but it is not what its owner last saw",
}

func (b *basis) carried() {
	b.say("compared: %s, and what came of it here, %s on %s", b.source(), b.in.Commit.Short(), b.below())
	b.Clause = b.in.Why
	switch b.in.State {
	case StateResolved:
		b.settled(" and signed")
	case StateFailed:
		b.Clause = cmp.Or(b.in.Why, "a check does not hold")
		if !b.brief {
			b.say("checked: the finished stack, %s", b.ledger.Stack(b.patch.Component, b.at.Version).Tip().Short())
		}
	case StateClean:
		if b.Clause == "" && b.in.From == "" {
			b.Clause = "added here"
		}
		b.Clause = cmp.Or(b.Clause, "the same change as in "+b.in.From)
	default:
		b.Clause = cmp.Or(b.Clause, sameWords[b.in.State])
	}
}

func (b *basis) parked() {
	k := b.ledger.Conflicts[b.at]
	onto := k.Upstream.Short()
	if k.Upstream == b.ledger.Versions[b.at.Version].Bases[b.patch.Component].Commit {
		onto = "the base " + onto
	}
	b.say("compared: %s, merged into %s from its parent %s", b.source(), onto, cmp.Or(k.Base.Short(), "(none)"))
	b.say("the record of it is %s, since %s", k.Record.Short(), k.Found.UTC().Format("2006-01-02"))
	switch {
	case b.in.State == StateProposed:
		b.settled(", to be signed by " + b.patch.Owner)
	case b.in.State == StateWaiting:
		b.Clause = "waits for " + b.in.Cause
		b.say("it merges as soon as %s does: tried with %s as its author wrote it", b.in.Cause, b.in.Cause)
	default:
		b.Clause = cmp.Or(b.in.Why, "in dispute: "+strings.Join(b.in.Paths, ", "))
		if b.in.Culprit != "" {
			b.say("it conflicts from public commit %s on", b.in.Culprit.Short())
		}
	}
}

// settled says who settled the conflict, and how far that has come.
func (b *basis) settled(end string) {
	r, ok := b.ledger.Resolutions[b.at]
	if !ok {
		b.Clause = cmp.Or(b.in.Why, "settled, and signed")
		return
	}
	when := r.At.UTC().Format("2006-01-02")
	b.Clause = fmt.Sprintf("settled by %s on %s%s", r.By, when, end)
	b.say("%s answers the conflict %s: settled by %s on %s%s", r.Result.Short(), r.Conflict.Short(), r.By, when, end)
}

func (b *basis) public() {
	b.say("compared: %s, and the base %s", b.source(), b.ledger.Versions[b.at.Version].Bases[b.patch.Component].Commit.Short())
	b.Clause = b.in.Why
	if b.in.Event != nil {
		b.act("retired", *b.in.Event)
	}
	if b.in.Public != "" && !strings.Contains(b.Clause, b.in.Public.Short()) {
		b.Clause = strings.TrimSuffix(b.in.Public.Short()+": "+b.Clause, ": ")
	}
}

func (b *basis) dropped() {
	event := b.patch.Dropped
	if b.in.Event != nil {
		event = *b.in.Event
	}
	b.act("dropped", event)
}

// act says what a person did.
func (b *basis) act(did string, e Event) {
	b.Clause = cmp.Or(e.Reason, b.in.Why, did)
	b.say("%s", strings.TrimSuffix(fmt.Sprintf("%s by %s on %s: %s", did, cmp.Or(e.By, "nobody who is named"), e.At.UTC().Format("2006-01-02"), e.Reason), ": "))
}
