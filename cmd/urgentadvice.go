package cmd

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset/urgent"
)

// urgentAdvice is where an item stands in one sentence, and what brings it on.
type urgentAdvice struct {
	Sentence string `json:"sentence"`
	Needed   string `json:"needed"` // "" when nothing is
	// From are the people who can do it; empty: anybody, or nobody is needed.
	From    []string `json:"from"`
	Command []string `json:"command"`
	// Also is what else is open meanwhile, a line each.
	Also []string `json:"also"`
}

func (ad *urgentAdvice) needs(what string, from []string, argv ...string) {
	ad.Needed, ad.From, ad.Command = what, nonNil(from), append([]string{"git", "carry"}, argv...)
}

// advise says what an item needs now.
func (a *app) advise(ctx context.Context, look urgentLook) (urgentAdvice, error) {
	item, ad := look.Item, urgentAdvice{From: []string{}, Command: []string{}, Also: []string{}}
	state := look.State()
	ad.Sentence = fmt.Sprintf("%s (%s) is %s: %s.", item.ID, joinWords(item.Patches), state, look.where(state))
	switch state {
	case urgent.Proposed:
		ad.needs("somebody lets it into the lane", look.others(nil), "urgent", "accept", item.ID)
		look.askKey(&ad)
	case urgent.Accepted, urgent.Carrying, urgent.Ready:
		ad.needs("the program carries on", nil, "urgent", "run", item.ID)
	case urgent.Carried, urgent.Conflicted:
		return ad, a.adviseBehind(ctx, look, &ad)
	case urgent.Held:
		h := look.Holds[0]
		ad.needs(fmt.Sprintf("%s takes the hold back, or %s say that it may go on", h.Person, count(2-len(h.Lifters), "other", "others")),
			append([]string{h.Person}, look.others(append(slices.Clone(h.Lifters), h.Person))...),
			"urgent", "lift", item.ID, "--hold", h.Person, "--reason", "TEXT")
		look.askKey(&ad)
	case urgent.InTesting:
		look.adviseVotes(&ad)
	case urgent.Approved:
		ad.needs("somebody releases it", nil, "urgent", "release", item.ID)
	case urgent.Releasing:
		return ad, a.adviseReleasing(ctx, look, &ad)
	case urgent.Released, urgent.Public:
		look.adviseAfter(&ad)
	case urgent.RolledBack:
		ad.needs("a better fix", nil, "urgent", "open", "ID", "--supersedes", item.ID, "--reason", "TEXT")
		look.askKey(&ad)
		ad.Also = append(ad.Also, "or, if none will come: git carry urgent reject "+item.ID+" --reason TEXT"+look.keyFlag())
	}
	return ad, a.adviseAlso(ctx, look, state, &ad)
}

// where is the part of the sentence behind the state.
func (look *urgentLook) where(state urgent.State) string {
	has, of := look.reached()
	switch state {
	case urgent.Proposed:
		return look.Item.Opened.Reason
	case urgent.Accepted, urgent.Carrying, urgent.Carried, urgent.Ready, urgent.Conflicted:
		n := 0
		for _, k := range look.Stacks {
			if k.Content != "" {
				n++
			}
		}
		return fmt.Sprintf("carried in %d of %s", n, count(len(look.Stacks), "stack", "stacks"))
	case urgent.InTesting, urgent.Approved:
		most := 0
		for _, k := range look.Fit() {
			most = max(most, look.Lacking(k))
		}
		return fmt.Sprintf("%d of %s there", max(0, look.Threshold()-most), count(look.Threshold(), "approval", "approvals"))
	case urgent.Held:
		h := look.Holds[0]
		return fmt.Sprintf("%s says %q", h.Person, h.Reason)
	case urgent.Releasing:
		return fmt.Sprintf("%d of %s are on their targets", has, count(of, "stack", "stacks"))
	case urgent.Released:
		return "seen on every target"
	case urgent.Public:
		return "public since " + date(look.PublicAt)
	case urgent.Retired:
		return "it left the lane on " + date(look.Item.Retired.At)
	case urgent.Rejected:
		return look.Item.Rejected.Reason
	case urgent.RolledBack:
		return look.Item.RolledBack.Reason
	case urgent.Superseded:
		return "by " + look.Successor
	}
	return ""
}

