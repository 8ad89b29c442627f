package gitops

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// LedgerBundle gives the entries of the ledger up to last as a git bundle of
// refs/carry/ledger: their commits with all that the ledger's tree had, and nothing of
// what they refer to beside, the public and the carried commits. So git bundle unbundle
// takes it, and git log --first-parent reads it; git clone, which wants every parent,
// does not.
//
// The same git packs the same ledger into the same bytes, however the vault stores it.
func (v *Vault) LedgerBundle(ctx context.Context, last merge3.ID) ([]byte, error) {
	return v.bundle(ctx, last, "--first-parent", "--objects", "--end-of-options", string(last))
}

// PatchBundle gives all that the ledger refers to up to last as a git bundle of
// refs/carry/ledger, without the public commits known and what was before them: whoever
// has these can fetch from it.
func (v *Vault) PatchBundle(ctx context.Context, last merge3.ID, known []merge3.ID) ([]byte, error) {
	args := []string{"--objects", "--boundary", "--end-of-options", string(last)}
	for _, id := range slices.Sorted(slices.Values(known)) {
		args = append(args, "^"+string(id))
	}
	return v.bundle(ctx, last, args...)
}

// bundle packs what git rev-list lists. What it lists with a dash must be there already.
func (v *Vault) bundle(ctx context.Context, tip merge3.ID, revList ...string) ([]byte, error) {
	listed, err := v.git.Run(ctx, Cmd{GitDir: v.dir, Args: append([]string{"rev-list"}, revList...)})
	if err != nil {
		return nil, fmt.Errorf("listing the objects of the bundle: %w", err)
	}
	var head, objects bytes.Buffer
	head.WriteString("# v2 git bundle\n")
	for line := range bytes.Lines(listed) {
		if line[0] == '-' {
			head.Write(line)
		} else {
			objects.Write(line)
		}
	}
	fmt.Fprintf(&head, "%s %s\n\n", tip, ledgerRef)
	pack, err := v.git.Run(ctx, Cmd{
		GitDir: v.dir, Stdin: &objects, Config: [][2]string{{"pack.window", "10"}, {"pack.depth", "50"}, {"pack.compression", "-1"}},
		// What is packed already is packed anew and by one thread: else it shows.
		Args: []string{"pack-objects", "--quiet", "--stdout", "--threads=1", "--no-reuse-delta", "--no-reuse-object"},
	})
	if err != nil {
		return nil, fmt.Errorf("packing the bundle: %w", err)
	}
	return append(head.Bytes(), pack...), nil
}
