package cmd

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/printable"
)

// resolveDoc is a conflict and how far it is settled.
type resolveDoc struct {
	Schema    string         `json:"schema"`
	ID        string         `json:"id"`
	Component string         `json:"component"`
	Version   string         `json:"version"`
	State     patchset.State `json:"state"`
	Title     string         `json:"title"`
	Owner     string         `json:"owner"`
	// You are the acting person as far as that is known, Role what you may sign
	// as: owner, delegate, deputy or "".
	You     string   `json:"you"`
	Role    string   `json:"role"`
	MaySign []string `json:"may_sign"`

	Conflict patchset.ID   `json:"conflict"`
	Upstream patchset.ID   `json:"upstream"`
	Source   patchset.ID   `json:"source"`
	Culprit  *commitDoc    `json:"culprit"`
	Files    []resolveFile `json:"files"`
	Open     []string      `json:"open"`
	How      []string      `json:"how"`
	By       string        `json:"by"`
	At       string        `json:"at"`
	Result   patchset.ID   `json:"result"`
	// Empty: the result is the same as upstream, nothing of the patch is left.
	Empty    bool       `json:"empty"`
	Replaced string     `json:"replaced"`
	Losses   []lossDoc  `json:"losses"`
	Next     [][]string `json:"next"`
	handedDoc

	sign []string // the command for whoever may
	turn string   // who was asked and can act; ""
	mine bool     // that is the acting person
}

type resolveFile struct {
	Path    string        `json:"path"`
	Kind    string        `json:"kind"`
	Message string        `json:"message"`
	Open    bool          `json:"open"`
	Hunks   []resolveHunk `json:"hunks"` // the open ones
	// Sides are the blobs of base, upstream and patch; "" where there is no file.
	Sides map[string]patchset.ID `json:"sides"`
}

type resolveHunk struct {
	Number   int    `json:"number"`
	Upstream string `json:"upstream"`
	Base     string `json:"base"`
	Patch    string `json:"patch"`
}

// commitDoc is a public commit that people may have to ask about.
type commitDoc struct {
	Commit  patchset.ID `json:"commit"`
	Author  string      `json:"author"`
	Date    string      `json:"date"`
	Subject string      `json:"subject"`
	Paths   []string    `json:"paths"`
}

func newCommitDoc(id patchset.ID, c patchset.Commit, paths []string) commitDoc {
	author, _, _ := strings.Cut(c.Author, " <")
	return commitDoc{id, author, date(c.AuthorTime()), patchset.Subject(c.Message), nonNil(paths)}
}

func (d commitDoc) String() string {
	return printable.Line(fmt.Sprintf("%s %s (%s, %s)", d.Commit.Short(), d.Subject, d.Author, d.Date))
}

func newResolveDoc(ctx context.Context, s *step, at patchset.Spot, d *patchset.Draft) (resolveDoc, error) {
	p, k, r := s.ledger.Patches[at.Patch], s.ledger.Conflicts[at], s.ledger.Resolutions[at]
	doc := resolveDoc{
		Schema: schema("resolve"), ID: p.ID, Component: p.Component, Version: at.Version,
		State: p.At[at.Version].State, Title: p.Title, Owner: p.Owner, You: s.actor.String(), Role: s.role(at),
		MaySign: s.maySign(at), Losses: []lossDoc{}, Conflict: k.Record, Upstream: k.Upstream, Source: k.Source, Files: []resolveFile{},
		Open: nonNil(d.Resolution().Open), How: nonNil(r.How), By: r.By, At: stamp(r.At), Result: r.Result,
	}
	for _, path := range k.Paths {
		f, err := newResolveFile(ctx, d, path)
		if err != nil {
			return doc, err
		}
		doc.Files = append(doc.Files, f)
	}
	if culprit := p.At[at.Version].Culprit; culprit != "" {
		c, err := s.bench.Commit(ctx, culprit)
		if err != nil {
			return doc, err
		}
		cd := newCommitDoc(culprit, c, nil)
		doc.Culprit = &cd
	}
	upstream, err := s.bench.Commit(ctx, k.Upstream)
	doc.Empty = r.Proposed() && r.Tree == upstream.Tree
	doc.handedDoc, doc.turn = s.handed(at), s.turn(at)
	doc.mine = doc.turn != "" && doc.turn == s.actor.Person
	doc.Next, doc.sign = doc.next(s.ledger, at), signArgv(s.ledger, at)
	if doc.asks() {
		doc.Next = [][]string{s.turnArgv(at)}
	}
	return doc, err
}

