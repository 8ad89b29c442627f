package gitops

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/patchset/merge3"
)

// ParseTree takes the raw content of a tree apart; hashSize is the length of a
// binary id, 20 or 32 bytes. It refuses what git would not write: names that
// are empty, hold a slash, come twice or are out of order.
func ParseTree(raw []byte, hashSize int) ([]merge3.TreeEntry, error) {
	var entries []merge3.TreeEntry
	for len(raw) > 0 {
		head, rest, ok := bytes.Cut(raw, []byte{0})
		if !ok || len(rest) < hashSize {
			return nil, fmt.Errorf("tree: entry %d is cut short", len(entries))
		}
		mode, name, _ := strings.Cut(string(head), " ")
		e := merge3.TreeEntry{Mode: mode, Name: name, ID: merge3.ID(hex.EncodeToString(rest[:hashSize]))}
		if err := checkTreeEntry(e); err != nil {
			return nil, err
		}
		if n := len(entries); n > 0 && compareEntries(entries[n-1], e) >= 0 {
			return nil, fmt.Errorf("tree: entry %.80q is out of order or there twice", e.Name)
		}
		entries, raw = append(entries, e), rest[hashSize:]
	}
	return entries, nil
}

// EncodeTree is the raw content of a tree with these entries, sorted as git
// sorts them. Modes may be zero-padded as git prints them. It refuses what
// ParseTree refuses.
func EncodeTree(entries []merge3.TreeEntry) ([]byte, error) {
	sorted := slices.SortedFunc(slices.Values(entries), compareEntries)
	var b bytes.Buffer
	for i, e := range sorted {
		if err := checkTreeEntry(e); err != nil {
			return nil, err
		}
		if i > 0 && sorted[i-1].Name == e.Name {
			return nil, fmt.Errorf("tree: entry %.80q is there twice", e.Name)
		}
		id, err := hex.DecodeString(string(e.ID))
		if err != nil || !e.ID.Valid() {
			return nil, fmt.Errorf("tree: entry %.80q: %.80q is not an object id", e.Name, e.ID)
		}
		b.WriteString(strings.TrimLeft(e.Mode, "0"))
		b.WriteByte(' ')
		b.WriteString(e.Name)
		b.WriteByte(0)
		b.Write(id)
	}
	return b.Bytes(), nil
}

func checkTreeEntry(e merge3.TreeEntry) error {
	if e.Name == "" || strings.ContainsAny(e.Name, "/\x00") {
		return fmt.Errorf("tree: bad name %.80q", e.Name)
	}
	if !validMode(e.Mode) {
		return fmt.Errorf("tree: entry %.80q has bad mode %.20q", e.Name, e.Mode)
	}
	return nil
}

// validMode tells whether mode is octal, of the length that git writes or prints.
func validMode(mode string) bool {
	return len(mode) >= 5 && len(mode) <= 6 && strings.Trim(mode, "01234567") == ""
}

// compareEntries is git's order: by bytes, a directory as if its name ended in
// a slash.
func compareEntries(a, b merge3.TreeEntry) int { return cmp.Compare(sortName(a), sortName(b)) }

func sortName(e merge3.TreeEntry) string {
	if e.IsDir() {
		return e.Name + "/"
	}
	return e.Name
}
