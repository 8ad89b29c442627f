package cmd

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/audit"
	"github.com/spf13/cobra"
)

type reportOptions struct {
	at     string
	public bool
	files  [len(reportFormats)]string // by the order of reportFormats
	svgDir string

	evidence    string
	withPatches bool
}

// reportFormats are the formats that go into one file or to stdout.
var reportFormats = [...]struct {
	flag, usage string
	write       func(io.Writer, audit.Account) error
}{
	{"html", "a page with charts and tables, complete in itself: `FILE`, or - for stdout", audit.HTML},
	{"csv", "one line per patch: `FILE`, or -", audit.AccountCSV},
	{"json", "everything, with every fact of the ledger's history: `FILE`, or -", audit.AccountJSON},
	{"prom", "metrics for the textfile collector of Prometheus: `FILE`, or -", audit.Prometheus},
	{"ics", "a calendar of the deadlines: `FILE`, or -", audit.Calendar},
}

func newReportCmd(a *app) *cobra.Command {
	o := &reportOptions{}
	c := &cobra.Command{
		Use:   "report",
		Short: "Write the audit as a page, charts, CSV, JSON, metrics or a calendar",
		Long: `Read the ledger from its first entry and write what it says: ages, owners and deadlines, how
long it took until fixes were public, what conflicts cost whom, every consent, what is live.
Several formats can be written in one run; they rest on the same numbers. Files are replaced
as a whole or not at all, and are for you alone (mode 0600): they name what is secret. That
holds for the calendar too, although no event says what the hole is.

--public writes reports without anything that names a patch, a person, a component, a version
or a path, and with days cut to weeks: counts, ages and trends are left. Such files may be read
by all (mode 0644). The CSV then has one line per month, the calendar counts per week, and the
chart of each patch's life is left out.

--at reads the ledger as it was at the end of a day, and its policy too.

--evidence writes what a stranger can check all of it with: the chain of entries as a git
bundle, every signature with the text that was signed, the keys, the page, the CSV and the JSON,
and a README whose commands need git and ssh-keygen alone. It has no code of a patch, unless
--with-patches adds every commit that the ledger refers to; with --public it has the numbers and
the id of the newest entry. The same ledger gives the same bytes: its reports are as of the newest entry,
or of --at; the public's are as of today.`,
		Example: `  git carry report --html report.html
  git carry report --public --html public.html --svg charts
  git carry report --prom /var/lib/node_exporter/git_carry.prom --ics deadlines.ics
  git carry report --at 2026-11-01 --json - | jq .summary
  git carry report --evidence evidence.tar`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context(), a) },
	}
	f := c.Flags()
	for i, format := range reportFormats {
		f.StringVar(&o.files[i], format.flag, "", format.usage)
	}
	f.StringVar(&o.svgDir, "svg", "", "every chart as a file of its own, in `DIR`")
	_ = c.MarkFlagDirname("svg") // fails for a flag that is not there
	f.StringVar(&o.evidence, "evidence", "", "what the ledger can be checked with, in the new `DIR` or in FILE.tar")
	f.BoolVar(&o.withPatches, "with-patches", false, "the evidence has the commits of the patches, too")
	f.StringVar(&o.at, "at", "", "as it was at the end of this `DATE`, or at this time")
	f.BoolVar(&o.public, "public", false, "numbers only: nothing that names a patch, a person or a place")
	return c
}

func (o *reportOptions) run(ctx context.Context, a *app) error {
	paths, err := o.check(a)
	if err != nil {
		return err
	}
	// Everything is made before anything is written.
	if place := a.path(o.evidence); o.evidence != "" && !isTar(place) {
		if err := mustBeNew(place); err != nil {
			return err
		}
	}
	files, err := o.reports(ctx, a, paths)
	if err != nil {
		return err
	}
	if o.evidence == "" {
		return o.write(a, files)
	}
	proofs, history, err := o.evidenceFiles(ctx, a)
	if err != nil {
		return err
	}
	if err := o.write(a, files); err != nil {
		return err
	}
	return o.writeEvidence(a, proofs, history)
}

// reports makes the files of all formats that are asked for.
func (o *reportOptions) reports(ctx context.Context, a *app, paths []string) (files []reportFile, err error) {
	if !slices.ContainsFunc(paths, func(path string) bool { return path != "" }) && o.svgDir == "" {
		return nil, nil
	}
	v, last, asOf, err := o.source(ctx, a)
	if err != nil {
		return nil, err
	}
	account, err := ledgerAccount(ctx, v, last, asOf)
	if err != nil {
		return nil, err
	}
	if o.public {
		account = account.Public()
	}
	for i, format := range reportFormats {
		if paths[i] == "" {
			continue
		}
		var b bytes.Buffer
		if err := format.write(&b, account); err != nil {
			return nil, err
		}
		files = append(files, reportFile{paths[i], b.Bytes()})
	}
	if o.svgDir != "" {
		for _, c := range audit.Charts(account) {
			files = append(files, reportFile{filepath.Join(a.path(o.svgDir), c.Name+".svg"), c.File()})
		}
	}
	return files, nil
}

