package cmd

import (
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/gitops/demoworld"
	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

type demoOptions struct {
	dir  string
	keep bool
	as   string
}

func newDemoCmd(a *app) *cobra.Command {
	o := &demoOptions{}
	c := &cobra.Command{
		Use:   "demo [DIR]",
		Short: "A practice world, made on the spot: three weeks of a train, told step by step",
		Long: `Make a small believable world offline and live through three weeks in it: a core and two
extensions, three versions, a dozen secret patches of several owners, a renamed file, a fix
that has landed, a conflict with a second patch waiting behind it, and one that is overdue.
Every step is a real command with its real output.

Without DIR the world is thrown away at the end; with DIR or --keep it stays, to play with.
--as says who you are in it; given with the DIR of a world that is there, it only changes
that: be the deployer first, then the owner who is asked to sign.`,
		Example: `  git carry demo
  git carry demo world
  git carry demo --as priya world`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.dir = a.path(args[0])
			}
			return o.run(c.Context(), a)
		},
	}
	c.Flags().BoolVar(&o.keep, "keep", false, "keep the world, in a new directory if no DIR is given")
	c.Flags().StringVar(&o.as, "as", "", "be this `PERSON`: "+strings.Join(demoPeople(), ", "))
	return c
}

func demoPeople() []string {
	var ids []string
	for _, p := range demoworld.Owners() {
		ids = append(ids, p.ID)
	}
	return ids
}

type demoDoc struct {
	Schema string         `json:"schema"`
	Dir    string         `json:"dir"` // empty when it was thrown away
	Vault  string         `json:"vault"`
	Person string         `json:"person"`
	Steps  []demoStepDone `json:"steps"`
}

type demoStepDone struct {
	Command []string `json:"command"`
	Person  string   `json:"person"`
	At      string   `json:"at"`
	Exit    int      `json:"exit"`
}

// demoVault is where the vault is in the directory of a world.
const demoVault = "vault"

// demoFixed is the file that settles the conflict of the story, as its owner
// would write it; it lies beside the vault of a world that stays.
const demoFixed = "Fixed.php"

//go:embed demo/Fixed.php
var demoFixedText []byte

// demoMark is the key in the configuration of a vault that says it is practice.
const demoMark = "carry.demo"

func (o *demoOptions) run(ctx context.Context, a *app) error {
	if o.as != "" && o.dir != "" && gitops.IsVault(filepath.Join(o.dir, demoVault)) {
		return o.become(ctx, a)
	}
	if o.as != "" && !slices.Contains(demoPeople(), o.as) {
		return usagef("nobody in the practice world is called %q: it has %s", o.as, joinWords(demoPeople()))
	}
	w, err := o.newWorld(ctx, a)
	if err != nil {
		return err
	}
	defer w.cleanUp()
	if err := w.play(ctx, demoStory()); err != nil {
		w.kept = false // half a world helps nobody
		return err
	}
	if err := w.settleIn(ctx, cmp.Or(o.as, demoDeployer)); err != nil {
		return err
	}
	if a.json {
		a.printJSON(w.doc)
	}
	return nil
}

// become switches who acts in a world that is there.
func (o *demoOptions) become(ctx context.Context, a *app) error {
	a.vaultFlag = filepath.Join(o.dir, demoVault)
	r, err := a.read(ctx)
	if err != nil {
		return err
	}
	if !isPractice(ctx, r.vault) {
		return patchset.Faultf(patchset.CodeUsage, "%s is a real vault: there you are who git says", r.vault.Dir()).
			WithHint("git -C %s config user.email ADDRESS", shellWord(r.vault.Dir()))
	}
	p, ok := r.registry.Person(o.as)
	if !ok {
		return unknownPerson(r.registry, o.as)
	}
	if err := r.vault.Configure(ctx, [2]string{"user.name", p.Name}, [2]string{"user.email", p.Emails[0]}); err != nil {
		return err
	}
	doc := demoDoc{Schema: schema("demo"), Dir: o.dir, Vault: r.vault.Dir(), Person: p.ID, Steps: []demoStepDone{}}
	a.show(doc, func() { a.say("In %s you are %s from now on.", o.dir, p) })
	a.next("git carry --vault %s status", shellWord(r.vault.Dir()))
	return nil
}

