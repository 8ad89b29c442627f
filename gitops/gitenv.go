package gitops

import (
	"slices"
	"strconv"
	"strings"
)

// baseConfig is put over every repository's own configuration, so that none
// can run a program or change what is stored.
var baseConfig = [][2]string{
	{"core.hooksPath", "/dev/null"},
	{"core.fsmonitor", "false"},
	{"core.attributesFile", "/dev/null"},
	{"core.excludesFile", "/dev/null"},
	{"core.alternateRefsCommand", "true"}, // the refs of a lender are nobody's business
	{"core.protectHFS", "true"},
	{"core.protectNTFS", "true"},
	// By default git leaves it to luck what of a commit survives a power cut.
	{"core.fsync", "all"},
	{"core.fsyncMethod", "fsync"},
	{"core.logAllRefUpdates", "always"},
	// A remembered resolution is one that nobody signed.
	{"rerere.enabled", "false"},
	{"gc.auto", "0"},
	{"maintenance.auto", "false"},
	{"protocol.ext.allow", "never"},
	{"push.recurseSubmodules", "no"},
	{"push.followTags", "false"},
	{"submodule.recurse", "false"},
	{"fetch.recurseSubmodules", "false"},
	{"advice.graftFileDeprecated", "false"},
}

// personalVars are the GIT_ variables by which a person tells git how to reach
// other machines. Network commands keep them; all others are dropped.
var personalVars = []string{
	"GIT_ASKPASS", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_SYSTEM",
	"GIT_PROXY_COMMAND", "GIT_PROXY_SSL_CAINFO", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT",
	"GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_SSL_CERT", "GIT_SSL_KEY",
}

// childEnv is the environment of a git process: the caller's without its
// GIT_ variables, then ours, then c.Env.
func (g *Git) childEnv(c Cmd) []string {
	env := scrub(g.environ, c.Network)
	env = append(env,
		"LC_ALL=C", "TZ=UTC",
		"GIT_ATTR_NOSYSTEM=1",
		"GIT_GRAFT_FILE=/dev/null",
		"GIT_NO_REPLACE_OBJECTS=1",
		"GIT_OPTIONAL_LOCKS=0",
		// Ids of embargoed commits have no place in somebody's trace files.
		"GIT_TRACE2=0", "GIT_TRACE2_EVENT=0", "GIT_TRACE2_PERF=0",
	)
	if !c.Network {
		// An object that a partial clone lacks must not be fetched behind our
		// back: the request would name it to the server.
		env = append(env, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null",
			"GIT_ALLOW_PROTOCOL=file", "GIT_NO_LAZY_FETCH=1")
	}
	if !c.Interactive {
		env = append(env, "GIT_TERMINAL_PROMPT=0")
	}
	if c.GitDir != "" {
		env = append(env, "GIT_DIR="+c.GitDir)
	}
	env = append(env, configEnv(baseConfig, c.Config)...)
	return append(env, c.Env...) // exec.Cmd lets the last of a name win
}

// scrub drops GIT_ variables and what would change git's language.
func scrub(environ []string, network bool) []string {
	var kept []string
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		switch {
		case strings.HasPrefix(name, "GIT_"):
			if !network || !slices.Contains(personalVars, name) {
				continue
			}
		case strings.HasPrefix(name, "LC_"), name == "LANG", name == "LANGUAGE":
			continue
		}
		kept = append(kept, entry)
	}
	return kept
}

// configEnv hands configuration over in the environment: unlike -c it does not
// show in process lists.
func configEnv(lists ...[][2]string) []string {
	var env []string
	n := 0
	for _, list := range lists {
		for _, kv := range list {
			i := strconv.Itoa(n)
			env = append(env, "GIT_CONFIG_KEY_"+i+"="+kv[0], "GIT_CONFIG_VALUE_"+i+"="+kv[1])
			n++
		}
	}
	return append(env, "GIT_CONFIG_COUNT="+strconv.Itoa(n))
}

// lookupEnv is the value of name in environ; the last one wins.
func lookupEnv(environ []string, name string) string {
	value := ""
	for _, entry := range environ {
		if v, ok := strings.CutPrefix(entry, name+"="); ok {
			value = v
		}
	}
	return value
}
