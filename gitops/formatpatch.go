package gitops

import (
	"bytes"
	"context"
	"fmt"

	"github.com/git-carry/git-carry/patchset/mailbox"
	"github.com/git-carry/git-carry/patchset/merge3"
	"github.com/git-carry/git-carry/patchset/pattern"
)

// FormatPatch writes a commit as a mail that git am takes, with whole blob ids
// and binary content, whatever anybody has configured. What is written is read
// back: a commit whose message would be taken for a part of the patch is an error.
// A patch with CR at line ends is quoted-printable: git am cuts them otherwise.
func (w *Workbench) FormatPatch(ctx context.Context, id merge3.ID) ([]byte, error) {
	mail, err := w.Git(ctx, Cmd{
		Args: []string{
			"format-patch", "--stdout", "-1", "--binary", "--full-index", "-M", "--no-attach", "--no-thread", "--no-cover-letter",
			"--no-signature", "--no-stat", "--no-numbered", "--no-notes", "--no-base", "--no-signoff", "--no-to", "--no-cc", "--no-add-header",
			"--subject-prefix=PATCH", "--encode-email-headers", "--no-color", "--no-ext-diff", "--no-textconv", "--no-relative",
			"--diff-algorithm=default", "--unified=3", "--src-prefix=a/", "--dst-prefix=b/", "--end-of-options", string(id),
		},
	})
	if err != nil {
		return nil, fmt.Errorf("writing %s as a patch: %w", id.Short(), err)
	}
	if bytes.Contains(mail, []byte("\r\n")) {
		mail = quotedPrintable(mail)
	}
	messages, err := mailbox.ParseMessages(mail)
	if err != nil || len(messages) != 1 {
		return nil, fmt.Errorf("commit %s cannot be written as a patch file that reads back: %w", id.Short(), orNotOne(err, len(messages)))
	}
	diff, err := w.DiffText(ctx, id, 0)
	if err != nil {
		return nil, err
	}
	changes, err := mailbox.ParseDiff(diff)
	if err != nil {
		return nil, err
	}
	if same, _ := mailbox.SameChange(messages[0].Files, changes); !same {
		return nil, fmt.Errorf("commit %s cannot be written as a patch file: its message looks like a part of the patch", id.Short())
	}
	return mail, nil
}

// quotedPrintable encodes the body of a mail, and says so in its header.
func quotedPrintable(mail []byte) []byte {
	head, body, _ := bytes.Cut(mail, []byte("\n\n"))
	var b bytes.Buffer
	for line := range bytes.Lines(head) {
		if name, _, _ := bytes.Cut(line, []byte(":")); !mimeField().Match(name) {
			b.Write(bytes.TrimSuffix(line, []byte("\n")))
			b.WriteByte('\n')
		}
	}
	b.WriteString("MIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: quoted-printable\n\n")
	for i, c := range body {
		atEnd := i+1 < len(body) && body[i+1] == '\n'
		if c == '\n' || c != '=' && (c == '\t' || c >= ' ' && c <= '~') && (!atEnd || c > ' ') {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "=%02X", c)
	}
	return b.Bytes()
}

var mimeField = pattern.Of(`^(?i:MIME-Version|Content-Type|Content-Transfer-Encoding)$`)

func orNotOne(err error, n int) error {
	if err == nil {
		err = fmt.Errorf("it reads as %d patches", n)
	}
	return err
}
