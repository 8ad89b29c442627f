package gitops

import "testing"

// An address of IPv6 has two colons in a row, and so has the name of a remote helper, which
// would run a program.
func TestCheckURLTellsIPv6FromHelpers(t *testing.T) {
	for _, url := range []string{"git://[::1]:9418/a.git", "ssh://git@[2001:db8::7]/srv/a.git", "https://[2001:db8::7]:8443/a"} {
		if got, err := CheckURL(url, "/"); err != nil || got != url {
			t.Errorf("%s: %q, %v", url, got, err)
		}
	}
	for _, url := range []string{"ext::sh -c id", "git://[::1]/ext::x", "foo::git://[::1]/a", "git://[sh::id]/a", "git://a]b[::1]/a"} {
		if got, err := CheckURL(url, "/"); err == nil {
			t.Errorf("%s is taken as %q", url, got)
		}
	}
}
