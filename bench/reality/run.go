package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/git-carry/git-carry/bench/internal/drive"
	"github.com/git-carry/git-carry/patchset"
)

// world is all that the histories say: which fix is to be carried when.
type world struct {
	components map[string]component
	since      string          // no version is older; "": all
	known      map[string]bool // commits that are security fixes, whatever their subject
	fixes      []fix
	carried    []*carried // in the order in which they are added
	tooOld     int        // fixes that were public before the first weekly branch
}

// carried is one fix on its way.
type carried struct {
	fix
	id      string
	start   string           // the version it is added to
	present string           // the first version whose history has the commit
	refused string           // what add said, when it refused
	told    map[string]state // by version
}

// state is what git-carry said of a patch in a version.
type state struct {
	word   patchset.State
	public string // the public commit it named for landed
	why    string
}

func (w *world) read(ctx context.Context, sh *drive.Shell, name, dir string) error {
	c, err := readComponent(ctx, sh, name, dir, w.since)
	if err != nil {
		return err
	}
	fixes, err := readFixes(ctx, sh, c, w.known)
	w.components[name] = c
	w.fixes = append(w.fixes, fixes...)
	return err
}

// plan decides where every fix is added, and gives it an id.
func (w *world) plan() {
	taken := map[string]bool{}
	for _, f := range w.fixes {
		start, present := w.components[f.component].start(f)
		if start == "" {
			w.tooOld++
			continue
		}
		task := f.task
		if patchset.CheckPatchID(task) != nil {
			task = path.Base(f.component) + "-" + f.commit[:8]
		}
		id := patchset.FreePatchID(task, func(id string) bool { return taken[id] })
		taken[id] = true
		w.carried = append(w.carried, &carried{fix: f, id: id, start: start, present: present, told: map[string]state{}})
	}
	sort.SliceStable(w.carried, func(i, j int) bool {
		a, b := w.carried[i], w.carried[j]
		if c := patchset.CompareVersions(a.start, b.start); c != 0 {
			return c < 0
		}
		return a.authored.Before(b.authored)
	})
}

// versions is the union of the weekly versions, oldest first, from the first one
// that a fix is added to.
func (w *world) versions() []string {
	all := map[string]bool{}
	for _, c := range w.components {
		for v := range c.weeks {
			all[v] = true
		}
	}
	list := slices.SortedFunc(maps.Keys(all), patchset.CompareVersions)
	for len(list) > 0 && len(w.carried) > 0 && patchset.CompareVersions(list[0], w.carried[0].start) < 0 {
		list = list[1:]
	}
	return list
}

type cost = drive.Cost

// run drives git-carry through the weeks.
type run struct {
	sh      *drive.Shell
	program string
	vault   string
	world   *world
	limit   int
	fleet   bool

	peer    *peer // compares with git; of a fleet only
	trains  []cost
	adds    []cost
	ran     []string // the versions so far; the first one has no train
	whole   time.Duration
	version string // of git
}

func (r *run) carry(args ...string) drive.Cmd {
	return drive.Cmd{Dir: "/", Args: append([]string{r.program, "--json", "--vault", r.vault}, args...)}
}

func (r *run) all(ctx context.Context) error {
	begin := time.Now()
	if err := r.begin(ctx); err != nil {
		return err
	}
	for i, version := range r.world.versions() {
		if r.limit > 0 && i == r.limit {
			break
		}
		r.ran = append(r.ran, version)
		if i > 0 {
			if err := r.train(ctx, version); err != nil {
				return err
			}
		}
		for _, c := range r.world.carried {
			if c.start == version {
				if err := r.add(ctx, c); err != nil {
					return err
				}
			}
		}
	}
	r.whole = time.Since(begin)
	return nil
}

func (r *run) begin(ctx context.Context) error {
	var err error
	if r.version, err = r.sh.Git(ctx, "/", "version"); err != nil {
		return err
	}
	args := []string{r.program, "init", r.vault, "--branch", "wmf/{version}"}
	for _, name := range slices.Sorted(maps.Keys(r.world.components)) {
		args = append(args, "--component", name+"="+r.world.components[name].dir)
	}
	if _, err := r.sh.Text(ctx, drive.Cmd{Dir: "/", Args: args}); err != nil {
		return err
	}
	_, err = r.sh.Text(ctx, r.carry("owner", "add", "owner", "--name", "Owner", "--email", "owner@example.org"))
	if err == nil && r.fleet {
		r.peer, err = newPeer(r.vault)
	}
	return err
}

// add adds a fix as it was made public, to a version from before that.
func (r *run) add(ctx context.Context, c *carried) error {
	var doc struct {
		State patchset.State `json:"state"`
	}
	out, err := r.sh.Run(ctx, r.carry("add", c.id, "--component", c.component, "--version", c.start,
		"--owner", "owner", "--severity", "high", "--commit", c.commit, "--repo", r.world.components[c.component].dir))
	if err != nil {
		return err
	}
	r.adds = append(r.adds, out.Cost)
	if out.Exit != 0 && out.Exit != 3 {
		c.refused = strings.TrimSpace(out.Stdout + out.Stderr)
		talk("%s %s: add refused: %s", c.start, c.id, c.refused)
		return nil
	}
	if err := json.Unmarshal([]byte(out.Stdout), &doc); err != nil {
		return err
	}
	c.told[c.start] = state{word: doc.State}
	talk("%s: added %s: %s", c.start, c.id, doc.State)
	return nil
}

// trainDoc is the part of git-carry/train/v1 that is read here.
type trainDoc struct {
	Patches []struct {
		ID     string         `json:"id"`
		State  patchset.State `json:"state"`
		Public string         `json:"public"`
		Why    string         `json:"why"`
	} `json:"patches"`
	Summary map[string]int `json:"summary"`
}

func (r *run) train(ctx context.Context, version string) error {
	var doc trainDoc
	out, err := r.sh.JSON(ctx, r.carry("train", version), &doc, 0, 3)
	if err != nil {
		return err
	}
	r.trains = append(r.trains, out.Cost)
	for _, p := range doc.Patches {
		for _, c := range r.world.carried {
			if c.id == p.ID {
				c.told[version] = state{p.State, p.Public, p.Why}
			}
		}
	}
	talk("%s: %d patches in %v, %d conflict, %d waiting, %d landed", version, len(doc.Patches),
		out.Cost.Wall.Round(time.Millisecond), doc.Summary["conflict"], doc.Summary["waiting"], doc.Summary["landed"])
	if r.peer == nil {
		return nil
	}
	return r.peer.compare(ctx, version)
}

// stateTable is every fix in every week, one line each, for looking closer.
func (r *run) stateTable() string {
	var b strings.Builder
	fmt.Fprintln(&b, "patch\tcomponent\tcommit\tversion\tstate\thas\tbackport\tpublic\twhy")
	for _, c := range r.world.carried {
		for _, v := range r.ran {
			s, ok := c.told[v]
			if !ok {
				continue
			}
			has, backport := r.world.components[c.component].has(c.fix, v)
			fmt.Fprintf(&b, "%s\t%s\t%s\t%s\t%s\t%v\t%v\t%s\t%s\n", c.id, c.component, c.commit[:12], v, s.word, has, backport, s.public, s.why)
		}
	}
	return b.String()
}
