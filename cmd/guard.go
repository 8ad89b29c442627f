package cmd

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/fingerprint"
	"github.com/spf13/cobra"
)

// guard is what every guard command compares with.
type guard struct {
	app   *app
	flag  string // --fingerprints
	set   *fingerprint.Set
	file  string // the fingerprints are from; "": from the vault
	tmp   string
	bench *gitops.Workbench
}

func newGuardCmd(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "guard",
		Short: "Hooks and checks that keep embargoed work out of public places",
		Args:  cobra.NoArgs,
	}
	c.AddCommand(newGuardInstallCmd(a), newGuardCheckCmd(a), newGuardExportCmd(a), newGuardPrePushCmd(a), newGuardPreReceiveCmd(a))
	return c
}

func (g *guard) addFlag(c *cobra.Command) {
	c.Flags().StringVar(&g.flag, "fingerprints", "", "compare with this `FILE` instead of a vault (else git config carry.fingerprints)")
}

const (
	fingerprintsKey = "carry.fingerprints"
	privateKey      = "carry.privateRemote"
)

// load finds what to compare with: the file of --fingerprints or of git's configuration,
// else the vault. source may be nil.
func (g *guard) load(ctx context.Context, source *gitops.Source) error {
	g.file = g.flag
	if g.file != "" {
		g.file = g.app.path(g.file)
	} else if source != nil {
		files, err := source.Configured(ctx, fingerprintsKey)
		if err != nil {
			return err
		}
		if len(files) > 0 {
			g.file = files[len(files)-1]
		}
	}
	if g.file == "" {
		return g.loadVault(ctx)
	}
	if !filepath.IsAbs(g.file) {
		return patchset.Faultf(patchset.CodeBadInput, "%s is %s, which is no absolute path", fingerprintsKey, g.file).
			WithHint("git carry guard install --fingerprints FILE")
	}
	data, err := readFileUpTo(g.file, fingerprint.MaxFile)
	if err == nil {
		g.set, err = fingerprint.Parse(data)
	}
	if err != nil {
		return g.closed(err)
	}
	if age := int(g.app.env.Now().Sub(g.set.Made) / (24 * time.Hour)); age > staleDays {
		g.app.talk("The fingerprints are %d days old: what was added since is not known here (%s).", age, g.file)
	}
	return nil
}

// staleDays is the age of fingerprints from which on the guard says so: two trains.
const staleDays = 14

func readFileUpTo(name string, limit int64) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > limit {
		return nil, patchset.Faultf(patchset.CodeBadInput, "%s is no file of at most %d bytes", name, limit)
	}
	return os.ReadFile(name)
}

func (g *guard) loadVault(ctx context.Context) error {
	r, err := g.app.read(ctx)
	if err != nil {
		return g.closed(err)
	}
	secrets, err := g.app.secrets(ctx, r)
	if err != nil {
		return g.closed(err)
	}
	salt, err := g.app.salt()
	if err != nil {
		return err
	}
	g.set, err = fingerprint.New(ctx, salt, secrets)
	if err == nil {
		g.set.Public = gitops.PublicBases(r.ledger)
	}
	return err
}

// closed: who cannot compare lets nothing pass.
func (g *guard) closed(err error) error {
	f := patchset.Faultf(patchset.CodePolicy, "the guard has nothing to compare with, so nothing passes: %w", err)
	if g.file != "" {
		f.WithHint("write the file anew where the vault is: git carry guard export FILE")
	} else {
		f.WithHint("name the vault: $GIT_CARRY_VAULT, or git config carry.vault DIR").
			WithHint("or a file of fingerprints, made where the vault is: git carry guard install --fingerprints FILE")
	}
	return f.WithHint("to push once without the guard: git push --no-verify")
}

func (a *app) secrets(ctx context.Context, r reading) ([]fingerprint.Secret, error) {
	scratch, err := r.vault.Scratch()
	if err != nil {
		return nil, err
	}
	bench := gitops.NewWorkbench(scratch, a.engine.mode)
	defer bench.Close()
	return bench.Secrets(ctx, r.ledger)
}

func (a *app) salt() (salt [16]byte, err error) {
	if _, err := io.ReadFull(a.env.Random, salt[:]); err != nil {
		return salt, fmt.Errorf("reading random bytes: %w", err)
	}
	return salt, nil
}

