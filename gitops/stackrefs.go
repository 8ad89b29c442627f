package gitops

import (
	"context"
	"maps"
	"path"
	"slices"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// checkStackRefs refuses names that cannot be refs beside each other: component
// core in version lib, and component core/lib.
func checkStackRefs(l patchset.Ledger) error {
	refs := map[string]bool{}
	for _, s := range l.Stacks() {
		refs[s.Ref()] = true
	}
	for ref := range refs {
		for dir := path.Dir(ref); dir != "."; dir = path.Dir(dir) {
			if refs[dir] {
				return patchset.Faultf(patchset.CodeBadInput, "%s and %s cannot be side by side: a component is named like a version of another", dir, ref).
					WithHint("give the component another name")
			}
		}
	}
	return nil
}

// stackRefs lists the stack refs as they are. The list belongs to who calls.
func (v *Vault) stackRefs() (map[string]merge3.ID, error) {
	return listRefs(v.dir, "refs/carry/stacks/")
}

// deriveRefs makes the stack refs what the ledger says; have were listed a moment ago. It takes
// the lock only when something is wrong, and leaves it to the next command when another one
// holds it.
func (v *Vault) deriveRefs(ctx context.Context, s Snapshot, have map[string]merge3.ID) error {
	if len(wrongRefs(s.Ledger, have)) == 0 {
		return nil
	}
	lock, err := lockVault(ctx, v.dir)
	if err != nil {
		return nil
	}
	defer lock.release()
	if tip, err := readRef(v.dir, ledgerRef); err != nil || tip != s.Tip {
		return err // newer state: its writer derives
	}
	return v.writeDerived(s.Ledger)
}

// wrongRefs are the stack refs that are not what the ledger says, and what they must be; ""
// is not to be there. It takes the list apart.
func wrongRefs(l patchset.Ledger, have map[string]merge3.ID) map[string]merge3.ID {
	wrong := map[string]merge3.ID{}
	for _, s := range l.Stacks() {
		if have[s.Ref()] != s.Tip() {
			wrong[s.Ref()] = s.Tip()
		}
		delete(have, s.Ref())
	}
	for name := range have {
		wrong[name] = ""
	}
	return wrong
}

func (v *Vault) writeDerived(l patchset.Ledger) error {
	have, err := v.stackRefs()
	if err != nil {
		return err
	}
	wrong := wrongRefs(l, have)
	// Deletions first: a stale ref must not stand where a directory is needed.
	for name, id := range wrong {
		if id == "" {
			crashPoint()
			if err := deleteRef(v.dir, name); err != nil {
				return err
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(wrong)) {
		if wrong[name] == "" {
			continue
		}
		if err := writeRef(v.dir, name, wrong[name], false); err != nil {
			return err
		}
	}
	return nil
}
