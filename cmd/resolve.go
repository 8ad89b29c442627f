package cmd

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"

	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

type resolveOptions struct {
	id      string
	version string
	take    string
	files   []string
	hunks   []int
	with    []string
	remove  bool
	edit    bool
	tool    string
	useTool bool
	plain   bool   // questions on plain text instead of a screen
	key     string // that signs, on the screen
}

func newResolveCmd(a *app) *cobra.Command {
	o := &resolveOptions{}
	c := &cobra.Command{
		Use:   "resolve [ID]",
		Short: "Show a conflict, or settle it",
		Long: `Without ID: the parked conflicts of a version. With ID alone, on a terminal: a screen to
settle the conflict on (? lists its keys); with --plain the same as questions and answers
on plain text. On a pipe: the conflict, its sides (UPSTREAM is the stack that the patch is
carried to, BASE what it was written on, PATCH the patch), who may sign, and what to type
next.

Settle all that is open with --take; one file with --file PATH and --take, --with FILE,
--delete or --edit; one hunk with --file PATH --hunk N --take. --delete alone is for the
one file that is open. What is settled is kept as a draft that anyone can go on from. When
nothing is open it is a proposal: it enters the stack once the owner has signed it (git
carry sign ID).

To take a side whole throws the other side away: what upstream loses by it is said.

Exit code 3 while something is open; shown, or left on the screen, a proposal is 4 when it
is yours to sign, and 8 when it waits for somebody else. What was handed to a person (git
carry handoff) is 8 for all others.`,
		Example: `  git carry resolve T401234
  git carry resolve T401234 --plain < answers
  git carry resolve T401234 --edit
  git carry resolve T401234 --tool=meld
  git carry resolve T401234 --file src/search.js --with fixed.js
  git carry resolve T401234 --file src/search.js --hunk 2 --take both
  git carry resolve T401234 --file src/old.js --delete
  git carry resolve T401234 --take patch`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("one patch at a time; a merge tool is named with --tool=NAME")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.id = args[0]
			}
			o.useTool = c.Flags().Changed("tool")
			return o.run(c.Context(), a)
		},
	}
	f := c.Flags()
	f.StringVar(&o.version, "version", "", "the `VERSION` (else the one that is being prepared)")
	f.StringVar(&o.take, "take", "", "the `SIDE` to take: base, upstream, patch, or both (upstream, then patch)")
	f.StringArrayVar(&o.files, "file", nil, "only this `PATH`; may be given again")
	f.IntSliceVar(&o.hunks, "hunk", nil, "only the hunk `N` of the file; may be given again")
	f.StringArrayVar(&o.with, "with", nil, "the whole content of the file, from `FILE` (- for stdin)")
	f.BoolVar(&o.remove, "delete", false, "the file is to go")
	f.BoolVar(&o.edit, "edit", false, "open what is open in $GIT_EDITOR")
	f.StringVar(&o.tool, "tool", "", "settle with git mergetool, or with the merge tool --tool=`NAME`")
	f.Lookup("tool").NoOptDefVal = configuredTool
	f.BoolVar(&o.plain, "plain", false, "questions and answers on plain text instead of a screen")
	f.StringVar(&o.key, "key", "", "the SSH key that signs on the screen: `FILE`, FILE.pub or agent; see git carry sign")
	return c
}

// configuredTool stands for --tool without a name: what git is configured for.
const configuredTool = "configured"

func (o *resolveOptions) run(ctx context.Context, a *app) error {
	changes, err := o.check()
	switch {
	case err != nil:
		return err
	case o.id == "" && changes:
		return usagef("name the patch: git carry resolve ID …")
	case o.id == "":
		return o.list(ctx, a)
	case !changes && (o.plain || a.screens()):
		return o.work(ctx, a)
	case !changes:
		return o.show(ctx, a)
	case o.edit || o.useTool:
		return o.interactive(ctx, a)
	}
	given, err := o.readGiven(a)
	if err != nil {
		return err
	}
	return o.settle(ctx, a, func(ctx context.Context, d *patchset.Draft) error { return o.apply(ctx, d, given) })
}

