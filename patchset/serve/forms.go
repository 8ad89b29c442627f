package serve

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"slices"
	"time"
)

// Hosts is the file as a plain list: a URL a line, the one that bears most first. Lines
// that begin with # are for people.
func (f File) Hosts() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s generation %d until %s\n", f.Mode, f.Generation, f.Expires.UTC().Format(time.RFC3339))
	for _, e := range f.byWeight() {
		fmt.Fprintln(&b, e.URL)
	}
	return b.Bytes()
}

func (f File) byWeight() []Entry {
	return slices.SortedStableFunc(slices.Values(f.Serve), func(a, b Entry) int { return cmp.Compare(b.Weight, a.Weight) })
}

type metalink struct {
	XMLName   xml.Name     `xml:"urn:ietf:params:xml:ns:metalink metalink"`
	Generator string       `xml:"generator"`
	Published string       `xml:"published"`
	File      metalinkFile `xml:"file"`
}

type metalinkFile struct {
	Name    string        `xml:"name,attr"`
	Version string        `xml:"version"`
	Size    int           `xml:"size"`
	Hash    metalinkHash  `xml:"hash"`
	URLs    []metalinkURL `xml:"metaurl"`
}

type metalinkHash struct {
	Type  string `xml:"type,attr"`
	Value string `xml:",chardata"`
}

type metalinkURL struct {
	Priority  int    `xml:"priority,attr"`
	MediaType string `xml:"mediatype,attr"`
	URL       string `xml:",chardata"`
}

// Metalink is the file in the form of RFC 5854: name and hash of the encoded file, and each
// server as a place of a git repository, 1 being the one to take first.
func (f File) Metalink(name string, encoded []byte) ([]byte, error) {
	sum := sha256.Sum256(encoded)
	m := metalink{
		Generator: "git-carry", Published: f.Issued.UTC().Format(time.RFC3339),
		File: metalinkFile{Name: name, Version: fmt.Sprint(f.Generation), Size: len(encoded), Hash: metalinkHash{"sha-256", hex.EncodeToString(sum[:])}},
	}
	for i, e := range f.byWeight() {
		m.File.URLs = append(m.File.URLs, metalinkURL{i + 1, "application/x-git", e.URL})
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	enc := xml.NewEncoder(&b)
	enc.Indent("", " ")
	if err := enc.Encode(m); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}
