package cmd

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/mailbox"
	"github.com/git-carry/git-carry/patchset/pattern"
	"github.com/spf13/cobra"
)

type exportOptions struct {
	dir        string
	versions   []string
	components []string
	force      bool
}

func newExportCmd(a *app) *cobra.Command {
	o := &exportOptions{}
	c := &cobra.Command{
		Use:   "export DIR",
		Short: "Write the stacks as a tree of patch files",
		Long: `Write every stack as patch files, DIR/<version>/<component>/NN-ID.patch, numbered in stack
order: what import reads, and git am -3 of them on the public base gives the same tree. Parked
patches have no commit in the stack, and a resolution may leave nothing of a patch: these are
named and not written.

The files are embargoed: they are made for you alone (mode 0600), but they are outside the
vault. DIR must not exist or be empty; with --force, patch files with a number in the
directories that are written are replaced.`,
		Example: `  git carry export patches --version 1.46.0-wmf.6
  git carry export /srv/patches --force`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.dir = args[0]
			return o.run(c.Context(), a)
		},
	}
	f := c.Flags()
	f.StringArrayVar(&o.versions, "version", nil, "only this `VERSION`; may be given again (else all)")
	f.StringArrayVar(&o.components, "component", nil, "only the component `NAME`; may be given again (else all)")
	f.BoolVar(&o.force, "force", false, "write into a directory that is not empty")
	return c
}

type exportDoc struct {
	Schema   string          `json:"schema"`
	Dir      string          `json:"dir"`
	Versions []string        `json:"versions"`
	Patches  []exportPatch   `json:"patches"`
	Parked   []exportMissing `json:"parked"`
	Empty    []exportMissing `json:"empty"` // they change nothing: there is nothing to write
}

type exportPatch struct {
	ID        string      `json:"id"`
	Component string      `json:"component"`
	Version   string      `json:"version"`
	Commit    patchset.ID `json:"commit"`
	Path      string      `json:"path"` // from dir
	mail      []byte
}

type exportMissing struct {
	ID        string         `json:"id"`
	Component string         `json:"component"`
	Version   string         `json:"version"`
	State     patchset.State `json:"state"`
	Owner     string         `json:"owner"`
}

func (o *exportOptions) run(ctx context.Context, a *app) error {
	dir := a.path(o.dir)
	if err := o.checkDir(dir); err != nil {
		return err
	}
	var doc exportDoc
	err := a.rehearse(ctx, func(ctx context.Context, s *step) error {
		var err error
		doc, err = o.collect(ctx, a, s)
		return err
	})
	if err != nil {
		return err
	}
	if err := o.write(dir, doc.Patches); err != nil {
		return patchset.Faultf(patchset.CodeFailed, "writing the patch files: %w", err).
			WithHint("some may be there already; then: git carry export %s --force", shellWord(o.dir))
	}
	a.show(doc, func() { doc.say(a, o.dir) })
	return nil
}

func (o *exportOptions) checkDir(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return patchset.Faultf(patchset.CodeBadInput, "%w", err)
	case len(entries) > 0 && !o.force:
		return patchset.Faultf(patchset.CodeBadInput, "%s is not empty", o.dir).
			WithHint("name a new directory, or replace the patch files in it: --force")
	}
	return nil
}

// collect makes all files in memory: nothing is written when one cannot be made.
func (o *exportOptions) collect(ctx context.Context, a *app, s *step) (exportDoc, error) {
	doc := exportDoc{Schema: schema("export"), Dir: a.path(o.dir), Versions: slices.Clone(o.versions), Patches: []exportPatch{}, Parked: []exportMissing{}, Empty: []exportMissing{}}
	for _, name := range o.components {
		if _, err := s.ledger.Component(name); err != nil {
			return doc, err
		}
	}
	if len(doc.Versions) == 0 {
		doc.Versions = nonNil(s.ledger.VersionNames())
	}
	slices.SortFunc(doc.Versions, patchset.CompareVersions)
	doc.Versions = slices.Compact(doc.Versions)
	for _, version := range doc.Versions {
		if _, err := s.ledger.Version(version); err != nil {
			return doc, err
		}
		if err := o.collectVersion(ctx, a, s, version, &doc); err != nil {
			return doc, err
		}
	}
	return doc, nil
}

