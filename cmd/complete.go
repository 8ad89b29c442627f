package cmd

import (
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/audit"
	"github.com/git-carry/git-carry/patchset/urgent"
)

// Completion of words that only the vault knows. A vault that cannot be read
// gives no answers and no noise.

// A lookup lists words, each with what it is about behind a tab.
type lookup func(r reading) []string

// completedFlags says what the values of flags are, by the flag's name. Where a
// command means something else by a name, "command --name" says so; nil is no answer.
var completedFlags = map[string]lookup{
	"version": lookVersions, "from": lookVersions,
	"owner": lookPeople, "deputy": lookPeople, "as-person": lookPeople,
	"component": lookComponents, "init --component": nil, "core": lookComponents,
	"only": lookPatches, "before": lookPatches, "after": lookPatches, "to": lookTargets, "handoff --to": lookPeople, "severity": lookSeverities,
	"ours": lookPatches, "theirs": lookPatches,
	"problem": lookProblems, "fail-on": lookProblems, "sort": lookOrders, "by": lookGroupings,
	"channel": lookChannels, "format": nil, "advisory --format": lookFormats,
	"channel test --to": lookPeople, "as": nil, "sign --as": lookRoles,
	"hold": lookPeople, "first": lookTargets, "supersedes": lookUrgent, "target": nil, "urgent excuse --target": lookTargets,
}

// completedArgs says what the arguments of commands are, by the command's path
// without "git carry". The last entry stands for all that follow.
var completedArgs = map[string][]lookup{
	"train": {lookVersions}, "forecast": {lookPublic}, "verify": {lookVersions}, "publish": {lookVersions},
	"show": {lookPatches}, "edit": {lookPatches}, "own": {lookPatches, lookPeople}, "drop": {lookPatches},
	"retire": {lookPatches}, "disclose": {lookPatches}, "release-plan": {lookPatches}, "advisory": {lookPatches}, "resolve": {lookConflicts}, "why": {lookPatches},
	"interdiff": {lookPatches, lookVersions}, "sign": {lookPatches}, "handoff": {lookWaiting}, "log": {lookPatches}, "add": {lookPatches},
	"check add": {lookPatches}, "check list": {lookPatches}, "check remove": {lookPatches, lookChecks}, "check run": {lookPatches},
	"target edit": {lookTargets}, "target remove": {lookTargets}, "rollback": {lookVersions}, "replace": {lookPatches}, "reorder": {lookPatches}, "split": {lookPatches}, "squash": {lookPatches},
	"component remove": {lookComponents}, "component discover": {lookVersions},
	"channel remove": {lookChannels}, "channel test": {lookChannels},
	"urgent panic on": {lookUrgent}, "urgent panic off": {lookUrgent}, "urgent probe": {lookUrgent}, "urgent witness add": {lookUrgent}, "urgent witness list": {lookUrgent}, "urgent witness remove": {lookUrgent},
	"urgent mail": {lookAudiences, lookUrgent},
	"urgent open": {lookPatches}, "urgent accept": {lookUrgent}, "urgent reject": {lookUrgent},
	"urgent next": {lookUrgent}, "urgent status": {lookUrgent}, "urgent run": {lookUrgent}, "urgent vote": {lookUrgent}, "urgent release": {lookUrgent},
	"urgent hold": {lookUrgent}, "urgent lift": {lookUrgent}, "urgent break-glass": {lookUrgent}, "urgent review": {lookUrgent}, "urgent excuse": {lookUrgent},
	"urgent rollback": {lookUrgent}, "urgent extras": {lookUrgent}, "urgent retire": {lookUrgent},
	"owner show": {lookPeople}, "owner edit": {lookPeople},
}

// addCompletions makes the whole tree complete its words.
func addCompletions(a *app, root *cobra.Command) {
	for _, c := range allCommands(root) {
		path := strings.TrimPrefix(c.CommandPath(), root.CommandPath()+" ")
		if args, ok := completedArgs[path]; ok {
			c.ValidArgsFunction = func(c *cobra.Command, before []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
				return a.complete(c, args[min(len(before), len(args)-1)])
			}
		}
		for name, look := range completedFlags {
			if own, ok := completedFlags[path+" --"+name]; ok {
				look = own
			}
			if look == nil || c.LocalNonPersistentFlags().Lookup(name) == nil && (c != root || c.PersistentFlags().Lookup(name) == nil) {
				continue
			}
			// It fails for a flag that is not there, and these are.
			_ = c.RegisterFlagCompletionFunc(name, func(c *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
				return a.complete(c, look)
			})
		}
	}
}

