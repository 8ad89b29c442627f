package patchset

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// Format is the number of the ledger format that this program writes. A ledger
// with a higher number is read-only for it.
const Format = 1

// Ledger is everything that is known: the tree of the newest ledger entry, read
// into values. It is copied before it is changed; see [Ledger.Clone].
type Ledger struct {
	Store      Store
	Components map[string]Component
	Versions   map[string]Version
	Patches    map[string]Patch
	Conflicts  map[Spot]Conflict
	// Undelivered holds why a stack did not get to a target when that was last tried.
	Undelivered map[Place]Failure
	// Told holds what people were last sent.
	Told map[Telling]Told
	// Resolutions holds the newest resolution or draft per patch and version.
	Resolutions map[Spot]Resolution
	// Handoffs holds the newest hand-off per patch and version; [Ledger.Handoff]
	// tells whether it stands.
	Handoffs map[Spot]Handoff
	Targets  map[string]Target
	// Pins holds the newest pin by version and component.
	Pins map[Spot]Pin
	// Other holds the files that belong to other rooms (owners.toml,
	// signatures/…), by path, untouched.
	Other map[string][]byte
}

// Spot is one patch in one version.
type Spot struct{ Version, Patch string }

// Store identifies the vault.
type Store struct {
	Format  int       `toml:"format"`
	ID      string    `toml:"id"` // random; part of what signatures bind
	Created time.Time `toml:"created"`
}

// Component is one deployed git repository.
type Component struct {
	Name string `toml:"name"`
	URL  string `toml:"url"` // of the public upstream
	// Branch is the pattern of its deployment branches, "wmf/{version}"; empty:
	// the branch or tag named as the version, or whose last segment is it.
	Branch string `toml:"branch,omitempty"`
	// PinnedIn is the component whose base has this one as a submodule, PinnedAt the
	// path there. Both are empty for a repository that stands by itself.
	PinnedIn string `toml:"pinned_in,omitempty"`
	PinnedAt string `toml:"pinned_at,omitempty"`
	// Pins: publish puts a commit on its stack that points its submodules at theirs.
	Pins bool `toml:"pins,omitempty"`
}

// Version is one cut of the deployment branch.
type Version struct {
	Name string    `toml:"name"`
	From string    `toml:"from,omitempty"` // the version its stacks were carried from
	Made time.Time `toml:"made"`
	// LeftOut are the patches that a rollback took out: the next version must account for
	// them.
	LeftOut []string `toml:"left_out,omitempty"`
	// Bases are the public commits that it starts from, by component.
	Bases map[string]Base `toml:"-"`
}

// Base is the public commit that a version starts from in one component.
type Base struct {
	Commit ID `toml:"commit"`
	// Ref is the public ref it was found at, or who pins it: "core:extensions/Foo".
	Ref string `toml:"ref"`
}

// Conflict is a parked, resumable record of what did not merge. It stays when the
// patch is settled or landed: it is what the work has cost.
type Conflict struct {
	// Record is a commit that keeps it all reachable: its tree is the merged tree
	// with conflict markers, its parents are Upstream and Source.
	Record ID `toml:"record"`
	// Upstream is the stack so far: the commit that the patch was merged into.
	Upstream ID `toml:"upstream"`
	// Base is the parent of Source ("" if it has none), Source the commit merged.
	Base     ID  `toml:"base,omitempty"`
	Source   ID  `toml:"source"`
	Position int `toml:"position"`
	// Cause is the patch that it waited for; "" when it conflicts itself.
	Cause string         `toml:"cause,omitempty"`
	Found time.Time      `toml:"found"`
	Paths []ConflictPath `toml:"path"`
}

// ConflictPath is one file in dispute.
type ConflictPath struct {
	Path     string       `toml:"path"`
	Kind     merge3.Kind  `toml:"kind"`
	Base     ConflictSide `toml:"base,omitempty"`
	Upstream ConflictSide `toml:"upstream,omitempty"`
	Patch    ConflictSide `toml:"patch,omitempty"`
	Message  string       `toml:"message,omitempty"`
}

