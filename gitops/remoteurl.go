package gitops

import (
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"

	"github.com/git-carry/git-carry/patchset"
)

var scpURL = regexp.MustCompile(`^([A-Za-z0-9._-]+@)?[A-Za-z0-9][A-Za-z0-9.-]*:[^:].*$`)

// CheckURL accepts what git can fetch from without running a program of the
// URL's choice: https, http, ssh, git, file, host:path, and paths. A relative
// path is taken from dir and returned absolute. Credentials in a URL are refused:
// they would end up in the ledger.
func CheckURL(raw, dir string) (string, error) {
	bad := func(why string) error {
		return patchset.Faultf(patchset.CodeBadInput, "%s is no usable URL: %s", MaskURL(raw), why).
			WithHint("use https://…, ssh://…, git://…, host:path or a path")
	}
	switch {
	case raw == "":
		return "", bad("it is empty")
	case strings.HasPrefix(raw, "-"):
		return "", bad("it starts with '-'")
	case strings.ContainsFunc(raw, unicode.IsControl):
		return "", bad("it has control characters")
	case strings.Contains(raw, "::"):
		return "", bad("remote helpers are not used")
	}
	if scheme, _, ok := strings.Cut(raw, "://"); ok {
		u, err := url.Parse(raw)
		if err != nil {
			return "", bad("it cannot be parsed")
		}
		if _, secret := u.User.Password(); secret {
			return "", bad("it holds a password; leave it out and use a git credential helper")
		}
		if strings.HasPrefix(u.Host, "-") {
			return "", bad("its host starts with '-'")
		}
		switch scheme {
		case "https", "http", "ssh", "git", "git+ssh", "ssh+git":
			if u.Host == "" {
				return "", bad("it has no host")
			}
			return raw, nil
		case "file":
			return raw, nil
		}
		return "", bad("scheme " + scheme + " is not used")
	}
	if scpURL.MatchString(raw) && !strings.Contains(strings.SplitN(raw, ":", 2)[0], "/") {
		return raw, nil
	}
	if !filepath.IsAbs(raw) {
		raw = filepath.Join(dir, raw)
	}
	return filepath.Clean(raw), nil
}

// MaskURL hides a password in a URL, for messages.
func MaskURL(raw string) string {
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok {
		return raw
	}
	host, path, _ := strings.Cut(rest, "/")
	i := strings.LastIndexByte(host, '@')
	if i < 0 || !strings.Contains(host[:i], ":") {
		return raw
	}
	user, _, _ := strings.Cut(host[:i], ":")
	return scheme + "://" + user + ":***@" + host[i+1:] + "/" + path
}

// SameRemote tells whether two URLs name the same repository, as far as their
// text can tell: case of the host, a trailing slash, ".git" and the user do not
// matter, nor whether ssh is written in the short form.
func SameRemote(a, b string) bool { return canonicalURL(a) == canonicalURL(b) }

func canonicalURL(raw string) string {
	s := raw
	if scheme, rest, ok := strings.Cut(raw, "://"); ok {
		if scheme == "file" {
			s = rest
		} else {
			host, path, _ := strings.Cut(rest, "/")
			s = host + "/" + path
		}
	} else if scpURL.MatchString(raw) && !filepath.IsAbs(raw) {
		host, path, _ := strings.Cut(raw, ":")
		s = host + "/" + strings.TrimPrefix(path, "/")
	}
	host, path, _ := strings.Cut(s, "/")
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		host = host[i+1:]
	}
	host, _, _ = strings.Cut(strings.ToLower(host), ":")
	return host + "/" + strings.TrimSuffix(strings.Trim(path, "/"), ".git")
}
