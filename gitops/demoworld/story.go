package demoworld

// The people of the story. Only owners are in the vault's registry.
type person struct{ id, name, email string }

var (
	priya       = person{"priya", "Priya Nair", "priya@example.org"}
	sam         = person{"sam", "Sam Ito", "sam@example.org"}
	lee         = person{"lee", "Lee Okafor", "lee@example.org"}
	kim         = person{"kim", "Kim Dahl", "kim@example.org"} // the deployer
	carol       = person{"", "Carol Voss", "carol@example.org"}
	jonas       = person{"", "Jonas Weber", "jonas@example.org"}
	translators = person{"", "Translation updater", "l10n@example.org"}
)

// Owner is a person of the vault's registry.
type Owner struct{ ID, Name, Email string }

// Owners lists the people of the registry. The last one is the deployer, who
// owns nothing and runs the train.
func Owners() []Owner {
	var out []Owner
	for _, p := range []person{priya, sam, lee, kim} {
		out = append(out, Owner{p.id, p.name, p.email})
	}
	return out
}

// fix is one secret patch.
type fix struct {
	id string
	change
}

// repository is the story of one component: what its public branch got between
// the cuts, and the fixes that are secret.
type repository struct {
	component, name, folder string
	fixes                   []fix    // on the cut of Before, in order
	toLast                  []change // public, between the cuts of Before and Last
	later                   []fix    // on the cut of Last
	toCurrent               []change // public, between the cuts of Last and Current
}

// tell plays the story on public and gives the secret histories: the fixes on
// top of what was public when they were made, each on a branch named by its id.
func (r repository) tell(public *history) (secret []*history, err error) {
	for _, week := range []struct {
		changes []change
		version string
		fixes   []fix
	}{{nil, Before, r.fixes}, {r.toLast, Last, r.later}, {r.toCurrent, Current, nil}} {
		for _, c := range week.changes {
			if err := public.commit(c); err != nil {
				return nil, err
			}
		}
		public.cut(week.version)
		if len(week.fixes) == 0 {
			continue
		}
		h := public.fork()
		for _, f := range week.fixes {
			h.branch = "refs/heads/" + f.id
			if err := h.commit(f.change); err != nil {
				return nil, err
			}
		}
		secret = append(secret, h)
	}
	return secret, nil
}

func repositories() []repository {
	return []repository{core(), abuseFilter(), oauth()}
}
