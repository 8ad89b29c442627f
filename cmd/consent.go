package cmd

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
)

// Consent ties the registry of owners to the ledger: what must be signed, what
// has been signed, and whether it is enough.

// ownerOf is the owner of a patch in the words of the registry. Who may sign in a
// version, [reading.owner] knows.
func ownerOf(p patchset.Patch) owners.Owner {
	return owners.Owner{ID: p.Owner, Deputies: p.Deputies, Patch: p.ID}
}

// signaturesDir is where the ledger keeps the signatures on a patch in a version.
func signaturesDir(at patchset.Spot) string { return "signatures/" + at.Version + "/" + at.Patch + "/" }

// signatureFile is where it keeps one person's.
func signatureFile(at patchset.Spot, person string) string {
	return signaturesDir(at) + person + ".toml"
}

// signaturesOn reads the signatures on a patch in a version. One that cannot be
// read is an error: silence would look like a missing consent.
func signaturesOn(l patchset.Ledger, at patchset.Spot) ([]owners.Signature, error) {
	var names []string
	for name := range l.Other {
		if strings.HasPrefix(name, signaturesDir(at)) {
			names = append(names, name)
		}
	}
	return readSignatures(l, names)
}

// signatureFiles lists the files of all signatures, for those who look at every patch.
func signatureFiles(l patchset.Ledger) map[patchset.Spot][]string {
	files := map[patchset.Spot][]string{}
	for name := range l.Other {
		room, rest, _ := strings.Cut(name, "/")
		version, rest, _ := strings.Cut(rest, "/")
		if id, _, ok := strings.Cut(rest, "/"); ok && room == "signatures" {
			at := patchset.Spot{Version: version, Patch: id}
			files[at] = append(files[at], name)
		}
	}
	return files
}

func readSignatures(l patchset.Ledger, names []string) ([]owners.Signature, error) {
	slices.Sort(names)
	var sigs []owners.Signature
	for _, name := range names {
		sig, err := owners.ParseSignature(l.Other[name])
		if err != nil {
			return nil, patchset.Faultf(patchset.CodeBadInput, "%s: %w", name, err)
		}
		sigs = append(sigs, sig)
	}
	return sigs, nil
}

// resolveStatement is what must be signed for a resolution: exactly this result,
// on this base, for this conflict.
func resolveStatement(l patchset.Ledger, at patchset.Spot, r patchset.Resolution) owners.Statement {
	k := l.Conflicts[at]
	return owners.Statement{
		Store: l.Store.ID, Patch: at.Patch, Version: at.Version, Component: l.Patches[at.Patch].Component,
		Base: string(k.Upstream), Conflict: string(k.Record), Source: string(k.Source),
		Result: string(r.Result), Tree: string(r.Tree), Purpose: owners.PurposeResolve,
	}
}

// driftStatement is what must be signed for a patch that merged cleanly but is
// not what the owner last saw.
func (r reading) driftStatement(ctx context.Context, at patchset.Spot) (owners.Statement, error) {
	p := r.ledger.Patches[at.Patch]
	in := p.At[at.Version]
	c, err := r.vault.Commit(ctx, in.Commit)
	return owners.Statement{
		Store: r.ledger.Store.ID, Patch: at.Patch, Version: at.Version, Component: p.Component,
		Base: string(c.Parent()), Source: string(in.Source), Result: string(in.Commit), Tree: string(c.Tree),
		Purpose: owners.PurposeDrift,
	}, err
}

// signed tells whether a resolution has the consent that it needs.
func (r reading) signed(ctx context.Context, at patchset.Spot, res patchset.Resolution) bool {
	v, err := r.consentTo(ctx, at, res)
	return err == nil && v.OK && res.Proposed()
}

// consentTo weighs the consent to a resolution.
func (r reading) consentTo(ctx context.Context, at patchset.Spot, res patchset.Resolution) (owners.Verdict, error) {
	sigs, err := signaturesOn(r.ledger, at)
	st := resolveStatement(r.ledger, at, res)
	return r.registry.Consent(r.owner(at), st, sigs, r.takenIn(ctx)), err
}

// verdict weighs the consent for a patch in a version. needed is false where none
// is asked for: the change is the same change, or the policy lets it pass.
func (r reading) verdict(ctx context.Context, at patchset.Spot) (v owners.Verdict, needed bool, err error) {
	sigs, err := signaturesOn(r.ledger, at)
	if err != nil {
		return v, true, err
	}
	return r.weigh(ctx, at, sigs)
}

