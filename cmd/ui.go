package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/tui"
	"github.com/spf13/cobra"
)

type uiOptions struct {
	version string
	audit   bool // begin with the audit
	urgent  bool // begin with the urgent lane
}

func newUICmd(a *app) *cobra.Command {
	o := &uiOptions{}
	c := &cobra.Command{
		Use:   "ui",
		Short: "The full-screen program: the train, conflicts to settle, the audit",
		Long: `The train board: versions across, patches down, what blocks the version first, and one
sentence on what to do next. Enter shows a patch with its age and its story; r settles its
conflict on the screen of git carry resolve; a opens the audit, u the urgent lane. ? lists the keys.

The audit has the filters of git carry audit: f goes through the problems, o, c and v keep to the
owner, the component, the severity of the patch in front, / looks for a text. s sorts, d shows a
past day, P what may be published, and x asks for the name of a file to write: .csv, .json and .txt get
the patches that are shown, .html, .prom and .ics the whole report. A file that is there is left alone.

The urgent lane has what is needed now and from whom, the stages against their targets with the
forecast, what each version waits for, who has voted, may and may not, and the targets, those that
need somebody first. It reads the ledger again every few seconds. tab or a number goes to a section,
enter opens a row, y copies the command, f keeps to targets that are wrong, dead or lagging, n goes
to the next item.

It needs a terminal. git carry status, git carry audit and git carry urgent status show the same on
a pipe.`,
		Example: "  git carry ui\n  git carry ui --version 1.46.0-wmf.5\n  git carry ui --audit\n  git carry ui --urgent",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return o.run(c.Context(), a) },
	}
	c.Flags().BoolVar(&o.audit, "audit", false, "begin with the audit")
	c.Flags().BoolVar(&o.urgent, "urgent", false, "begin with the urgent lane")
	c.Flags().StringVar(&o.version, "version", "", "the `VERSION` (else the one that is being prepared)")
	return c
}

func (o *uiOptions) run(ctx context.Context, a *app) error {
	if !a.screens() {
		return usagef("git carry ui needs a terminal that can show a screen; git carry status, git carry audit and git carry urgent status say the same in plain text")
	}
	streams := tui.Streams{In: a.env.Stdin, Out: a.env.Stdout, Err: a.env.Stderr}
	at, look := "", &auditLook{a: a}
	for {
		if o.audit {
			if on, err := look.run(ctx, streams); err != nil || !on {
				return err
			}
			o.audit = false
		}
		if o.urgent {
			if on, err := a.laneLook(ctx, streams); err != nil || !on {
				return err
			}
			o.urgent = false
		}
		board, err := o.board(ctx, a)
		if err != nil {
			return err
		}
		res, err := tui.RunBoard(ctx, tui.NewBoardSession(board, at), streams, a.theme())
		if err != nil {
			return err
		}
		at = res.At
		switch {
		case res.Resolve != "":
			resolve := resolveOptions{id: res.Resolve, version: o.version}
			var done outcome
			if err := resolve.work(ctx, a); err != nil && !errors.As(err, &done) {
				return err
			}
		case res.Audit:
			o.audit = true
		case res.Urgent:
			o.urgent = true
		case !res.Refresh:
			return nil
		}
	}
}

// board is what the screen shows.
func (o *uiOptions) board(ctx context.Context, a *app) (tui.Board, error) {
	b, err := a.board(ctx, o.version)
	if err != nil {
		return tui.Board{}, err
	}
	actor, err := a.actor(b.registry, a.claim(ctx))
	if err != nil {
		return tui.Board{}, err
	}
	out := tui.Board{Version: b.version, Versions: b.ledger.VersionNames(), You: actor.String()}
	slices.SortFunc(out.Versions, patchset.CompareVersions)
	moments, err := b.moments(ctx)
	if err != nil {
		return out, err
	}
	status := statusOptions{all: true}
	for _, p := range status.patches(b) {
		out.Rows = append(out.Rows, b.row(ctx, p, moments[p.ID]))
	}
	return out, nil
}

func (b board) row(ctx context.Context, p patchset.Patch, moments []tui.Moment) tui.BoardRow {
	doc, handed := b.doc(ctx, p), b.handed(b.spot(p)).String()
	row := tui.BoardRow{
		Patch: p.ID, Title: p.Title, Component: p.Component, Owner: p.Owner, Severity: p.Severity, Life: doc.Life,
		Age: doc.AgeDays, Limit: b.limitDays(p.Severity), States: doc.States, Blocks: doc.Blocks, Timeline: moments,
		Cause: strings.TrimPrefix(strings.TrimPrefix(doc.Why, handed), "; "),
	}
	if person, ok := b.registry.Person(p.Owner); ok {
		row.Owner = person.Name
	}
	for _, problem := range b.problems[p.ID] {
		row.Problems = append(row.Problems, strings.TrimSuffix(problem.Problem+": "+problem.Detail, ": "))
	}
	if handed != "" {
		row.Problems = append(row.Problems, handed)
	}
	if len(doc.Next) > 0 {
		row.Next = shellLine(doc.Next)
		if whose := b.whose(b.root(p)); whose != "" {
			row.Next = fmt.Sprintf("%s: %s", whose, row.Next)
		}
	}
	state := p.At[b.version].State
	row.Resolve = state == patchset.StateConflict || state == patchset.StateProposed
	return row
}

// root is the patch that must be settled first: the one at the end of the chain that
// a patch waits for, else itself.
func (b board) root(p patchset.Patch) patchset.Patch {
	in := p.At[b.version]
	if in.State != patchset.StateWaiting {
		return p
	}
	chain := append([]string{in.Cause}, waitChain(b.ledger, b.spot(p))...)
	return b.ledger.Patches[chain[len(chain)-1]]
}

// maxMoments bounds what is told of one patch.
const maxMoments = 200

// moments is what happened to each patch, newest first.
func (b board) moments(ctx context.Context) (map[string][]tui.Moment, error) {
	moments := map[string][]tui.Moment{}
	err := b.vault.Log(ctx, func(e gitops.LogEntry) bool {
		for _, id := range namedIn(e.Entry, b.ledger.Patches) {
			if len(moments[id]) < maxMoments {
				moments[id] = append(moments[id], tui.Moment{At: e.Entry.At, What: e.Entry.Person + " " + e.Entry.Sentence})
			}
		}
		return ctx.Err() == nil
	})
	return moments, err
}
