package cmd

import (
	"context"

	"github.com/git-carry/git-carry/patchset"
)

// restsOn says in sentences what the state of a patch in a version rests on: what the
// ledger tells of it, and whose consent counts, or does not.
func (r reading) restsOn(ctx context.Context, at patchset.Spot) ([]string, error) {
	sentences := nonNil(r.ledger.Basis(at).Sentences)
	v, needed, err := r.verdict(ctx, at)
	if err != nil || !needed {
		return sentences, err
	}
	for _, label := range v.Labels {
		sentences = append(sentences, "signed: "+label)
	}
	for _, why := range v.Ignored {
		sentences = append(sentences, "a signature that does not count: "+why)
	}
	if v.Missing != "" {
		sentences = append(sentences, "missing: "+v.Missing)
	}
	return sentences, nil
}
