package patchset

import (
	"path"
	"strings"
)

// A ledger can be read in two ways that come to the same: all of its files at once
// ([ReadLedger]), or one entry's changes after the other, from the first, with Set.

// Set records one file of the ledger's tree: its content, or nil when it is gone.
// [Ledger.Check] tells whether what came of it may be used. l must be the caller's own.
func (l *Ledger) Set(name string, data []byte) error {
	if name == "carry.toml" {
		return l.readStore(data)
	}
	if data == nil {
		return l.forget(name)
	}
	// What a file of a patch says is replaced as it is read.
	if !strings.HasPrefix(name, "patches/") {
		if err := l.forget(name); err != nil {
			return err
		}
	}
	return l.readFile(name, data)
}

// readStore reads carry.toml and refuses a format that is not ours.
func (l *Ledger) readStore(data []byte) error {
	l.Store = Store{}
	if err := decodeFact("carry.toml", data, &l.Store); err != nil {
		return err
	}
	switch {
	case l.Store.Format > Format:
		return Faultf(CodeNewerFormat, "the vault has ledger format %d, this program knows %d", l.Store.Format, Format).
			WithHint("install a newer git-carry; nothing was changed")
	case l.Store.Format < 1:
		return Faultf(CodeBadInput, "carry.toml names no ledger format")
	}
	return nil
}

// forget takes out what a file said.
func (l *Ledger) forget(name string) error {
	delete(l.Other, name)
	stem, isTOML := strings.CutSuffix(name, ".toml")
	room, rest, _ := strings.Cut(stem, "/")
	first, second, _ := strings.Cut(rest, "/")
	if !isTOML {
		return nil
	}
	switch room {
	case "components":
		delete(l.Components, rest)
	case "versions":
		l.forgetVersion(first, second)
	case "patches":
		return l.forgetPatch(first, second, name)
	case "conflicts":
		delete(l.Conflicts, Spot{first, second})
	case "resolutions":
		delete(l.Resolutions, Spot{first, second})
	case "handoffs":
		delete(l.Handoffs, Spot{first, second})
	case "pins":
		delete(l.Pins, Spot{first, second})
	case "targets":
		l.forgetTarget(first, second)
	case "told":
		delete(l.Told, telling(first, second))
	case "undelivered":
		delete(l.Undelivered, Place{first, second})
	}
	return nil
}

func (l *Ledger) forgetVersion(version, component string) {
	v := l.Versions[version]
	if component == "" {
		v = Version{Name: version, Bases: v.Bases}
	}
	delete(v.Bases, component)
	l.Versions[version] = v
	if len(v.Bases) == 0 && v.From == "" && v.Made.IsZero() {
		delete(l.Versions, version)
	}
}

func (l *Ledger) forgetTarget(target, stack string) {
	t := l.Targets[target]
	if stack == "" {
		t = Target{Name: target, Published: t.Published}
	}
	delete(t.Published, stack)
	l.Targets[target] = t
	if len(t.Published) == 0 && t.URL == "" && t.Ring == "" {
		delete(l.Targets, target)
	}
}

func (l *Ledger) forgetPatch(id, fact, name string) error {
	if _, known := l.Patches[id]; !known {
		return nil
	}
	switch dir, last := path.Split(fact); {
	case dir == "at/":
		delete(l.Patches[id].At, last)
	case dir == "checks/":
		delete(l.Patches[id].Checks, last)
	case strings.HasPrefix(dir, "results/"):
		delete(l.Patches[id].Results, CheckAt{strings.TrimSuffix(strings.TrimPrefix(dir, "results/"), "/"), last})
	default:
		if err := l.readPatch(id, fact, name, []byte{}); err != nil {
			return err
		}
	}
	if l.Patches[id].blank() {
		delete(l.Patches, id)
	}
	return nil
}

// blank tells whether nothing is known of a patch but its id.
func (p Patch) blank() bool {
	return p.CarryID == "" && p.Component == "" && p.Owner == "" && p.Severity == "" && len(p.At) == 0 &&
		len(p.Checks) == 0 && len(p.Results) == 0 && p.CVE == "" &&
		p.Found.IsZero() && p.CarriedSince.IsZero() &&
		!p.Disclosed.Happened() && !p.Landed.Happened() && !p.Dropped.Happened() && !p.Shown.Happened()
}
