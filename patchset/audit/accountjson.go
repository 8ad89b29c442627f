package audit

import (
	"encoding/json"
	"io"

	"github.com/git-carry/git-carry/patchset"
)

// AccountJSON writes the account as one JSON document: the totals and, unless it is
// public, every patch and every fact, which are enough to work out each number again. It is long and for programs, so it is
// not indented.
func AccountJSON(w io.Writer, a Account) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(newAccountDocument(a))
}

// The document. Fields may be added, never renamed. Times are RFC 3339 in UTC, ""
// where there is none; null stands for a number of too few cases.
type accountDocument struct {
	Schema     string             `json:"schema"`
	AsOf       string             `json:"as_of"`
	Public     bool               `json:"public"`
	Ledger     ledgerDocument     `json:"ledger"`
	Summary    accountSummary     `json:"summary"`
	Severities []severityDocument `json:"severities"`
	Ages       []ageDocument      `json:"ages"`
	Months     []monthDocument    `json:"months"`
	Weeks      []weekDocument     `json:"weeks"`
	Trains     []trainDocument    `json:"trains"`
	Patches    []dossierDocument  `json:"patches"`
	Conflicts  []caseDocument     `json:"conflicts"`
	People     []workDocument     `json:"people"`
	Live       []liveDocument     `json:"live"`
	Facts      []factDocument     `json:"facts"`
}

type ledgerDocument struct {
	Store   string `json:"store"`
	Tip     string `json:"tip"`
	Entries int    `json:"entries"`
	LastAt  string `json:"last_at"`
}

type spreadDocument struct {
	N      int      `json:"n"`
	Median *float64 `json:"median"`
	P90    *float64 `json:"p90"`
}

type accountSummary struct {
	SummaryDocument
	MostOverdueDays     int               `json:"most_overdue_days"`
	FoundUnknown        int               `json:"found_unknown"`
	OwnerAway           int               `json:"owner_away"`
	Unconfirmed         int               `json:"unconfirmed"`
	NoOwner             int               `json:"no_owner"`
	Overrides           int               `json:"overrides"`
	Unverified          int               `json:"unverified"`
	PublicStillCarried  int               `json:"public_still_carried"`
	PublicStillDays     int               `json:"public_still_carried_days"`
	Added               int               `json:"added"`
	WentPublic          int               `json:"went_public"`
	Dropped             int               `json:"dropped"`
	Conflicts           int               `json:"conflicts"`
	ConflictsOpen       int               `json:"conflicts_open"`
	ConflictsWaiting    int               `json:"conflicts_waiting"`
	DaysToPublic        spreadDocument    `json:"days_to_public"`
	DaysToCarried       spreadDocument    `json:"days_to_carried"`
	DaysInStacks        spreadDocument    `json:"days_from_carried_to_public"`
	DaysFromConflictEnd spreadDocument    `json:"days_to_resolution"`
	DaysWorking         spreadDocument    `json:"days_to_proposal"`
	DaysAnswering       spreadDocument    `json:"days_from_proposal_to_resolution"`
	Consents            []consentDocument `json:"consents"`
}

type consentDocument struct {
	As       string `json:"as"`
	Count    int    `json:"count"`
	Verified int    `json:"verified"`
}

type severityDocument struct {
	Severity     patchset.Severity `json:"severity"`
	LimitDays    int               `json:"limit_days"`
	Carried      int               `json:"carried"`
	Overdue      int               `json:"overdue"`
	OldestDays   int               `json:"oldest_age_days"`
	NextDeadline string            `json:"next_deadline"`
}

type ageDocument struct {
	From   int                       `json:"from_days"`
	To     *int                      `json:"to_days"`
	Counts map[patchset.Severity]int `json:"counts"`
}

type monthDocument struct {
	Month        string         `json:"month"`
	Added        int            `json:"added"`
	Public       int            `json:"public"`
	Dropped      int            `json:"dropped"`
	Conflicts    int            `json:"conflicts"`
	Carried      int            `json:"carried"`
	Overdue      int            `json:"overdue"`
	AgeDays      spreadDocument `json:"age_days"`
	DaysToPublic spreadDocument `json:"days_to_public"`
}

type weekDocument struct {
	End     string `json:"end"`
	Carried int    `json:"carried"`
	Overdue int    `json:"overdue"`
	Came    int    `json:"came"`
	Went    int    `json:"went"`
	Dropped int    `json:"dropped"`
}

type trainDocument struct {
	Number    int    `json:"number"`
	Version   string `json:"version"`
	MadeAt    string `json:"made_at"`
	Carried   int    `json:"carried"`
	Conflicts int    `json:"conflicts"`
	Waiting   int    `json:"waiting"`
	Landed    int    `json:"landed"`
}

