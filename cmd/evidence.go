package cmd

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/mailbox"
	"github.com/git-carry/git-carry/patchset/urgent"
)

// Evidence is what a stranger needs to check the ledger with git and ssh-keygen alone.
// The same ledger gives the same bytes on any day: its reports are of the newest entry's
// time, unless another is asked for.

//go:embed evidence/README.md.tmpl
var evidenceReadme string

//go:embed evidence/PUBLIC.md.tmpl
var publicEvidenceReadme string

// evidence is the ledger's history as far as it is evidence.
type evidence struct {
	head     patchset.ID
	entries  int
	moment   time.Time // of the newest entry, see add
	at       time.Time // the newest entry's own time
	keys     owners.KeyHistory
	registry owners.Registry
	consents []consentTaken
}

// consentTaken is a signature as the ledger took it in: of a result, a delegation, or what
// somebody said of an urgent item.
type consentTaken struct {
	entry  patchset.ID
	moment time.Time
	file   string
	sig    owners.Signature
	then   owners.Registry
}

// add takes the next entry. Its moment is its time, or one second after the moment of
// the entry before, so that order and moments agree.
func (e *evidence) add(s gitops.LedgerStep) error {
	e.at = s.Entry.At.UTC().Truncate(time.Second)
	next := e.moment.Add(time.Second)
	if e.moment = e.at; e.entries > 0 && next.After(e.moment) {
		e.moment = next
	}
	e.head = s.ID
	e.entries++
	if file := s.Changes[ownersFile]; file != nil {
		registry, err := owners.Parse(file)
		if err != nil {
			return fmt.Errorf("ledger entry %s: %w", s.ID.Short(), err)
		}
		e.registry = registry
		e.keys.Add(e.moment, registry)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Changes)) {
		room, _, _ := strings.Cut(name, "/")
		if s.Changes[name] == nil || room != "signatures" && room != "delegations" && !urgent.IsSigned(name) {
			continue
		}
		sig, err := owners.ParseSignature(s.Changes[name])
		if err != nil {
			return fmt.Errorf("ledger entry %s: %s: %w", s.ID.Short(), name, err)
		}
		e.consents = append(e.consents, consentTaken{s.ID, e.moment, name, sig, e.registry})
	}
	return nil
}

// evidenceFiles makes the files of the evidence, by name.
func (o *reportOptions) evidenceFiles(ctx context.Context, a *app) (map[string][]byte, evidence, error) {
	v, last, asOf, err := o.source(ctx, a)
	if err != nil {
		return nil, evidence{}, err
	}
	var e evidence
	if err := v.Steps(ctx, last, e.add); err != nil {
		return nil, e, err
	}
	if o.at == "" && !o.public { // the public is told no day on which something was done
		asOf = e.at
	}
	account, err := ledgerAccount(ctx, v, last, asOf)
	if err != nil {
		return nil, e, err
	}
	if o.public {
		account = account.Public()
	}
	files := map[string][]byte{}
	for _, format := range reportFormats[:3] { // for people, tables, programs
		var b bytes.Buffer
		if err := format.write(&b, account); err != nil {
			return nil, e, err
		}
		files["report."+format.flag] = b.Bytes()
	}
	page := evidencePage{Head: e.head, Entries: e.entries, AsOf: stamp(asOf), Patches: o.withPatches}
	if o.public {
		page.AsOf = date(asOf)
		return files, e, page.write(publicEvidenceReadme, files)
	}
	return files, e, o.addProofs(ctx, v, e, page, files)
}

// addProofs adds what the reports can be checked with.
func (o *reportOptions) addProofs(ctx context.Context, v *gitops.Vault, e evidence, page evidencePage, files map[string][]byte) (err error) {
	if files["ledger.bundle"], err = v.LedgerBundle(ctx, e.head); err != nil {
		return err
	}
	if o.withPatches {
		if err := page.addPatches(ctx, v, e.head, files); err != nil {
			return err
		}
	}
	files["allowed_signers"], files["revoked_keys"] = e.keys.AllowedSigners(), e.keys.Revoked()
	if page.Signatures, page.Others, err = e.addSignatures(files); err != nil {
		return err
	}
	if err := page.write(evidenceReadme, files); err != nil {
		return err
	}
	var manifest strings.Builder
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(&manifest, "%s %s\n", mailbox.BlobID(files[name], 40), name)
	}
	files[manifestFile] = []byte(manifest.String())
	return nil
}

const manifestFile = "MANIFEST"

// addSignatures adds every consent that the ledger ever took in: the text that was
// signed and the signature, or in another list what no key proves, and why.
func (e *evidence) addSignatures(files map[string][]byte) (proved, others int, err error) {
	var list, rest strings.Builder
	for i, c := range e.consents {
		number := fmt.Sprintf("%04d", i+1)
		text, err := c.sig.Text()
		if err != nil {
			return 0, 0, fmt.Errorf("ledger entry %s: %s: %w", c.entry.Short(), c.file, err)
		}
		files["signatures/"+number+".txt"] = text
		problem := "somebody's word: there is no key to it"
		if c.sig.Proof != "" {
			files["signatures/"+number+".sig"] = []byte(c.sig.Proof)
			problem = e.keys.Unproved(c.sig, c.then)
		}
		if problem != "" {
			fmt.Fprintf(&rest, "%s %s %s %s: %s\n", number, c.sig.Person, c.entry, c.file, problem)
			others++
			continue
		}
		fmt.Fprintf(&list, "%s %s %s %s %s %s\n", number, c.moment.Format("20060102150405"), c.sig.Namespace(), c.sig.Person, c.entry, c.file)
		proved++
	}
	files["signatures/list"], files["signatures/others"] = []byte(list.String()), []byte(rest.String())
	return proved, others, nil
}

// evidencePage is what the README says.
type evidencePage struct {
	Head               patchset.ID
	Entries            int
	AsOf               string
	Patches            bool
	Publics            []evidencePublic
	Signatures, Others int
}

// evidencePublic is a public repository that holds bases.
type evidencePublic struct {
	Number int
	URL    string // a word of the shell
}

// addPatches adds the commits that the ledger refers to, and says where those come from
// on which they stand.
func (p *evidencePage) addPatches(ctx context.Context, v *gitops.Vault, head patchset.ID, files map[string][]byte) error {
	s, err := v.SnapshotAt(ctx, head)
	if err != nil {
		return err
	}
	bases := map[patchset.ID]bool{}
	for _, version := range s.Ledger.Versions {
		for _, base := range version.Bases {
			bases[base.Commit] = true
		}
	}
	for i, name := range s.Ledger.ComponentNames() {
		p.Publics = append(p.Publics, evidencePublic{i + 1, shellWord(s.Ledger.Components[name].URL)})
	}
	files["patches.bundle"], err = v.PatchBundle(ctx, head, slices.Collect(maps.Keys(bases)))
	return err
}

func (p *evidencePage) write(text string, files map[string][]byte) error {
	var b bytes.Buffer
	err := template.Must(template.New("").Parse(text)).Execute(&b, p)
	files["README.md"] = b.Bytes()
	return err
}
