package mailbox

import (
	"bytes"
	"errors"
	"strings"
	"time"

	"github.com/git-carry/git-carry/patchset/pattern"
)

// Person is an author as a patch names one. It proves nothing.
type Person struct {
	Name, Email string
}

// Message is one commit to be made from a patch file.
type Message struct {
	Author Person
	// Date is the author date in the zone of the author; zero when not given.
	Date time.Time
	// Subject is one line without [PATCH n/m]. Body is cleaned as git am does:
	// no spaces at line ends, no double empty lines; it ends with a newline
	// unless empty. Both are UTF-8 where the mail declares its charset, else the
	// bytes of the file.
	Subject, Body string
	// Guessed says in sentences what the file leaves open and how it was filled.
	Guessed []string
	// Files may be empty in a cover letter.
	Files []FileChange
}

// CommitMessage is the whole message, as git am would record it.
func (m Message) CommitMessage() string {
	switch {
	case m.Subject == "":
		return m.Body
	case m.Body == "":
		return m.Subject + "\n"
	}
	return m.Subject + "\n\n" + m.Body
}

// ErrNoPatch is returned for a file in which there is no diff at all.
var ErrNoPatch = errors.New("the file holds no patch")

// ErrUTF16 is returned for a file that an editor saved as UTF-16.
var ErrUTF16 = errors.New("the file is UTF-16; a patch must keep the bytes that git wrote")

// ParseMessages reads a patch file with the default [Options]; see
// [Options.ParseMessages].
func ParseMessages(data []byte) ([]Message, error) { return Options{}.ParseMessages(data) }

// ParseMessages reads a patch file: an mbox, one mail, a diff with a DEP-3
// header (From or Author, Subject or Description, Date or Last-Update), or a
// diff below free text. There is at least one message.
//
// Mails are taken apart as git am does without -k and without --keep-cr, but
// that CR is cut only when every line of the mail ends with CR LF: then the
// mail's transport put it there. As in git am, ">From " is left as it is.
//
// Errors are [ErrNoPatch], [ErrUTF16] and those of [Options.ParseDiff].
func (o Options) ParseMessages(data []byte) ([]Message, error) {
	acc, err := o.open(data)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return nil, ErrUTF16
	}
	var messages []Message
	found := false
	mails := splitMails(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), acc.limits.Paths+1)
	if len(mails) > acc.limits.Paths {
		return nil, &LimitError{Limit: "the number of mails in a file", Max: acc.limits.Paths, Unit: "mails"}
	}
	for _, raw := range mails {
		m, err := acc.parseMessage(raw)
		if err != nil {
			return nil, err
		}
		found = found || len(m.Files) > 0
		messages = append(messages, m)
	}
	if !found {
		return nil, ErrNoPatch
	}
	return messages, nil
}

// fromLine is the line that begins a mail in an mbox; the rule is that of
// is_from_line in git mailsplit: a time of day and a year after 1990.
var fromLine = pattern.Of(`^From [^\n]*[0-9].[0-9]{2}:[0-9]{2}\s*0*(9[1-9]|[1-9][0-9]{2,})[^:\n]*\n?$`)

// splitMails takes an mbox apart, into at most limit pieces; what is no mbox is one.
func splitMails(data []byte, limit int) [][]byte {
	data = bytes.TrimLeft(data, "\r\n")
	t := newText(data)
	if !fromLine().Match(t.peek()) {
		return [][]byte{cutTransportCR(data)}
	}
	var mails [][]byte
	begin := 0
	for l := t.next(); l != nil && len(mails) < limit; l = t.next() {
		if at := t.pos - len(l); at > begin && bytes.HasPrefix(l, []byte("From ")) && fromLine().Match(l) {
			mails = append(mails, cutTransportCR(data[begin:at]))
			begin = at
		}
	}
	return append(mails, cutTransportCR(data[begin:]))
}

