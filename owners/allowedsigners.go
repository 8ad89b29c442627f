package owners

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"
)

// KeyHistory follows the keys of a registry through its versions, as the ledger has
// them one after the other. The zero value knows no version.
type KeyHistory struct {
	now   Registry
	spans []keySpan
	held  map[keySpan]time.Time // since when; spans without their times
}

// keySpan is a key of a person, and when the registry had it.
type keySpan struct {
	person, keyType, blob string
	from, until           time.Time
}

// Add takes the next version of the registry, which came at a time, in whole seconds.
func (h *KeyHistory) Add(at time.Time, r Registry) {
	held := map[keySpan]time.Time{}
	for _, p := range r.People {
		for _, k := range p.Keys {
			key := keySpan{person: p.ID, keyType: k.Type, blob: k.Blob}
			held[key] = at
			if since, had := h.held[key]; had {
				held[key] = since
			}
		}
	}
	for key, since := range h.held {
		if _, still := held[key]; !still {
			// Both ends of a span are in it, so it ends before this version.
			key.from, key.until = since, at.Add(-time.Second)
			h.spans = append(h.spans, key)
		}
	}
	h.now, h.held = r, held
}

// AllowedSigners writes what the keys prove as the file that ssh-keygen -Y verify reads
// (see "ALLOWED SIGNERS" in its manual): the person's id, the namespaces of a proof, and
// the key. One that the registry has now proves whatever it signed and has no dates; one
// that it had once, what it signed meanwhile. Times are in UTC and, as older versions of
// ssh-keygen want it, do not say so. Compromised keys are not in it, see [KeyHistory.Revoked].
func (h *KeyHistory) AllowedSigners() []byte {
	var lines []string
	for key := range h.held {
		lines = append(lines, key.line(""))
	}
	for _, key := range h.spans {
		k := Key{Type: key.keyType, Blob: key.blob}
		if _, live := h.now.ByKey(k); !live && !h.now.compromised(k) {
			lines = append(lines, key.line(fmt.Sprintf(`,valid-after="%s",valid-before="%s"`, signerTime(key.from), signerTime(key.until))))
		}
	}
	slices.Sort(lines)
	return []byte(strings.Join(slices.Compact(lines), ""))
}

func (s keySpan) line(dates string) string {
	namespaces := strings.Join([]string{Namespace, DelegateNamespace, UrgentNamespace}, ",")
	return fmt.Sprintf("%s namespaces=\"%s\"%s %s %s\n", s.person, namespaces, dates, s.keyType, s.blob)
}

// signerTime is a time as ssh-keygen reads it where TZ is UTC.
func signerTime(t time.Time) string { return t.UTC().Format("20060102150405") }

// Revoked writes the keys that are marked as compromised, as the file for ssh-keygen -r.
func (h *KeyHistory) Revoked() []byte {
	var b bytes.Buffer
	for _, p := range h.now.People {
		for _, k := range p.Compromised {
			fmt.Fprintf(&b, "%s %s\n", k.Type, k.Blob)
		}
	}
	return b.Bytes()
}

// Unproved says why the proof of a signature that the ledger took in beside the registry
// then does not show that it is the person's; "" means that it does.
func (h *KeyHistory) Unproved(s Signature, then Registry) string {
	return h.now.unproved(s, func(Signature) (Registry, bool) { return then, true })
}

// Namespace is the SSHSIG namespace of its proof.
func (s Signature) Namespace() string { return s.Statement.Purpose.namespace() }
