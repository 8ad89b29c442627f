package cmd

import (
	"bytes"
	"context"

	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

type squashOptions struct {
	id      string
	other   string
	version string
}

func newSquashCmd(a *app) *cobra.Command {
	o := &squashOptions{}
	c := &cobra.Command{
		Use:   "squash ID OTHER",
		Short: "Make one patch of two",
		Long: `Take the change of OTHER, which comes right after ID in the stack, into ID. The tree is the
same as before, so nobody has to agree again; but both must have all the consent that they
need, and you must speak for the owner of OTHER, if that is somebody else. ID has the older
clocks, the worse severity and the checks of both; OTHER is dropped, and says into what it went.

It is done in the newest version that carries them; older ones keep both.`,
		Example: `  git carry squash T401234 T401234-2`,
		Args:    cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			o.id, o.other = args[0], args[1]
			return o.run(c.Context(), a)
		},
	}
	c.Flags().StringVar(&o.version, "version", "", "the `VERSION` (else the newest that carries ID)")
	return c
}

func (o *squashOptions) run(ctx context.Context, a *app) error {
	var version string
	err := a.record(ctx, "squash", func(ctx context.Context, s *step) error {
		r, err := s.rework(o.id, o.version)
		if err != nil {
			return err
		}
		version = r.version
		other, err := s.rework(o.other, r.version)
		if err != nil {
			return err
		}
		if err := o.allowed(ctx, s, r, other); err != nil {
			return err
		}
		return o.squash(ctx, a, s, r, other)
	})
	if err != nil {
		return err
	}
	return a.showChanged(ctx, "squash", o.id, "%s has the change of %s in %s now.", o.id, o.other, version)
}

func (o *squashOptions) allowed(ctx context.Context, s *step, r, other reworked) error {
	for _, one := range []reworked{r, other} {
		if err := s.mustBeWhole(ctx, one); err != nil {
			return err
		}
	}
	if !s.ledger.Stack(r.Component, r.version).Neighbours(o.id, o.other) {
		return patchset.Faultf(patchset.CodeUsage, "%s does not come right after %s in %s", o.other, o.id, r.version).
			WithHint("git carry reorder %s --after %s --version %s", o.other, o.id, shellWord(r.version))
	}
	if other.Owner == r.Owner {
		return nil
	}
	return s.mustSpeakFor(other.Patch, "give it into another patch")
}

func (o *squashOptions) squash(ctx context.Context, a *app, s *step, r, other reworked) error {
	first, err := s.bench.ReadCommit(ctx, r.At[r.version].Commit)
	if err != nil {
		return err
	}
	second, err := s.bench.ReadCommit(ctx, other.At[r.version].Commit)
	if err != nil {
		return err
	}
	both := first
	both.Tree = second.Tree
	both.Message = joinMessages(first.Message, second.Message)
	if first.Encoding != second.Encoding {
		both.Message = first.Message // two encodings do not go into one text
	}
	source, err := s.bench.WriteCommit(ctx, both)
	if err != nil {
		return err
	}
	if err := s.ledger.Squash(r.version, o.id, o.other, source, a.event(s, o.id, "squashed into "+o.id)); err != nil {
		return err
	}
	s.did("squashed %s into %s in %s", o.other, o.id, r.version)
	return a.resettle(ctx, s, r)
}

// joinMessages is one message after the other. The trailers of the first stay where they
// are read: at the end.
func joinMessages(first, second []byte) []byte {
	one, two := bytes.TrimSpace(patchset.WithoutCarryID(first)), bytes.TrimSpace(patchset.WithoutCarryID(second))
	head, trailers := patchset.CutTrailers(one)
	parts := [][]byte{head, two}
	if len(trailers) > 0 {
		parts = append(parts, trailers)
	}
	return append(bytes.Join(parts, []byte("\n\n")), '\n')
}