type dossierDocument struct {
	PatchDocument
	Title          string   `json:"title"`
	Deputies       []string `json:"deputies"`
	AddedAt        string   `json:"added_at"`
	AddedBy        string   `json:"added_by"`
	DisclosedAt    string   `json:"disclosed_at"`
	LandedAt       string   `json:"landed_at"`
	DroppedBy      string   `json:"dropped_by"`
	DropReason     string   `json:"drop_reason"`
	LeftAt         string   `json:"left_at"`
	TrainsSurvived int      `json:"trains_survived"`
}

type caseDocument struct {
	ID         string         `json:"id"`
	Component  string         `json:"component"`
	Version    string         `json:"version"`
	Cause      string         `json:"cause"`
	FoundAt    string         `json:"found_at"`
	FoundBy    string         `json:"found_by"`
	Owner      string         `json:"owner"`
	ProposedAt string         `json:"proposed_at"`
	ProposedBy string         `json:"proposed_by"`
	SettledAt  string         `json:"settled_at"`
	Outcome    patchset.State `json:"outcome"`
	Consents   []factDocument `json:"consents"`
}

type workDocument struct {
	Person          string         `json:"person"`
	RanInto         int            `json:"ran_into"`
	DaysHeld        spreadDocument `json:"days_held_up"`
	Owned           int            `json:"conflicts_owned"`
	Made            int            `json:"resolutions"`
	DaysMaking      spreadDocument `json:"days_to_propose"`
	Consents        int            `json:"consents"`
	DaysToSignature spreadDocument `json:"days_to_consent"`
	// In all, also where the cases are too few for a median.
	AllDaysHeld        float64 `json:"days_held_up_in_all"`
	AllDaysMaking      float64 `json:"days_to_propose_in_all"`
	AllDaysToSignature float64 `json:"days_to_consent_in_all"`
}

type liveDocument struct {
	Component   string              `json:"component"`
	Version     string              `json:"version"`
	Target      string              `json:"target"`
	Ring        string              `json:"ring"`
	Commit      patchset.ID         `json:"commit"`
	PublishedAt string              `json:"published_at"`
	PublishedBy string              `json:"published_by"`
	Patches     []livePatchDocument `json:"patches"`
}

type livePatchDocument struct {
	ID      string         `json:"id"`
	State   patchset.State `json:"state"`
	Commit  patchset.ID    `json:"commit"`
	Shipped bool           `json:"shipped"`
}

type factDocument struct {
	At        string `json:"at"`
	Entry     string `json:"entry"`
	Actor     string `json:"actor"`
	Assurance string `json:"assurance"`
	Kind      Kind   `json:"kind"`
	ID        string `json:"id,omitempty"`
	Component string `json:"component,omitempty"`
	Version   string `json:"version,omitempty"`
	Person    string `json:"person,omitempty"`
	From      string `json:"from,omitempty"`
	To        string `json:"to,omitempty"`
	Cause     string `json:"cause,omitempty"`
	Detail    string `json:"detail,omitempty"`
	On        string `json:"on,omitempty"`
	Sure      string `json:"sure,omitempty"`
	Verified  bool   `json:"verified,omitempty"`
}