// ConflictSide is one side's version of a path in dispute.
type ConflictSide = merge3.Entry

// Resolution is what somebody made of a conflict: a draft while Open is not
// empty, then a proposal, and part of the stack once the owner has signed it.
type Resolution struct {
	Conflict ID        `toml:"conflict"`         // the Record that it answers
	Tree     ID        `toml:"tree"`             // the result, or the draft so far
	Open     []string  `toml:"open,omitempty"`   // paths
	Result   ID        `toml:"result,omitempty"` // the resulting commit on Conflict.Upstream; empty for a draft
	Keep     ID        `toml:"keep,omitempty"`   // a commit that keeps a draft's tree reachable
	By       string    `toml:"by"`
	At       time.Time `toml:"at"`
	How      []string  `toml:"how,omitempty"` // what was chosen, in order
	// OpenHunks numbers the disputes still open in the text of an open path, as
	// they were counted from 1 when nothing was settled.
	OpenHunks map[string][]int `toml:"open_hunks,omitempty"`
}

// Proposed tells whether nothing is left in dispute.
func (r Resolution) Proposed() bool { return r.Result != "" }

// Target is a private place that stacks are published to.
type Target struct {
	Name      string `toml:"name"`
	URL       string `toml:"url"`
	Component string `toml:"component,omitempty"` // empty: every component
	Branch    string `toml:"branch,omitempty"`    // pattern: {version}, {component}; empty: the public branch's name
	Ring      string `toml:"ring"`                // [RingTesting] or [RingStable]
	// Class says whose it is: [ClassMirror], [ClassOrigin] or [ClassPrivate].
	Class string `toml:"class,omitempty"`
	// Weight is how many users it can bear, beside the others' weights; 0 stands for
	// [DefaultWeight].
	Weight int `toml:"weight,omitempty"`
	// Optional: nothing waits for it.
	Optional bool `toml:"optional,omitempty"`
	// Serves is the URL that users fetch from; "" when it is URL.
	Serves string `toml:"serves,omitempty"`
	// Published is what was last put there and read back, by "version/component".
	Published map[string]Published `toml:"-"`
}

// Published is one stack on one target, read back.
type Published struct {
	Component string    `toml:"component"`
	Version   string    `toml:"version"`
	Branch    string    `toml:"branch"`
	Commit    ID        `toml:"commit"`
	At        time.Time `toml:"at"`
	By        string    `toml:"by"`
}

// Clone returns a copy that can be changed without touching l.
func (l Ledger) Clone() Ledger {
	c := l
	c.Components = cloneMap(l.Components)
	c.Versions = cloneMap(l.Versions)
	for name, v := range c.Versions {
		v.Bases = cloneMap(v.Bases)
		c.Versions[name] = v
	}
	c.Patches = cloneMap(l.Patches)
	for id, p := range c.Patches {
		p.At = cloneMap(p.At)
		p.Checks, p.Results = maps.Clone(p.Checks), maps.Clone(p.Results)
		c.Patches[id] = p
	}
	c.Conflicts = cloneMap(l.Conflicts)
	c.Undelivered = cloneMap(l.Undelivered)
	c.Told = cloneMap(l.Told)
	c.Resolutions = cloneMap(l.Resolutions)
	c.Handoffs = cloneMap(l.Handoffs)
	c.Targets = cloneMap(l.Targets)
	for name, t := range c.Targets {
		t.Published = cloneMap(t.Published)
		c.Targets[name] = t
	}
	c.Pins = cloneMap(l.Pins)
	c.Other = cloneMap(l.Other)
	return c
}

func cloneMap[K comparable, V any](m map[K]V) map[K]V {
	if m == nil {
		return map[K]V{}
	}
	return maps.Clone(m)
}

// Put records an incarnation of a patch.
func (l Ledger) Put(id, version string, in Incarnation) {
	p := l.Patches[id]
	if p.At == nil {
		p.At = map[string]Incarnation{}
	}
	p.At[version] = in
	l.Patches[id] = p
}