// allCommands lists c and every command below it.
func allCommands(c *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{c}
	for _, sub := range c.Commands() {
		all = append(all, allCommands(sub)...)
	}
	return all
}

func (a *app) complete(c *cobra.Command, look lookup) ([]cobra.Completion, cobra.ShellCompDirective) {
	r, err := a.read(c.Context())
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return look(r), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}

// lookUrgent lists the items of the urgent lane.
func lookUrgent(r reading) []string {
	lane, err := laneOf(r.ledger)
	if err != nil {
		return nil
	}
	var words []string
	for _, id := range lane.Open() {
		words = append(words, about(id, joinWords(lane.Items[id].Patches)))
	}
	return words
}

func about(word, text string) string { return cobra.CompletionWithDesc(word, text) }

func lookPatches(r reading) []string {
	var words []string
	for _, id := range r.ledger.PatchIDs() {
		words = append(words, about(id, r.ledger.Patches[id].Title))
	}
	return words
}

// lookConflicts lists what is parked in the newest version.
func lookConflicts(r reading) []string {
	version, _ := r.ledger.Newest()
	var words []string
	for _, p := range r.ledger.In(version) {
		if p.At[version].State.Parked() {
			words = append(words, about(p.ID, string(p.At[version].State)+": "+p.Title))
		}
	}
	return words
}

// lookWaiting lists what waits for a person in the newest version.
func lookWaiting(r reading) []string {
	version, _ := r.ledger.Newest()
	var words []string
	for _, p := range r.ledger.In(version) {
		switch state := p.At[version].State; state {
		case patchset.StateConflict, patchset.StateProposed, patchset.StateDrift:
			words = append(words, about(p.ID, string(state)+": "+p.Title))
		}
	}
	return words
}

// lookVersions lists the versions, newest first.
func lookVersions(r reading) []string {
	words := r.ledger.VersionNames()
	slices.Reverse(words)
	return words
}

func lookPeople(r reading) []string {
	var words []string
	for _, p := range r.registry.People {
		if p.Active() {
			words = append(words, about(p.ID, p.Name))
		}
	}
	return words
}

func lookComponents(r reading) []string { return r.ledger.ComponentNames() }

// lookPublic lists the public branches and tags that were fetched.
func lookPublic(r reading) []string {
	known := map[string]bool{}
	for _, component := range r.ledger.ComponentNames() {
		refs, err := r.vault.KeptPublic(component)
		if err != nil {
			return nil
		}
		for ref := range refs {
			known[patchset.ShortRef(ref)] = true
		}
	}
	return slices.SortedFunc(maps.Keys(known), func(x, y string) int { return patchset.CompareVersions(y, x) })
}

func lookTargets(r reading) []string { return slices.Sorted(maps.Keys(r.ledger.Targets)) }

func lookChannels(r reading) []string {
	channels, err := r.vault.Channels()
	if err != nil {
		return nil
	}
	return slices.Sorted(maps.Keys(channels))
}

// lookChecks lists the checks of all patches.
func lookChecks(r reading) []string {
	var words []string
	for _, id := range r.ledger.PatchIDs() {
		p := r.ledger.Patches[id]
		for _, name := range p.CheckNames() {
			words = append(words, about(name, id+": "+p.Checks[name].String()))
		}
	}
	return words
}

func lookRoles(reading) []string {
	var words []string
	for _, as := range owners.Roles() {
		words = append(words, string(as))
	}
	return words
}

func lookProblems(reading) []string { return wordsOf(audit.Problems) }

func lookOrders(reading) []string { return wordsOf(audit.Orders) }

func lookGroupings(reading) []string { return audit.Groupings }

func wordsOf[T ~string](list []T) []string {
	words := make([]string, len(list))
	for i, word := range list {
		words[i] = string(word)
	}
	return words
}

func lookAudiences(reading) []string { return wordsOf(urgent.Audiences) }

func lookFormats(reading) []string { return slices.Sorted(maps.Keys(advisoryFormats)) }

func lookSeverities(reading) []string { return wordsOf(patchset.Severities) }
