package patchset

import (
	"fmt"
	"time"
)

// NoticeKind is why an owner is told of a patch.
type NoticeKind string

// The kinds of notices.
const (
	NoticeConflict NoticeKind = "conflict" // it does not merge
	NoticeProposed NoticeKind = "proposed" // a result waits for a signature
	NoticeDrift    NoticeKind = "drift"    // it merged, and is not what the owner last saw
	NoticeFailed   NoticeKind = "failed"   // a check does not hold
	NoticeLanded   NoticeKind = "landed"   // the fix is public
	NoticeOld      NoticeKind = "old"      // it will soon be secret for too long
	NoticeOverdue  NoticeKind = "overdue"  // it is
)

// Notice is one thing that the owner of a patch is to be told.
type Notice struct {
	Patch   Patch
	Version string // that is being prepared
	Kind    NoticeKind
	// Of names the fact: the same fact is told once.
	Of string
}

// Telling is one kind of notice to one person about one patch.
type Telling struct {
	Patch  string
	Kind   NoticeKind
	Person string
}

// Told is the last notice of a kind that somebody was sent.
type Told struct {
	Of       string    `toml:"of"` // see [Notice.Of]
	Channels []string  `toml:"channels"`
	At       time.Time `toml:"at"`
	By       string    `toml:"by"`
}

// Needs tells whether somebody must do something about it.
func (n Notice) Needs() bool { return n.Kind != NoticeLanded }

// Late tells whether deputies are told too, although the owner is there: a deadline is
// near or has passed.
func (n Notice) Late() bool { return n.Kind == NoticeOld || n.Kind == NoticeOverdue }

// WarnDays is for how many days before its limit a patch is old: the last fifth of what
// its severity allows, and two at least.
func WarnDays(limit int) int { return max(2, limit/5) }

// Notices lists what owners are to be told of the version that is being prepared.
// needsConsent tells whether the drift of a patch there is not signed yet, limit for how many days
// a patch may be secret.
func (l Ledger) Notices(now time.Time, needsConsent func(Spot) bool, limit func(Severity) (days int, ok bool)) []Notice {
	version, _ := l.Newest()
	var out []Notice
	for _, id := range l.PatchIDs() {
		p := l.Patches[id]
		if kind, of := l.stateNotice(Spot{version, id}, needsConsent); kind != "" {
			out = append(out, Notice{p, version, kind, of})
		}
		days, ok := limit(p.Severity)
		if !ok || !p.PublicAt().IsZero() || p.Life(version).Over() {
			continue
		}
		switch age := p.AgeDays(now); {
		case age > days:
			out = append(out, Notice{p, version, NoticeOverdue, fmt.Sprintf("%d days", days)})
		case age == days:
			out = append(out, Notice{p, version, NoticeOld, fmt.Sprintf("%d days, the last day", days)})
		case age > days-WarnDays(days):
			out = append(out, Notice{p, version, NoticeOld, fmt.Sprintf("%d days", days)})
		}
	}
	return out
}

// StateNotice is what the owner of a patch is to be told of its state in any version; ok is
// false for nothing. Of drift it says nothing: that, the version that is prepared tells.
func (l Ledger) StateNotice(at Spot) (n Notice, ok bool) {
	kind, of := l.stateNotice(at, func(Spot) bool { return false })
	return Notice{l.Patches[at.Patch], at.Version, kind, of}, kind != "" && kind != NoticeLanded
}

// stateNotice is what the state of a patch in a version calls for; "" for nothing. What
// only waits for another patch needs nobody yet.
func (l Ledger) stateNotice(at Spot, needsConsent func(Spot) bool) (kind NoticeKind, of string) {
	in, ok := l.Patches[at.Patch].At[at.Version]
	if !ok {
		return "", ""
	}
	switch in.State {
	case StateConflict:
		return NoticeConflict, at.Version + " " + string(l.Conflicts[at].Record)
	case StateProposed:
		return NoticeProposed, at.Version + " " + string(l.Resolutions[at].Result)
	case StateDrift:
		if needsConsent(at) {
			return NoticeDrift, at.Version + " " + string(in.Commit)
		}
	case StateFailed:
		return NoticeFailed, at.Version + " " + string(in.Commit)
	case StateLanded:
		return NoticeLanded, string(in.Public)
	}
	return "", ""
}
