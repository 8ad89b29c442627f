package main

// stage is one line of the table: where an item of the urgent lane stands, the command that is
// killed there, and where the item stands once that command has come to its end.
type stage struct {
	name   string
	from   string   // the line whose end it goes on from; "" for a vault with nothing in the lane
	then   []string // what leads on from there: commands of git carry, or of the shell behind "$ "
	stands string   // "" while there is no item
	kill   string
	exit   int
	ends   string
	at     string // the time, if it is not the first day at nine
	leaves string // a file that there is in the end
	again  bool   // typed once more when it was done, it does the same once more
	// goesOut: it writes several entries, or files, or to targets. Else it writes one entry.
	goesOut bool
}

const eightDaysOn = "2026-11-30T09:00:00Z"

// stages are in the order in which an item goes through them, and then those beside the way.
var stages = []stage{
	// Proposed.
	{name: "open", kill: "urgent open T1 --reason wild", ends: "proposed"},
	{name: "accept", from: "open", stands: "proposed", kill: "urgent accept --as-person sam", ends: "carrying"},
	{name: "reject", from: "open", stands: "proposed", kill: "urgent reject --reason later --as-person sam", ends: "rejected"},

	// Accepted: no live version has it. Carrying: some do.
	{
		name: "accept what no version has", then: []string{"urgent open T1 --version 1.1 --reason wild"},
		stands: "proposed", kill: "urgent accept --as-person sam", ends: "accepted",
	},
	{name: "carry from accepted", from: "accept what no version has", stands: "accepted", kill: "urgent run", ends: "in-testing", goesOut: true},
	{name: "carry", from: "accept", stands: "carrying", kill: "urgent run", ends: "in-testing", goesOut: true},

	// Carried: something else keeps a version from going out. Ready: nothing does.
	{
		name: "resolve another patch", then: []string{
			conflicting, "train 1.1", "urgent policy --partial=false", "urgent open T1 --reason wild", "urgent accept --as-person sam",
		},
		stands: "carried", kill: "resolve T2 --version 1.1 --take patch", ends: "carried",
	},
	{name: "sign another patch", from: "resolve another patch", stands: "carried", kill: "sign T2 --version 1.1", ends: "ready"},
	{name: "testing", from: "sign another patch", stands: "ready", kill: "urgent run", ends: "in-testing", goesOut: true},

	// Conflicted.
	{
		name: "carry into a conflict", then: []string{
			conflicting, "channel add owners -- /bin/sh -c cat>>DIR/fleet/told", "urgent policy --partial=false",
			"urgent open T2 --reason wild", "urgent accept --as-person sam",
		},
		stands: "carrying", kill: "urgent run", exit: 3, ends: "conflicted", goesOut: true, leaves: "fleet/told",
	},
	{name: "resolve", from: "carry into a conflict", stands: "conflicted", kill: "resolve T2 --version 1.1 --take patch", ends: "conflicted"},
	{name: "sign", from: "resolve", stands: "conflicted", kill: "sign T2 --version 1.1", ends: "carried"},

	// In testing.
	{
		name: "vote", from: "carry", then: []string{"urgent vote yes --as-person sam", "urgent vote yes --as-person kim"},
		stands: "in-testing", kill: "urgent vote yes --as-person deb", ends: "approved",
	},
	{name: "speak against", from: "carry", stands: "in-testing", kill: "urgent vote no --reason slow --as-person deb", ends: "held"},
	{name: "hold", from: "carry", stands: "in-testing", kill: "urgent hold --reason wait --as-person kim", ends: "held"},
	{name: "lift", from: "hold", stands: "held", kill: "urgent lift --reason fine --as-person kim", ends: "in-testing"},
	{name: "break the glass", from: "carry", stands: "in-testing", kill: "urgent break-glass --reason now --as-person kim", ends: "in-testing"},
	{
		name: "break the glass as the second", from: "break the glass", then: []string{"urgent vote yes --as-person sam"},
		stands: "in-testing", kill: "urgent break-glass --reason now --as-person deb", ends: "approved",
	},
	{
		name: "review broken glass", from: "break the glass as the second",
		stands: "approved", kill: "urgent review --reason right --as-person lee", ends: "approved",
	},

	// Approved, and releasing: some targets have it.
	{name: "release", from: "vote", stands: "approved", kill: "urgent release", ends: "released", goesOut: true},
	{
		name: "excuse", from: "vote", then: []string{"$ mv fleet/b.git fleet/b.dead", "urgent release"},
		stands: "releasing", kill: "urgent excuse --target b --reason dead --as-person sam", ends: "released",
	},
	{
		name: "release to the rest", from: "vote", then: []string{"$ mv fleet/b.git fleet/b.dead", "urgent release", "$ mv fleet/b.dead fleet/b.git"},
		stands: "releasing", kill: "urgent release", ends: "released", goesOut: true,
	},

	// Released: every target was seen to have it.
	{
		name: "probe what was lost", from: "release", then: []string{"$ git -C fleet/b.git update-ref refs/heads/deploy/1.0 refs/heads/old"},
		stands: "released", kill: "urgent probe --record", exit: 6, ends: "released",
	},
	{
		name: "witness", from: "release",
		stands: "released", kill: "urgent witness add U-2026-1 --file a --must closed --reason same --as-person sam", ends: "released",
	},
	{name: "watch", from: "release", stands: "released", kill: watch, ends: "released", goesOut: true, leaves: "fleet/www/serve.json.sig"},
	{name: "ask for panic", from: "probe what was lost", stands: "released", kill: "urgent panic on --reason wild --as-person sam", exit: 8, ends: "released"},
	{name: "agree to panic", from: "ask for panic", stands: "released", kill: "urgent panic on --reason agreed --as-person kim", ends: "released"},
	{name: "watch in panic", from: "agree to panic", then: []string{watch}, stands: "released", kill: watch, ends: "released", goesOut: true, again: true},
	{
		name: "watch the end of panic", from: "watch in panic", then: []string{
			"$ cp fleet/a.git/refs/heads/deploy/1.0 fleet/b.git/refs/heads/deploy/1.0", watch, watch, watch,
		},
		stands: "released", kill: watch, ends: "released", goesOut: true,
	},
	{name: "call panic off", from: "agree to panic", stands: "released", kill: "urgent panic off --reason over --as-person sam", ends: "released"},

	// Public, and what was put off until then.
	{
		name: "extras", from: "release",
		stands: "released", kill: "urgent extras --dir fleet/extras", ends: "released", goesOut: true, leaves: "fleet/extras/bundle.tar",
	},
	{name: "advisory", from: "extras", stands: "released", kill: "urgent extras --done advisory --where https://example.org/1", ends: "released"},
	{name: "disclose", from: "advisory", stands: "released", kill: "disclose T1 --where https://example.org/1", ends: "public"},
	{
		name: "retire", from: "disclose", then: []string{"$ sh land.sh", "train 1.0", "train 1.1"},
		at: eightDaysOn, stands: "public", kill: "urgent retire", ends: "retired",
	},
	{
		name: "retire by itself", from: "disclose", then: []string{"$ sh land.sh", "train 1.0", "train 1.1"},
		at: eightDaysOn, stands: "public", kill: "urgent run", ends: "retired", goesOut: true,
	},

	// Taken back, and followed by a better one.
	{name: "roll back", from: "release", stands: "released", kill: "urgent rollback --reason harm --as-person kim", ends: "released"},
	{name: "roll back as the second", from: "roll back", stands: "released", kill: "urgent rollback --reason harm --as-person deb", ends: "rolled-back"},
	{name: "take it off the targets", from: "roll back as the second", stands: "rolled-back", kill: "urgent run", ends: "rolled-back", goesOut: true},
	{
		name: "open the successor", from: "release", then: []string{conflicting},
		stands: "released", kill: "urgent open T2 --supersedes U-2026-1 --reason forgot", ends: "released",
	},
	{name: "accept the successor", from: "open the successor", stands: "released", kill: "urgent accept U-2026-2 --as-person sam", ends: "superseded"},

	// So that it works when it is needed.
	{name: "policy", kill: "urgent policy --approvals 2"},
	{name: "drill", kill: "urgent drill --versions 1 --to canary --to a", goesOut: true, again: true},
	{name: "drill on loopback", kill: "urgent drill --loopback --versions 1 --targets 2", goesOut: true, again: true},
}

const (
	conflicting = "add T2 --component core --version 1.0 --owner priya --severity high --repo work --commit two"
	watch       = "urgent watch --once --serve-dir fleet/www --key watch"
)