// isPractice tells whether a vault was made by the demo: its own configuration
// says so, and no other is asked.
func isPractice(ctx context.Context, v *gitops.Vault) bool {
	out, err := v.Git().Run(ctx, gitops.Cmd{
		Args: []string{"config", "--file", filepath.Join(v.Dir(), "config"), "--get", "--end-of-options", demoMark},
	})
	return err == nil && strings.TrimSpace(string(out)) == "true"
}

// demoRun is a world in the making.
type demoRun struct {
	a      *app
	dir    string
	kept   bool
	day    time.Time // of the newest cut
	random *rand.ChaCha8
	doc    demoDoc
}

func (o *demoOptions) newWorld(ctx context.Context, a *app) (*demoRun, error) {
	git, err := a.git()
	if err != nil {
		return nil, err
	}
	w := &demoRun{a: a, dir: o.dir, kept: o.keep || o.dir != "", day: demoworld.FixedDay()}
	w.random = rand.NewChaCha8([32]byte([]byte("git carry demo: not secret, ever")))
	if w.kept {
		w.day = demoworld.Tuesday(a.env.Now()) // so that ages stay believable
	}
	if err := w.makeDir(); err != nil {
		return nil, err
	}
	w.doc = demoDoc{Schema: schema("demo"), Steps: []demoStepDone{}}
	if w.kept {
		w.doc.Dir, w.doc.Vault = w.dir, filepath.Join(w.dir, demoVault)
	}
	if err := demoworld.Build(ctx, git, w.dir, w.day); err != nil {
		w.kept = false
		w.cleanUp()
		return nil, err
	}
	return w, nil
}

func (w *demoRun) makeDir() error {
	if w.dir == "" {
		dir, err := os.MkdirTemp(cmp.Or(w.a.env.Getenv("TMPDIR"), "/tmp"), "git-carry-demo-")
		w.dir = dir
		return err
	}
	entries, err := os.ReadDir(w.dir)
	switch {
	case err == nil && len(entries) > 0:
		return patchset.Faultf(patchset.CodeBadInput, "%s is not empty", w.dir).
			WithHint("name a directory that does not exist yet").
			WithHint("or be somebody else in a world that is there: git carry demo --as PERSON DIR")
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return patchset.Faultf(patchset.CodeBadInput, "cannot make a world at %s: %w", w.dir, err)
	}
	return os.MkdirAll(w.dir, 0o700)
}

func (w *demoRun) cleanUp() {
	if !w.kept {
		_ = os.RemoveAll(w.dir) // a practice world in a temporary directory
	}
}

// play tells the chapters and does what they say.
func (w *demoRun) play(ctx context.Context, chapters []demoChapter) error {
	for i, chapter := range chapters {
		if !w.a.json {
			w.a.say("%d. %s", i+1, chapter.title)
			w.a.say("%s", indent(chapter.text))
			w.a.say("")
		}
		for j, step := range chapter.steps {
			at := w.day.AddDate(0, 0, -chapter.daysAgo).Add(9*time.Hour + time.Duration(i*10+j)*time.Minute)
			if err := w.do(ctx, step, at); err != nil {
				return err
			}
		}
	}
	return nil
}

func indent(text string) string {
	return "   " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n   ")
}

