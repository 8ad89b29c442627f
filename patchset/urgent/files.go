package urgent

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/git-carry/git-carry/patchset"
)

// The ledger keeps the lane in one fact per file, so that two people who do different
// things never touch the same file. Files that are not known here stay as they are.
//
//	urgent/policy.toml                              what the lane asks for
//	urgent/drills/<id>.toml                         a drill and its times
//	urgent/<item>/item.toml                         which patches, who opened it, when
//	urgent/<item>/accepted.toml …                   accepted, rejected, released, rolledback, reviewed, retired
//	urgent/<item>/back/<person>.toml                wants it taken back
//	urgent/<item>/holds/<person>.toml               a hold
//	urgent/<item>/lifts/<holder>/<person>.toml      one person's word to lift it
//	urgent/<item>/votes/<person>/<content>.toml     a signed vote on one content
//	urgent/<item>/glass/<person>.toml               a signed word to break the glass
//	urgent/<item>/presence/<target>/<version>/<component>.toml
//	urgent/<item>/runs/<stage>.toml                 what the machines spent on a stage
//	urgent/<item>/extras/<name>.toml                made after the fix was out
//	urgent/<item>/excused/<target>.toml             nobody waits for this target
//	urgent/<item>/panic/<person>.toml               a signed word for panic mode
//	urgent/<item>/calm.toml                         its panic was called off
//	urgent/<item>/witnesses/<name>.toml             another form of its fix
//	urgent/<item>/signed/<fact>.toml                a signature on such a fact: who said it, and with which key
const Room = "urgent/"

// PolicyFile is where the ledger keeps the policy of the lane.
const PolicyFile = Room + "policy.toml"

// DrillFile is where the ledger keeps a drill.
func DrillFile(id string) string { return Room + "drills/" + id + ".toml" }

// File is where the ledger keeps a fact of an item, such as "accepted" or "holds/sam".
func File(item, fact string) string { return Room + item + "/" + fact + ".toml" }

// VoteFile is where the ledger keeps a person's vote on a content.
func VoteFile(item, person, content string) string { return File(item, "votes/"+person+"/"+content) }

// PresenceFile is where the ledger keeps what a probe found.
func PresenceFile(item string, at patchset.Place) string {
	return File(item, "presence/"+at.Target+"/"+at.Stack)
}

// SignatureFile is where the ledger keeps the signature on a fact of an item.
func SignatureFile(item, fact string) string { return File(item, "signed/"+fact) }

// IsSigned tells whether a file of the ledger holds a signature: a vote, a word to break the glass or for panic
// mode, or that on another fact.
func IsSigned(name string) bool {
	path, ours := strings.CutPrefix(name, Room)
	parts := strings.Split(path, "/")
	return ours && len(parts) > 2 && slices.Contains([]string{"votes", "glass", "panic", "signed"}, parts[1])
}

// Encode writes a fact. The same fact always gives the same bytes.
func Encode(fact any) ([]byte, error) {
	var b bytes.Buffer
	enc := toml.NewEncoder(&b)
	enc.Indent = ""
	err := enc.Encode(fact)
	return b.Bytes(), err
}

// Read reads the lane out of the files that a ledger keeps for other rooms. A fact that
// is not understood is an error that names it: silence would look like a missing vote.
func Read(files map[string][]byte) (Lane, error) {
	l := Lane{Policy: Policy{}.Normal(), Items: map[string]Item{}, Drills: map[string]Drill{}, Signed: map[string]map[string][]byte{}, Alarms: map[string]map[string][]byte{}}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path, ours := strings.CutPrefix(name, Room)
		path, isTOML := strings.CutSuffix(path, ".toml")
		if !ours || !isTOML {
			continue
		}
		if err := l.read(name, path, files[name]); err != nil {
			return l, err
		}
	}
	for id, item := range l.Items {
		if len(item.Patches) == 0 {
			return l, patchset.Faultf(patchset.CodeBadInput, "%s names no patch", File(id, "item"))
		}
	}
	return l, nil
}

func (l *Lane) read(name, path string, data []byte) error {
	first, fact, _ := strings.Cut(path, "/")
	switch {
	case path == "policy":
		err := decode(name, data, &l.Policy)
		l.Policy = l.Policy.Normal()
		return err
	case first == "drills":
		return readInto(l.Drills, fact, name, data)
	case !IsItemID(first):
		return nil
	}
	item := l.Items[first]
	item.ID = first
	err := l.readItem(&item, fact, name, data)
	l.Items[first] = item
	return err
}

func (l *Lane) readItem(item *Item, fact, name string, data []byte) error {
	dir, rest, _ := strings.Cut(fact, "/")
	switch dir {
	case "item":
		return decode(name, data, item)
	case "accepted":
		return decode(name, data, &item.Accepted)
	case "rejected":
		return decode(name, data, &item.Rejected)
	case "released":
		return decode(name, data, &item.Released)
	case "rolledback":
		return decode(name, data, &item.RolledBack)
	case "reviewed":
		return decode(name, data, &item.Reviewed)
	case "retired":
		return decode(name, data, &item.Retired)
	case "back":
		return readInto(orNew(&item.Back), rest, name, data)
	case "holds":
		return readInto(orNew(&item.Holds), rest, name, data)
	case "lifts":
		holder, by, _ := strings.Cut(rest, "/")
		return readInto(orNew(&item.Lifts), Lifting{holder, by}, name, data)
	case "votes", "glass":
		files := l.Signed[item.ID]
		orNew(&files)[fact] = data
		l.Signed[item.ID] = files
		return nil
	case "presence":
		target, stack, _ := strings.Cut(rest, "/")
		return readInto(orNew(&item.Seen), patchset.Place{Target: target, Stack: stack}, name, data)
	case "runs":
		return readInto(orNew(&item.Runs), Stage(rest), name, data)
	case "extras":
		return readInto(orNew(&item.Extras), rest, name, data)
	case "panic":
		words := l.Alarms[item.ID]
		orNew(&words)[rest] = data
		l.Alarms[item.ID] = words
		return nil
	case "calm":
		return decode(name, data, &item.Calm)
	case "witnesses":
		return readInto(orNew(&item.Witnesses), rest, name, data)
	case "excused":
		return readInto(orNew(&item.Excused), rest, name, data)
	}
	return nil
}

func readInto[K comparable, V any](m map[K]V, key K, name string, data []byte) error {
	var v V
	err := decode(name, data, &v)
	m[key] = v
	return err
}

func orNew[K comparable, V any](m *map[K]V) map[K]V {
	if *m == nil {
		*m = map[K]V{}
	}
	return *m
}

func decode(name string, data []byte, fact any) error {
	meta, err := toml.Decode(string(data), fact)
	if err != nil {
		return patchset.Faultf(patchset.CodeBadInput, "%s: %w", name, err)
	}
	if extra := meta.Undecoded(); len(extra) > 0 {
		return patchset.Faultf(patchset.CodeBadInput, "%s: unknown key %q", name, extra[0].String())
	}
	return nil
}
