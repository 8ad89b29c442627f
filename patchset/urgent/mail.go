package urgent

import (
	"fmt"
	"strings"

	"github.com/git-carry/git-carry/patchset"
)

// Audience is whom a message about an item is for.
type Audience string

// The audiences.
const (
	Testers   Audience = "testers"   // people who can try it and vote
	Operators Audience = "operators" // of mirrors: they have no vault
)

// Audiences lists them.
var Audiences = []Audience{Testers, Operators}

// Call is what is asked of an audience. An opaque one has nothing but the item's id, which
// says nothing of what it is about.
type Call struct {
	Item     string
	Audience Audience
	// Details are for channels that are cleared for them; nil for all others.
	Details *CallDetails
}

// CallDetails are embargoed.
type CallDetails struct {
	Patches   []patchset.Patch
	Stacks    []patchset.Published // what a target has to have
	Approvals int                  // that are missing
	Try       string               // a command; "" where there is nothing to try yet
}

// Subject is one line.
func (c Call) Subject() string {
	if c.Audience == Operators {
		return c.Item + ": please fetch now"
	}
	return c.Item + " needs testers"
}

// Text is the message.
func (c Call) Text() string {
	if c.Audience == Operators {
		return c.operators()
	}
	return c.testers()
}

func (c Call) testers() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s needs people who try it, now.\n", c.Item)
	c.writeDetails(&b)
	if d := c.Details; d != nil && d.Try != "" {
		fmt.Fprintf(&b, "\nTo try it:\n\n  %s\n", d.Try)
	}
	fmt.Fprintf(&b, `
Where the vault is, this says what to do, and takes what you think of it:

  git carry urgent next %s

Say what you found there and not in an answer to this message: it is not public. Please pass
this on to nobody.
`, c.Item)
	return b.String()
}

func (c Call) operators() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: please let your mirror fetch now, and not only when its turn comes.\n", c.Item)
	c.writeDetails(&b)
	b.WriteString(`
On the mirror, in each repository:

  git remote update --prune

Then answer that it is done. If it cannot fetch, answer that: users are sent to other mirrors
until it can. Please pass this on to nobody before we do.
`)
	return b.String()
}

// writeDetails adds what only cleared channels may carry.
func (c Call) writeDetails(b *strings.Builder) {
	d := c.Details
	if d == nil {
		return
	}
	b.WriteString("\n")
	for _, p := range d.Patches {
		fmt.Fprintf(b, "  %s  %s  %s  %s\n", p.ID, p.Component, p.Severity, p.Title)
	}
	for _, s := range d.Stacks {
		fmt.Fprintf(b, "  %s %s  %s  %s\n", s.Component, s.Version, s.Branch, s.Commit)
	}
	if c.Audience == Testers && d.Approvals > 0 {
		fmt.Fprintf(b, "  approvals missing: %d\n", d.Approvals)
	}
}
