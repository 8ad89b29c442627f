package mailbox

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"regexp"
	"strings"

	"golang.org/x/text/encoding/ianaindex"

	"github.com/git-carry/git-carry/patchset/pattern"
)

// maxParts and maxDepth bound a multipart mail.
const (
	maxParts = 100
	maxDepth = 4
)

var errParts = errors.New("a mail with too many parts")

// readMail takes a mail apart into message and patch, as git mailinfo does.
func readMail(fs fields, rest []byte) (draft, error) {
	body, charset, err := decodeBody(fs, rest, 0)
	if err != nil {
		return draft{}, err
	}
	if i := bytes.IndexByte(body[:patchBreak(body)], 0); i >= 0 {
		return draft{}, &SyntaxError{Line: 1 + bytes.Count(body[:i], []byte("\n")), Reason: "a NUL byte in the commit message"}
	}
	d := draft{author: decodeWords(fs.get("from")), date: fs.get("date"), subject: decodeWords(fs.get("subject"))}
	body = body[d.takeInBody(body):]
	at := patchBreak(body)
	d.patch = body[at:]
	// Only the message is text in some charset; the patch is bytes of files.
	if d.body, err = toUTF8(body[:at], charset); err != nil {
		d.guessed = append(d.guessed, fmt.Sprintf("The charset %q of the mail is not known; its bytes are kept.", charset))
		d.body = string(body[:at])
	}
	return d, nil
}

var inBodyField = pattern.Of(`^(From|Date|Subject): `)

// takeInBody takes up From, Date and Subject at the start of the body, which
// win over the header: they are how a patch is sent for someone else. It
// returns where the message goes on.
func (d *draft) takeInBody(body []byte) int {
	t := newText(body)
	for l := t.peek(); l != nil && bare(l) == ""; l = t.peek() {
		t.next()
	}
	if !inBodyField().Match(t.peek()) {
		return 0
	}
	for _, f := range readFieldsWhile(t, inBodyField()) {
		switch f.name {
		case "from":
			d.author = decodeWords(f.joined())
		case "date":
			d.date = f.joined()
		case "subject":
			d.subject = decodeWords(f.joined())
		}
	}
	return t.pos
}

// readFieldsWhile reads fields as long as they match.
func readFieldsWhile(t *text, match *regexp.Regexp) fields {
	begin := t.pos
	for match.Match(t.peek()) || t.pos > begin && bytes.HasPrefix(t.peek(), []byte(" ")) {
		t.next()
	}
	return readFields(newText(t.data[begin:t.pos]))
}

// decodeBody undoes the transfer encoding. Of a multipart mail it joins the
// parts that are text.
func decodeBody(fs fields, raw []byte, depth int) (body []byte, charset string, err error) {
	kind, params, _ := mime.ParseMediaType(fs.get("content-type"))
	if strings.HasPrefix(kind, "multipart/") && params["boundary"] != "" {
		return decodeParts(params["boundary"], raw, depth)
	}
	switch strings.ToLower(fs.get("content-transfer-encoding")) {
	case "quoted-printable":
		return decodeQuoted(raw), params["charset"], nil
	case "base64":
		body, err := decodeBase64(raw)
		return body, params["charset"], err
	}
	return raw, params["charset"], nil
}

func decodeParts(boundary string, raw []byte, depth int) (body []byte, charset string, err error) {
	if depth >= maxDepth {
		return nil, "", errParts
	}
	parts := multipart.NewReader(bytes.NewReader(raw), boundary)
	for n := 0; ; n++ {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return body, charset, nil
		}
		if err != nil {
			return nil, "", fmt.Errorf("a mail whose parts cannot be told apart: %w", err)
		}
		if n == maxParts {
			return nil, "", errParts
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return nil, "", fmt.Errorf("a mail whose parts cannot be told apart: %w", err)
		}
		fs := partFields(part)
		if kind := fs.get("content-type"); kind != "" && !strings.HasPrefix(kind, "text/") && !strings.HasPrefix(kind, "multipart/") {
			continue
		}
		text, cs, err := decodeBody(fs, content, depth+1)
		if err != nil {
			return nil, "", err
		}
		body = append(append(body, text...), '\n')
		if charset == "" {
			charset = cs
		}
	}
}

func partFields(part *multipart.Part) fields {
	return fields{
		{name: "content-type", value: part.Header.Get("Content-Type")},
		{name: "content-transfer-encoding", value: part.Header.Get("Content-Transfer-Encoding")},
	}
}

// decodeQuoted decodes quoted-printable. Unlike mime/quotedprintable it keeps
// spaces at line ends, which are context in a diff, and whatever is no escape.
func decodeQuoted(raw []byte) []byte {
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] != '=' {
			out = append(out, raw[i])
			continue
		}
		rest := raw[i+1:]
		switch {
		case bytes.HasPrefix(rest, []byte("\n")):
			i++
		case bytes.HasPrefix(rest, []byte("\r\n")):
			i += 2
		default:
			c, ok := hexByte(rest)
			if !ok {
				out = append(out, '=')
				continue
			}
			out = append(out, c)
			i += 2
		}
	}
	return out
}

func hexByte(b []byte) (byte, bool) {
	var c [1]byte
	if len(b) < 2 {
		return 0, false
	}
	_, err := hex.Decode(c[:], b[:2])
	return c[0], err == nil
}

func decodeBase64(raw []byte) ([]byte, error) {
	packed := bytes.Map(func(r rune) rune {
		if r == '\n' || r == '\r' || r == ' ' || r == '\t' {
			return -1
		}
		return r
	}, raw)
	out := make([]byte, base64.StdEncoding.DecodedLen(len(packed)))
	n, err := base64.StdEncoding.Decode(out, packed)
	if err != nil {
		return nil, fmt.Errorf("the body of the mail is not base64: %w", err)
	}
	return out[:n], nil
}

var errCharset = errors.New("unknown charset")

// toUTF8 converts a text; without a charset its bytes stay as they are.
func toUTF8(b []byte, charset string) (string, error) {
	r, err := charsetReader(charset, bytes.NewReader(b))
	if err != nil {
		return "", err
	}
	out, err := io.ReadAll(r)
	return string(out), err
}

func charsetReader(charset string, r io.Reader) (io.Reader, error) {
	switch strings.ToLower(charset) {
	case "", "utf-8", "utf8", "us-ascii", "ascii":
		return r, nil
	}
	enc, err := ianaindex.MIME.Encoding(charset)
	if err != nil || enc == nil {
		return nil, errCharset
	}
	return enc.NewDecoder().Reader(r), nil
}
