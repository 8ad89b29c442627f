package gitops

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/fingerprint"
	"github.com/git-carry/git-carry/patchset/mailbox"
	"github.com/git-carry/git-carry/patchset/merge3"
)

// What may become public without a push: a bundle, a patch file, a directory.

// EmptyScratch is a throw-away place that has nothing, for looking at files where there
// is no repository.
func EmptyScratch(git *Git, tmp string) (*Scratch, error) {
	format := formatSHA1
	empty := filepath.Join(tmp, "empty.git")
	if err := os.MkdirAll(filepath.Join(empty, "objects"), 0o700); err != nil {
		return nil, err
	}
	if err := writeGitDir(empty, format); err != nil {
		return nil, err
	}
	return NewScratch(git, tmp, filepath.Join(empty, "objects"))
}

// SeeFile notes what a file says, as a patch if it is one.
func (w *Workbench) SeeFile(seen fingerprint.Seen, name string, data []byte) error {
	at := fingerprint.Place{Path: name}
	id, err := w.format.hash("blob", data)
	if err != nil {
		return err
	}
	seen.Add(fingerprint.Blob, string(id), at)
	if bytes.IndexByte(data[:min(len(data), 8000)], 0) >= 0 {
		return nil
	}
	seen.Text(data, at)
	messages, err := mailbox.ParseMessages(data)
	if err != nil {
		return nil // its lines have been seen
	}
	for _, m := range messages {
		seen.Text([]byte(m.CommitMessage()), at)
		for _, file := range m.Files {
			seen.Add(fingerprint.Blob, file.NewBlob, at)
		}
		seen.Change(m.Files, true, at)
	}
	return nil
}

// maxGuardFile is the size, in bytes, above which a file is refused: it would have to be
// in memory as a whole.
const maxGuardFile = 256 << 20

// SeeDir notes what the files below a directory say, which people call shown. It follows
// no link. inGit tells that there was a repository, of which only the files beside it
// were looked at.
func (w *Workbench) SeeDir(ctx context.Context, seen fingerprint.Seen, dir, shown string) (inGit bool, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return false, err
	}
	defer root.Close()
	err = fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case d.Name() == ".git":
			inGit = true
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !d.Type().IsRegular():
			return nil
		}
		f, err := root.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		data, err := readGuarded(f, name)
		if err != nil {
			return err
		}
		return w.SeeFile(seen, path.Join(shown, name), data)
	})
	return inGit, err
}

func readGuarded(r io.Reader, name string) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxGuardFile+1))
	if err == nil && len(data) > maxGuardFile {
		err = patchset.Faultf(patchset.CodeBadInput, "%s is larger than %d bytes: it is not looked at, and so not passed", name, maxGuardFile)
	}
	return data, err
}

// IsBundle tells whether a file begins as a git bundle does.
func IsBundle(data []byte) bool { return bytes.HasPrefix(data, []byte("# v")) }

// maxBundle is how many bytes of pack a bundle may have.
const maxBundle = 4 << 30

// TakeBundle puts the objects of a bundle into the scratch and says what it brings to
// those who have what it presupposes.
func (w *Workbench) TakeBundle(ctx context.Context, r io.Reader) (Outgoing, error) {
	in := bufio.NewReader(r)
	out, err := readBundleHead(in)
	if err != nil {
		return out, patchset.Faultf(patchset.CodeBadInput, "no bundle that can be read: %w", err).WithHint("git bundle verify FILE")
	}
	_, err = w.Git(ctx, Cmd{Args: []string{"index-pack", "--stdin", "--fix-thin", fmt.Sprintf("--max-input-size=%d", int64(maxBundle))}, Stdin: in})
	if err != nil {
		return out, patchset.Faultf(patchset.CodeBadInput, "the bundle cannot be unpacked: %w", err).
			WithHint(bundleHint)
	}
	for _, id := range out.Have {
		if _, err := w.Read(ctx, id); err != nil {
			return out, patchset.Faultf(patchset.CodeBadInput, "the bundle presupposes what is not here: %w", err).WithHint(bundleHint)
		}
	}
	return out, nil
}

const bundleHint = "name a repository that has what it presupposes: --repo REPO"

// maxBundleHead bounds the lines of the head of a bundle.
const maxBundleHead = 1 << 20

// readBundleHead reads up to the pack. See "FORMAT" in gitformat-bundle(5).
func readBundleHead(in *bufio.Reader) (Outgoing, error) {
	var out Outgoing
	for n := range maxBundleHead {
		line, err := in.ReadString('\n')
		if err != nil || len(line) > maxBundleLine {
			return out, fmt.Errorf("its head is cut off")
		}
		line = strings.TrimSuffix(line, "\n")
		switch {
		case n == 0 || strings.HasPrefix(line, "@"):
			continue
		case line == "":
			return out, nil
		}
		word, _, _ := strings.Cut(strings.TrimPrefix(line, "-"), " ")
		id, err := ParseID(word)
		switch {
		case err != nil:
			return out, err
		case strings.HasPrefix(line, "-"):
			out.Have = append(out.Have, id)
		default:
			out.Tips = append(out.Tips, id)
		}
	}
	return out, fmt.Errorf("its head has more than %d lines", maxBundleHead)
}

const maxBundleLine = 8 << 10

// RefUpdate is one ref that a push would move; an id is "" where there is nothing.
type RefUpdate struct {
	Ref      string // on the other side
	Old, New merge3.ID
}

// ReadPush reads what git tells a pre-push hook: "local-ref new remote-ref old".
func ReadPush(r io.Reader) ([]RefUpdate, error) {
	return readUpdates(r, 4, func(f []string) (string, string, string) { return f[2], f[3], f[1] })
}

// ReadReceive reads what git tells a pre-receive hook: "old new ref".
func ReadReceive(r io.Reader) ([]RefUpdate, error) {
	return readUpdates(r, 3, func(f []string) (string, string, string) { return f[2], f[0], f[1] })
}

// readUpdates reads lines of at least n words; of more, the last n count, since a local
// ref may be any expression.
func readUpdates(r io.Reader, n int, pick func(words []string) (ref, old, now string)) ([]RefUpdate, error) {
	var updates []RefUpdate
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words) == 0 {
			continue
		}
		if len(words) < n {
			return nil, patchset.Faultf(patchset.CodeBadInput, "%.100q is no line of git's hook protocol", lines.Text())
		}
		ref, old, now := pick(words[len(words)-n:])
		u := RefUpdate{Ref: ref}
		for _, id := range []struct {
			text string
			to   *merge3.ID
		}{{old, &u.Old}, {now, &u.New}} {
			parsed, err := ParseID(id.text)
			if err != nil {
				return nil, patchset.Faultf(patchset.CodeBadInput, "%.100q is no line of git's hook protocol: %w", lines.Text(), err)
			}
			if strings.Trim(id.text, "0") != "" {
				*id.to = parsed
			}
		}
		updates = append(updates, u)
	}
	return updates, lines.Err()
}

// OutgoingOf is what updates bring to a place that has public as well.
func OutgoingOf(updates []RefUpdate, public []merge3.ID) Outgoing {
	out := Outgoing{Have: public}
	for _, u := range updates {
		if u.New == "" {
			continue // a ref that goes
		}
		out.Tips = append(out.Tips, u.New)
		if u.Old != "" {
			out.Have = append(out.Have, u.Old)
		}
	}
	return out
}
