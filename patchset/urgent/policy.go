package urgent

import (
	"cmp"
	"time"

	"github.com/git-carry/git-carry/patchset"
)

// Policy is what the lane asks for. A zero stands for the default; see [Policy.Normal].
type Policy struct {
	// Approvals is how many people must approve, AutoApprovals how many where Auto lets
	// the release follow by itself.
	Approvals     int  `toml:"approvals,omitempty"`
	AutoApprovals int  `toml:"auto_approvals,omitempty"`
	Auto          bool `toml:"auto,omitempty"`
	// Soak is for how long it must have been on the testing targets, in minutes; -1: not at all.
	Soak int `toml:"soak_minutes,omitempty"`
	// Expiry is for how long an approval counts, in hours.
	Expiry int `toml:"expiry_hours,omitempty"`
	// First are the stable targets that get it first; none: the first four by name.
	First []string `toml:"first,omitempty"`
	// Whole: nothing is released while one version conflicts.
	Whole bool `toml:"whole,omitempty"`
	// Live is how many versions are live, the newest; 0: every one with a base.
	Live int `toml:"live,omitempty"`
	// DrillDays is how old the last drill may be.
	DrillDays int `toml:"drill_days,omitempty"`
	// PanicFloor is how much of what all targets can bear must be left in panic mode, in
	// percent, PanicHours for how long panic lasts at most; -1: no floor.
	PanicFloor int `toml:"panic_floor,omitempty"`
	PanicHours int `toml:"panic_hours,omitempty"`
	// KeepDays is for how long an item stays after its fix is public.
	KeepDays int `toml:"keep_days,omitempty"`
	// Extras are what is made after the fix is out; none: those of [Policy.Owed].
	Extras []string `toml:"extras"`
	// Targets and Limits are the minutes per stage, by its name, that differ from the defaults.
	Targets map[Stage]int `toml:"targets,omitempty"`
	Limits  map[Stage]int `toml:"limits,omitempty"`
}

// defaultExtras are slow, and nobody is safer for having them an hour earlier.
var defaultExtras = []string{"bundle", "patches", "report", "advisory"}

// Normal is the policy with its defaults spelled out.
func (p Policy) Normal() Policy {
	p.Approvals = cmp.Or(p.Approvals, 3)
	p.AutoApprovals = cmp.Or(p.AutoApprovals, max(5, p.Approvals))
	p.Soak = cmp.Or(p.Soak, 10)
	p.Expiry = cmp.Or(p.Expiry, 24)
	p.DrillDays = cmp.Or(p.DrillDays, 90)
	p.KeepDays = cmp.Or(p.KeepDays, 7)
	p.PanicFloor = cmp.Or(p.PanicFloor, 30)
	p.PanicHours = cmp.Or(p.PanicHours, 48)
	if p.Extras == nil {
		p.Extras = defaultExtras
	}
	return p
}

// Check refuses what would make the lane unsafe or mean nothing.
func (p Policy) Check() error {
	for _, n := range []struct {
		name     string
		is       int
		low, top int
	}{
		{"approvals", p.Approvals, 1, 20},
		{"auto-approvals", p.AutoApprovals, 1, 20},
		{"soak", p.Soak, -1, 10080},
		{"expiry", p.Expiry, 1, 720},
		{"live", p.Live, 0, 1000},
		{"drill-days", p.DrillDays, 1, 3650},
		{"keep-days", p.KeepDays, 1, 3650},
		{"panic-floor", p.PanicFloor, -1, 100},
		{"panic-hours", p.PanicHours, 1, 720},
	} {
		if n.is < n.low || n.is > n.top {
			return patchset.Faultf(patchset.CodeUsage, "--%s is %d; it must be %d to %d", n.name, n.is, n.low, n.top)
		}
	}
	if p.AutoApprovals < p.Approvals {
		return patchset.Faultf(patchset.CodeUsage, "a release that follows by itself needs no fewer approvals (%d) than one that somebody starts (%d)", p.AutoApprovals, p.Approvals)
	}
	for _, minutes := range []map[Stage]int{p.Targets, p.Limits} {
		for stage, n := range minutes {
			if _, known := stageDefaults[stage]; !known || n < 1 || n > 100_000 {
				return patchset.Faultf(patchset.CodeUsage, "%s: %d is not a number of minutes for a stage", stage, n)
			}
		}
	}
	return nil
}

// soak is Soak as a duration.
func (p Policy) soak() time.Duration { return time.Duration(max(0, p.Soak)) * time.Minute }

// expiry is Expiry as a duration.
func (p Policy) expiry() time.Duration { return time.Duration(p.Expiry) * time.Hour }

// keep is KeepDays as a duration.
func (p Policy) keep() time.Duration { return time.Duration(p.KeepDays) * 24 * time.Hour }