func (o *exportOptions) collectVersion(ctx context.Context, a *app, s *step, version string, doc *exportDoc) error {
	defer a.endProgress()
	numbers := map[string]int{}
	for _, p := range s.ledger.In(version) {
		in := p.At[version]
		if len(o.components) > 0 && !slices.Contains(o.components, p.Component) {
			continue
		}
		if in.State.Parked() {
			doc.Parked = append(doc.Parked, exportMissing{p.ID, p.Component, version, in.State, p.Owner})
		}
		if !in.State.InStack() {
			continue
		}
		if report := a.progress(); report != nil {
			report("exporting " + version + " " + p.Component + " " + p.ID)
		}
		empty, err := s.changesNothing(ctx, in.Commit)
		if err != nil {
			return err
		}
		if empty {
			doc.Empty = append(doc.Empty, exportMissing{p.ID, p.Component, version, in.State, p.Owner})
			continue
		}
		mail, err := s.bench.FormatPatch(ctx, in.Commit)
		if err != nil {
			return patchset.Faultf(patchset.CodeFailed, "%s in %s: %w", p.ID, version, err)
		}
		numbers[p.Component]++
		doc.Patches = append(doc.Patches, exportPatch{
			ID: p.ID, Component: p.Component, Version: version, Commit: in.Commit, mail: mail,
			Path: path.Join(version, p.Component, mailbox.FileName(numbers[p.Component], p.ID)),
		})
	}
	return nil
}

// changesNothing tells whether a commit has the tree of its parent: the
// resolution of a patch of which nothing is left.
func (s *step) changesNothing(ctx context.Context, id patchset.ID) (bool, error) {
	c, err := s.bench.Commit(ctx, id)
	if err != nil || c.Parent() == "" {
		return false, err
	}
	parent, err := s.bench.Commit(ctx, c.Parent())
	return c.Tree == parent.Tree, err
}

// write puts the files in place. No symbolic link leads out of dir.
func (o *exportOptions) write(dir string, patches []exportPatch) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	cleared := map[string]bool{}
	for _, p := range patches {
		at := path.Dir(p.Path)
		if !cleared[at] {
			if err := root.MkdirAll(at, 0o700); err != nil {
				return err
			}
			if err := clearNumbered(root, at); err != nil {
				return err
			}
			cleared[at] = true
		}
		if err := writeNew(root, p.Path, p.mail); err != nil {
			return err
		}
	}
	return nil
}

var numberedPatch = pattern.Of(`^[0-9]{2,}-.*\.patch$`)

// clearNumbered removes the patch files of an earlier export.
func clearNumbered(root *os.Root, dir string) error {
	entries, err := fs.ReadDir(root.FS(), dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Type().IsRegular() && numberedPatch().MatchString(e.Name()) {
			if err := root.Remove(path.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeNew(root *os.Root, name string, data []byte) error {
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

func (d exportDoc) say(a *app, dir string) {
	for _, p := range d.Patches {
		a.say("%s", path.Join(dir, p.Path))
	}
	for _, p := range d.Parked {
		a.talk("not written: %s (%s %s) is parked: %s, owner %s", p.ID, p.Component, p.Version, p.State, p.Owner)
	}
	for _, p := range d.Empty {
		a.talk("nothing to write: %s (%s %s) changes nothing there", p.ID, p.Component, p.Version)
	}
	a.talk("%s from %s written to %s. They are embargoed: keep them private.",
		count(len(d.Patches), "patch", "patches"), count(len(d.Versions), "version", "versions"), dir)
}
