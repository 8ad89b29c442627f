package cmd

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/tui"
)

// The resolver: what a session of package tui needs to know of a conflict comes from
// resolveconflict.go; what it needs done is done here.

// desk is where a person works on one conflict, on the screen or in plain questions.
// It is the session's tui.Host.
type desk struct {
	a      *app
	o      *resolveOptions
	at     patchset.Spot
	record patchset.ID // the conflict that is worked on
	log    *gitops.DraftLog
	bench  *step    // for editors and comparisons; never recorded
	keys   *keyring // of --key, else nil

	cutOff bool              // goes on from a session whose work the ledger does not hold
	kept   []tui.FileOutcome // what the ledger holds of it
	result patchset.ID       // of what the ledger holds; "" while something is open
	signed *signDoc          // nil until it is signed
	said   []string          // what was done, for when the screen is gone
}

var _ tui.Host = (*desk)(nil)

// work has the person work on the conflict, and records what comes of it.
func (o *resolveOptions) work(ctx context.Context, a *app) error {
	s, err := a.newStep(ctx)
	if err != nil {
		return err
	}
	defer s.bench.Close()
	at, err := o.conflictAt(s.ledger)
	if err != nil {
		return s.driftHanded(at, err)
	}
	d := &desk{a: a, o: o, at: at, record: s.ledger.Conflicts[at].Record, bench: s}
	if err := d.openKeys(ctx); err != nil {
		return err
	}
	defer d.keys.close()
	if d.log, err = s.vault.OpenDraftLog(at, s.actor.Person); err != nil {
		return err
	}
	conflict, err := d.conflict(ctx)
	if err != nil {
		return errors.Join(err, d.log.Close())
	}
	session := tui.NewSession(conflict, tui.Abilities{Suspend: a.env.JobControl})
	if !d.cutOff {
		d.kept = session.Outcome()
	}
	streams := tui.Streams{In: a.env.Stdin, Out: a.env.Stdout, Err: a.env.Stderr}
	var res tui.Result
	if o.plain || !a.screens() {
		res, err = tui.Plain(ctx, session, d, streams)
		d.said = nil
	} else {
		res, err = tui.Run(ctx, session, d, streams, a.theme())
	}
	return d.leave(ctx, res, err)
}

// openKeys opens what signs, and asks for its passphrase, while the terminal is
// still free. Whoever the key belongs to sits here.
func (d *desk) openKeys(ctx context.Context) error {
	if d.o.key == "" {
		return nil
	}
	keys, err := d.a.openKeys(ctx, d.o.key)
	if err != nil {
		return err
	}
	d.keys = keys
	signer, actor, err := keys.choose(d.bench.registry, d.a.person, d.bench.actor)
	if err == nil {
		d.bench.actor = actor
		if locked, is := signer.(lockedKey); is && d.bench.role(d.at) != "" {
			_, err = locked.unlock()
		}
	}
	if err != nil {
		keys.close()
	}
	return err
}

// leave keeps what was decided where others see it, and says what was done, as a
// screen leaves nothing behind. What cannot be recorded stays in the log of this machine.
func (d *desk) leave(ctx context.Context, res tui.Result, err error) error {
	if err != nil {
		return errors.Join(err, d.log.Close())
	}
	ctx = context.WithoutCancel(ctx)
	for _, said := range d.said {
		d.a.say("%s", said)
	}
	if d.signed == nil && d.differs(res.Files) {
		doc, err := d.propose(ctx, res.Files)
		if err != nil {
			d.a.talk("What you decided is kept on this machine: git carry resolve %s goes on from it, if the conflict is still there.", d.o.id)
			return errors.Join(err, d.log.Close())
		}
		d.a.show(doc, func() { doc.reportChange(d.a) })
	}
	if d.signed != nil && !res.Signed {
		d.a.talk("What was changed after the signature is not kept. To take the signature back: git carry undo")
	}
	if err := d.log.Remove(); err != nil {
		return err
	}
	return d.outcome(ctx, res.Interrupted)
}