func newResolveFile(ctx context.Context, d *patchset.Draft, p patchset.ConflictPath) (resolveFile, error) {
	f := resolveFile{
		Path: p.Path, Kind: string(p.Kind), Message: p.Message, Open: d.IsOpen(p.Path), Hunks: []resolveHunk{},
		Sides: map[string]patchset.ID{"base": p.Base.ID, "upstream": p.Upstream.ID, "patch": p.Patch.ID},
	}
	disputes, err := d.Disputes(ctx, p.Path)
	for _, x := range disputes {
		f.Hunks = append(f.Hunks, resolveHunk{x.Number, string(x.Hunk.Upstream), string(x.Hunk.Base), string(x.Hunk.Patch)})
	}
	return f, err
}

// asks tells whether somebody else is to act, and not also the acting person.
func (d resolveDoc) asks() bool {
	return d.turn != "" && !d.mine && (d.Result == "" || d.Role == "")
}

// role is what the actor may sign the patch as: owner, delegate, deputy or "".
// Whether it takes a key is asked when they sign.
func (s *step) role(at patchset.Spot) string {
	who := s.actor
	who.Assurance = owners.Verified
	for _, as := range []owners.As{owners.AsOwner, owners.AsDelegate, owners.AsDeputy} {
		if s.registry.MaySign(s.owner(at), who, as, "a reason") == nil {
			return string(as)
		}
	}
	return ""
}

// show prints the conflict and changes nothing.
func (o *resolveOptions) show(ctx context.Context, a *app) error {
	doc, err := o.look(ctx, a)
	if err != nil {
		return err
	}
	a.show(doc, func() { doc.report(a) })
	return doc.waits()
}

// look reads the conflict and how far it is settled.
func (o *resolveOptions) look(ctx context.Context, a *app) (resolveDoc, error) {
	var doc resolveDoc
	err := a.rehearse(ctx, func(ctx context.Context, s *step) error {
		at, err := o.conflictAt(s.ledger)
		if err != nil {
			return s.driftHanded(at, err)
		}
		k, r := s.ledger.Conflicts[at], s.ledger.Resolutions[at]
		d := patchset.ContinueDraft(s.bench, k, r)
		if r.Conflict != k.Record {
			if d, err = patchset.NewDraft(ctx, s.bench, k); err != nil {
				return err
			}
		}
		if doc, err = newResolveDoc(ctx, s, at, d); err != nil {
			return err
		}
		doc.Losses, err = s.losses(ctx, k, d.Resolution())
		return err
	})
	return doc, err
}

// waits is the exit code for a conflict that is not signed yet: who is to go on?
func (d resolveDoc) waits() error {
	switch {
	case d.turn != "" && !d.mine:
		return outcome{exitPending}
	case d.Result == "":
		return outcome{exitConflicts}
	case d.Role != "":
		return outcome{exitConsent}
	}
	return outcome{exitPending}
}

// afterChange is the exit code after somebody settled something.
func (d resolveDoc) afterChange() error {
	switch {
	case d.Result == "":
		return outcome{exitConflicts}
	case d.Role == "":
		return outcome{exitPending}
	}
	return nil
}

func (d resolveDoc) report(a *app) {
	a.say("%s %s in %s %s", d.ID, stateWord(d.State), d.Component, d.Version)
	if d.Title != "" {
		a.say("  %s", printable.Line(d.Title))
	}
	a.say("")
	a.say("  owner     %s%s", d.Owner, map[bool]string{true: " (you)"}[d.Role == "owner"])
	a.say("  you       %s; %s", d.You, map[string]string{
		"owner": "you may sign", "delegate": "you may sign as delegate", "deputy": "you may sign as deputy, with a reason", "": "you may propose, not sign",
	}[d.Role])
	a.say("  may sign  %s", cmp.Or(strings.Join(d.MaySign, "; "), "nobody who is active: two others may override"))
	if d.Culprit != nil {
		a.say("  cause     %s", d.Culprit)
	}
	if d.HandedTo != "" {
		a.say("  hand-off  %s", d.handedDoc)
	}
	for _, f := range d.Files {
		f.report(a)
	}
	d.reportSettled(a)
	d.reportNext(a)
}