// Patch gives a patch by id, or a fault that names similar ones.
func (l Ledger) Patch(id string) (Patch, error) {
	if p, ok := l.Patches[id]; ok {
		return p, nil
	}
	f := Faultf(CodeUnknownPatch, "no patch %q in this vault", id)
	for _, known := range l.PatchIDs() {
		if len(f.Hint) < 3 && TaskOf(known) == TaskOf(id) {
			f.WithHint("did you mean %s?", known)
		}
	}
	return Patch{}, f.WithHint("git carry list")
}

// HasPatch tells whether an id is taken.
func (l Ledger) HasPatch(id string) bool {
	_, ok := l.Patches[id]
	return ok
}

// Component gives a component by name.
func (l Ledger) Component(name string) (Component, error) {
	if c, ok := l.Components[name]; ok {
		return c, nil
	}
	f := Faultf(CodeUnknownComponent, "no component %q in this vault", name)
	for _, known := range l.ComponentNames() {
		if path.Base(known) == path.Base(name) {
			f.WithHint("did you mean %s?", known)
		}
	}
	return Component{}, f.WithHint("known: %s", strings.Join(l.ComponentNames(), ", ")).
		WithHint("git carry component add %s=URL", name)
}

// Version gives a version by name. A last segment that only one version has
// (wmf.6) is enough.
func (l Ledger) Version(name string) (Version, error) {
	if v, ok := l.Versions[name]; ok {
		return v, nil
	}
	var known []string
	for v := range l.Versions {
		known = append(known, v)
	}
	slices.SortFunc(known, CompareVersions)
	return Version{}, Faultf(CodeUnknownVersion, "no version %q in this vault", name).
		WithHint("known: %s", strings.Join(known, ", ")).
		WithHint("git carry train %s", name)
}

// VersionNames lists the versions, oldest first.
func (l Ledger) VersionNames() []string {
	names := slices.Collect(maps.Keys(l.Versions))
	slices.SortFunc(names, CompareVersions)
	return names
}

// ComponentNames lists the components in order of name.
func (l Ledger) ComponentNames() []string { return slices.Sorted(maps.Keys(l.Components)) }

// PatchIDs lists the patches in order of component and id.
func (l Ledger) PatchIDs() []string {
	ids := slices.Collect(maps.Keys(l.Patches))
	slices.SortFunc(ids, func(a, b string) int {
		return cmp.Or(strings.Compare(l.Patches[a].Component, l.Patches[b].Component), CompareVersions(a, b))
	})
	return ids
}

// Newest is the version that is being prepared: the highest one.
func (l Ledger) Newest() (string, bool) {
	if len(l.Versions) == 0 {
		return "", false
	}
	return slices.MaxFunc(slices.Collect(maps.Keys(l.Versions)), CompareVersions), true
}

// NewestBefore is the version to start a train from: the newest below version
// that has stacks. ok is false when there is none.
func (l Ledger) NewestBefore(version string) (name string, ok bool) {
	for _, v := range l.VersionNames() {
		if CompareVersions(v, version) < 0 && l.HasStacks(v) {
			name, ok = v, true
		}
	}
	return name, ok
}

// References lists every commit that the ledger names. Those that a new entry
// names for the first time become its further parents.
func (l Ledger) References() map[ID]bool {
	refs := map[ID]bool{}
	add := func(ids ...ID) {
		for _, id := range ids {
			if id != "" {
				refs[id] = true
			}
		}
	}
	for _, v := range l.Versions {
		for _, b := range v.Bases {
			add(b.Commit)
		}
	}
	for _, p := range l.Patches {
		for _, in := range p.At {
			add(in.Commit, in.Source, in.Public, in.Replaces)
		}
	}
	for _, c := range l.Conflicts {
		add(c.Record)
	}
	for _, r := range l.Resolutions {
		add(r.Result, r.Keep)
	}
	for _, p := range l.Pins {
		add(p.Commit)
	}
	for _, t := range l.Targets {
		for _, p := range t.Published {
			add(p.Commit)
		}
	}
	return refs
}