// check tells whether the flags ask for a change, and refuses those that do not
// go together.
func (o *resolveOptions) check() (changes bool, err error) {
	ways := 0
	for _, given := range []bool{o.take != "", len(o.with) > 0, o.remove, o.edit, o.useTool} {
		if given {
			ways++
		}
	}
	_, known := patchset.Takes[o.take]
	switch {
	case ways > 1:
		return false, usagef("--take, --with, --delete, --edit and --tool exclude each other: settle one file after the other")
	case o.take != "" && !known:
		return false, usagef("--take %s: use base, upstream, patch or both", o.take)
	case len(o.with) > 0 && len(o.with) != len(o.files):
		return false, usagef("--with FILE goes with --file PATH, one each")
	case len(o.hunks) > 0 && (len(o.files) != 1 || o.take == ""):
		return false, usagef("--hunk N goes with one --file PATH and --take SIDE")
	case ways == 0 && len(o.files) > 0:
		return false, usagef("say what to do with the file: --take SIDE, --with FILE, --delete, --edit or --tool")
	}
	return ways > 0, nil
}

// maxGiven bounds a file given with --with.
const maxGiven = 64 << 20

// readGiven reads the contents of --with, in the order of the files.
func (o *resolveOptions) readGiven(a *app) ([][]byte, error) {
	var given [][]byte
	for _, name := range o.with {
		data, err := readGiven(a, name)
		if err != nil {
			return nil, patchset.Faultf(patchset.CodeBadInput, "--with %s: %w", name, err)
		}
		given = append(given, data)
	}
	return given, nil
}

func readGiven(a *app, name string) ([]byte, error) {
	in := a.env.Stdin
	if name != "-" {
		f, err := os.Open(a.path(name))
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, maxGiven+1))
	if err == nil && len(data) > maxGiven {
		err = fmt.Errorf("larger than %d bytes", maxGiven)
	}
	return data, err
}

