// Package advisory writes what the public is told of a disclosed patch, in the forms that
// scanners and other teams read: OSV, CSAF 2.0 and OpenVEX. Start at [Of].
//
// All of it is from the ledger, so the same ledger gives the same documents. What is not
// known is left out, or said to be pending; nothing is guessed. When a hole was found, how long it
// was carried, whose it was and where it was deployed are not in it.
package advisory

import (
	"cmp"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/printable"
)

// Publisher is who tells it.
type Publisher struct {
	Name      string
	Namespace string // a URL under their control
}

// Version is a version of the component that the ledger knows of.
type Version struct {
	Name string
	// Fix is the public commit by which the version's public base has the fix; "": it does
	// not have it.
	Fix patchset.ID
}

// Facts are what may be told of a patch.
type Facts struct {
	Patch     string // the id, or its task
	CVE       string // "": pending
	Title     string
	Text      string // may be ""
	Severity  patchset.Severity
	Disclosed time.Time
	Where     string // a URL, or ""
	Component string
	Repo      string      // the URL of the public upstream, or its name where that is on this machine
	Versions  []Version   // oldest first
	Landed    time.Time   // when a public branch got the fix first; zero: none has
	Fix       patchset.ID // by which; may be "" although it landed
	Publisher Publisher
}

// Of takes from the ledger what may be told of a patch. message is that of the commit by
// which it was carried last; secret words do not come through. A patch that is still embargoed
// is refused with CodePolicy.
func Of(l patchset.Ledger, p patchset.Patch, message []byte, secret patchset.SecretWords, by Publisher) (Facts, error) {
	if p.Embargoed() {
		return Facts{}, patchset.Faultf(patchset.CodePolicy, "%s is still embargoed, and an advisory tells the world", p.ID).
			WithHint("if the hole is public: git carry disclose %s --where URL", p.ID)
	}
	said := patchset.PublicMessage(append([]byte(p.Title+"\n\n"), bodyOf(message)...), secret)
	title := strings.TrimSpace(printable.Line(patchset.Subject(said)))
	f := Facts{
		Patch: p.ID, CVE: p.CVE, Title: cmp.Or(title, "Security fix"), Text: printable.Text(strings.TrimSpace(string(bodyOf(said)))), Severity: p.Severity,
		Disclosed: p.PublicAt().UTC(), Component: p.Component, Repo: publicRepo(l.Components[p.Component].URL), Publisher: by,
	}
	if isWeb(p.Disclosed.Where) {
		f.Where = p.Disclosed.Where
	}
	if id := patchset.ID(p.Landed.Where); p.Landed.Happened() {
		f.Landed = p.Landed.At.UTC()
		if id.Valid() {
			f.Fix = id
		}
	}
	for _, name := range l.VersionNames() {
		switch in := p.At[name]; {
		case in.State == patchset.StateLanded || in.State == patchset.StateRetired:
			if in.Public != "" {
				f.Versions = append(f.Versions, Version{name, in.Public})
			}
		case in.State.Carried():
			f.Versions = append(f.Versions, Version{Name: name})
		}
	}
	return f, nil
}

// bodyOf is a message without its subject and its trailers.
func bodyOf(message []byte) []byte {
	head, _ := patchset.CutTrailers(message)
	_, body, _ := strings.Cut(strings.TrimLeft(string(head), "\n"), "\n")
	return []byte(strings.Trim(body, "\n"))
}

// publicRepo leaves of a path on this machine its name.
func publicRepo(place string) string {
	scheme, rest, isURL := strings.Cut(place, "://")
	host, _, short := strings.Cut(place, ":")
	switch {
	case isURL && scheme == "file":
		return path.Base(rest)
	case isURL, short && !strings.Contains(host, "/"):
		return place
	}
	return path.Base(place)
}

// isWeb tells whether a place is a URL that everybody can follow.
func isWeb(place string) bool {
	u, err := url.Parse(place)
	odd := strings.ContainsFunc(place, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("<>\"{}|\\^`", r) })
	return err == nil && !odd && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
}

// fixes are the public commits that have the fix, each branch's own, oldest version first.
func (f Facts) fixes() []patchset.ID {
	var out []patchset.ID
	for _, v := range f.Versions {
		if v.Fix != "" && !slices.Contains(out, v.Fix) {
			out = append(out, v.Fix)
		}
	}
	if f.Fix != "" && !slices.Contains(out, f.Fix) {
		out = append(out, f.Fix)
	}
	return out
}

// affected and fixed are the names of versions whose public base lacks the fix, and has it.
func (f Facts) affected() []string { return f.names(func(v Version) bool { return v.Fix == "" }) }
func (f Facts) fixed() []string    { return f.names(func(v Version) bool { return v.Fix != "" }) }

func (f Facts) names(want func(Version) bool) []string {
	names := []string{}
	for _, v := range f.Versions {
		if want(v) {
			names = append(names, v.Name)
		}
	}
	return names
}

// revision is one state of what the world was told.
type revision struct {
	at   time.Time
	what string
}

// revisions begin with the disclosure.
func (f Facts) revisions() []revision {
	out := []revision{{f.Disclosed, "The hole is public."}}
	if f.Landed.After(f.Disclosed) {
		out = append(out, revision{f.Landed, "A public branch has the fix."})
	}
	return out
}

func (f Facts) modified() time.Time { return f.revisions()[len(f.revisions())-1].at }

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// pending stands in the place of an id that nobody has assigned yet.
const pending = "id pending"

// remedy says what who runs an affected version can do.
func (f Facts) remedy() string {
	fixes := f.fixes()
	if len(fixes) == 0 {
		return "No public branch has the fix yet."
	}
	words := make([]string, len(fixes))
	for i, id := range fixes {
		words[i] = string(id)
	}
	return "Take the public commit that has the fix: " + strings.Join(words, ", ")
}
