package cmd

import "github.com/git-carry/git-carry/gitops/demoworld"

// The people and the patch that the ending of the demo speaks of.
const (
	demoDeployer      = "kim"
	demoConflict      = "T401234"
	demoConflictOwner = "priya"
	demoConflictFile  = "includes/search/SearchHighlighter.php"
)

// demoChapter is one day of the story.
type demoChapter struct {
	title, text string
	daysAgo     int // before the newest cut
	steps       []demoStep
}

// demoStep is one command line. Nobody named means the deployer.
type demoStep struct {
	person string
	args   []string
	exit   int
	unseen bool // done, not told: another one of the same kind is
}

// demoStory is what the demo does, in order.
func demoStory() []demoChapter {
	step := func(args ...string) demoStep { return demoStep{args: args} }
	parked := func(args ...string) demoStep { return demoStep{args: args, exit: exitConflicts} }

	makeVault := step("init", "vault")
	for _, c := range demoworld.Components() {
		makeVault.args = append(makeVault.args, "--component", c.Name+"="+c.URL)
	}
	people := []demoStep{makeVault}
	for _, p := range demoworld.Owners() {
		people = append(people, step("owner", "add", p.ID, "--name", p.Name, "--email", p.Email))
	}
	takeOver := []demoStep{
		step("import", demoworld.PatchesDir),
		step("edit", "T389961", "--severity", "high", "--reason", "sessions can be taken over"),
		{args: []string{"edit", demoConflict, "--severity", "high", "--reason", "scripts run in the search"}, unseen: true},
		{person: demoConflictOwner, args: []string{"own", demoConflict, "--confirm"}},
	}
	for _, f := range demoworld.Files() {
		if f.ID != demoConflict {
			takeOver = append(takeOver, demoStep{person: f.Owner, args: []string{"own", f.ID, "--confirm"}, unseen: true})
		}
	}
	repo, branch := demoworld.AddedFix()
	return []demoChapter{
		{
			title: "Two weeks ago: a vault",
			text: `You are Kim, who deploys a wiki engine and two extensions every Tuesday. The vault is a
private repository for what is secret; every patch in it will have an owner.`,
			daysAgo: 14, steps: people,
		},
		{
			title: "The patches come in",
			text: `Until now the fixes were files in a directory that was copied from week to week. They are
taken over once. The author of each file is taken for its owner until that person says so:
here you see Priya; Sam and Lee do the same for theirs.`,
			daysAgo: 14, steps: takeOver,
		},
		{
			title:   "Last week's train: nothing in the way",
			text:    "The public branch of the week is fetched, every patch is merged onto it. No work tree, no hand.",
			daysAgo: 7, steps: []demoStep{step("train", demoworld.Last)},
		},
		{
			title:   "Three days ago: one more fix",
			text:    "Priya has found a hole and puts her commit on the stack herself.",
			daysAgo: 3, steps: []demoStep{{person: "priya", args: []string{
				"add", demoworld.AddedID, "--component", "extensions/OAuth", "--owner", "priya", "--severity", "critical", "--repo", repo, "--commit", branch,
			}}},
		},
		{
			title: "Today's train: one patch does not merge",
			text: `Upstream has renamed a file, released one of the fixes, and rewritten the line that
T401234 guards. That one is parked, and what stands on it waits; all the rest goes on.`,
			daysAgo: 0, steps: []demoStep{parked("train", demoworld.Current)},
		},
		{
			title: "What stands in the way, and why",
			text: `You do not know that code, and you need not: the vault says what happened, which public
commit did it, and whom to ask.`,
			daysAgo: 0, steps: []demoStep{parked("status"), step("why", demoConflict)},
		},
		{
			title:   "What do we carry, and why is it not public yet?",
			text:    "The question of every audit. One of the patches has been secret for far too long.",
			daysAgo: 0, steps: []demoStep{step("audit")},
		},
	}
}