// outcome is the exit code: how the conflict stands now.
func (d *desk) outcome(ctx context.Context, interrupted bool) error {
	switch {
	case interrupted:
		return outcome{exitInterrupted}
	case d.signed == nil:
		doc, err := d.o.look(ctx, d.a)
		if err != nil {
			return err
		}
		return doc.waits()
	case !d.signed.Complete:
		return outcome{exitPending}
	}
	d.a.next("%s", shellLine(d.signed.Next))
	return nil
}

// differs tells whether something was decided that the ledger does not hold.
func (d *desk) differs(files []tui.FileOutcome) bool {
	return slices.ContainsFunc(files, tui.FileOutcome.Touched) && !reflect.DeepEqual(files, d.kept)
}

// savedDraft is a line of the draft log.
type savedDraft struct {
	Conflict patchset.ID       `json:"conflict"`
	At       time.Time         `json:"at"`
	Files    []tui.FileOutcome `json:"files"`
}

// Save implements tui.Host.
func (d *desk) Save(_ context.Context, files []tui.FileOutcome) error {
	line, err := json.Marshal(savedDraft{d.record, d.a.env.Now().UTC(), files})
	if err != nil {
		return err
	}
	return d.log.Append(line)
}

// saved is what the log holds of this very conflict; nil when nothing.
func (d *desk) saved() (*savedDraft, error) {
	line, err := d.log.Last()
	if err != nil || len(line) == 0 {
		return nil, err
	}
	var last savedDraft
	if json.Unmarshal(line, &last) != nil || last.Conflict != d.record {
		return nil, nil
	}
	return &last, nil
}

// Edit implements tui.Host.
func (d *desk) Edit(ctx context.Context, io tui.Streams, path string, text []byte, line int) ([]byte, error) {
	return d.bench.bench.Edit(ctx, gitops.Streams{Stdin: io.In, Stdout: io.Out, Stderr: io.Err}, path, text, line)
}

// MergeTool implements tui.Host.
func (d *desk) MergeTool(ctx context.Context, io tui.Streams, path string, text []byte) ([]byte, error) {
	file := toolFile(d.bench.ledger.Conflicts[d.at], path, text)
	results, err := d.bench.bench.MergeTool(ctx, gitops.Streams{Stdin: io.In, Stdout: io.Out, Stderr: io.Err}, "", []gitops.ToolFile{file})
	if err != nil {
		return nil, err
	}
	for _, r := range results {
		if r.Settled && !r.Deleted {
			return r.Content, nil
		}
	}
	return nil, patchset.Faultf(patchset.CodeFailed, "the merge tool left %s as it was", path)
}

// propose records the choices as a draft or a proposal.
func (d *desk) propose(ctx context.Context, files []tui.FileOutcome) (resolveDoc, error) {
	doc, err := d.o.record(ctx, d.a, func(ctx context.Context, draft *patchset.Draft) error {
		if draft.Resolution().Conflict != d.record {
			return d.overtaken(ctx)
		}
		return applyOutcomes(ctx, draft, files)
	})
	if err == nil {
		d.kept, d.result = files, doc.Result
	}
	return doc, err
}

// overtaken says who changed the conflict meanwhile.
func (d *desk) overtaken(ctx context.Context) error {
	f := patchset.Faultf(patchset.CodeBusy, "the conflict of %s was carried anew meanwhile: what was settled no longer fits", d.at.Patch).
		WithHint("git carry resolve %s", d.o.id)
	_ = d.bench.vault.Log(ctx, func(e gitops.LogEntry) bool {
		f.WithHint("%s, %s: %s", cmp.Or(e.Entry.Person, e.Entry.Claim), stamp(e.Entry.At), e.Entry.Sentence)
		return false
	})
	return f
}

