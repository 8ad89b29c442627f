package owners

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

const (
	ecdsaLine   = "ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBBIBmcIMTVFH2/6Sd6/CaecuNjIwAR+FQEfOKJ+vj705q3mu7gIfwXP4WJIFFReLLNHMmkdcfbntrvi330E9qWFYor1e3H6UWc5NDW1HfPrSAxDUR/9QhFU40FP0Un3VNQ=="
	rsa2048Line = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDdDzU+ZzlVwrHcII1dl/dUcoIloS6z1wD5VtWKx82UAHj56M6NPcS5U9iR5PJ8IcHFUdiq0BR67O9cgFpZrJTpcfJwb/0FnH8KOTU/o/mx0fzQ570Gv9lFymDWwqjLpQCV1ao6wpHbfTLMFftwm95BgNpwTk4L/WzvTnwrRQ2TUFNXPlVXCd5VEpjf2MlzHN+izkmvXodwPPbGU7V2L7k4m8BM1RAnr44ruMMUFzIoNv08CUdIZfw+CXTkzrD6Mdf6RbFx7C29uf60ek6i3TwLPx8xAkhw4qG9wd7qzcUJlVn54MvSJbuF4dGDUWZms4lRRNT0B3npW9TM9dySS5sr"
	rsa3072Line = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQDFj/O266eJPJxVQTtUktenKs5BnOxY2fmLx2Om1zlJsnVBQ/fnUJsjSyVepjBP5TZujzUWrvgF9+lsQHqmwI3Mn0V6oIqRRO0YxJ0n6SI6Q9OTaEadCDaFn7TgZggLxT0hBZ2TUT+713Y4uXNu5/nQo8Qe1B2nITEBnf41+NuGxwCgFHOV2xj6OA6bIvA0QmcedorwAIBh+D7nVdEXxRbUPXJs9zBQq5o7nSjk7X56eZAuGPRUBOsaVCgLi96zGyIWDyaYsFwyFGPBt5rPsrbwPgkhomUFMIFRDTnLXYo7/RDerduWFdtdECZxlk/tIHLajwQeNXpHWq/4wbhsiz9Se3vVHUfLt/5qt3hjc/pGidqTzOo1bZFMWbIK0CY8bP802By9kno3/dhqTOXx3JXrE2vWaQFFpC6L4UhwsdqiAZ/hJ34fuQD1EvD8KyEJNpQ643Z5ZcNdl6CyWt06I7ik3RiURD5nQFstAvnx8iGzGEtqLRjuKMrF5vqt2FcDuLs="
	dsaLine     = "ssh-dss AAAAB3NzaC1kc3MAAACBAKPkDsVcWoQ51YU4Mmsu8au"
)

func line(kind string, fields any) string {
	return kind + " " + base64.StdEncoding.EncodeToString(ssh.Marshal(fields))
}

// skEd25519 is a key that lives on a security key.
func skEd25519() string {
	return line(ssh.KeyAlgoSKED25519, struct {
		Type        string
		Public      []byte
		Application string
	}{ssh.KeyAlgoSKED25519, bytes.Repeat([]byte{7}, 32), "ssh:"})
}

func TestParseKeyAccepts(t *testing.T) {
	for name, text := range map[string]string{
		"ed25519":        ed25519Line,
		"sk-ed25519":     skEd25519(),
		"ecdsa":          ecdsaLine,
		"rsa 3072":       rsa3072Line,
		"with comment":   ecdsaLine + " a long comment",
		"space around":   "  " + otherLine + "\n",
		"spaces between": strings.Replace(otherLine, " ", "   ", 1),
	} {
		t.Run(name, func(t *testing.T) {
			k, err := ParseKey(text)
			if err != nil {
				t.Fatal(err)
			}
			if again, err := ParseKey(k.String()); again != k || err != nil {
				t.Errorf("%v is read as %v, %v", k, again, err)
			}
			if !strings.HasPrefix(k.Fingerprint(), "SHA256:") {
				t.Errorf("fingerprint %q", k.Fingerprint())
			}
		})
	}
}

func TestParseKeyRefuses(t *testing.T) {
	kind, blob, _ := strings.Cut(otherLine, " ")
	blob, _, _ = strings.Cut(blob, " ")
	for name, tt := range map[string]struct{ text, words string }{
		"empty":         {"", "algorithm"},
		"type alone":    {kind, "not an SSH key"},
		"dsa":           {dsaLine, "algorithm"},
		"certificate":   {"ssh-ed25519-cert-v01@openssh.com " + blob, "algorithm"},
		"options":       {`command="x" ` + otherLine, "algorithm"},
		"weak rsa":      {rsa2048Line, "has 2048 bits"},
		"not base64":    {kind + " " + blob + "!", "is not base64"},
		"cut off":       {kind + " " + blob[:len(blob)-8], "not an SSH key"},
		"appended":      {kind + " " + base64.StdEncoding.EncodeToString(append(mustBase64(t, blob), 0)), "not an SSH key"},
		"wrong type":    {"ssh-rsa " + blob, "its content says"},
		"two lines":     {otherLine + "\n" + ed25519Line, "one line"},
		"control":       {otherLine + "\x1b[2J", "one line"},
		"private key":   {"-----BEGIN OPENSSH PRIVATE KEY-----", "private key"},
		"short ed25519": {line(kind, struct{ Type, Public string }{kind, "short"}), "not an SSH key"},
		"off the curve": {line(ssh.KeyAlgoECDSA256, struct{ Type, Curve, Point string }{ssh.KeyAlgoECDSA256, "nistp256", "\x04" + strings.Repeat("x", 64)}), "not an SSH key"},
		"padded number": {line("ssh-rsa", struct{ Type, E, N string }{"ssh-rsa", "\x01\x00\x01", "\x00\x00" + strings.Repeat("\xff", 384)}), "canonical form"},
		"huge":          {kind + " " + strings.Repeat("A", maxKeyLine), "the limit is"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseKey(tt.text)
			wantText(t, err, tt.words)
			if err != nil && !printable(err.Error()) {
				t.Errorf("error %q is not printable", err)
			}
		})
	}
}

func mustBase64(t *testing.T, s string) []byte {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestFingerprintOfNoKey(t *testing.T) {
	for _, k := range []Key{{}, {Blob: "?"}, {Blob: "AAAA"}} {
		if got := k.Fingerprint(); got != "" {
			t.Errorf("%v: %q", k, got)
		}
	}
}
