package gitops

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// fetchPlace is a throw-away repository for one fetch: its refs are the public commits of
// one component, its objects those of the vault, or of a scratch that borrows from it. When
// git has fetched, it walks from what is new to whatever a ref leads to: with the refs of
// all components it would read all of them once more, for each.
type fetchPlace struct {
	dir  string
	lock *os.File
	env  []string
}

// newFetchPlace makes one for a fetch into the scratch, or, where that is nil, into the vault.
func (v *Vault) newFetchPlace(s *Scratch, component string) (*fetchPlace, error) {
	refs, err := v.KeptPublic(component)
	if err != nil {
		return nil, err
	}
	objects := filepath.Join(v.dir, "objects")
	format, err := detectFormat(objects)
	if err != nil {
		return nil, err
	}
	p := &fetchPlace{env: lending(objects)}
	if s != nil {
		p.env = s.env()
	}
	if p.dir, p.lock, err = lockedTempDir(v.tmp()); err != nil {
		return nil, err
	}
	if err := p.fill(format, slices.Collect(maps.Values(refs))); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func (p *fetchPlace) fill(format objectFormat, public []merge3.ID) error {
	if err := writeGitDir(p.dir, format); err != nil {
		return err
	}
	slices.Sort(public)
	var packed strings.Builder
	packed.WriteString("# pack-refs with: sorted\n")
	for _, id := range slices.Compact(public) {
		fmt.Fprintf(&packed, "%s refs/heads/public-%s\n", id, id)
	}
	return os.WriteFile(filepath.Join(p.dir, "packed-refs"), []byte(packed.String()), 0o600)
}

func (p *fetchPlace) close() {
	_ = removeLocked(p.dir, p.lock) // else the next command sweeps it away
}