// open makes the place in which things are looked at: one that has the objects of source,
// or none where source is nil.
func (g *guard) open(source *gitops.Source, quarantine string) error {
	git, err := g.app.git()
	if err != nil {
		return err
	}
	if g.tmp, err = os.MkdirTemp(g.app.tempDir(), "git-carry-guard-"); err != nil {
		return err
	}
	var scratch *gitops.Scratch
	if source == nil {
		scratch, err = gitops.EmptyScratch(git, g.tmp)
	} else {
		scratch, err = source.Outgoing(g.tmp, quarantine)
	}
	if err == nil {
		g.bench = gitops.NewWorkbench(scratch, g.app.engine.mode)
	}
	return err
}

func (g *guard) close() {
	if g.bench != nil {
		_ = g.bench.Close()
	}
	if g.tmp != "" {
		_ = os.RemoveAll(g.tmp)
	}
}

// public are commits that are public wherever something goes.
func (g *guard) public() []patchset.ID {
	var ids []patchset.ID
	for _, id := range g.set.Public {
		ids = append(ids, patchset.ID(id))
	}
	return ids
}

type guardDoc struct {
	Schema   string         `json:"schema"`
	OK       bool           `json:"ok"`
	What     string         `json:"what"`         // that was looked at
	File     string         `json:"fingerprints"` // "": the vault itself
	Patches  int            `json:"patches"`      // that it was compared with
	Commits  int            `json:"commits"`      // that were looked at
	Findings []guardFinding `json:"findings"`
}

type guardFinding struct {
	Patch  string `json:"patch"`  // "" where only fingerprints are known
	Number int    `json:"number"` // of the patch among those compared with
	By     string `json:"by"`
	Words  string `json:"words"`
	Commit string `json:"commit"` // that has it; "" outside a commit
	Path   string `json:"path"`
	Lines  int    `json:"lines"` // of the patch's telling lines that are there
	Of     int    `json:"of"`
}

var guardWords = map[fingerprint.Kind]string{
	fingerprint.Commit: "commit", fingerprint.CarryID: "carry-id", fingerprint.Tree: "tree", fingerprint.Blob: "blob",
	fingerprint.Verbatim: "patch-id", fingerprint.Stable: "stable-patch-id", fingerprint.Added: "lines", fingerprint.Gone: "lines",
}

// judge says what of what was seen is embargoed.
func (g *guard) judge(ctx context.Context, what string, seen gitops.Seen) (guardDoc, error) {
	doc := guardDoc{Schema: schema("guard"), What: what, File: g.file, Patches: g.set.Len(), Commits: seen.Commits, Findings: []guardFinding{}}
	hits, err := g.set.Hits(ctx, seen.Seen)
	if err != nil {
		return doc, err
	}
	if hits, err = g.bench.WithoutPublic(ctx, seen, hits); err != nil {
		return doc, err
	}
	for _, f := range g.set.Judge(hits) {
		doc.Findings = append(doc.Findings, guardFinding{
			Patch: f.Name, Number: f.Patch, By: guardWords[f.By], Words: f.Words(),
			Commit: f.At.Commit, Path: f.At.Path, Lines: f.Lines, Of: f.Of,
		})
	}
	doc.OK = len(doc.Findings) == 0
	return doc, nil
}

// report shows what was found. quiet: nothing is said when all is well, as in a hook.
func (g *guard) report(doc guardDoc, quiet bool) error {
	a := g.app
	if doc.OK {
		if !quiet || a.json {
			a.show(doc, func() {
				a.say("ok: nothing of %s is in %s", count(doc.Patches, "embargoed patch", "embargoed patches"), doc.What)
			})
		}
		return nil
	}
	a.show(doc, func() {
		a.say("REFUSED: %s in %s", count(len(doc.Findings), "embargoed patch", "embargoed patches"), doc.What)
		a.say("")
		rows := [][]string{{"PATCH", "KNOWN BY", "COMMIT", "PATH"}}
		for _, f := range doc.Findings {
			name := cmp.Or(f.Patch, fmt.Sprintf("no. %d of %d", f.Number, doc.Patches))
			rows = append(rows, []string{name, f.Words, cmp.Or(patchset.ID(f.Commit).Short(), "-"), cmp.Or(f.Path, "-")})
		}
		a.table(rows)
	})
	return outcome{exitPolicy}
}

// guarded opens the repository that we, or the hook, stand in.
func (g *guard) guarded(ctx context.Context) (*gitops.Source, error) {
	git, err := g.app.git()
	if err != nil {
		return nil, err
	}
	return gitops.OpenOutgoing(ctx, git, g.app.path(cmp.Or(g.app.env.Getenv("GIT_DIR"), ".")))
}