func newAccountDocument(a Account) accountDocument {
	t := a.Totals
	doc := accountDocument{
		Schema: "git-carry/report/v1", AsOf: stamp(t.AsOf), Public: a.Details == nil,
		Ledger: ledgerDocument{Entries: t.Entries, LastAt: stamp(t.LastEntry)},
		Summary: accountSummary{
			SummaryDocument: SummaryDocument(t.Summary), MostOverdueDays: t.MostOverdue,
			FoundUnknown: t.FoundUnknown, OwnerAway: t.With(ProblemOwnerAway),
			Unconfirmed: t.With(ProblemUnconfirmed), NoOwner: t.With(ProblemNoOwner),
			Overrides: t.With(ProblemOverride), Unverified: t.With(ProblemUnverified),
			PublicStillCarried: t.With(ProblemPublicLate), PublicStillDays: LateDays,
			Added: t.Added, WentPublic: t.WentPublic, Dropped: t.Dropped,
			Conflicts: t.Conflicts, ConflictsOpen: t.OpenConflicts, ConflictsWaiting: t.Waiting,
			DaysToPublic: spreadDocument(t.ToPublic), DaysToCarried: spreadDocument(t.ToCarried), DaysInStacks: spreadDocument(t.InStacks),
			DaysFromConflictEnd: spreadDocument(t.ToResolve), DaysWorking: spreadDocument(t.Working), DaysAnswering: spreadDocument(t.Answering),
			Consents: list(t.Consents, func(c ConsentTotal) consentDocument { return consentDocument(c) }),
		},
		Severities: list(t.Severities, newSeverityDocument),
		Ages:       list(t.Ages, func(b AgeBin) ageDocument { return newAgeDocument(b, t.Severities) }),
		Months: list(t.Months, func(m Month) monthDocument {
			return monthDocument{
				m.Start.Format("2006-01"), m.Added, m.Public, m.Dropped, m.Conflicts, m.Carried, m.Overdue,
				spreadDocument(m.Age), spreadDocument(m.ToPublic),
			}
		}),
		Weeks: list(t.Weeks, func(w Week) weekDocument {
			return weekDocument{stamp(w.End), w.Carried, w.Overdue, w.Came, w.Went, w.Dropped}
		}),
		Trains: list(t.Trains, func(r Train) trainDocument {
			return trainDocument{r.Number, a.trainName(r.Number), stamp(r.Made), r.Carried, r.Conflicts, r.Waiting, r.Landed}
		}),
		Patches: []dossierDocument{}, Conflicts: []caseDocument{}, People: []workDocument{}, Live: []liveDocument{}, Facts: []factDocument{},
	}
	if d := a.Details; d != nil {
		doc.Ledger.Store, doc.Ledger.Tip = d.Store, d.Tip
		doc.Patches, doc.Conflicts, doc.Facts = list(d.Patches, newDossierDocument), list(d.Cases, newCaseDocument), list(d.History, newFactDocument)
		doc.People, doc.Live = list(d.People, newWorkDocument), list(d.Live, newLiveDocument)
	}
	return doc
}

func newSeverityDocument(s SeverityTotal) severityDocument {
	return severityDocument{s.Severity, s.LimitDays, s.Carried, s.Overdue, s.OldestDays, stamp(s.NextDeadline)}
}

// trainName is the name of the version with a number; "" in a public account.
func (a Account) trainName(number int) string {
	if a.Details == nil {
		return ""
	}
	return a.Details.Trains[number-1]
}

func newAgeDocument(b AgeBin, severities []SeverityTotal) ageDocument {
	d := ageDocument{From: b.From, Counts: map[patchset.Severity]int{}}
	if b.To >= 0 {
		d.To = &b.To
	}
	for i, s := range severities {
		d.Counts[s.Severity] = b.Counts[i]
	}
	return d
}

func newDossierDocument(d Dossier) dossierDocument {
	return dossierDocument{
		PatchDocument: newPatchDocument(d.Row), Title: d.Title, Deputies: append([]string{}, d.Deputies...),
		AddedAt: stamp(d.Added.At), AddedBy: d.Added.By, DisclosedAt: stamp(d.Disclosed.At), LandedAt: stamp(d.Landed.At),
		DroppedBy: d.Dropped.By, DropReason: d.Dropped.Reason, LeftAt: stamp(d.Left),
		TrainsSurvived: d.Trains,
	}
}

func newCaseDocument(c Case) caseDocument {
	return caseDocument{
		c.Patch, c.Component, c.Version, c.Cause, stamp(c.Found), c.Deployer, c.Owner,
		stamp(c.Proposed), c.By, stamp(c.Settled), c.Outcome, list(c.Consents, newFactDocument),
	}
}

func newWorkDocument(w Work) workDocument {
	return workDocument{
		w.Person, w.Ran, spreadDocument(w.Held), w.Owned, w.Made, spreadDocument(w.Making), w.Consented, spreadDocument(w.Answering),
		w.HeldDays, w.MadeDays, w.AnswerDays,
	}
}

func newLiveDocument(l Live) liveDocument {
	return liveDocument{
		l.Component, l.Version, l.Target, l.Ring, l.Commit, stamp(l.At), l.By,
		list(l.Patches, func(p LivePatch) livePatchDocument { return livePatchDocument(p) }),
	}
}

func newFactDocument(f Fact) factDocument {
	return factDocument{
		stamp(f.At), f.Entry, f.Actor, f.Claim, f.Kind, f.Patch, f.Component, f.Version, f.Person,
		f.From, f.To, f.Cause, f.Detail, stamp(f.On), f.Sure, f.Verified,
	}
}

// list makes a JSON array, [] where there is nothing.
func list[T, D any](values []T, document func(T) D) []D {
	out := make([]D, len(values))
	for i, v := range values {
		out[i] = document(v)
	}
	return out
}
