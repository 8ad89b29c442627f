package cmd

import (
	"bytes"
	"cmp"
	"context"
	"os"
	"strings"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset/fingerprint"
	"github.com/spf13/cobra"
)

type guardCheckOptions struct {
	guard
	repo string
	what []string
}

func newGuardCheckCmd(a *app) *cobra.Command {
	o := &guardCheckOptions{guard: guard{app: a}}
	c := &cobra.Command{
		Use:   "check (RANGE… | FILE | DIR | -)",
		Short: "Is embargoed work in a range, a bundle, a patch file or a directory?",
		Long: `Compare what may become public with every embargoed patch of the vault, or with a file of
fingerprints. RANGE is what git takes: main..topic looks at what topic adds to main, topic
alone at all that it has above the public commits that versions start from. FILE is a bundle, a
patch or any other file, DIR a directory of such. "-" reads the lines that git gives to a pre-
push hook from stdin.

A fix is known by the id of its commit, of the tree of that commit or of a file as it leaves
it, by its Carry-Id, as the same change (with white space and without), and by its lines: at
least a quarter of those that tell something, and two, wherever they are, white space aside,
and not public already. So a squash, a split, an amended message, another indentation and a
renamed file are seen; a fix that somebody wrote anew in other words is not. Exits 6 with the
list.`,
		Example: `  git carry guard check main..topic
  git carry guard check release.bundle
  git carry guard check dist/ --fingerprints fingerprints`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.what = args
			return o.run(c.Context())
		},
	}
	o.addFlag(c)
	c.Flags().StringVar(&o.repo, "repo", ".", "the `REPO` that a range is in, and that has what a bundle presupposes")
	return c
}

func (o *guardCheckOptions) run(ctx context.Context) error {
	defer o.close()
	git, err := o.app.git()
	if err != nil {
		return err
	}
	source, notHere := gitops.OpenOutgoing(ctx, git, o.app.path(o.repo))
	info, noFile := os.Stat(o.app.path(o.what[0]))
	isFile := len(o.what) == 1 && noFile == nil
	if notHere != nil {
		if !isFile {
			return notHere
		}
		source = nil
	}
	if err := o.load(ctx, source); err != nil {
		return err
	}
	if err := o.open(source, ""); err != nil {
		return err
	}
	var seen gitops.Seen
	switch {
	case isFile && info.IsDir():
		seen, err = o.directory(ctx)
	case isFile:
		seen, err = o.file(ctx)
	default:
		seen, err = o.revisions(ctx, source)
	}
	if err != nil {
		return err
	}
	doc, err := o.judge(ctx, strings.Join(o.what, " "), seen)
	if err != nil {
		return err
	}
	return o.report(doc, false)
}

func (o *guardCheckOptions) directory(ctx context.Context) (gitops.Seen, error) {
	seen := gitops.Seen{Seen: fingerprint.Seen{}}
	inGit, err := o.bench.SeeDir(ctx, seen.Seen, o.app.path(o.what[0]), o.what[0])
	if inGit {
		o.app.talk("The history in .git was not looked at: git carry guard check --repo %s HEAD", shellWord(o.what[0]))
	}
	return seen, err
}

func (o *guardCheckOptions) file(ctx context.Context) (gitops.Seen, error) {
	seen := gitops.Seen{Seen: fingerprint.Seen{}}
	name := o.app.path(o.what[0])
	data, err := readFileUpTo(name, maxCheckedFile)
	if err != nil {
		return seen, err
	}
	if !gitops.IsBundle(data) {
		return seen, o.bench.SeeFile(seen.Seen, o.what[0], data)
	}
	out, err := o.bench.TakeBundle(ctx, bytes.NewReader(data))
	if err != nil {
		return seen, err
	}
	return o.bench.See(ctx, out)
}

// maxCheckedFile is the size, in bytes, of the largest file that is looked at.
const maxCheckedFile = 1 << 30

func (o *guardCheckOptions) revisions(ctx context.Context, source *gitops.Source) (gitops.Seen, error) {
	var out gitops.Outgoing
	if len(o.what) == 1 && o.what[0] == "-" {
		updates, err := gitops.ReadPush(o.app.env.Stdin)
		if err != nil {
			return gitops.Seen{}, err
		}
		out = gitops.OutgoingOf(updates, nil)
		o.what = []string{cmp.Or(refsOf(updates), "the push")}
	} else {
		var err error
		if out, err = source.Range(ctx, o.what...); err != nil {
			return gitops.Seen{}, err
		}
	}
	out.Have = append(out.Have, o.public()...)
	return o.bench.See(ctx, out)
}

func refsOf(updates []gitops.RefUpdate) string {
	var refs []string
	for _, u := range updates {
		refs = append(refs, u.Ref)
	}
	return joinWords(refs)
}