// weigh is verdict on signatures that have been read.
func (r reading) weigh(ctx context.Context, at patchset.Spot, sigs []owners.Signature) (v owners.Verdict, needed bool, err error) {
	var st owners.Statement
	needed = true
	switch r.ledger.Patches[at.Patch].At[at.Version].State {
	case patchset.StateProposed, patchset.StateResolved:
		st = resolveStatement(r.ledger, at, r.ledger.Resolutions[at])
	case patchset.StateDrift:
		needed = r.registry.Policy.Drift != owners.DriftAllow
		if st, err = r.driftStatement(ctx, at); err != nil {
			return v, needed, err
		}
	default:
		return v, false, nil
	}
	return r.registry.Consent(r.owner(at), st, sigs, r.takenIn(ctx)), needed, nil
}

// takenIn finds the registry that was in force when the ledger took a signature
// in: the one beside these very bytes, after the first entry of the signer's that has them;
// in later ones they may still stand. The ledger is a chain of hashes, so nobody can put a
// signature, or a registry, into its past.
func (r reading) takenIn(ctx context.Context) owners.InForce {
	log := cmp.Or(r.past, &signedPast{})
	return func(sig owners.Signature) (then owners.Registry, found bool) {
		file, sentence := recordOf(sig)
		data, err := sig.Encode()
		if err != nil {
			return then, false
		}
		for _, entry := range slices.Backward(log.entries(ctx, r.vault, r.at.Tip)[signedBy{sig.Person, sentence}]) {
			s, err := r.vault.SnapshotAt(ctx, entry)
			if err != nil || !bytes.Equal(s.Ledger.Other[file], data) {
				continue
			}
			then, err = registryOf(s.Ledger)
			return then, err == nil
		}
		return then, false
	}
}

// recordOf tells in which file the ledger keeps a signature, and what the entry says
// that took it in, as [signedPast] has it.
func recordOf(sig owners.Signature) (file, sentence string) {
	if sig.Statement.Purpose == owners.PurposeUrgent {
		return urgentFile(sig), urgentSentence(sig.Statement)
	}
	at := patchset.Spot{Version: sig.Statement.Version, Patch: sig.Statement.Patch}
	if to := sig.Statement.Delegate; to != "" {
		return delegationFile(at, to), delegatedSentence(at, to)
	}
	return signatureFile(at, sig.Person), signedSentence(at, sig.As)
}

// signedPast lists the ledger entries in which somebody signed. The log is read
// when it is first asked, and once: few signatures need it.
type signedPast struct {
	once sync.Once
	ids  map[signedBy][]patchset.ID
}

type signedBy struct{ person, sentence string }

// entries lists them from an entry on, newest first. What cannot be read is left out, and so proves nothing.
func (p *signedPast) entries(ctx context.Context, v *gitops.Vault, tip patchset.ID) map[signedBy][]patchset.ID {
	p.once.Do(func() {
		p.ids = map[signedBy][]patchset.ID{}
		_ = v.LogFrom(ctx, tip, func(e gitops.LogEntry) bool {
			if slices.Contains([]string{"sign", delegateAction, "urgent vote", "urgent break-glass", panicAction}, e.Entry.Action) {
				by := signedBy{e.Entry.Person, e.Entry.Sentence}
				if e.Entry.Action == panicAction {
					by.sentence = panicAction // its sentence also has the reason
				}
				p.ids[by] = append(p.ids[by], e.ID)
			}
			return ctx.Err() == nil
		})
	})
	return p.ids
}

// signedSentence is what the ledger says of a signature.
func signedSentence(at patchset.Spot, as owners.As) string {
	return fmt.Sprintf("signed %s in %s as %s", at.Patch, at.Version, as)
}

// consent answers the questions that patchset.VerifyLedger has.
func (r reading) consent(ctx context.Context) patchset.Consent {
	return patchset.Consent{
		HasOwner: func(p patchset.Patch) bool {
			_, ok := r.registry.Person(p.Owner)
			return ok
		},
		Missing: func(p patchset.Patch, version string) string {
			v, needed, err := r.verdict(ctx, patchset.Spot{Version: version, Patch: p.ID})
			switch {
			case err != nil:
				return err.Error()
			case !needed || v.OK:
				return ""
			}
			return v.Missing
		},
	}
}
