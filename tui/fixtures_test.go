package tui

import (
	"crypto/sha1"
	"fmt"
	"strings"
	"time"

	"github.com/git-carry/git-carry/owners"
	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/merge3"
)

var (
	priya = owners.Person{ID: "priya", Name: "Priya Nair"}
	sam   = owners.Person{ID: "sam", Name: "Sam Ito"}
)

var fixtureReview = Review{
	Against: "as signed for 1.46.0-wmf.5 by priya",
	Change: patchset.Interdiff{Files: []patchset.FileInterdiff{{
		Path: "includes/Foo.php",
		Lines: []patchset.InterdiffLine{
			{In: '-', Op: '+', Text: []byte("\treturn doThing( sanitize( $user ) );\n")},
			{In: '+', Op: '+', Text: []byte("\treturn doThing( sanitize( $user ), self::FLAG );\n")},
		},
	}}},
}

// fixture is a conflict by name, seen by somebody in a role.
func fixture(name, role string) Conflict {
	c := Conflict{
		Patch: "T401234", Title: "Sanitize user before doThing()", Severity: patchset.Critical,
		Component: "core", Version: "1.46.0-wmf.6", From: "1.46.0-wmf.5",
		Owner:   priya,
		Signers: []owners.Signer{{Person: priya, As: owners.AsOwner}, {Person: sam, As: owners.AsDeputy}},
		Cause: &Commit{
			ID: merge3.ID("d316934a5b6c7d8e9f00112233445566778899aa"), Author: "Carol Voss", Date: day(2026, 11, 3),
			Subject: "Pass FLAG to doThing (refactor)", Body: "Callers decide now.\n\n-\treturn doThing( $user );\n+\treturn doThing( $user, self::FLAG );\n",
		},
		Source: &Commit{ID: merge3.ID("b40fd12000112233445566778899aabbccddeeff"), Author: "Priya Nair", Date: day(2026, 8, 17), Subject: "Sanitize user before doThing()"},
		Files:  fixtureFiles[name](),
	}
	claim := func(id string) {
		c.Actor = owners.Actor{Person: id, Claim: owners.Claim{Email: id + "@example.org"}, Assurance: owners.Unverified}
	}
	switch role {
	case "", "owner":
		claim("priya")
		c.As = owners.AsOwner
	case "verified":
		claim("priya")
		c.Actor.Assurance, c.Actor.Key, c.As = owners.Verified, "SHA256:k3ab", owners.AsOwner
	case "delegate":
		claim("sam")
		c.As, c.Signers[1].As = owners.AsDelegate, owners.AsDelegate
	case "deputy":
		claim("sam")
		c.As = owners.AsDeputy
	case "override":
		claim("kim")
		c.As = owners.AsOverride
	case "other":
		claim("kim")
	case "nobody":
		claim("kim")
		c.Owner, c.Signers = owners.Person{}, nil
	}
	if name == "two" {
		c.FixElsewhere = 22
		c.Suggestions = []Suggestion{{
			Path: "includes/Foo.php", Hunk: 1, Label: "same conflict", Source: "signed by priya for 1.46.0-wmf.4", Precision: 0.92,
			Lines: []byte("\treturn doThing( sanitize( $user ), self::FLAG );\n"),
		}}
	}
	return c
}

func day(y, m, d int) time.Time { return time.Date(y, time.Month(m), d, 12, 0, 0, 0, time.UTC) }

// merged is a file of text with its disputes.
func merged(path string, base, upstream, patch string) File {
	f := File{
		Path: path, Kind: merge3.KindContent,
		Base: content(base), Upstream: content(upstream), Patch: content(patch),
	}
	f.Text = merge3.Text([]byte(base), []byte(upstream), []byte(patch), merge3.TextOptions{Style: merge3.StyleDiff3}).Regions
	return f
}

func content(text string) Entry {
	return Entry{Mode: merge3.ModeFile, ID: hash(text), Size: int64(len(text)), Data: []byte(text)}
}

const foo = `<?php
class Foo {
	public function check( $user ) {
		if ( !$user ) {
			return false;
		}
		return doThing( $user );
	}

	function other(): int { return 2; }

	function last() {
		return 1;
	}
}
`

func edited(text string, pairs ...string) string { return strings.NewReplacer(pairs...).Replace(text) }

const (
	oldCall = "doThing( $user )"
	oldLast = "return 1;"
)

