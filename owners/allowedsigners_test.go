package owners

import (
	"strings"
	"testing"
	"time"
)

// registryWith has people with keys, "lost" ones behind a minus sign.
func registryWith(t *testing.T, people map[string]string) Registry {
	t.Helper()
	seeds := map[string]byte{"a": 1, "b": 2, "c": 3}
	r := Registry{Policy: DefaultPolicy()}
	for _, id := range []string{"priya", "sam"} {
		p := Person{ID: id, Name: id, Emails: []string{id + "@example.org"}}
		for word := range strings.FieldsSeq(people[id]) {
			key := mustKey(t, testKey(seeds[strings.TrimPrefix(word, "-")]))
			if strings.HasPrefix(word, "-") {
				p.Compromised = append(p.Compromised, key)
			} else {
				p.Keys = append(p.Keys, key)
			}
		}
		var err error
		if r, err = r.Add(p); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// TestAllowedSigners: what ssh-keygen is told of a key is what a proof by it counts for.
func TestAllowedSigners(t *testing.T) {
	names := strings.NewReplacer(mustKey(t, testKey(1)).Blob, "a", mustKey(t, testKey(2)).Blob, "b", mustKey(t, testKey(3)).Blob, "c",
		`namespaces="git-carry-resolve@v1,git-carry-delegate@v1,git-carry-urgent@v1"`, "NS", "ssh-ed25519 ", "", "2026010100", "")
	for _, c := range []struct {
		name     string
		versions []map[string]string
		want     string
		revoked  string
	}{
		{"held for ever", []map[string]string{{"priya": "a"}, {"priya": "a b"}}, "priya NS b\npriya NS a\n", ""},
		{"taken out", []map[string]string{{"priya": "a"}, {}, {"priya": "b"}}, "priya NS b\npriya NS,valid-after=\"0000\",valid-before=\"0059\" a\n", ""},
		{"out and in again", []map[string]string{{"priya": "a"}, {}, {"priya": "a"}}, "priya NS a\n", ""},
		{
			"in, out, in, out",
			[]map[string]string{{"priya": "a"}, {}, {"priya": "a"}, {}},
			"priya NS,valid-after=\"0000\",valid-before=\"0059\" a\npriya NS,valid-after=\"0200\",valid-before=\"0259\" a\n", "",
		},
		{"compromised", []map[string]string{{"priya": "a b"}, {"priya": "-a b"}}, "priya NS b\n", "a\n"},
		{"taken out, then compromised", []map[string]string{{"priya": "a"}, {}, {"priya": "-a"}}, "", "a\n"},
		{"now somebody else's", []map[string]string{{"priya": "a"}, {}, {"sam": "a"}}, "sam NS a\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var h KeyHistory
			for i, people := range c.versions {
				h.Add(time.Date(2026, 1, 1, 0, i, 0, 0, time.UTC), registryWith(t, people))
			}
			if got := names.Replace(string(h.AllowedSigners())); got != c.want {
				t.Errorf("allowed signers:\n%s\nwant:\n%s", got, c.want)
			}
			if got := names.Replace(string(h.Revoked())); got != c.revoked {
				t.Errorf("revoked: %q, want %q", got, c.revoked)
			}
		})
	}
}
