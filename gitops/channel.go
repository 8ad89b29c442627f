package gitops

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/git-carry/git-carry/patchset"
)

// Channels are the ways by which this vault tells people something. They are in a file
// of the vault and not in its ledger: a ledger comes from others, too, and a channel
// names a program that is run here, or a file whose content is sent to a server.

const channelsFile = "carry-channels.toml"

// Channel is one way to reach people: a mail server, or a program.
type Channel struct {
	// Server is host:port.
	Server string `toml:"server,omitempty"`
	From   string `toml:"from,omitempty"`
	// TLS is "starttls" (demanded), "tls" (from the first byte) or "none" (this machine only).
	TLS string `toml:"tls,omitempty"`
	// CA is a file with the certificates to trust instead of the system's.
	CA   string `toml:"ca,omitempty"`
	User string `toml:"user,omitempty"`
	// The password is in a file or in an environment variable, never here.
	PasswordFile string `toml:"password_file,omitempty"`
	PasswordEnv  string `toml:"password_env,omitempty"`
	// Command is a program and its arguments.
	Command []string `toml:"command,omitempty"`
	// Details tells that the channel may carry embargoed words.
	Details bool `toml:"details,omitempty"`
}

// Letter is one message to one person.
type Letter struct {
	At      time.Time
	ID      string // the same whenever it is sent again
	Name    string // of the person
	Address string // of the person; "" when none is known
	Subject string
	Text    string
	JSON    []byte // for a program
}

// IsCommand tells whether a program is run.
func (c Channel) IsCommand() bool { return len(c.Command) > 0 }

// String is such as "mail by smtp.example.org:587" or the program.
func (c Channel) String() string {
	if c.IsCommand() {
		return "command " + strings.Join(c.Command, " ")
	}
	return fmt.Sprintf("mail by %s (%s)", c.Server, c.TLS)
}

// Valid refuses a channel that cannot work or would give something away.
func (c Channel) Valid() error {
	if c.IsCommand() {
		if c.Server != "" {
			return patchset.Faultf(patchset.CodeUsage, "a channel is a mail server or a command, not both")
		}
		if !filepath.IsAbs(c.Command[0]) {
			return patchset.Faultf(patchset.CodeUsage, "the program of a channel is given by its absolute path, not as %q", c.Command[0])
		}
		return nil
	}
	host, port, err := net.SplitHostPort(c.Server)
	if n, bad := strconv.Atoi(port); err != nil || bad != nil || n < 1 || n > 65535 || host == "" {
		return patchset.Faultf(patchset.CodeUsage, "%q is no mail server: HOST:PORT, such as smtp.example.org:587", c.Server)
	}
	switch {
	case !strings.Contains(c.From, "@"):
		return patchset.Faultf(patchset.CodeUsage, "mail needs an address that it comes from: --from security@example.org")
	case !slices.Contains([]string{"starttls", "tls", "none"}, c.TLS):
		return patchset.Faultf(patchset.CodeUsage, "--tls is starttls, tls or none, not %q", c.TLS)
	case c.TLS == "none" && !isLoopback(host):
		return patchset.Faultf(patchset.CodePolicy, "mail without encryption goes to this machine only, not to %s", host).
			WithHint("--tls starttls, or a mail server on 127.0.0.1 that passes it on")
	case (c.User == "") != (c.PasswordFile == "" && c.PasswordEnv == ""):
		return patchset.Faultf(patchset.CodeUsage, "--user goes with --password-file or --password-env")
	case c.PasswordFile != "" && c.PasswordEnv != "":
		return patchset.Faultf(patchset.CodeUsage, "the password is in a file or in a variable, not in both")
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Channels reads the channels of this vault, by name.
func (v *Vault) Channels() (map[string]Channel, error) {
	data, err := v.ReadCache(channelsFile)
	if err != nil || data == nil {
		return map[string]Channel{}, err
	}
	channels := map[string]Channel{}
	if _, err := toml.Decode(string(data), &channels); err != nil {
		return nil, fmt.Errorf("reading %s of the vault: %w", channelsFile, err)
	}
	for name, c := range channels {
		if err := c.Valid(); err != nil {
			return nil, fmt.Errorf("channel %s: %w", name, err)
		}
	}
	return channels, nil
}

// SetChannels replaces the channels of this vault.
func (v *Vault) SetChannels(ctx context.Context, channels map[string]Channel) error {
	for _, name := range slices.Sorted(maps.Keys(channels)) {
		if err := channels[name].Valid(); err != nil {
			return err
		}
	}
	var b bytes.Buffer
	if err := toml.NewEncoder(&b).Encode(channels); err != nil {
		return err
	}
	return v.WriteCache(ctx, channelsFile, b.Bytes())
}

// LockNotices lets one process at a time send what is due. The function that it
// gives ends that.
func (v *Vault) LockNotices(ctx context.Context) (done func(), err error) {
	return v.lockFile(ctx, "carry-notices.lock")
}

// Send delivers a letter, or says why it could not, in words without secrets.
func (c Channel) Send(ctx context.Context, environ []string, letter Letter) error {
	ctx, cancel := context.WithTimeoutCause(ctx, sendTime, fmt.Errorf("no answer within %s", sendTime))
	defer cancel()
	if c.IsCommand() {
		return runHook(ctx, environ, c.Command, letter.JSON)
	}
	return c.mail(ctx, environ, letter)
}
