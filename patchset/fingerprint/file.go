package fingerprint

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/git-carry/git-carry/patchset"
)

// The file is text, so that anybody can see what it gives away: a head, for each fix
// "patch" and one line per fingerprint, and a sum by which half a file is known.

const (
	fileHead = "git-carry fingerprints 1"
	// DefaultCost is the cost of new files: 256 KiB of memory for each guess.
	DefaultCost = 256
	maxCost     = 1 << 14
	// MaxFile is the size, in bytes, above which a file is refused.
	MaxFile = 32 << 20
)

// Format writes a set that NewFile made.
func (s *Set) Format() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\nmade %s\nsalt %x\ncost %d\n", fileHead, s.Made.UTC().Format(time.DateOnly), s.mill.salt, s.mill.cost)
	for _, id := range s.Public {
		fmt.Fprintf(&b, "public %s\n", id)
	}
	for _, p := range s.patches {
		b.WriteString("patch\n")
		for _, f := range p.prints {
			fmt.Fprintf(&b, "%c %0*x\n", f.kind, bits(f.kind)/4, f.hash)
		}
	}
	return sealed(b.Bytes())
}

// sealed puts the sum behind a body.
func sealed(body []byte) []byte { return fmt.Appendf(body, "end %x\n", sha256.Sum256(body)) }

// Parse reads what Format wrote. Whatever else it gets is an error: a set that cannot
// be read is no reason to let a push pass.
func Parse(data []byte) (*Set, error) {
	if len(data) > MaxFile {
		return nil, bad("it is larger than %d bytes", MaxFile)
	}
	body, end, ok := cutLastLine(data)
	if !ok || end != fmt.Sprintf("end %x", sha256.Sum256(body)) {
		return nil, bad("it is not whole")
	}
	lines := strings.Split(strings.TrimSuffix(string(body), "\n"), "\n")
	s := &Set{}
	if err := s.parseHead(lines); err != nil {
		return nil, err
	}
	for i, line := range lines[4:] {
		if err := s.parseLine(line); err != nil {
			return nil, bad("line %d: %w", i+5, err)
		}
	}
	s.buildIndex()
	return s, nil
}

func bad(format string, args ...any) error {
	return patchset.Faultf(patchset.CodeBadInput, "no file of fingerprints: "+format, args...)
}

func cutLastLine(data []byte) (body []byte, last string, ok bool) {
	data, ok = bytes.CutSuffix(data, []byte("\n"))
	i := bytes.LastIndexByte(data, '\n')
	return data[:i+1], string(data[i+1:]), ok && i >= 0
}

func (s *Set) parseHead(lines []string) error {
	if lines[0] != fileHead {
		return bad("it does not begin with %q", fileHead)
	}
	if len(lines) < 4 {
		return bad("its head is cut off")
	}
	made, okMade := strings.CutPrefix(lines[1], "made ")
	salt, okSalt := strings.CutPrefix(lines[2], "salt ")
	cost, okCost := strings.CutPrefix(lines[3], "cost ")
	raw, err := hex.DecodeString(salt)
	n, errCost := strconv.Atoi(cost)
	day, errDay := time.Parse(time.DateOnly, made)
	switch {
	case !okMade || errDay != nil:
		return bad("it has no day")
	case !okSalt || err != nil || len(raw) != len(s.mill.salt):
		return bad("it has no salt")
	case !okCost || errCost != nil || n < 2 || n > maxCost || n&(n-1) != 0:
		return bad("its cost is no power of two up to %d", maxCost)
	}
	s.Made, s.mill.cost = day, n
	copy(s.mill.salt[:], raw)
	return nil
}

func (s *Set) parseLine(line string) error {
	word, rest, _ := strings.Cut(line, " ")
	switch {
	case line == "patch":
		s.patches = append(s.patches, patch{})
		return nil
	case word == "public" && patchset.ID(rest).Valid() && len(s.patches) == 0:
		s.Public = append(s.Public, rest)
		return nil
	case len(word) != 1 || !slices.Contains(kinds, Kind(word[0])) || len(s.patches) == 0:
		return fmt.Errorf("%.40q means nothing", line)
	}
	kind := Kind(word[0])
	hash, err := strconv.ParseUint(rest, 16, 64)
	if err != nil || len(rest) != bits(kind)/4 {
		return fmt.Errorf("%.40q is no fingerprint", line)
	}
	p := &s.patches[len(s.patches)-1]
	p.prints = append(p.prints, print{kind, hash})
	return nil
}