// applyOutcomes does to a draft what was decided in a session.
func applyOutcomes(ctx context.Context, draft *patchset.Draft, files []tui.FileOutcome) error {
	for _, f := range files {
		if !f.Touched() {
			continue
		}
		if err := applyOutcome(ctx, draft, f); err != nil {
			return fmt.Errorf("%s: %w", f.Path, err)
		}
	}
	return nil
}

func applyOutcome(ctx context.Context, draft *patchset.Draft, f tui.FileOutcome) error {
	switch {
	case f.Delete:
		return draft.Delete(ctx, f.Path)
	case f.Take != "" && f.Take != tui.None:
		return draft.Take(ctx, f.Path, 0, string(f.Take))
	case f.HasText:
		_, err := draft.Edited(ctx, f.Path, f.Text, strings.Join(f.How, ", "))
		return err
	}
	return draft.Take(ctx, f.Path, 0, string(tui.Upstream)) // what git put there stands
}

// Review implements tui.Host.
func (d *desk) Review(ctx context.Context, files []tui.FileOutcome) (tui.Review, error) {
	s := d.bench
	k := s.ledger.Conflicts[d.at]
	draft, err := patchset.NewDraft(ctx, s.bench, k)
	if err != nil {
		return tui.Review{}, err
	}
	if err := applyOutcomes(ctx, draft, files); err != nil {
		return tui.Review{}, err
	}
	p := s.ledger.Patches[d.at.Patch]
	r, err := draft.Finish(ctx, p.CarryID, s.by(), d.a.env.Now())
	if err != nil {
		return tui.Review{}, err
	}
	if !r.Proposed() {
		return tui.Review{}, patchset.Faultf(patchset.CodeConflicts, "still open: %s", joinWords(r.Open))
	}
	was, err := s.bench.Diff(ctx, k.Source)
	if err != nil {
		return tui.Review{}, err
	}
	is, err := s.bench.Diff(ctx, r.Result)
	if err != nil {
		return tui.Review{}, err
	}
	review := tui.Review{Against: "as it was added", Change: patchset.CompareChanges(was, is)}
	if from := p.At[d.at.Version].From; from != "" {
		review.Against = "as it is in " + from
	}
	losses, err := s.losses(ctx, k, r)
	for _, l := range losses {
		review.Notes = append(review.Notes, fmt.Sprintf("it loses %s of upstream in %s, which the patch never touched", count(l.Lines, "line", "lines"), l.Path))
	}
	if len(is) == 0 {
		review.Notes = append(review.Notes, "nothing of the patch is left: git carry retire or drop says so plainly")
	}
	return review, err
}

// Sign implements tui.Host.
func (d *desk) Sign(ctx context.Context, files []tui.FileOutcome, c tui.Consent) (string, error) {
	if err := checkText("reason", c.Reason); err != nil {
		return "", err
	}
	if d.result == "" || d.differs(files) {
		if _, err := d.propose(ctx, files); err != nil {
			return "", err
		}
	}
	sign := signOptions{
		id: d.at.Patch, version: d.at.Version, as: string(c.As), reason: c.Reason, expect: string(d.result),
		pen: pen{keys: d.keys, at: d.a.env.Now()},
	}
	signed, err := sign.record(ctx, d.a)
	if err != nil {
		return "", err
	}
	d.signed = &signed
	said := "Signed: " + signed.Label
	if !signed.Complete {
		said += "; one more person is needed: " + signed.Missing
	}
	for _, became := range signed.Became {
		said += fmt.Sprintf("; %s is %s", became.ID, became.State)
	}
	d.said = append(d.said, said)
	return said, nil
}

// HandOff implements tui.Host.
func (d *desk) HandOff(ctx context.Context, files []tui.FileOutcome, h tui.HandOff) (string, error) {
	if d.differs(files) {
		if _, err := d.propose(ctx, files); err != nil {
			return "", err
		}
	}
	said, err := d.a.handOff(ctx, d.at.Patch, d.at.Version, h.To, h.Note)
	if err == nil {
		d.said = append(d.said, said)
	}
	return said, err
}
