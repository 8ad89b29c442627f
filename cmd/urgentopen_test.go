package cmd

import "testing"

func TestAddressIn(t *testing.T) {
	for line, want := range map[string]string{
		"Sam <sam@example.org> 1795338000 +0000": "sam@example.org",
		"Sam < sam@example.org >":                "sam@example.org",
		" sam@example.org ":                      "sam@example.org",
		"":                                       "",
	} {
		if got := addressIn(line); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}
