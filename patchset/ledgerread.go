package patchset

import (
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

// ReadLedger reads the files of a ledger tree. A newer format is refused with
// CodeNewerFormat; a file that is not understood is an error that names it.
func ReadLedger(files map[string][]byte) (Ledger, error) {
	l := Ledger{}.Clone()
	if err := l.readStore(files["carry.toml"]); err != nil {
		return l, err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := l.readFile(name, files[name]); err != nil {
			return l, err
		}
	}
	return l, l.Check()
}

func (l *Ledger) readFile(name string, data []byte) error {
	stem, isTOML := strings.CutSuffix(name, ".toml")
	room, rest, _ := strings.Cut(stem, "/")
	if !isTOML || rest == "" {
		if name != "carry.toml" {
			l.Other[name] = data
		}
		return nil
	}
	first, second, _ := strings.Cut(rest, "/")
	switch room {
	case "components":
		return readInto(l.Components, rest, name, data)
	case "versions":
		return l.readVersion(first, second, name, data)
	case "patches":
		return l.readPatch(first, second, name, data)
	case "conflicts":
		err := readInto(l.Conflicts, Spot{first, second}, name, data)
		l.Conflicts[Spot{first, second}] = l.Conflicts[Spot{first, second}].withPaths(realPath)
		return err
	case "resolutions":
		err := readInto(l.Resolutions, Spot{first, second}, name, data)
		l.Resolutions[Spot{first, second}] = l.Resolutions[Spot{first, second}].withPaths(realPath)
		return err
	case "handoffs":
		return readInto(l.Handoffs, Spot{first, second}, name, data)
	case "pins":
		return readInto(l.Pins, Spot{first, second}, name, data)
	case "targets":
		return l.readTarget(first, second, name, data)
	case "told":
		return readInto(l.Told, telling(first, second), name, data)
	case "undelivered":
		return readInto(l.Undelivered, Place{first, second}, name, data)
	}
	l.Other[name] = data
	return nil
}

func telling(patch, rest string) Telling {
	kind, person, _ := strings.Cut(rest, "/")
	return Telling{patch, NoticeKind(kind), person}
}

func readInto[K comparable, V any](m map[K]V, key K, name string, data []byte) error {
	var v V
	err := decodeFact(name, data, &v)
	m[key] = v
	return err
}

// orNew is m, or an empty map where there is none yet.
func orNew[K comparable, V any](m map[K]V) map[K]V {
	if m == nil {
		return map[K]V{}
	}
	return m
}

func (l *Ledger) readVersion(version, component, name string, data []byte) error {
	v := l.Versions[version]
	if v.Bases == nil {
		v.Bases = map[string]Base{}
	}
	var err error
	if component == "" {
		err = decodeFact(name, data, &v)
	} else {
		err = readInto(v.Bases, component, name, data)
	}
	v.Name = version
	l.Versions[version] = v
	return err
}

func (l *Ledger) readTarget(target, stack, name string, data []byte) error {
	t := l.Targets[target]
	if t.Published == nil {
		t.Published = map[string]Published{}
	}
	var err error
	if stack == "" {
		err = decodeFact(name, data, &t)
	} else {
		err = readInto(t.Published, stack, name, data)
	}
	t.Name = target
	l.Targets[target] = t
	return err
}

func (l *Ledger) readPatch(id, fact, name string, data []byte) error {
	p := l.Patches[id]
	p.ID = id
	if p.At == nil {
		p.At = map[string]Incarnation{}
	}
	var err error
	switch dir, version := path.Split(fact); {
	case dir == "at/":
		err = readInto(p.At, version, name, data)
		p.At[version] = p.At[version].withPaths(realPath)
	case dir == "checks/":
		p.Checks = orNew(p.Checks)
		err = readInto(p.Checks, version, name, data)
	case strings.HasPrefix(dir, "results/"):
		p.Results = orNew(p.Results)
		err = readInto(p.Results, CheckAt{strings.TrimSuffix(strings.TrimPrefix(dir, "results/"), "/"), version}, name, data)
	case fact == "patch":
		var f patchFile
		err = decodeFact(name, data, &f)
		p.Component, p.CarryID, p.Title, p.Task, p.Added = f.Component, f.CarryID, f.Title, f.Task, f.Added
	case fact == "owner":
		var f ownerFile
		err = decodeFact(name, data, &f)
		p.Owner, p.OwnerConfirmed, p.Deputies = f.Owner, f.Confirmed, f.Deputies
	case fact == "severity":
		var f severityFile
		err = decodeFact(name, data, &f)
		p.Severity = f.Severity
	case fact == "cve":
		var f cveFile
		err = decodeFact(name, data, &f)
		p.CVE = f.CVE
	default:
		err = p.readClock(fact, name, data)
	}
	l.Patches[id] = p
	return err
}

func (p *Patch) readClock(fact, name string, data []byte) error {
	var e Event
	if err := decodeFact(name, data, &e); err != nil {
		return err
	}
	switch fact {
	case "found":
		p.Found, p.FoundFrom = e.At, e.Where
	case "carried":
		p.CarriedSince, p.CarriedFrom = e.At, e.Where
	case "disclosed":
		p.Disclosed = e
	case "landed":
		p.Landed = e
	case "dropped":
		p.Dropped = e
	case "shown":
		p.Shown = e
	default:
		return Faultf(CodeBadInput, "%s: not a fact that this program knows", name)
	}
	return nil
}

func decodeFact(name string, data []byte, fact any) error {
	if data == nil {
		return Faultf(CodeBadInput, "the ledger has no %s", name)
	}
	meta, err := toml.Decode(string(data), fact)
	if err != nil {
		return Faultf(CodeBadInput, "%s: %w", name, err)
	}
	if extra := meta.Undecoded(); len(extra) > 0 && name != "carry.toml" {
		return Faultf(CodeBadInput, "%s: unknown key %q", name, extra[0].String())
	}
	return nil
}

// Check refuses names and ids that would be dangerous further on, wherever they
// came from: a ledger may have been written by another hand.
func (l Ledger) Check() error {
	for name := range l.Components {
		if err := CheckComponent(name); err != nil {
			return err
		}
	}
	for name := range l.Versions {
		if err := CheckVersion(name); err != nil {
			return err
		}
	}
	for name, t := range l.Targets {
		if err := CheckTarget(name); err != nil {
			return err
		}
		if err := t.CheckUse(); err != nil {
			return err
		}
	}
	for id, p := range l.Patches {
		if err := CheckPatchID(id); err != nil {
			return err
		}
		if p.Component == "" || p.Owner == "" || !carryIDPattern().MatchString(p.CarryID) {
			return Faultf(CodeBadInput, "patch %s lacks its component, owner or Carry-Id", id)
		}
		if err := p.checkChecks(); err != nil {
			return err
		}
	}
	for id := range l.References() {
		if !id.Valid() {
			return Faultf(CodeBadInput, "the ledger names %q, which is no object id", string(id))
		}
	}
	return nil
}

// utc is how times enter the ledger: whole seconds, no zone.
func utc(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
