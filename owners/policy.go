package owners

import (
	"net/url"
	"slices"
	"strings"
)

// RequireKey is the value of [Policy.Require] that makes unverified signatures
// count for nothing.
const RequireKey = "key"

// DriftAllow is the value of [Policy.Drift] that lets drift be published.
const DriftAllow = "allow"

// Policy is what a vault demands. The zero value of a field means its default.
type Policy struct {
	// Require is RequireKey, or "" for a vault in which unverified signatures
	// count and are labelled.
	Require string
	// Limits tell how long a patch may be carried.
	Limits Limits
	// OverridePeople is how many people, none of them the owner, make an
	// override: 2 by default and at least.
	OverridePeople int
	// Sandbox is what check commands must at least be held by, or they are not run:
	// "full" (the default), "partial" or "none".
	Sandbox string
	// Drift is DriftAllow, or "" for a vault in which a patch that drifted waits for the
	// signature of its owner.
	Drift string
	// SecretWords must not be in what is put forward for public review: code names, hosts.
	SecretWords []string
	// Publisher is the name under which advisories appear, Namespace a URL that is under
	// their control. Both or none.
	Publisher, Namespace string
}

// maxSecretWords bounds [Policy.SecretWords].
const maxSecretWords = 200

// Sandboxes are the values of [Policy.Sandbox], the most demanding first.
var Sandboxes = []string{"full", "partial", "none"}

// Limits are the days, counted from the discovery of a hole, after which a patch
// that is still not public is overdue. 0 means the default.
type Limits struct {
	Critical int // default 7
	High     int // default 30
	Medium   int // default 60
	Low      int // default 180
}

const (
	minOverridePeople = 2
	maxOverridePeople = 100
	maxLimitDays      = 36500
)

// DefaultPolicy is the policy of a new vault, every default spelled out.
func DefaultPolicy() Policy { return Policy{}.normal() }

// normal returns p with every default spelled out.
func (p Policy) normal() Policy {
	if p.OverridePeople == 0 {
		p.OverridePeople = minOverridePeople
	}
	if p.Sandbox == "" {
		p.Sandbox = Sandboxes[0]
	}
	p.Limits = p.Limits.normal()
	p.SecretWords = copyOf(p.SecretWords)
	return p
}

func (l Limits) normal() Limits {
	orDefault := func(days, def int) int {
		if days == 0 {
			return def
		}
		return days
	}
	return Limits{
		Critical: orDefault(l.Critical, 7),
		High:     orDefault(l.High, 30),
		Medium:   orDefault(l.Medium, 60),
		Low:      orDefault(l.Low, 180),
	}
}

// Days is the limit of a severity: "critical", "high", "medium" (or "med"), "low".
// ok is false for any other word.
func (l Limits) Days(severity string) (days int, ok bool) {
	l = l.normal()
	switch severity {
	case "critical":
		return l.Critical, true
	case "high":
		return l.High, true
	case "medium", "med":
		return l.Medium, true
	case "low":
		return l.Low, true
	}
	return 0, false
}

// check finds the first flaw of a policy whose defaults are spelled out.
func (p Policy) check() *flaw {
	if p.Require != "" && p.Require != RequireKey {
		return flawf("require", "%s is neither %q nor empty", quote(p.Require), RequireKey)
	}
	if p.Drift != "" && p.Drift != DriftAllow {
		return flawf("drift", "%s is neither %q nor empty", quote(p.Drift), DriftAllow)
	}
	if p.OverridePeople < minOverridePeople || p.OverridePeople > maxOverridePeople {
		return flawf("override_people", "is %d; it must be %d to %d, because one person alone never overrides an owner",
			p.OverridePeople, minOverridePeople, maxOverridePeople)
	}
	if !slices.Contains(Sandboxes, p.Sandbox) {
		return flawf("sandbox", "is %s; it must be one of %s", quote(p.Sandbox), strings.Join(Sandboxes, ", "))
	}
	if f := p.checkPublisher(); f != nil {
		return f
	}
	if len(p.SecretWords) > maxSecretWords {
		return flawf("secret_words", "are %d; the limit is %d", len(p.SecretWords), maxSecretWords)
	}
	if f := checkLines("secret_words", p.SecretWords); f != nil {
		return f
	}
	for _, l := range p.Limits.byName() {
		if l.days < 1 || l.days > maxLimitDays {
			return flawf("limits."+l.name, "is %d; it must be 1 to %d days", l.days, maxLimitDays)
		}
	}
	return nil
}

func (p Policy) checkPublisher() *flaw {
	if (strings.TrimSpace(p.Publisher) == "") != (p.Namespace == "") {
		return flawf("publisher", "goes with namespace: give both or none")
	}
	if f := checkLine("publisher", p.Publisher); f != nil {
		return f
	}
	if p.Namespace == "" {
		return nil
	}
	u, err := url.Parse(p.Namespace)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || len(p.Namespace) > maxLine || !printable(p.Namespace) {
		return flawf("namespace", "%s is no URL such as https://example.org", quote(p.Namespace))
	}
	return nil
}

type namedLimit struct {
	name string
	days int
}

// byName lists the limits in the order of the file.
func (l Limits) byName() []namedLimit {
	return []namedLimit{{"critical", l.Critical}, {"high", l.High}, {"medium", l.Medium}, {"low", l.Low}}
}
