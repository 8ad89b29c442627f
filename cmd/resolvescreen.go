package cmd

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
	bench  *step // for editors and comparisons; never recorded

	signed bool
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
		return err
	}
	d := &desk{a: a, o: o, at: at, record: s.ledger.Conflicts[at].Record, bench: s}
	if d.log, err = s.vault.OpenDraftLog(at, s.actor.Person); err != nil {
		return err
	}
	conflict, err := d.conflict(ctx)
	if err != nil {
		return errors.Join(err, d.log.Close())
	}
	session := tui.NewSession(conflict, tui.Abilities{Suspend: a.env.JobControl})
	streams := tui.Streams{In: a.env.Stdin, Out: a.env.Stdout, Err: a.env.Stderr}
	var res tui.Result
	if o.plain || !a.screens() {
		res, err = tui.Plain(ctx, session, d, streams)
	} else {
		res, err = tui.Run(ctx, session, d, streams, a.theme())
	}
	return d.leave(ctx, res, err)
}

// leave keeps what was decided where others see it. What cannot be recorded stays
// in the log of this machine.
func (d *desk) leave(ctx context.Context, res tui.Result, err error) error {
	if err != nil {
		return errors.Join(err, d.log.Close())
	}
	if d.signed || !anyTouched(res.Files) {
		err = d.log.Remove()
	} else if doc, failed := d.propose(context.WithoutCancel(ctx), res.Files); failed != nil {
		d.a.talk("The draft is kept on this machine: git carry resolve %s goes on from it.", d.o.id)
		return errors.Join(failed, d.log.Close())
	} else {
		d.a.show(doc, func() { doc.reportChange(d.a) })
		if err = d.log.Remove(); err == nil && !res.Interrupted {
			return doc.afterChange()
		}
	}
	switch {
	case err != nil:
		return err
	case res.Interrupted:
		return outcome{exitInterrupted}
	case !d.signed:
		return outcome{exitConflicts}
	}
	return nil
}

func anyTouched(files []tui.FileOutcome) bool {
	for _, f := range files {
		if f.Touched() {
			return true
		}
	}
	return false
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
	return d.o.record(ctx, d.a, func(ctx context.Context, draft *patchset.Draft) error {
		if draft.Resolution().Conflict != d.record {
			return d.overtaken(ctx)
		}
		return applyOutcomes(ctx, draft, files)
	})
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
	review := tui.Review{Against: "the patch as it was added", Change: patchset.CompareChanges(was, is)}
	if from := p.At[d.at.Version].From; from != "" {
		review.Against = "the patch as it is in " + from
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
	doc, err := d.propose(ctx, files)
	if err != nil {
		return "", err
	}
	sign := signOptions{id: d.at.Patch, version: d.at.Version, as: string(c.As), reason: c.Reason, expect: string(doc.Result), key: d.o.key}
	signed, err := sign.execute(ctx, d.a)
	if err != nil {
		return "", err
	}
	d.signed = true
	said := "Signed: " + signed.Label
	if !signed.Complete {
		said += "; one more person is needed: " + signed.Missing
	}
	for _, became := range signed.Became {
		said += fmt.Sprintf("; %s is %s", became.ID, became.State)
	}
	return said, nil
}

// HandOff implements tui.Host.
func (d *desk) HandOff(ctx context.Context, files []tui.FileOutcome, h tui.HandOff) (string, error) {
	if anyTouched(files) {
		if _, err := d.propose(ctx, files); err != nil {
			return "", err
		}
	}
	return d.a.handOff(ctx, d.at.Patch, d.at.Version, h.To, h.Note)
}
