package mailbox

import (
	"bytes"
	"mime"
	"net/mail"
	"strings"
	"time"

	"github.com/git-carry/git-carry/patchset/pattern"
)

// field is one header field, of a mail or of DEP-3. The lines it goes on over
// are kept apart: a mail joins them, DEP-3 makes a text of them.
type field struct {
	name  string // in lower case
	value string
	more  []string
}

func (f field) joined() string {
	return strings.TrimSpace(strings.Join(append([]string{f.value}, f.more...), " "))
}

type fields []field

var fieldLine = pattern.Of(`^([!-9;-~]+):[ \t]*([^\n]*)`)

// maxHeader bounds a header in bytes; what is longer is no header.
const maxHeader = 256 << 10

// readFields reads a header and the empty line after it. It stops before what
// cannot belong to a header.
func readFields(t *text) fields {
	var fs fields
	begin := t.pos
	for {
		l := t.peek()
		if t.pos-begin > maxHeader || len(l) > maxHeader {
			return nil
		}
		if m := fieldLine().FindSubmatch(l); m != nil && !isPatchBreak(l) {
			fs = append(fs, field{name: strings.ToLower(string(m[1])), value: strings.TrimSpace(string(m[2]))})
			t.next()
			continue
		}
		if len(fs) > 0 && len(l) > 1 && (l[0] == ' ' || l[0] == '\t') && bare(l) != "" {
			last := &fs[len(fs)-1]
			last.more = append(last.more, strings.TrimSpace(bare(l)))
			t.next()
			continue
		}
		if len(fs) > 0 && l != nil && bare(l) == "" {
			t.next()
		}
		return fs
	}
}

// get returns the first field that has one of the names, joined to one line.
func (fs fields) get(names ...string) string {
	f, _ := fs.find(names...)
	return f.joined()
}

func (fs fields) find(names ...string) (field, bool) {
	for _, name := range names {
		for _, f := range fs {
			if f.name == name {
				return f, true
			}
		}
	}
	return field{}, false
}

func (fs fields) has(names ...string) bool {
	_, ok := fs.find(names...)
	return ok
}

// isDEP3 tells whether the header is that of a Debian patch (DEP-3, Patch
// Tagging Guidelines). One known name is asked for, so that free text that
// begins with "Note:" is no header.
func (fs fields) isDEP3() bool {
	return fs.has("description", "author", "last-update", "origin", "forwarded", "subject", "from")
}

func (fs fields) isMail() bool {
	return fs.has("from", "subject") && !fs.has("description", "author", "last-update", "forwarded")
}

// decodeWords decodes RFC 2047 words; what cannot be decoded stays.
func decodeWords(s string) string {
	d := mime.WordDecoder{CharsetReader: charsetReader}
	if decoded, err := d.DecodeHeader(s); err == nil {
		return decoded
	}
	return s
}

var comment = pattern.Of(`\([^()]*\)`)

// parsePerson reads "Name <address>", "address (Name)" or an address alone.
// net/mail would refuse the names that people really have in patches.
func parsePerson(s string) Person {
	before, rest, found := strings.Cut(s, "<")
	if !found {
		return personOfWords(s)
	}
	email, after, _ := strings.Cut(rest, ">")
	name := unquoteName(comment().ReplaceAllString(before, ""))
	if name == "" {
		name = unquoteName(strings.Trim(after, " ()"))
	}
	return Person{Name: cleanIdent(name), Email: cleanIdent(email)}
}

func personOfWords(s string) Person {
	name := strings.Trim(comment().FindString(s), "()")
	var email string
	for _, w := range strings.Fields(comment().ReplaceAllString(s, "")) {
		switch {
		case email == "" && strings.Contains(w, "@"):
			email = w
		default:
			name = strings.TrimSpace(name + " " + w)
		}
	}
	return Person{Name: cleanIdent(name), Email: cleanIdent(email)}
}

// unquoteName drops quotes wherever they stand, and the backslashes within
// them, as git mailinfo does.
func unquoteName(s string) string {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case quoted && s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		default:
			b.WriteByte(s[i])
		}
	}
	return strings.TrimSpace(b.String())
}

// cleanIdent drops what git does not write into a commit header.
func cleanIdent(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '<' || r == '>' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD")))
}

// dateLayouts are the forms found in headers that are not those of mails.
var dateLayouts = []string{
	"Mon Jan 2 15:04:05 2006 -0700",
	"2006-01-02 15:04:05 -0700",
	time.RFC3339,
	"2006-01-02 15:04:05",
	"2006-01-02",
}

// parseDate keeps the zone as an offset. A date without zone is taken as UTC.
func parseDate(s string) (time.Time, bool) {
	t, err := mail.ParseDate(s)
	for _, layout := range dateLayouts {
		if err == nil {
			break
		}
		t, err = time.Parse(layout, s)
	}
	if err != nil {
		return time.Time{}, false
	}
	// time.Parse may answer in the zone of this machine.
	_, offset := t.Zone()
	return t.In(time.FixedZone("", offset)), true
}

// readDEP3 reads a header in the manner of Debian. Fields that are no part of
// a commit (Bug, Origin, Forwarded …) are kept at the end of the body.
func readDEP3(fs fields, rest []byte) draft {
	at := patchBreak(rest)
	d := draft{
		author: decodeWords(fs.get("author", "from")),
		date:   fs.get("date", "last-update"),
		patch:  rest[at:],
	}
	if !fs.has("date") && fs.has("last-update") {
		d.guessed = append(d.guessed, "The date is that of the last update of the patch file.")
	}
	description, _ := fs.find("description", "subject")
	d.subject = decodeWords(description.value)
	var body strings.Builder
	for _, l := range description.more {
		if l == "." {
			l = ""
		}
		body.WriteString(l + "\n")
	}
	body.WriteString("\n" + string(bytes.TrimSpace(rest[:at])) + "\n\n")
	for _, f := range fs {
		switch f.name {
		case "author", "from", "date", "last-update", "description", "subject":
		default:
			body.WriteString(canonical(f.name) + ": " + f.joined() + "\n")
		}
	}
	d.body = body.String()
	return d
}

// canonical gives a field name its capitals back.
func canonical(name string) string {
	parts := strings.Split(name, "-")
	for i, p := range parts {
		if p != "" {
			parts[i] = strings.ToUpper(p[:1]) + p[1:]
		}
	}
	return strings.Join(parts, "-")
}

// readFreeText reads a diff below text without a header, or without any text.
func readFreeText(data []byte) draft {
	at := patchBreak(data)
	prose := strings.TrimSpace(string(data[:at]))
	subject, body, _ := strings.Cut(prose, "\n")
	d := draft{subject: subject, body: body, patch: data[at:]}
	if subject != "" {
		d.guessed = append(d.guessed, "The subject is the first line of the text above the diff.")
	}
	return d
}
