package cmd

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/pattern"
)

// What add and import share: a place in a version's stack, and the record of a
// patch that was not known before.

// openVersion makes sure that a version is recorded and has a base in a component.
func (a *app) openVersion(ctx context.Context, s *step, component, version string) error {
	base, err := a.baseFor(ctx, s, component, version)
	if err != nil {
		return err
	}
	s.setBase(component, version, base, a.now())
	return nil
}

func (s *step) setBase(component, version string, base patchset.Base, now time.Time) {
	v, known := s.ledger.Versions[version]
	if !known {
		v = patchset.Version{Name: version, Made: now, Bases: map[string]patchset.Base{}}
	}
	v.Bases[component] = base
	s.ledger.Versions[version] = v
}

// now is the time that goes on record: whole seconds, UTC.
func (a *app) now() time.Time { return a.env.Now().UTC().Truncate(time.Second) }

// newPatch fills in what a source commit says of a patch.
func (a *app) newPatch(s *step, id, component string, source patchset.Commit) (patchset.Patch, error) {
	p := patchset.Patch{
		ID: id, Component: component, Title: cmp.Or(patchset.Subject(source.Message), id), Task: taskOf(id, source.Message),
		Added: patchset.Event{At: a.now(), By: s.by()}, At: map[string]patchset.Incarnation{},
	}
	var err error
	p.CarryID, err = a.carryID(s.ledger, source.Message)
	return p, err
}

// carryIDBytes is the length of a new Carry-Id before it is written in
// hexadecimal.
const carryIDBytes = 10

// carryID is the one that the message bears, as a patch from another vault does,
// if no patch has it here; else a new one.
func (a *app) carryID(l patchset.Ledger, message []byte) (string, error) {
	if id := patchset.CarryIDOf(message); id != "" {
		taken := false
		for _, p := range l.Patches {
			taken = taken || p.CarryID == id
		}
		if !taken {
			return id, nil
		}
	}
	return a.randomID(carryIDBytes)
}

var taskWord = pattern.Of(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// taskOf is the ticket in the Bug trailer of a message, else in the id.
func taskOf(id string, message []byte) string {
	if bugs := patchset.Trailers(message, "Bug"); len(bugs) == 1 && taskWord().MatchString(bugs[0]) {
		return bugs[0]
	}
	return patchset.TaskOf(id)
}

// offsetDoc is a hunk that was found away from its place, in JSON.
type offsetDoc struct {
	Path  string `json:"path"`
	Hunk  int    `json:"hunk"`
	Lines int    `json:"lines"` // positive: further down
}

func offsetDocs(offsets []gitops.FileOffset) []offsetDoc {
	docs := []offsetDoc{}
	for _, o := range offsets {
		docs = append(docs, offsetDoc{o.Path, o.Hunk, o.Lines})
	}
	return docs
}

func (o offsetDoc) String() string {
	where := "further down"
	if o.Lines < 0 {
		where = "further up"
	}
	return fmt.Sprintf("%s: hunk %d was found %s %s", o.Path, o.Hunk, count(max(o.Lines, -o.Lines), "line", "lines"), where)
}

// shellWord quotes a word from data for a command that people paste.
func shellWord(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./_-") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
