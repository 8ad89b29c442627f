package mailbox

import (
	"bytes"
	"encoding/base64"
	"errors"
	"mime/quotedprintable"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const someDiff = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n"

func TestSingleMessages(t *testing.T) {
	quoted := func(s string) string {
		var b bytes.Buffer
		w := quotedprintable.NewWriter(&b)
		w.Write([]byte(s))
		w.Close()
		return b.String()
	}
	for _, c := range []struct {
		name, in, author, date, message string
		guessed                         int
	}{
		{
			"plain mail", "From: Ann <ann@example.org>\nDate: Tue, 3 Jan 2017 10:11:12 -0800\nSubject: [PATCH 2/3] fix\n\nbody\n---\n x | 2 +-\n\n" + someDiff + "-- \n2.39.5\n",
			"Ann|ann@example.org", "2017-01-03T10:11:12-08:00", "fix\n\nbody\n", 0,
		},
		{"without body", "From: Ann <ann@example.org>\nDate: Tue, 3 Jan 2017 10:11:12 +0545\nSubject: fix\n\n" + someDiff, "Ann|ann@example.org", "2017-01-03T10:11:12+05:45", "fix\n", 0},
		{"latin-1, undeclared", "From: Ann <ann@example.org>\nSubject: fix\n\n\xe4\n---\n" + someDiff, "Ann|ann@example.org", "", "fix\n\n\xe4\n", 1},
		{"latin-1, declared", "From: Ann <ann@example.org>\nSubject: fix\nContent-Type: text/plain; charset=ISO-8859-1\n\n\xe4\n---\n" + someDiff, "Ann|ann@example.org", "", "fix\n\nä\n", 1},
		{"unknown charset", "From: Ann <ann@example.org>\nSubject: fix\nContent-Type: text/plain; charset=x-none\n\n\xe4\n---\n" + someDiff, "Ann|ann@example.org", "", "fix\n\n\xe4\n", 2},
		{"base64", "From: Ann <ann@example.org>\nSubject: fix\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString([]byte("body\n---\n"+someDiff)) + "\n", "Ann|ann@example.org", "", "fix\n\nbody\n", 1},
		{"quoted-printable", "From: Ann <ann@example.org>\nSubject: fix\nContent-Transfer-Encoding: quoted-printable\n\n" + quoted("größe =\n---\n"+someDiff), "Ann|ann@example.org", "", "fix\n\ngröße =\n", 1},
		{"encoded words", "From: =?UTF-8?q?J=C3=B6rg?= <j@example.org>\nSubject: =?ISO-8859-1?Q?Gr=F6=DFe_?=\n =?UTF-8?b?w6Q=?= end\n\n" + someDiff, "Jörg|j@example.org", "", "Größe ä end\n", 1},
		{"address first", "From: ann@example.org (Ann Example)\nSubject: Re: fix\n\n" + someDiff, "Ann Example|ann@example.org", "", "fix\n", 1},
		{"in-body author", "From: List <l@example.org>\nSubject: fix\n\nFrom: Ann <ann@example.org>\n\nbody\n---\n" + someDiff, "Ann|ann@example.org", "", "fix\n\nbody\n", 1},
		{
			"DEP-3", "Description: escape the title\n It was not.\n .\n More.\nAuthor: Ann <ann@example.org>\nBug: https://example.org/1\nLast-Update: 2017-01-03\n\n" + someDiff,
			"Ann|ann@example.org", "2017-01-03T00:00:00+00:00", "escape the title\n\nIt was not.\n\nMore.\n\nBug: https://example.org/1\n", 1,
		},
		{"DEP-3 with ---", "Subject: fix\nAuthor: Ann\nDate: 2017-01-03\n---\n" + someDiff, "Ann|", "2017-01-03T00:00:00+00:00", "fix\n", 1},
		{"free text", "fix the title\n\nat last\n\n" + someDiff, "|", "", "fix the title\n\nat last\n", 3},
		{"bare", someDiff, "|", "", "", 3},
		{"bare with BOM", "\ufeff" + someDiff, "|", "", "", 3},
		{"unreadable date", "From: Ann <ann@example.org>\nDate: soon\nSubject: fix\n\n" + someDiff, "Ann|ann@example.org", "", "fix\n", 1},
	} {
		for _, transport := range []string{"\n", "\r\n"} {
			t.Run(c.name+strings.TrimSpace(" "+strings.ReplaceAll(transport, "\r\n", "CRLF")), func(t *testing.T) {
				in := strings.ReplaceAll(strings.ReplaceAll(c.in, "\r\n", "\n"), "\n", transport)
				got, err := ParseMessages([]byte(in))
				if err != nil || len(got) != 1 || len(got[0].Files) != 1 {
					t.Fatalf("got %+v, %v", got, err)
				}
				m := got[0]
				if s := m.Author.Name + "|" + m.Author.Email; s != c.author {
					t.Errorf("author %q, want %q", s, c.author)
				}
				date := ""
				if !m.Date.IsZero() {
					date = m.Date.Format("2006-01-02T15:04:05-07:00")
				}
				if date != c.date || m.CommitMessage() != c.message || len(m.Guessed) != c.guessed {
					t.Errorf("got %s %q %q\nwant %s %q, %d guesses", date, m.CommitMessage(), m.Guessed, c.date, c.message, c.guessed)
				}
				if l := m.Files[0].Hunks[0].Lines[1]; string(l.Text) != "b\n" {
					t.Errorf("line %q", l.Text)
				}
			})
		}
	}
}

// TestMailinfo asks git mailinfo about headers that people really send.
func TestMailinfo(t *testing.T) {
	for _, from := range []string{
		`Ann <ann@example.org>`, `"Example, Ann" <ann@example.org>`, `ann@example.org (Ann Example)`, `=?utf-8?q?=C3=84nn?= E <a@example.org>`,
		`"Ann \"X\" E" <a@example.org>`, `=?ISO-8859-1?Q?Bj=F6rn?= =?ISO-8859-1?Q?_B?= <b@example.org>`,
	} {
		for _, subject := range []string{"[PATCH] x", "[PATCH v2 01/10] x: y", "Re: [PATCH] x", "re: RE: x", "[a] [b] c", "x [PATCH]", "[unclosed", ": x", "Re", "a  b"} {
			mail := "From: " + from + "\nSubject: " + subject + "\nDate: Tue, 3 Jan 2017 10:11:12 -0800\n\nbody\n---\n" + someDiff
			dir := t.TempDir()
			want := string(mustGit(t, dir, []byte(mail), "mailinfo", filepath.Join(dir, "m"), filepath.Join(dir, "p")))
			got, err := ParseMessages([]byte(mail))
			if err != nil {
				t.Fatal(err)
			}
			m := got[0]
			have := "Author: " + m.Author.Name + "\nEmail: " + m.Author.Email + "\nSubject: " + m.Subject + "\nDate: Tue, 3 Jan 2017 10:11:12 -0800\n\n"
			if have != want {
				t.Errorf("%s, %s:\n got %q\nwant %q", from, subject, have, want)
			}
			msg, err := os.ReadFile(filepath.Join(dir, "m"))
			if err != nil || string(msg) != m.Body {
				t.Errorf("body %q, want %q, %v", m.Body, msg, err)
			}
		}
	}
}

func TestCRLFIsKept(t *testing.T) {
	const diff = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\r\n+b\r\n"
	const header = "From: Ann <ann@example.org>\nSubject: fix\n\n"
	for name, in := range map[string]string{
		"in an LF mail":       header + diff,
		"in a CR LF mail":     strings.ReplaceAll(header+diff, "\n", "\r\n"),
		"in base64":           "Content-Transfer-Encoding: base64\n" + header + base64.StdEncoding.EncodeToString([]byte(diff)) + "\n",
		"in quoted-printable": "Content-Transfer-Encoding: quoted-printable\n" + header + strings.ReplaceAll(diff, "\r", "=0D"),
	} {
		got, err := ParseMessages([]byte(in))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if l := got[0].Files[0].Hunks[0].Lines; string(l[0].Text) != "a\r\n" || string(l[1].Text) != "b\r\n" {
			t.Errorf("%s: got %q", name, l)
		}
	}
}

func TestMbox(t *testing.T) {
	const separator = "From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\n"
	mail := func(subject string) string {
		return separator + "From: Ann <ann@example.org>\nSubject: " + subject + "\n\n>From the list\nFrom here, no separator\n---\n" + someDiff + "\n"
	}
	cover := separator + "From: Ann <ann@example.org>\nSubject: [PATCH 0/2] cover\n\nhello\n"
	got, err := ParseMessages([]byte("\n" + cover + mail("[PATCH 1/2] one") + mail("[PATCH 2/2] two")))
	if err != nil || len(got) != 3 {
		t.Fatalf("got %d, %v", len(got), err)
	}
	if len(got[0].Files) != 0 || got[1].Subject != "one" || got[2].Subject != "two" || got[2].Body != ">From the list\nFrom here, no separator\n" {
		t.Errorf("got %+v", got)
	}
	for _, empty := range []string{"", "hello\n", cover} {
		if _, err := ParseMessages([]byte(empty)); !errors.Is(err, ErrNoPatch) {
			t.Errorf("%q: got %v", empty, err)
		}
	}
	many := strings.Repeat(separator, 5001)
	var limit *LimitError
	if _, err := ParseMessages([]byte(many)); !errors.As(err, &limit) {
		t.Errorf("5001 mails: got %v", err)
	}
	if _, err := ParseMessages([]byte(strings.Repeat("prose\n", 1<<18) + someDiff)); !errors.As(err, &limit) {
		t.Errorf("endless message: got %v", err)
	}
	if _, err := ParseMessages([]byte("\xff\xfed\x00i\x00")); !errors.Is(err, ErrUTF16) {
		t.Errorf("got %v", err)
	}
	if _, err := ParseMessages([]byte("From: a\nSubject: b\n\nx\x00\n---\n" + someDiff)); err == nil {
		t.Error("a NUL in the message is accepted")
	}
}

func TestDatesDoNotDependOnTheMachine(t *testing.T) {
	defer func(l *time.Location) { time.Local = l }(time.Local)
	time.Local = time.FixedZone("HERE", 3600)
	d, ok := parseDate("Tue, 3 Jan 2017 10:11:12 +0100")
	if name, offset := d.Zone(); !ok || name != "" || offset != 3600 {
		t.Errorf("got %v %q %d", d, name, offset)
	}
}
