package audit

import (
	"time"

	"github.com/git-carry/git-carry/patchset"
)

// Document is a report in JSON. Fields may be added, never renamed. Times are
// RFC 3339 in UTC, "" where there is none.
type Document struct {
	Schema  string          `json:"schema"`
	AsOf    string          `json:"as_of"`
	Version string          `json:"version"`
	Patches []PatchDocument `json:"patches"`
	Summary SummaryDocument `json:"summary"`
}

// PatchDocument is one row.
type PatchDocument struct {
	ID              string            `json:"id"`
	Component       string            `json:"component"`
	Owner           string            `json:"owner"`
	OwnerActive     bool              `json:"owner_active"`
	OwnerConfirmed  bool              `json:"owner_confirmed"`
	OwnerAway       string            `json:"owner_away"` // from when to when, "" while not
	Severity        patchset.Severity `json:"severity"`
	Life            patchset.Life     `json:"life"`
	AgeDays         int               `json:"age_days"`
	AgeFrom         string            `json:"age_from"`
	LimitDays       int               `json:"limit_days"`
	Overdue         bool              `json:"overdue"`
	OverdueFrom     string            `json:"overdue_from"`
	VersionsCarried int               `json:"versions_carried"`
	Conflicts       int               `json:"conflicts"`
	FoundAt         string            `json:"found_at"`
	FoundFrom       string            `json:"found_from"` // where that day was read, "" where somebody recorded it
	CarriedSince    string            `json:"carried_since"`
	CarriedFrom     string            `json:"carried_from"`
	PublicAt        string            `json:"public_at"`
	DaysPublic      int               `json:"days_public_and_carried"`
	DroppedAt       string            `json:"dropped_at"`
	State           patchset.State    `json:"state"`
	// Version is the newest one that knows the patch; State is its state there.
	Version    string    `json:"version"`
	Override   bool      `json:"override"`
	Unverified bool      `json:"unverified"`
	Problems   []Problem `json:"problems"`
}

// SummaryDocument is the totals.
type SummaryDocument struct {
	Carried       int     `json:"carried"`
	Overdue       int     `json:"overdue"`
	DueSoon       int     `json:"due_soon"`
	MedianAgeDays float64 `json:"median_age_days"`
	OldestAgeDays int     `json:"oldest_age_days"`
}

// NewDocument is the report as it is written in JSON.
func NewDocument(r Report) Document {
	d := Document{
		Schema: "git-carry/audit/v1", AsOf: stamp(r.AsOf), Version: r.Version,
		Patches: make([]PatchDocument, 0, len(r.Rows)), Summary: SummaryDocument(r.Summary),
	}
	for _, row := range r.Rows {
		d.Patches = append(d.Patches, newPatchDocument(row))
	}
	return d
}

func newPatchDocument(r Row) PatchDocument {
	return PatchDocument{
		ID: r.ID, Component: r.Component,
		Owner: r.Owner, OwnerActive: r.OwnerActive, OwnerConfirmed: r.Confirmed, OwnerAway: r.OwnerAway,
		Severity: r.Severity, Life: r.Life,
		AgeDays: r.AgeDays, AgeFrom: r.AgeFrom, LimitDays: r.LimitDays,
		Overdue: r.Overdue, OverdueFrom: stamp(r.OverdueFrom),
		VersionsCarried: r.VersionsCarried, Conflicts: r.Conflicts,
		FoundAt: stamp(r.Found), FoundFrom: r.FoundFrom, CarriedSince: stamp(r.CarriedSince), CarriedFrom: r.CarriedFrom,
		DaysPublic: r.DaysPublic, PublicAt: stamp(r.PublicAt), DroppedAt: stamp(r.DroppedAt),
		State: r.State, Version: r.Version,
		Override: r.Consent.Override, Unverified: r.Consent.Unverified,
		Problems: append([]Problem{}, r.Problems...),
	}
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
