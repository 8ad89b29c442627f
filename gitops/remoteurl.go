package gitops

import (
	"context"
	"net"
	"net/url"
	"path"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/git-carry/git-carry/patchset"
	"github.com/git-carry/git-carry/patchset/pattern"
)

var scpURL = pattern.Of(`^([A-Za-z0-9._-]+@)?[A-Za-z0-9][A-Za-z0-9.-]*:[^:].*$`)

// ipv6Host is the beginning of a URL of which the host is an IPv6 address.
var ipv6Host = pattern.Of(`^[a-z]+://([^/@\[\]]*@)?\[[0-9A-Fa-f:.]+\]`)

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
	case strings.Contains(ipv6Host().ReplaceAllString(raw, ""), "::"):
		return "", bad("remote helpers are not used")
	}
	if scheme, _, ok := strings.Cut(raw, "://"); ok {
		u, err := url.Parse(raw)
		if err != nil {
			return "", bad("it cannot be parsed")
		}
		if _, secret := u.User.Password(); secret || u.User != nil && strings.HasPrefix(scheme, "http") {
			return "", bad("it holds a name or password, which would end up in the ledger; use a git credential helper")
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
	if scpURL().MatchString(raw) && !strings.Contains(strings.SplitN(raw, ":", 2)[0], "/") {
		return raw, nil
	}
	if !filepath.IsAbs(raw) {
		raw = filepath.Join(dir, raw)
	}
	return filepath.Clean(raw), nil
}

// MaskURL hides a name or password in a URL, for messages; an ssh user may show.
func MaskURL(raw string) string {
	scheme, rest, ok := strings.Cut(raw, "://")
	host, _, _ := strings.Cut(rest, "/")
	i := strings.LastIndexByte(host, '@')
	if !ok || i < 0 || scheme == "ssh" && !strings.Contains(host[:i], ":") {
		return raw
	}
	return scheme + "://***@" + rest[i+1:]
}

// SameRemote tells whether two URLs name the same repository, as far as can be told
// without asking a server: case of the host, a trailing slash, ".git" and the user
// do not matter, nor whether ssh is written in the short form. Local paths are
// followed through symbolic links.
func SameRemote(a, b string) bool { return canonicalURL(a) == canonicalURL(b) }

// URLRules are the person's own rules by which git uses another URL than it is given
// (url.….insteadOf, pushInsteadOf, a remote that is called like a URL): read once for many
// URLs. The zero value has none.
type URLRules struct {
	git  *Git
	any  bool
	push string // the pushInsteadOf rules, as git config --null prints them
}

// ReadURLRules reads the person's configuration.
func ReadURLRules(ctx context.Context, git *Git) (URLRules, error) {
	ask := func(keys string) (string, error) {
		out, err := git.Run(ctx, Cmd{Args: []string{"config", "--null", "--get-regexp", keys}, Network: true})
		if code, ok := exitCode(err); ok && code == 1 {
			return "", nil
		}
		return string(out), err
	}
	all, err := ask(`^(url\..*\.(push)?insteadof|remote\..*\.url)$`)
	if err != nil || all == "" {
		return URLRules{}, err
	}
	push, err := ask(`^url\..*\.pushinsteadof$`)
	return URLRules{git, true, push}, err
}

// Effective is the URL that git really uses for raw.
func (r URLRules) Effective(ctx context.Context, raw string, push bool) (string, error) {
	if !r.any {
		return raw, nil
	}
	out, err := r.git.Run(ctx, Cmd{Args: []string{"ls-remote", "--get-url", "--end-of-options", raw}, Network: true})
	if err != nil {
		return "", err
	}
	url := strings.TrimSuffix(string(out), "\n")
	if push {
		url = rewritePush(raw, url, r.push)
	}
	return url, nil
}

// rewritePush applies the longest pushInsteadOf that fits, as git does: it wins
// over insteadOf.
func rewritePush(raw, url, rules string) string {
	longest := ""
	for rule := range strings.SplitSeq(rules, "\x00") {
		key, prefix, ok := strings.Cut(rule, "\n")
		base := strings.TrimSuffix(strings.TrimPrefix(key, "url."), ".pushinsteadof")
		if ok && strings.HasPrefix(raw, prefix) && len(prefix) > len(longest) {
			longest, url = prefix, base+strings.TrimPrefix(raw, prefix)
		}
	}
	return url
}

func canonicalURL(raw string) string {
	if p, ok := localPath(raw); ok {
		return canonicalPath(p)
	}
	host, p := "", ""
	if u, err := url.Parse(raw); err == nil && strings.Contains(raw, "://") {
		host, p = u.Hostname(), u.Path
	} else {
		host, p, _ = strings.Cut(raw, ":")
		host = host[strings.LastIndexByte(host, '@')+1:]
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return canonicalPath(path.Clean("/" + p))
	}
	return host + strings.TrimSuffix(path.Clean("/"+p), ".git")
}

// localPath is the path of a URL that names a directory of this machine.
func localPath(raw string) (string, bool) {
	if rest, ok := strings.CutPrefix(raw, "file://"); ok {
		rest = strings.TrimPrefix(rest, "localhost")
		if p, err := url.PathUnescape(rest); err == nil {
			return p, true
		}
		return rest, true
	}
	return raw, filepath.IsAbs(raw)
}

// canonicalPath is where a repository really is: links followed, and the directory
// above .git, however it was written.
func canonicalPath(dir string) string {
	dir = strings.TrimSuffix(filepath.Clean(dir), "/.git")
	for _, name := range []string{dir, dir + ".git"} { // git tries both
		if real, err := filepath.EvalSymlinks(name); err == nil {
			return strings.TrimSuffix(real, "/.git")
		}
	}
	return dir
}
