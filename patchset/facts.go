package patchset

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

// Facts are what a ledger's tree says, by path. owners.toml, which says something of
// many people, is there as one fact for each of them and one for the policy: below
// owners.toml/.
type Facts map[string][]byte

// topic is what a fact is about.
type topic struct {
	// group holds the facts that only make sense together: what is known of one patch
	// in one version is taken from one side or from the other.
	group string
	// names are the words by which a person can mean the group, the shortest first.
	names []string
	what  string // the fact itself, in words
}

// topicOf tells what a fact is about. Rooms that are not known here are taken to be
// about a patch in a version, as most are.
func topicOf(path string) topic {
	stem := strings.TrimSuffix(path, ".toml")
	room, rest, _ := strings.Cut(stem, "/")
	first, second, _ := strings.Cut(rest, "/")
	switch room {
	case "carry":
		return topic{"store", []string{"store"}, "the store"}
	case "owners.toml":
		name := strings.TrimPrefix(rest, "person/")
		if name == rest {
			return topic{"policy", []string{"policy"}, "the policy of owners"}
		}
		return topic{"person " + name, []string{name}, "the person " + name}
	case "components":
		return topic{"component " + rest, []string{rest}, "the component " + rest}
	case "versions":
		if second == "" {
			return topic{"version " + first, []string{first}, "the version " + first}
		}
		return topic{"version " + first, []string{first}, "the base of " + second + " in " + first}
	case "pins":
		return topic{"pin " + rest, []string{second}, "what the pin of " + second + " in " + first + " points at"}
	case "targets":
		if second == "" {
			return topic{"target " + first, []string{first}, "the target " + first}
		}
		return topic{"published " + rest, []string{first}, "what was published to " + first + " of " + second}
	case "patches":
		return patchTopic(first, second)
	case "urgent":
		return topic{"urgent " + rest, []string{first, rest}, "urgent " + strings.ReplaceAll(rest, "/", " ")}
	}
	if second == "" {
		return topic{path, []string{stem}, path}
	}
	id, about, _ := strings.Cut(second, "/")
	t := spotTopic(id, first)
	t.what = strings.TrimSpace(fmt.Sprintf("%s of %s in %s %s", strings.TrimSuffix(room, "s"), id, first, about))
	return t
}

func patchTopic(id, fact string) topic {
	if version, ok := strings.CutPrefix(fact, "at/"); ok {
		return spotTopic(id, version)
	}
	if at, ok := strings.CutPrefix(fact, "results/"); ok {
		version, _, _ := strings.Cut(at, "/")
		return spotTopic(id, version)
	}
	t := topic{"patch " + id + " " + fact, []string{id}, "the " + fact + " of " + id}
	switch fact {
	case "patch":
		t.what = "what " + id + " is"
	case "found", "carried", "disclosed", "landed", "dropped", "shown":
		t.what = "whether and when " + id + " was " + fact
	}
	return t
}

func spotTopic(id, version string) topic {
	return topic{"spot " + version + " " + id, []string{id, id + "@" + version}, "the state of " + id + " in " + version}
}

// isResult tells whether a fact is what came of a check, of a try to publish, of a notice, or
// of a look at a target.
func isResult(path string) bool {
	return strings.HasPrefix(path, "patches/") && strings.Contains(path, "/results/") || strings.HasPrefix(path, "undelivered/") ||
		strings.HasPrefix(path, "told/") || strings.HasPrefix(path, "urgent/") && (strings.Contains(path, "/presence/") || strings.Contains(path, "/runs/"))
}

// sameFact tells whether two contents of a fact say the same: equal bytes, or the
// same finding of two people, made at two times.
func sameFact(path string, a, b []byte) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	if bytes.Equal(a, b) {
		return true
	}
	passing := momentsOf(path)
	if len(passing) == 0 {
		return false
	}
	var x, y map[string]any
	if _, err := toml.Decode(string(a), &x); err != nil {
		return false
	}
	if _, err := toml.Decode(string(b), &y); err != nil {
		return false
	}
	for _, key := range passing {
		delete(x, key)
		delete(y, key)
	}
	return reflect.DeepEqual(x, y)
}

// momentsOf lists the keys of a fact that say no more than when, and by whose
// command, something was found that the same command finds again.
func momentsOf(path string) []string {
	room, rest, _ := strings.Cut(path, "/")
	nested := strings.Contains(rest, "/")
	switch {
	case room == "versions" && !nested:
		return []string{"made"}
	case room == "conflicts":
		return []string{"found"}
	case room == "targets" && nested:
		return []string{"at", "by"}
	case room == "urgent" && (strings.HasSuffix(path, "/accepted.toml") || strings.HasSuffix(path, "/retired.toml") || strings.HasSuffix(path, "/calm.toml")):
		return []string{"at", "by"}
	case room == "patches" && (strings.HasSuffix(path, "/carried.toml") || strings.HasSuffix(path, "/landed.toml")):
		return []string{"at"}
	}
	return nil
}

// FieldDifference is one key of a fact on which two sides differ; "" where a side does
// not have it.
type FieldDifference struct {
	Key    string `json:"key"`
	Ours   string `json:"ours"`
	Theirs string `json:"theirs"`
}

// differences compares two contents of a fact key by key.
func differences(path string, ours, theirs []byte) []FieldDifference {
	x, y := fields(ours), fields(theirs)
	var out []FieldDifference
	keys := maps.Clone(x)
	maps.Copy(keys, y)
	passing := momentsOf(path)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if x[key] != y[key] && !slices.Contains(passing, key) {
			out = append(out, FieldDifference{key, x[key], y[key]})
		}
	}
	return out
}

// maxFieldText bounds a value that is shown.
const maxFieldText = 120

// fields flattens a fact for showing. What cannot be read has no fields.
func fields(data []byte) map[string]string {
	var v map[string]any
	if _, err := toml.Decode(string(data), &v); err != nil {
		return map[string]string{}
	}
	out := map[string]string{}
	flatten("", v, out)
	return out
}

func flatten(key string, v any, out map[string]string) {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			flatten(strings.TrimPrefix(key+"."+name, "."), value, out)
		}
	case []map[string]any:
		for i, value := range v {
			name := key
			if len(v) > 1 {
				name = fmt.Sprintf("%s %d", key, i+1)
			}
			flatten(name, value, out)
		}
	case time.Time:
		out[key] = v.UTC().Format(time.RFC3339)
	default:
		text := fmt.Sprint(v)
		if len(text) > maxFieldText {
			text = strings.ToValidUTF8(text[:maxFieldText], "") + "…"
		}
		out[key] = text
	}
}