// reached counts the stacks on the stable targets that have them, and all there are to be.
func (look *urgentLook) reached() (has, of int) {
	for _, k := range look.Stacks {
		has, of = has+urgent.CountThere(k.Stable), of+len(k.Stable)
	}
	return has, of
}

// others are the people in the registry who may speak for the item, but for some.
func (look *urgentLook) others(but []string) []string {
	var ids []string
	for _, p := range look.registry.People {
		if _, barred := look.barred[p.ID]; p.Active() && !barred && !slices.Contains(but, p.ID) {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

func (look *urgentLook) adviseVotes(ad *urgentAdvice) {
	lacking, voted := 0, []string{}
	for _, k := range look.Fit() {
		if n := look.Lacking(k); n > lacking && urgent.CountThere(k.Stable) < max(1, len(k.Stable)) {
			lacking, voted = n, slices.Concat(look.Approvers(k), slices.Collect(maps.Keys(look.settled[k.Content])))
		}
	}
	if lacking == 0 {
		ad.needs("time on the testing targets, until "+look.SoakedAt().UTC().Format("15:04")+" UTC", nil, "urgent", "status", look.Item.ID)
		then := "release"
		if look.Policy.Auto {
			then = "run"
		}
		ad.Also = append(ad.Also, "then: git carry urgent "+then+" "+look.Item.ID)
		return
	}
	from := look.others(voted)
	ad.needs(count(lacking, "approval", "approvals")+" of people who tried it", from, "urgent", "vote", look.Item.ID, "yes", "--reason", "TEXT")
	look.askKey(ad)
	if len(from) < lacking {
		ad.Also = append(ad.Also, fmt.Sprintf("only %s may approve it: add people (git carry owner add), or break the glass (git carry urgent break-glass)", count(len(from), "person", "people")))
	}
	for _, k := range look.Fit() {
		if line := look.tryIt(k); line != "" {
			ad.Also = append(ad.Also, "to try it: "+line)
			return
		}
	}
}

// askKey adds the key to a command that takes one where the policy asks for keys.
func (look *urgentLook) askKey(ad *urgentAdvice) {
	ad.Command = append(ad.Command, strings.Fields(look.keyFlag())...)
}

// keyFlag ends a command by which somebody gives their word.
func (r reading) keyFlag() string {
	if r.registry.Policy.Require == owners.RequireKey {
		return " --key FILE"
	}
	return ""
}

// tryIt is the command that gets a stack to try: from a testing target, else from here.
func (look *urgentLook) tryIt(k urgent.Stack) string {
	for _, arrival := range k.Testing {
		t := look.ledger.Targets[arrival.Target]
		if p, has := t.Published[k.Version+"/"+k.Component]; has && arrival.There {
			return fmt.Sprintf("git fetch %s %s && git switch --detach FETCH_HEAD", shellWord(t.URLFor(k.Component, k.Version)), shellWord(p.Branch))
		}
	}
	stack := look.ledger.Stack(k.Component, k.Version)
	return fmt.Sprintf("git fetch %s %s && git switch --detach FETCH_HEAD", shellWord(look.vault.Dir()), shellWord(stack.Ref()))
}

// adviseBehind says what the first version that goes on no more needs.
func (a *app) adviseBehind(ctx context.Context, look urgentLook, ad *urgentAdvice) error {
	behind := look.Behind()
	if len(behind) == 0 {
		return nil
	}
	k := behind[0]
	argv, whose, err := a.stepBehind(ctx, look, k.Version)
	ad.Needed, ad.Command = fmt.Sprintf("%s %s: %s", k.Component, k.Version, look.whyBehind(k)), argv
	ad.From = nonNil(notEmpty(whose))
	return err
}

// stepBehind is what brings on a version that goes on no more, and whose it is.
func (a *app) stepBehind(ctx context.Context, look urgentLook, version string) (argv []string, whose string, err error) {
	b, err := a.boardOf(ctx, look.reading, version)
	if err != nil {
		return nil, "", err
	}
	argv, whose = b.nextStep()
	if len(argv) > 1 && !slices.Contains(argv, "--version") && !slices.Contains(argv, version) {
		argv = append(slices.Clone(argv), "--version", version)
	}
	return argv, whose, nil
}

func (look *urgentLook) whyBehind(k urgent.Stack) string {
	for _, id := range look.Item.Patches {
		if state := k.States[id]; state.Parked() {
			return fmt.Sprintf("%s is %s there", id, state)
		}
	}
	if len(k.Problems) > 0 {
		return k.Problems[0]
	}
	return "it is not carried there"
}

// adviseReleasing says who does not have it yet: targets, or whole versions.
func (a *app) adviseReleasing(ctx context.Context, look urgentLook, ad *urgentAdvice) error {
	item := look.Item.ID
	lacking := look.rest(look.ToRelease(), nil)
	switch {
	case len(look.ToCarry()) > 0 || len(look.ToTest()) > 0:
		ad.needs("the program carries on", nil, "urgent", "run", item)
	case len(lacking) > 0:
		ad.needs(fmt.Sprintf("%s to have it: %s", count(len(lacking), "target", "targets"), cutList(lacking, 5)), nil, "urgent", "release", item)
		if missing := look.missingTargets(5); len(missing) > 0 {
			ad.Also = append(append(ad.Also, missing...), "if one is dead: git carry urgent excuse "+item+" --target NAME --reason TEXT"+look.keyFlag())
		}
	case slices.ContainsFunc(look.Fit(), func(k urgent.Stack) bool { return look.Lacking(k) > 0 && urgent.CountThere(k.Stable) < len(k.Stable) }):
		look.adviseVotes(ad)
	default:
		return a.adviseBehind(ctx, look, ad)
	}
	return nil
}

// missingTargets says of the targets that lack a stack why, up to some.
func (look *urgentLook) missingTargets(most int) []string {
	var lines []string
	for _, k := range look.Fit() {
		for _, arrival := range k.Stable {
			if line := arrival.Target + ": " + arrival.Detail; !arrival.There && !arrival.Excused && arrival.Detail != "" && !slices.Contains(lines, line) {
				lines = append(lines, line)
			}
		}
	}
	if len(lines) > most {
		lines = append(lines[:most], fmt.Sprintf("and %d more: git carry urgent status", len(lines)-most))
	}
	return lines
}

func cutList(words []string, most int) string {
	if len(words) <= most {
		return joinWords(words)
	}
	return joinWords(words[:most]) + fmt.Sprintf(" and %d more", len(words)-most)
}

// adviseAfter says what is owed once it is out.
func (look *urgentLook) adviseAfter(ad *urgentAdvice) {
	item := look.Item
	secret := slices.DeleteFunc(slices.Clone(item.Patches), func(id string) bool { return !look.ledger.Patches[id].PublicAt().IsZero() })
	missing, owed := look.Unfinished(), look.Owed()
	switch {
	case slices.ContainsFunc(owed, isMadeHere):
		ad.needs("what was put off: "+joinWords(owed), nil, "urgent", "extras", item.ID, "--dir", "DIR")
	case len(secret) > 0:
		owner := look.ledger.Patches[secret[0]].Owner
		ad.needs("it becomes public, when the time has come", notEmpty(owner), "disclose", secret[0], "--where", "URL")
	case len(owed) > 0:
		ad.needs("what people make: "+joinWords(owed), nil, "urgent", "extras", item.ID, "--done", owed[0], "--where", "URL")
		look.askKey(ad)
		if slices.Contains(owed, "advisory") {
			ad.Also = append(ad.Also, "to write it: git carry advisory "+item.Patches[0])
		}
	case len(missing) > 0:
		ad.needs("before it leaves the lane: "+missing[0], nil, "urgent", "status", item.ID)
		ad.Also = append(ad.Also, missing[1:]...)
	default:
		ad.needs("nothing more; it leaves the lane", nil, "urgent", "retire", item.ID)
	}
}

// report prints it.
func (ad urgentAdvice) report(a *app) {
	a.say("%s", ad.Sentence)
	if ad.Needed != "" {
		a.say("Needed:  %s", ad.Needed)
	}
	if len(ad.From) > 0 {
		a.say("From:    %s", cutList(ad.From, 8))
	}
	if len(ad.Command) > 0 {
		a.say("Type:    %s", shellWords(ad.Command))
	}
	for _, line := range ad.Also {
		a.say("  also:  %s", line)
	}
}

func shellWords(argv []string) string {
	var words []string
	for _, w := range argv {
		words = append(words, shellWord(w))
	}
	return strings.Join(words, " ")
}