func (o *resolveOptions) apply(ctx context.Context, d *patchset.Draft, given [][]byte) error {
	if o.take != "" && len(o.files) == 0 {
		return d.TakeAll(ctx, o.take)
	}
	files := o.files
	if o.remove && len(files) == 0 {
		if files = d.Resolution().Open; len(files) != 1 {
			return usagef("--delete alone is for the one file that is open; open: %s; name the file: --file PATH", cmp.Or(joinWords(files), "none"))
		}
	}
	for i, path := range files {
		var err error
		switch {
		case o.remove:
			err = d.Delete(ctx, path)
		case len(given) > 0:
			err = d.Put(ctx, path, given[i], "content given")
		case len(o.hunks) > 0:
			err = o.takeHunks(ctx, d, path)
		default:
			err = d.Take(ctx, path, 0, o.take)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (o *resolveOptions) takeHunks(ctx context.Context, d *patchset.Draft, path string) error {
	for _, n := range o.hunks {
		if n < 1 {
			return usagef("hunks are counted from 1")
		}
		if err := d.Take(ctx, path, n, o.take); err != nil {
			return err
		}
	}
	return nil
}

// conflictAt finds the conflict that a command is about: only a patch that is in
// dispute itself has one to settle.
func (o *resolveOptions) conflictAt(l patchset.Ledger) (patchset.Spot, error) {
	at, in, err := spotOf(l, o.id, o.version)
	switch {
	case err != nil:
		return at, err
	case in.State == patchset.StateWaiting:
		f := patchset.Faultf(patchset.CodeConflicts, "%s only waits for %s: settle that first, then it is carried by itself", at.Patch, in.Cause)
		chain := append([]string{in.Cause}, waitChain(l, at)...)
		return at, f.WithHint("%s", commandFor(l, "resolve", patchset.Spot{Version: at.Version, Patch: chain[len(chain)-1]}))
	case in.State == patchset.StateDrift:
		return at, patchset.Faultf(patchset.CodeFailed, "%s merged cleanly in %s and drifted: there is nothing to settle, only to sign", at.Patch, at.Version).
			WithHint("%s", commandFor(l, "interdiff", at)).WithHint("%s", shellLine(signArgv(l, at)))
	case in.State != patchset.StateConflict && in.State != patchset.StateProposed:
		return at, withSettled(patchset.Faultf(patchset.CodeFailed, "%s is %s in %s: there is no conflict to settle", at.Patch, in.State, at.Version), l, at)
	}
	return at, nil
}

// spotOf finds a patch in a version; "" is the version that is being prepared.
func spotOf(l patchset.Ledger, id, version string) (patchset.Spot, patchset.Incarnation, error) {
	p, err := l.Patch(id)
	if err != nil {
		return patchset.Spot{}, patchset.Incarnation{}, err
	}
	if version == "" {
		version, _ = l.Newest()
	} else if _, err := l.Version(version); err != nil {
		return patchset.Spot{}, patchset.Incarnation{}, err
	}
	at := patchset.Spot{Version: version, Patch: id}
	in, ok := p.At[version]
	if !ok {
		f := patchset.Faultf(patchset.CodeFailed, "%s is not in version %s", id, cmp.Or(version, "(none)"))
		for _, known := range l.VersionNames() {
			if _, is := p.At[known]; is {
				f.WithHint("it is in %s: --version %s", known, known)
			}
		}
		return at, in, f
	}
	return at, in, nil
}

// settle records what the draft becomes, and says how far it got.
func (o *resolveOptions) settle(ctx context.Context, a *app, change func(context.Context, *patchset.Draft) error) error {
	doc, err := o.record(ctx, a, change)
	if err != nil {
		return err
	}
	a.show(doc, func() { doc.reportChange(a) })
	return doc.afterChange()
}

// record records what the draft becomes.
func (o *resolveOptions) record(ctx context.Context, a *app, change func(context.Context, *patchset.Draft) error) (resolveDoc, error) {
	var doc resolveDoc
	err := a.record(ctx, "resolve", func(ctx context.Context, s *step) error {
		at, err := o.conflictAt(s.ledger)
		if err != nil {
			return err
		}
		d, replaced, err := o.openDraft(ctx, s, at)
		if err != nil {
			return err
		}
		if err := change(ctx, d); err != nil {
			return err
		}
		p := s.ledger.Patches[at.Patch]
		r, err := d.Finish(ctx, p.CarryID, s.by(), a.env.Now())
		if err != nil {
			return err
		}
		s.ledger.Resolve(at, r)
		s.tell(at, r)
		if doc, err = newResolveDoc(ctx, s, at, d); err != nil {
			return err
		}
		doc.Replaced = replaced
		doc.Losses, err = s.losses(ctx, s.ledger.Conflicts[at], r)
		return err
	})
	return doc, err
}

// proposedSentence is what the ledger says of a proposal.
func proposedSentence(at patchset.Spot) string {
	return fmt.Sprintf("proposed a resolution of %s in %s", at.Patch, at.Version)
}

// tell says in the ledger what was done.
func (s *step) tell(at patchset.Spot, r patchset.Resolution) {
	if r.Proposed() {
		s.did("%s", proposedSentence(at))
	} else {
		s.did("drafted a resolution of %s in %s, %s open", at.Patch, at.Version, count(len(r.Open), "file", "files"))
	}
	s.details = append(s.details, r.How...)
	if r.Proposed() {
		s.details = append(s.details, proposedDetail(r.Result))
	}
}

// openDraft goes on from what is there, or starts over: where nothing was done
// yet, and where a finished proposal is answered by taking one side of it all.
func (o *resolveOptions) openDraft(ctx context.Context, s *step, at patchset.Spot) (d *patchset.Draft, replaced string, err error) {
	k := s.ledger.Conflicts[at]
	r, ok := s.ledger.Resolutions[at]
	if !ok || r.Conflict != k.Record {
		d, err = patchset.NewDraft(ctx, s.bench, k)
		return d, "", err
	}
	if r.By != s.by() {
		replaced = fmt.Sprintf("goes on from the draft of %s, %s", r.By, date(r.At))
		if r.Proposed() {
			replaced = fmt.Sprintf("replaces the proposal of %s, %s", r.By, date(r.At))
		}
	}
	if r.Proposed() && o.take != "" && len(o.files) == 0 {
		d, err = patchset.NewDraft(ctx, s.bench, k)
		return d, replaced, err
	}
	return patchset.ContinueDraft(s.bench, k, r), replaced, nil
}
