package patchset

import (
	"bytes"
	"fmt"

	"github.com/BurntSushi/toml"
)

// The ledger's tree: small TOML files, one fact per file, so that two people who
// record different facts never touch the same file.
//
//	carry.toml                          format number, store id
//	owners.toml                         the registry (package owners)
//	components/<component>.toml         a deployed repository
//	versions/<version>.toml             a version
//	versions/<version>/<component>.toml its base in one component
//	patches/<id>/patch.toml             what the patch is
//	patches/<id>/owner.toml             whose it is
//	patches/<id>/severity.toml          how bad
//	patches/<id>/cve.toml               by which id the public knows the hole
//	patches/<id>/found.toml …           its clocks: found, carried, disclosed, landed, dropped, shown
//	patches/<id>/at/<version>.toml      its incarnation in a version
//	patches/<id>/checks/<name>.toml     what must hold wherever it is carried
//	patches/<id>/results/<version>/<check>.toml  what came of a command there
//	conflicts/<version>/<id>.toml       what did not merge
//	resolutions/<version>/<id>.toml     what somebody made of it
//	handoffs/<version>/<id>.toml        who was asked to go on with it
//	signatures/<version>/<id>/…         consent (package owners)
//	delegations/<version>/<id>/…        who may sign for the owner (package owners)
//	pins/<version>/<component>.toml     the commit that points its submodules at their stacks
//	targets/<name>.toml                 a private place to publish to
//	targets/<name>/<version>/<component>.toml  what was last put there
//	told/<id>/<kind>/<person>.toml      what somebody was sent about a patch
//	undelivered/<name>/<version>/<component>.toml  why it did not get there the last time

type patchFile struct {
	Component string `toml:"component"`
	CarryID   string `toml:"carry_id"`
	Title     string `toml:"title"`
	Task      string `toml:"task,omitempty"`
	Added     Event  `toml:"added"`
}

type ownerFile struct {
	Owner     string   `toml:"owner"`
	Confirmed bool     `toml:"confirmed"`
	Deputies  []string `toml:"deputies,omitempty"`
}

type severityFile struct {
	Severity Severity `toml:"severity"`
}

type cveFile struct {
	CVE string `toml:"cve"`
}

// Files writes the ledger as the files of its tree. The same ledger always gives
// the same bytes.
func (l Ledger) Files() (map[string][]byte, error) {
	files := map[string][]byte{}
	for name, fact := range l.facts() {
		data, err := encodeFact(name, fact)
		if err != nil {
			return nil, err
		}
		files[name] = data
	}
	return files, nil
}

// facts are what the files of the ledger's tree say, by the file's name. A []byte is a
// file of another room as it is.
func (l Ledger) facts() map[string]any {
	f := make(map[string]any, len(l.Other)+8*len(l.Patches))
	for name, data := range l.Other {
		f[name] = data
	}
	f["carry.toml"] = l.Store
	for name, c := range l.Components {
		f["components/"+name+".toml"] = c
	}
	for name, v := range l.Versions {
		f["versions/"+name+".toml"] = v
		for component, base := range v.Bases {
			f["versions/"+name+"/"+component+".toml"] = base
		}
	}
	for id, p := range l.Patches {
		p.putFacts(f, "patches/"+id+"/")
	}
	for s, c := range l.Conflicts {
		f["conflicts/"+s.Version+"/"+s.Patch+".toml"] = c.withPaths(storedPath)
	}
	for s, r := range l.Resolutions {
		f["resolutions/"+s.Version+"/"+s.Patch+".toml"] = r.withPaths(storedPath)
	}
	for s, h := range l.Handoffs {
		f["handoffs/"+s.Version+"/"+s.Patch+".toml"] = h
	}
	for at, pin := range l.Pins {
		f["pins/"+at.Version+"/"+at.Patch+".toml"] = pin
	}
	for name, t := range l.Targets {
		f["targets/"+name+".toml"] = t
		for stack, p := range t.Published {
			f["targets/"+name+"/"+stack+".toml"] = p
		}
	}
	for at, failure := range l.Undelivered {
		f["undelivered/"+at.Target+"/"+at.Stack+".toml"] = failure
	}
	for t, told := range l.Told {
		f["told/"+t.Patch+"/"+string(t.Kind)+"/"+t.Person+".toml"] = told
	}
	return f
}

func (p Patch) putFacts(f map[string]any, dir string) {
	f[dir+"patch.toml"] = patchFile{p.Component, p.CarryID, p.Title, p.Task, p.Added}
	f[dir+"owner.toml"] = ownerFile{p.Owner, p.OwnerConfirmed, p.Deputies}
	f[dir+"severity.toml"] = severityFile{p.Severity}
	if p.CVE != "" {
		f[dir+"cve.toml"] = cveFile{p.CVE}
	}
	for name, e := range map[string]Event{
		"found": {At: p.Found, Where: p.FoundFrom}, "carried": {At: p.CarriedSince, Where: p.CarriedFrom},
		"disclosed": p.Disclosed, "landed": p.Landed, "dropped": p.Dropped, "shown": p.Shown,
	} {
		if e.Happened() {
			f[dir+name+".toml"] = e
		}
	}
	for version, in := range p.At {
		f[dir+"at/"+version+".toml"] = in.withPaths(storedPath)
	}
	for name, c := range p.Checks {
		f[dir+"checks/"+name+".toml"] = c
	}
	for at, r := range p.Results {
		f[dir+"results/"+at.Version+"/"+at.Check+".toml"] = r
	}
}

func encodeFact(name string, fact any) ([]byte, error) {
	if data, is := fact.([]byte); is {
		return data, nil
	}
	var b bytes.Buffer
	enc := toml.NewEncoder(&b)
	enc.Indent = ""
	if err := enc.Encode(fact); err != nil {
		return nil, fmt.Errorf("writing %s: %w", name, err)
	}
	return b.Bytes(), nil
}
