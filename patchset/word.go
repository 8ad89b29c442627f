package patchset

import (
	"crypto/hmac"
	"crypto/sha256"
	"maps"
	"slices"
	"strings"
)

// wordLetters are 32 digits and letters that people do not take for one another.
const wordLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

const shortestWord = 4

// cipher is the whole of which a word is the beginning. Only who knows the store's
// random id can tell whose it is.
func (l Ledger) cipher(id string) string { return l.disguise("word\x00" + id) }

func (l Ledger) disguise(text string) string {
	mac := hmac.New(sha256.New, []byte(l.Store.ID))
	mac.Write([]byte("git-carry " + text))
	var b strings.Builder
	for _, c := range mac.Sum(nil) {
		b.WriteByte(wordLetters[c%32])
	}
	return b.String()
}

// NoticeID names a notice to a person, the same whenever it is sent again. It tells
// nothing to who does not know the store's id.
func (l Ledger) NoticeID(n Notice, person string) string {
	return l.disguise(strings.Join([]string{"notice", n.Patch.ID, string(n.Kind), n.Of, person}, "\x00"))
}

// Words gives every patch its word, such as K7Q2: a name for messages that says nothing
// to others. It is as short as it can be while no two patches share it.
func (l Ledger) Words() map[string]string {
	whole, alike := map[string]string{}, map[string][]string{}
	for id := range l.Patches {
		whole[id] = l.cipher(id)
		short := whole[id][:shortestWord]
		alike[short] = append(alike[short], id)
	}
	words := map[string]string{}
	for id, cipher := range whole {
		n := shortestWord
		for _, other := range alike[cipher[:shortestWord]] {
			for other != id && n < len(cipher) && whole[other][:n] == cipher[:n] {
				n++
			}
		}
		for n < len(cipher) && l.HasPatch(cipher[:n]) {
			n++
		}
		words[id] = cipher[:n]
	}
	return words
}

// Named gives the patch that somebody means: by its id, or by its word, letter case
// aside.
func (l Ledger) Named(name string) (Patch, error) {
	p, err := l.Patch(name)
	if err == nil || len(name) < shortestWord {
		return p, err
	}
	var fits []string
	for _, id := range slices.Sorted(maps.Keys(l.Patches)) {
		if strings.HasPrefix(l.cipher(id), strings.ToUpper(name)) {
			fits = append(fits, id)
		}
	}
	switch len(fits) {
	case 0:
		return p, err
	case 1:
		return l.Patches[fits[0]], nil
	}
	f := Faultf(CodeUsage, "%s may be any of %s", strings.ToUpper(name), strings.Join(fits, ", "))
	for _, id := range fits {
		f.WithHint("git carry show %s", id)
	}
	return Patch{}, f
}