func (f resolveFile) report(a *app) {
	a.say("")
	head := printable.Line(f.Path) + "  " + f.Kind
	switch {
	case !f.Open:
		a.say("%s, settled", head)
		return
	case len(f.Hunks) > 0:
		a.say("%s, open: %s", head, count(len(f.Hunks), "hunk", "hunks"))
	default:
		a.say("%s, open", head)
	}
	if f.Message != "" && len(f.Hunks) == 0 {
		a.say("  %s", printable.Line(f.Message))
	}
	if len(f.Hunks) == 0 {
		a.say("  UPSTREAM %s, BASE %s, PATCH %s", sideWord(f.Sides["upstream"]), sideWord(f.Sides["base"]), sideWord(f.Sides["patch"]))
	}
	for _, h := range f.Hunks {
		a.say("  hunk %d", h.Number)
		for _, side := range [][2]string{{"UPSTREAM", h.Upstream}, {"BASE", h.Base}, {"PATCH", h.Patch}} {
			a.say("    %s", side[0])
			a.sayLines("      ", side[1])
		}
	}
}

func sideWord(id patchset.ID) string {
	if id == "" {
		return "has no such file"
	}
	return id.Short()
}

// maxShownLines bounds how much of one side is printed.
const maxShownLines = 60

func (a *app) sayLines(indent, text string) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if text == "" {
		a.say("%s(no lines)", indent)
		return
	}
	for i, line := range lines {
		if i == maxShownLines {
			a.say("%s… %s more; all of it with --json", indent, count(len(lines)-i, "line", "lines"))
			return
		}
		a.say("%s%s", indent, strings.TrimSuffix(line, "\r"))
	}
}

func (d resolveDoc) reportSettled(a *app) {
	if len(d.How) == 0 {
		return
	}
	a.say("")
	a.say("Settled by %s:", d.By)
	for _, how := range d.How {
		a.say("  %s", printable.Line(how))
	}
}

// reportNext says what is open and what to type.
func (d resolveDoc) reportNext(a *app) {
	a.warnOfLosses(d.Losses)
	if d.Empty {
		a.talk("warning: the result is the same as upstream: nothing of the patch is left. If the fix is public, retire it instead: git carry retire %s", d.ID)
	}
	switch {
	case len(d.Open) > 0:
		a.say("")
		a.say("Open: %s", printable.Line(joinWords(d.Open)))
	case d.Result != "":
		a.say("")
		a.say("Proposed: %s. It enters the stack when %s has signed it.", d.Result.Short(), d.Owner)
		if d.Role == "" && d.turn == "" {
			a.next("ask %s: %s", d.Owner, shellLine(d.sign))
		}
	}
	ask := ""
	if d.asks() {
		ask = "ask " + d.turn + ": "
	}
	for _, argv := range d.Next {
		a.next("%s%s", ask, printable.Line(shellLine(argv)))
	}
}

// reportChange is the short form after somebody settled something.
func (d resolveDoc) reportChange(a *app) {
	if d.Replaced != "" {
		a.say("This %s.", d.Replaced)
	}
	if d.Result == "" {
		a.say("%s in %s: draft kept, %s of %d open", d.ID, d.Version, count(len(d.Open), "file", "files"), len(d.Files))
		for _, f := range d.Files {
			if f.Open && len(f.Hunks) > 0 {
				a.say("  %s: %s", printable.Line(f.Path), hunkNumbers(f.Hunks))
			}
		}
	} else {
		a.say("%s in %s: settled", d.ID, d.Version)
	}
	d.reportNext(a)
}

func hunkNumbers(hunks []resolveHunk) string {
	var numbers []string
	for _, h := range hunks {
		numbers = append(numbers, fmt.Sprint(h.Number))
	}
	return "hunk " + joinWords(numbers)
}