// cutTransportCR turns CR LF into LF if all lines end with it.
func cutTransportCR(mail []byte) []byte {
	if n := bytes.Count(mail, []byte("\n")); n == 0 || n != bytes.Count(mail, []byte("\r\n")) {
		return mail
	}
	return bytes.ReplaceAll(mail, []byte("\r\n"), []byte("\n"))
}

// maxMessage bounds a commit message in bytes.
const maxMessage = 1 << 20

// parseMessage reads one mail, or a diff with what stands above it.
func (acc *account) parseMessage(raw []byte) (Message, error) {
	t := newText(raw)
	if fromLine().Match(t.peek()) {
		t.next()
	}
	begin := t.pos
	fields := readFields(t)
	var d draft
	var err error
	switch {
	case fields.isMail():
		d, err = readMail(fields, t.data[t.pos:])
	case fields.isDEP3():
		d = readDEP3(fields, t.data[t.pos:])
	default:
		d = readFreeText(raw[begin:])
	}
	if err != nil {
		return Message{}, err
	}
	if len(d.body) > maxMessage {
		return Message{}, &LimitError{Limit: "the length of a commit message", Max: maxMessage, Unit: "bytes"}
	}
	m := d.message()
	m.Files, err = acc.readDiff(d.patch)
	return m, err
}

// draft is a message before its last touches.
type draft struct {
	author, date, subject string
	body                  string
	patch                 []byte
	guessed               []string
}

func (d draft) message() Message {
	m := Message{
		Author:  parsePerson(d.author),
		Subject: cleanSubject(d.subject),
		Body:    stripSpace(d.body),
		Guessed: d.guessed,
	}
	guess := func(s string) { m.Guessed = append(m.Guessed, s) }
	switch {
	case m.Author == Person{}:
		guess("The patch names no author.")
	case m.Author.Email == "":
		guess("The patch gives no e-mail address for its author.")
	}
	var ok bool
	if m.Date, ok = parseDate(d.date); !ok && d.date != "" {
		guess("The date of the patch cannot be read.")
	} else if !ok {
		guess("The patch has no date.")
	}
	if m.Subject == "" {
		guess("The patch has no subject.")
	}
	return m
}

// patchBreak finds where a commit message ends and the patch begins, by the
// rule of patchbreak in git mailinfo. Without one, all is message.
func patchBreak(body []byte) int {
	t := newText(body)
	for l := t.next(); l != nil; l = t.next() {
		if isPatchBreak(l) {
			return t.pos - len(l)
		}
	}
	return len(body)
}

func isPatchBreak(l []byte) bool {
	if bytes.HasPrefix(l, []byte("diff -")) || bytes.HasPrefix(l, []byte("Index: ")) {
		return true
	}
	rest, ok := bytes.CutPrefix(l, []byte("---"))
	if !ok {
		return false
	}
	return len(bytes.TrimSpace(rest)) == 0 || len(rest) > 1 && rest[0] == ' ' && !bytes.ContainsRune([]byte(" \t\r\n"), rune(rest[1]))
}

// stripSpace cleans a message as strbuf_stripspace in git does.
func stripSpace(s string) string {
	var b strings.Builder
	empty := 0
	for line := range strings.Lines(s) {
		line = strings.TrimRight(line, " \t\r\n\v\f")
		if line == "" {
			empty++
			continue
		}
		if empty > 0 && b.Len() > 0 {
			b.WriteByte('\n')
		}
		empty = 0
		b.WriteString(line)
		b.WriteByte('\n')
	}
	return b.String()
}

// cleanSubject cuts "Re:" and what stands in brackets from the start of a
// subject; the rules are those of cleanup_subject in git mailinfo.
func cleanSubject(s string) string {
	for s != "" {
		switch {
		case len(s) > 3 && strings.EqualFold(s[:3], "re:"):
			s = s[3:]
			continue
		case strings.ContainsRune(" \t:", rune(s[0])):
			s = s[1:]
			continue
		case s[0] == '[':
			if _, rest, ok := strings.Cut(s, "]"); ok {
				s = rest
				continue
			}
		}
		break
	}
	return strings.Join(strings.Fields(s), " ")
}
