// Package serve tells users of a fleet of servers which of them to fetch from: a small
// file that is signed and runs out. In panic mode it lists the servers that were seen to
// serve a fix; others come back as they catch up. Values only: who probes, signs, writes and reads is
// elsewhere.
package serve

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/git-carry/git-carry/patchset"
)

// Format names the form of the file.
const Format = "git-carry/serve/v1"

// Mode says by which rule users pick a server.
type Mode string

// The modes.
const (
	Normal Mode = "normal" // any server will do
	Panic  Mode = "panic"  // only those that were seen to serve the fix
)

// File is which servers users may fetch from. It names nothing that is secret: no patch,
// no branch, no path.
type File struct {
	Format string `json:"format"`
	Mode   Mode   `json:"mode"`
	// Generation only grows: a file with a lower one is an older one.
	Generation int64     `json:"generation"`
	Issued     time.Time `json:"issued"`
	Expires    time.Time `json:"expires"`
	TTL        int       `json:"ttl"`   // after how many seconds to look for a newer file
	Items      []string  `json:"items"` // of the urgent lane
	Floor      Floor     `json:"floor"`
	Serve      []Entry   `json:"serve"`
	Withdrawn  []Out     `json:"withdrawn"`
}

// Floor is how much of what all servers together can bear must be left, in percent.
type Floor struct {
	Weight int `json:"weight"`
	Actual int `json:"actual"`
	// Confirmed: two people agreed to go below it.
	Confirmed bool `json:"confirmed,omitempty"`
}

// The classes of entries.
const (
	Origin = "origin" // always listed
	Mirror = "mirror"
)

// Entry is a server that users may fetch from.
type Entry struct {
	ID       string    `json:"id"`
	URL      string    `json:"url"`
	Class    string    `json:"class"`
	Weight   int       `json:"weight"` // its share of users, beside the others' weights
	Families []string  `json:"families,omitempty"`
	Verified time.Time `json:"verified,omitzero"` // when it was last seen to serve the fix
	// Ramp is the part of its weight that it has so far, in percent, while it comes back.
	Ramp int `json:"ramp,omitempty"`
	// Missed counts the probes in a row that told nothing.
	Missed int `json:"missed,omitempty"`
	// Held is why it should be withdrawn and is not: too little would be left.
	Held string `json:"held,omitempty"`
}

// Out is a server that users should not fetch from.
type Out struct {
	ID     string    `json:"id"`
	Reason string    `json:"reason"` // a verdict, or unverified
	Since  time.Time `json:"since"`
	// Good counts the probes in a row that found the fix.
	Good int `json:"good,omitempty"`
}

const (
	maxFile    = 8 << 20 // bytes
	maxEntries = 20_000
	maxText    = 2000 // bytes of one text
)

// Parse reads a file and checks it. Fields that are not known are passed over.
func Parse(data []byte) (File, error) {
	var f File
	if len(data) > maxFile {
		return f, patchset.Faultf(patchset.CodeBadInput, "the serve file has %d bytes; the limit is %d", len(data), maxFile)
	}
	if err := json.Unmarshal(data, &f); err != nil {
		return f, patchset.Faultf(patchset.CodeBadInput, "the serve file cannot be read: %w", err)
	}
	return f, f.Check()
}

// Encode writes the file. The same file always gives the same bytes.
func (f File) Encode() ([]byte, error) {
	if err := f.Check(); err != nil {
		return nil, err
	}
	f.Items, f.Withdrawn = append([]string{}, f.Items...), append([]Out{}, f.Withdrawn...)
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	err := enc.Encode(f)
	return b.Bytes(), err
}

// Check refuses a file that nobody should act on.
func (f File) Check() error {
	bad := func(format string, args ...any) error {
		return patchset.Faultf(patchset.CodeBadInput, "the serve file "+format, args...)
	}
	switch {
	case f.Format != Format:
		return bad("has the format %.80q, not %s", f.Format, Format)
	case f.Mode != Normal && f.Mode != Panic:
		return bad("has the mode %.80q", string(f.Mode))
	case f.Generation < 1:
		return bad("has the generation %d", f.Generation)
	case f.Issued.IsZero() || !f.Expires.After(f.Issued):
		return bad("runs out before it begins")
	case f.TTL < 1 || f.TTL > 86400:
		return bad("has a ttl of %d seconds", f.TTL)
	case f.Floor.Weight < 0 || f.Floor.Weight > 100 || f.Floor.Actual < 0 || f.Floor.Actual > 100:
		return bad("has a floor that is no percentage")
	case len(f.Serve) == 0:
		return bad("names no server")
	case len(f.Serve)+len(f.Withdrawn) > maxEntries || len(f.Items) > maxEntries:
		return bad("names more than %d servers or items", maxEntries)
	}
	ids := map[string]bool{}
	for _, id := range f.Items {
		if err := checkText(id); err != nil {
			return bad("names an item %w", err)
		}
	}
	for _, e := range f.Serve {
		if why := e.problem(); why != "" || ids[e.ID] {
			return bad("names a server %.80q that %s", e.ID, cmp.Or(why, "it has twice"))
		}
		ids[e.ID] = true
	}
	for _, o := range f.Withdrawn {
		if patchset.CheckTarget(o.ID) != nil || ids[o.ID] || checkText(o.Reason) != nil || o.Since.IsZero() || o.Good < 0 {
			return bad("withdraws %.80q in no way that makes sense", o.ID)
		}
		ids[o.ID] = true
	}
	return nil
}

func (e Entry) problem() string {
	switch {
	case patchset.CheckTarget(e.ID) != nil:
		return "is no name"
	case checkText(e.URL) != nil || strings.HasPrefix(e.URL, "-") || strings.HasPrefix(e.URL, "#"): // an option, a remark
		return "has no URL"
	case e.Class != Origin && e.Class != Mirror:
		return "has no class"
	case e.Weight < 1 || e.Weight > patchset.MaxWeight:
		return fmt.Sprintf("has the weight %d", e.Weight)
	case e.Ramp < 0 || e.Ramp > 99 || e.Missed < 0:
		return "counts wrong"
	case e.Held != "" && checkText(e.Held) != nil || slices.ContainsFunc(e.Families, func(f string) bool { return checkText(f) != nil }):
		return "has words that cannot be shown"
	}
	return ""
}

// checkText accepts one line that can be shown.
func checkText(s string) error {
	if s == "" || len(s) > maxText || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }) {
		return fmt.Errorf("with a text that is empty, long or not one line")
	}
	return nil
}