var fixtureFiles = map[string]func() []File{
	"one": func() []File {
		return []File{merged("includes/Foo.php", foo, edited(foo, oldCall, "doThing( $user, self::FLAG )"), edited(foo, oldCall, "doThing( sanitize( $user ) )"))}
	},
	"two": func() []File {
		return []File{
			merged("includes/Foo.php", foo,
				edited(foo, oldCall, "doThing( $user, self::FLAG )", oldLast, "return 10;"),
				edited(foo, oldCall, "doThing( sanitize( $user ) )", oldLast, "return 2;")),
			merged("tests/FooTest.php", "a\nb\nc\n", "a\nB\nc\n", "a\nb fixed\nc\n"),
		}
	},
	"modify-delete": func() []File {
		f := File{
			Path: "src/Old.php", Kind: merge3.KindModifyDelete, Base: content(foo), Patch: content(edited(foo, oldCall, "doThing( sanitize( $user ) )")),
			Message: "CONFLICT (modify/delete): src/Old.php deleted in UPSTREAM and modified in PATCH.",
		}
		return []File{f}
	},
	"delete-modify": func() []File {
		return []File{{Path: "src/Unsafe.php", Kind: merge3.KindModifyDelete, Base: content(foo), Upstream: content(edited(foo, oldLast, "return 10;"))}}
	},
	"rename-delete": func() []File {
		return []File{{Path: "src/New.php", Kind: merge3.KindRenameDelete, Patch: content(foo), Message: "CONFLICT (rename/delete): src/Old.php renamed to src/New.php in PATCH, but deleted in UPSTREAM."}}
	},
	"rename-rename": func() []File {
		return []File{
			{Path: "src/A.php", Kind: merge3.KindRenameRename, Upstream: content(foo), Message: "CONFLICT (rename/rename): src/Old.php renamed to src/A.php in UPSTREAM and to src/B.php in PATCH."},
			{Path: "src/B.php", Kind: merge3.KindRenameRename, Patch: content(foo)},
			{Path: "src/Old.php", Kind: merge3.KindRenameRename, Base: content(foo)},
		}
	},
	"directory-rename": func() []File {
		return []File{{Path: "lib/new/Helper.php", Kind: merge3.KindDirRename, Message: "CONFLICT (file location): lib/old/Helper.php added in PATCH inside a directory that was renamed in UPSTREAM, suggesting it should perhaps be moved to lib/new/Helper.php."}}
	},
	"file-directory": func() []File {
		return []File{{Path: "conf~PATCH", Kind: merge3.KindFileDirectory, Patch: content("a\n")}}
	},
	"mode": func() []File {
		return []File{{Path: "run.sh", Kind: merge3.KindMode, Base: withMode("100644", 1), Upstream: withMode("100755", 1), Patch: withMode("120000", 2)}}
	},
	"symlink": func() []File {
		return []File{{Path: "current", Kind: merge3.KindSymlink, Base: target("v1"), Upstream: target("v2"), Patch: target("../v1-fixed\x1b[2J")}}
	},
	"binary": func() []File {
		return []File{{Path: "logo.png", Kind: merge3.KindBinary, Base: withMode("100644", 1), Upstream: withMode("100644", 2), Patch: withMode("100644", 3)}}
	},
	"submodule": func() []File {
		u, p := withMode(merge3.ModeGitlink, 2), withMode(merge3.ModeGitlink, 3)
		u.Note, p.Note = "Release 2.0", "Fix overflow"
		return []File{{Path: "vendor/lib", Kind: merge3.KindSubmodule, Base: withMode(merge3.ModeGitlink, 1), Upstream: u, Patch: p}}
	},
	"other": func() []File {
		return []File{{Path: "odd", Kind: merge3.KindOther, Message: "CONFLICT (something new): odd"}}
	},
	"hostile": func() []File {
		f := merged("a\x1b]0;title\a\u202e.php", "x\ty\n\xe9t\xe9\nold\n", "x\ty\n\xe9t\xe9\n\x1b[31mred\u202etxt.exe\r\n", "x\ty\n\xe9t\xe9\n漢字かな\tend 🎉\n")
		f.Message = "says\r\x1b[2Jnothing"
		return []File{f}
	},
	"crlf": func() []File {
		return []File{merged("dos.txt", "a\r\nb\r\nc\r\n", "a\r\nB\r\nc\r\n", "a\r\nfixed\nc\r\n")}
	},
	"no-newline": func() []File {
		return []File{merged("end.txt", "a\nb", "a\nB\n", "a\nfixed")}
	},
}

func hash(text string) merge3.ID { return merge3.ID(fmt.Sprintf("%x", sha1.Sum([]byte(text)))) }

func withMode(mode string, n int) Entry {
	return Entry{Mode: mode, ID: merge3.ID(strings.Repeat(fmt.Sprint(n), 40)), Size: int64(1000 * n)}
}

func target(to string) Entry {
	return Entry{Mode: merge3.ModeSymlink, ID: hash(to), Data: []byte(to)}
}