// check gives the path of each format: "" where it is not asked for, - for stdout.
func (o *reportOptions) check(a *app) ([]string, error) {
	a.json = false
	paths := make([]string, len(o.files))
	seen := map[string]string{}
	for i, file := range o.files {
		flag := reportFormats[i].flag
		switch file {
		case "":
			continue
		case "-":
			paths[i] = "-"
			a.json = a.json || flag == "json" // then errors are JSON too
		default:
			if strings.HasPrefix(file, "-") {
				return nil, usagef("--%s takes a file, and %s looks like a flag; a file of that name is ./%s", flag, file, file)
			}
			paths[i] = a.path(file)
		}
		if other, taken := seen[paths[i]]; taken {
			return nil, usagef("--%s and --%s both go to %s", other, flag, file)
		}
		seen[paths[i]] = flag
	}
	if o.withPatches && (o.evidence == "" || o.public) {
		return nil, usagef("--with-patches goes with --evidence, and not with --public")
	}
	if len(seen) == 0 && o.svgDir == "" && o.evidence == "" {
		return nil, patchset.Faultf(patchset.CodeUsage, "say what to write: --html FILE, --csv FILE, --json FILE, --prom FILE, --ics FILE, --svg DIR or --evidence DIR").
			WithHint("git carry report --html report.html").
			WithHint("to look at it here: git carry audit")
	}
	return paths, nil
}

// source is the vault, the newest entry that counts and the time to report.
func (o *reportOptions) source(ctx context.Context, a *app) (v *gitops.Vault, last patchset.ID, asOf time.Time, err error) {
	if asOf, err = a.parseAsOf(o.at); err != nil {
		return nil, "", asOf, err
	}
	if v, err = a.vault(ctx); err != nil {
		return nil, "", asOf, err
	}
	last, err = reportEntry(ctx, v, o.at, asOf)
	return v, last, asOf, err
}

// ledgerAccount reads the ledger's history up to an entry.
func ledgerAccount(ctx context.Context, v *gitops.Vault, last patchset.ID, asOf time.Time) (audit.Account, error) {
	weigher := &signatureWeigher{reading: reading{vault: v, past: &signedPast{}}}
	stream := audit.NewStream(func(file []byte, at patchset.Spot, l patchset.Ledger) (audit.Signature, error) {
		return weigher.weigh(ctx, file, at, l)
	})
	err := v.Steps(ctx, last, func(s gitops.LedgerStep) error {
		return stream.Add(audit.Entry{Entry: s.Entry, ID: string(s.ID), Changes: s.Changes})
	})
	if err != nil {
		return audit.Account{}, err
	}
	return accountOf(ctx, v, stream, asOf)
}

// reportEntry is the newest entry, or the one that was it at a past time.
func reportEntry(ctx context.Context, v *gitops.Vault, at string, asOf time.Time) (entry patchset.ID, err error) {
	if at != "" {
		return entryAt(ctx, v, asOf)
	}
	err = v.Log(ctx, func(e gitops.LogEntry) bool {
		entry = e.ID
		return false
	})
	return entry, err
}

func accountOf(ctx context.Context, v *gitops.Vault, stream *audit.Stream, asOf time.Time) (audit.Account, error) {
	ledger, err := stream.Ledger()
	if err != nil {
		return audit.Account{}, err
	}
	r, err := newReading(ctx, v, gitops.Snapshot{Ledger: ledger})
	if err != nil {
		return audit.Account{}, err
	}
	facts, err := r.auditFacts(ctx, asOf, true)
	if err != nil {
		return audit.Account{}, err
	}
	return audit.NewAccount(audit.Source{
		Facts: facts, Ledger: ledger, History: stream.Facts(), Entries: stream.Count(), Last: stream.Last(), Limits: r.limitDays,
	}), nil
}

// signatureWeigher says how sure signatures were when the ledger took them in. It keeps
// the registry that it read last: few entries change it.
type signatureWeigher struct {
	reading
	file []byte
}

func (w *signatureWeigher) weigh(ctx context.Context, file []byte, at patchset.Spot, l patchset.Ledger) (audit.Signature, error) {
	if registry := l.Other[ownersFile]; w.file == nil || !bytes.Equal(w.file, registry) {
		parsed, err := owners.Parse(registry)
		if err != nil {
			return audit.Signature{}, err
		}
		w.file, w.registry = registry, parsed
	}
	w.ledger = l
	sig, err := owners.ParseSignature(file)
	if err != nil {
		return audit.Signature{}, err
	}
	out := audit.Signature{Person: sig.Person, As: string(sig.As), Reason: sig.Reason, Override: sig.As == owners.AsOverride}
	owner := ownerOf(l.Patches[at.Patch])
	if sig.As == owners.AsDelegate {
		owner.Delegates = []owners.Delegate{w.weighDelegation(ctx, at, sig.Person)}
	}
	v := w.registry.Consent(owner, sig.Statement, []owners.Signature{sig}, nil)
	if len(v.Labels) == 0 {
		out.Sure = sig.Label() + ", not counted"
		if len(v.Ignored) > 0 {
			out.Sure = v.Ignored[0]
		}
		return out, nil
	}
	out.Sure, out.Verified = v.Labels[0], !v.Unverified
	return out, nil
}