// do runs one command in this very program, as step.person, at that moment.
func (w *demoRun) do(ctx context.Context, step demoStep, at time.Time) error {
	person := demoPerson(cmp.Or(step.person, demoDeployer))
	var out bytes.Buffer
	exit := Run(ctx, Env{
		Dir: w.dir, Args: step.args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out,
		Environ: w.environ(person), Now: func() time.Time { return at }, Random: w.random, Width: w.a.env.Width,
	})
	if err := ctx.Err(); err != nil {
		return err
	}
	w.doc.Steps = append(w.doc.Steps, demoStepDone{append([]string{"git", "carry"}, step.args...), person.ID, stamp(at), exit})
	if exit != step.exit {
		return fmt.Errorf("the practice world broke: git carry %s: exit code %d, not %d:\n%s", step.args[0], exit, step.exit, w.shown(out.String()))
	}
	if w.a.json || step.unseen {
		return nil
	}
	var words []string
	for _, arg := range step.args {
		words = append(words, shellWord(arg))
	}
	w.a.say("$ git carry %s", strings.Join(words, " "))
	w.a.say("%s", w.shown(out.String()))
	return nil
}

// shown is output as it is told: a directory that will be gone is not named.
func (w *demoRun) shown(out string) string {
	if w.kept {
		return out
	}
	return strings.ReplaceAll(out, w.dir+"/", "")
}

// environ is the environment of a step: the vault, one person, and nothing of
// what is configured on this machine.
func (w *demoRun) environ(p demoworld.Owner) []string {
	return append(slices.Clone(w.a.env.Environ),
		"GIT_CARRY_VAULT="+filepath.Join(w.dir, demoVault),
		"GIT_COMMITTER_NAME="+p.Name, "GIT_COMMITTER_EMAIL="+p.Email,
		"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1",
	)
}

func demoPerson(id string) demoworld.Owner {
	owners := demoworld.Owners()
	return owners[slices.IndexFunc(owners, func(p demoworld.Owner) bool { return p.ID == id })]
}

// settleIn makes the person who they are in a world that stays, and says how to
// go on.
func (w *demoRun) settleIn(ctx context.Context, id string) error {
	p := demoPerson(id)
	w.doc.Person = p.ID
	if !w.kept {
		if !w.a.json {
			w.a.say("That was the practice world; it is gone again. To play in one:\n\n  git carry demo world")
		}
		return nil
	}
	git, err := w.a.git()
	if err != nil {
		return err
	}
	v, err := gitops.OpenVault(git, filepath.Join(w.dir, demoVault))
	if err != nil {
		return err
	}
	defer v.Close()
	err = v.Configure(ctx, [2]string{demoMark, "true"}, [2]string{"user.name", p.Name}, [2]string{"user.email", p.Email})
	if err == nil {
		err = os.WriteFile(filepath.Join(w.dir, demoFixed), demoFixedText, 0o600)
	}
	if err == nil && !w.a.json {
		w.a.say("%s", w.ending(p))
	}
	return err
}

func (w *demoRun) ending(p demoworld.Owner) string {
	dir := shellWord(w.dir)
	lines := [][2]string{
		{"export GIT_CARRY_VAULT=" + shellWord(filepath.Join(w.dir, demoVault)), ""},
		{"git carry status", "where it stands"},
		{"git carry resolve " + demoConflict, "the conflict, and who may settle it"},
		{"git carry demo --as " + demoConflictOwner + " " + dir, "be the owner from here on"},
		{"git carry resolve " + demoConflict + " --edit", "settle it in your editor, or take the file that she made:"},
		{"git carry resolve " + demoConflict + " --file " + demoConflictFile + " --with " + shellWord(filepath.Join(w.dir, demoFixed)), ""},
		{"git carry sign " + demoConflict, "and consent: the one that waited comes along"},
		{"git carry verify " + demoworld.Current, "may it go out?"},
	}
	var b strings.Builder
	fmt.Fprintf(&b, "The world is yours now, in %s. In it you are %s.\n\n", dir, p.Name)
	for _, line := range lines {
		b.WriteString(strings.TrimRight(fmt.Sprintf("  %-40s  %s", line[0], line[1]), " ") + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}
