package cmd

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/urgent"
)

// drillPatch is the id of the fix that fixes nothing.
const drillPatch = "DRILL-1"

// play goes the way, until a command fails.
func (d *drill) play(ctx context.Context) (drillFailure, error) {
	for _, args := range d.steps() {
		if f, err := d.do(ctx, args); err != nil || f.happened() {
			return f, err
		}
	}
	return d.playEnd(ctx)
}

// steps are the commands of a drill, up to the release and the end of the embargo.
func (d *drill) steps() [][]string {
	urgently := func(args ...string) []string { return append([]string{"urgent"}, args...) }
	steps := [][]string{{"init", "-q", "vault", "--component", d.o.component + "=upstream.git"}}
	for _, who := range drillPeople {
		steps = append(steps, []string{"owner", "add", who, "--name", who, "--email", who + "@drill.invalid"})
	}
	for _, v := range d.versions {
		steps = append(steps, []string{"train", v})
	}
	steps = append(steps, []string{
		"add", drillPatch, "--component", d.o.component, "--version", d.versions[0], "--owner", drillPeople[0], "--severity", "low",
		"--commit", gitops.DrillFix, "--repo", "upstream.git",
	})
	for _, t := range d.targets {
		steps = append(steps, []string{"target", "add", t.name, t.url, "--component", d.o.component, "--branch", d.branch(), "--ring", cmp.Or(t.ring, patchset.RingStable)})
	}
	timeout := []string{"--timeout", d.o.timeout.String()}
	return append(steps,
		urgently("policy", "--soak", "0", "--extra", ""), urgently("open", drillPatch, "--reason", "a drill"), urgently("accept", "--as-person", "ann"),
		urgently(append([]string{"run"}, timeout...)...), urgently("vote", "yes", "--as-person", "ann"), urgently("vote", "yes", "--as-person", "bob"),
		urgently("vote", "yes", "--as-person", "cat"), urgently(append([]string{"release"}, timeout...)...), []string{"disclose", drillPatch},
	)
}

// playEnd lets the fix become public and the item leave the lane.
func (d *drill) playEnd(ctx context.Context) (drillFailure, error) {
	git := d.r.vault.Git()
	if err := gitops.LandDrill(ctx, git, filepath.Join(d.dir, "upstream.git"), d.versions, d.author(), d.now()); err != nil {
		return drillFailure{}, err
	}
	for _, v := range d.versions {
		if f, err := d.do(ctx, []string{"train", v}); err != nil || f.happened() {
			return f, err
		}
	}
	d.later = 8 * 24 * time.Hour
	return d.do(ctx, []string{"urgent", "retire"})
}

// do runs one command in this very program, in the drill's vault.
func (d *drill) do(ctx context.Context, args []string) (drillFailure, error) {
	name := args[:1]
	if len(args) > 1 && (args[0] == "urgent" || args[0] == "owner" || args[0] == "target") {
		name = args[:2]
	}
	d.a.progressLine("drill: git carry %s", strings.Join(name, " "))
	defer d.a.endProgress()
	var out bytes.Buffer
	exit := Run(ctx, Env{
		Dir: d.dir, Args: append(slices.Clone(args), "--json"), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &bytes.Buffer{}, Random: d.a.env.Random, Now: d.now,
		Environ: append(slices.Clone(d.a.env.Environ), "GIT_CARRY_VAULT="+drillVault(d.dir),
			"GIT_COMMITTER_NAME=Drill", "GIT_COMMITTER_EMAIL="+drillPeople[0]+"@drill.invalid"),
	})
	if err := ctx.Err(); err != nil || exit == 0 {
		return drillFailure{}, err
	}
	return readDrillFailure(name, exit, out.Bytes()), nil
}

// readDrillFailure reads what a command that failed said of it: an error, or what became of
// each target and what is needed.
func readDrillFailure(name []string, exit int, out []byte) drillFailure {
	f := drillFailure{Command: append([]string{"git", "carry"}, name...), Exit: exit, Targets: []drillTrouble{}}
	var said struct {
		Message    string
		Deliveries []publishDelivery
		Next       urgentAdvice
	}
	_ = json.Unmarshal(out, &said) // what cannot be read says nothing
	for _, delivery := range said.Deliveries {
		t := drillTrouble{delivery.Target, cmp.Or(failureLine(delivery.Error), delivery.Result)}
		if !delivery.well() && !slices.Contains(f.Targets, t) {
			f.Targets = append(f.Targets, t)
		}
	}
	f.Message = said.Message
	if f.Message == "" && len(f.Targets) == 0 {
		f.Message = cmp.Or(said.Next.Needed, "it did not say why")
	}
	return f
}

// stages gives the times of the drill's stages, and tells in which of them it failed.
func (d *drill) stages(ctx context.Context, f *drillFailure) (map[urgent.Stage]urgent.Run, error) {
	if f.happened() {
		f.Stage = "setup"
	}
	if !gitops.IsVault(drillVault(d.dir)) {
		return nil, nil
	}
	v, err := gitops.OpenVault(d.r.vault.Git(), drillVault(d.dir))
	if err != nil {
		return nil, err
	}
	defer v.Close()
	s, err := v.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	r, err := newReading(ctx, v, s)
	if err != nil {
		return nil, err
	}
	lane, err := laneOf(r.ledger)
	if err != nil || len(lane.Items) == 0 {
		return nil, err
	}
	look, err := d.a.lookAt(ctx, r, lane, lane.Items[lane.IDs()[0]])
	if f.happened() {
		f.Stage = "end"
	}
	for i, span := range look.spans {
		if !span.Begun() || !span.End.IsZero() {
			continue
		}
		look.spans[i].End = look.Now
		if span.Stage != urgent.Total {
			f.Stage = string(span.Stage)
		}
	}
	return urgent.Record(look.spans), err
}
