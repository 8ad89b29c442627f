package cmd

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/git-carry/git-carry/gitops"
	"github.com/git-carry/git-carry/patchset"
	"github.com/spf13/cobra"
)

func newChannelCmd(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "channel",
		Short: "The ways by which owners are told of their patches",
		Long: `A channel is a mail server, or a program that gets one JSON document on stdin. git carry notify
sends through all of them. What is sent says nothing to others: "patch K7Q2 needs its owner", and
git carry show K7Q2 tells, where the vault is, which patch that is. Only a channel added with
--details is sent ids, titles, components and reasons.

Channels belong to this vault alone and do not travel with git carry sync: a program that is run
here, or a password, must not come from the entries of others. Let one vault of the team have them.`,
		Args: cobra.NoArgs,
	}
	c.AddCommand(newChannelAddCmd(a), newChannelListCmd(a), newChannelRemoveCmd(a), newChannelTestCmd(a))
	return c
}

type channelAddOptions struct {
	name    string
	channel gitops.Channel
}

func newChannelAddCmd(a *app) *cobra.Command {
	o := &channelAddOptions{}
	c := &cobra.Command{
		Use:   "add NAME (--smtp HOST:PORT --from ADDRESS | -- PROGRAM ARG…)",
		Short: "Add a channel, or change one",
		Long: `Add a mail server, or a program with its arguments behind --. Encryption is demanded of a mail
server; without it only one on this machine is taken. The password is named, never given: it is
read from a file that others cannot read, or from an environment variable, when mail is sent.

The program is given by its absolute path and started without a shell, in an environment of PATH
and HOME. It gets one JSON document (schema git-carry/notice/v1: id, subject, text, to) and has 30
seconds; exit status 0 means that the person has been told.`,
		Example: `  git carry channel add mail --smtp smtp.example.org:587 --from carry@example.org --user carry --password-file pw
  git carry channel add local --smtp localhost:25 --tls none --from security@example.org
  git carry channel add chat --details -- /usr/local/bin/tell-owner --room security`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if c.ArgsLenAtDash() != 1 && len(args) > 1 {
				return usagef("what stands behind NAME and -- is a program")
			}
			o.name, o.channel.Command = args[0], args[1:]
			return o.run(c.Context(), a)
		},
	}
	f := c.Flags()
	f.StringVar(&o.channel.Server, "smtp", "", "the mail `SERVER`, as HOST:PORT")
	f.StringVar(&o.channel.From, "from", "", "the `ADDRESS` that mail comes from")
	f.StringVar(&o.channel.TLS, "tls", "starttls", "`HOW` mail is encrypted: starttls, tls (from the first byte) or none")
	f.StringVar(&o.channel.CA, "ca", "", "trust the certificates in this `FILE` instead of the system's")
	f.StringVar(&o.channel.User, "user", "", "log in at the mail server as `USER`")
	f.StringVar(&o.channel.PasswordFile, "password-file", "", "the `FILE` with the password")
	f.StringVar(&o.channel.PasswordEnv, "password-env", "", "the environment `VARIABLE` with the password")
	f.BoolVar(&o.channel.Details, "details", false, "it may carry what is secret: ids, titles, components")
	return c
}

func (o *channelAddOptions) run(ctx context.Context, a *app) error {
	if err := patchset.CheckChannel(o.name); err != nil {
		return err
	}
	c := o.channel
	if c.IsCommand() {
		c.TLS = ""
	}
	for _, file := range []*string{&c.CA, &c.PasswordFile} {
		if *file != "" {
			*file = a.path(*file)
		}
	}
	if err := c.Valid(); err != nil {
		return err
	}
	verb := "added"
	err := a.changeChannels(ctx, func(channels map[string]gitops.Channel) error {
		if _, known := channels[o.name]; known {
			verb = "changed"
		}
		channels[o.name] = c
		return nil
	})
	if err != nil {
		return err
	}
	doc := struct {
		Schema string `json:"schema"`
		channelDoc
	}{schema("channel-add"), newChannelDoc(o.name, c)}
	a.show(doc, func() {
		a.say("Channel %s %s: %s, %s", o.name, verb, c, contentWord(c))
		a.next("git carry channel test %s --to PERSON", shellWord(o.name))
	})
	return nil
}

// changeChannels changes the channels of this vault, one process at a time.
func (a *app) changeChannels(ctx context.Context, change func(map[string]gitops.Channel) error) error {
	v, err := a.vault(ctx)
	if err != nil {
		return err
	}
	done, err := v.LockNotices(ctx)
	if err != nil {
		return err
	}
	defer done()
	channels, err := v.Channels()
	if err != nil {
		return err
	}
	if err := change(channels); err != nil {
		return err
	}
	return v.SetChannels(ctx, channels)
}

type channelDoc struct {
	Name    string   `json:"name"`
	Server  string   `json:"server,omitempty"`
	From    string   `json:"from,omitempty"`
	TLS     string   `json:"tls,omitempty"`
	User    string   `json:"user,omitempty"`
	Command []string `json:"command,omitempty"`
	Details bool     `json:"details"`
}

func newChannelDoc(name string, c gitops.Channel) channelDoc {
	return channelDoc{name, c.Server, c.From, c.TLS, c.User, c.Command, c.Details}
}

// contentWord says what a channel is sent.
func contentWord(c gitops.Channel) string {
	if c.Details {
		return "with details"
	}
	return "opaque"
}

func newChannelListCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the channels of this vault",
		Long:    "List the channels of this vault and what they may carry.",
		Example: "  git carry channel list",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			v, err := a.vault(c.Context())
			if err != nil {
				return err
			}
			channels, err := v.Channels()
			if err != nil {
				return err
			}
			list, rows := []channelDoc{}, [][]string{{"CHANNEL", "CARRIES", "HOW"}}
			for _, name := range slices.Sorted(maps.Keys(channels)) {
				list = append(list, newChannelDoc(name, channels[name]))
				rows = append(rows, []string{name, contentWord(channels[name]), channels[name].String()})
			}
			doc := struct {
				Schema   string       `json:"schema"`
				Channels []channelDoc `json:"channels"`
			}{schema("channel-list"), list}
			a.show(doc, func() { a.table(rows) })
			return nil
		},
	}
}

func newChannelRemoveCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "remove NAME",
		Short:   "Forget a channel",
		Long:    "Forget a channel. What was sent through it stays in the ledger.",
		Example: "  git carry channel remove chat",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			err := a.changeChannels(c.Context(), func(channels map[string]gitops.Channel) error {
				if _, known := channels[args[0]]; !known {
					return unknown("channel", channels, args[0])
				}
				delete(channels, args[0])
				return nil
			})
			if err != nil {
				return err
			}
			doc := struct {
				Schema string `json:"schema"`
				Name   string `json:"name"`
			}{schema("channel-remove"), args[0]}
			a.show(doc, func() { a.say("Channel %s removed.", args[0]) })
			return nil
		},
	}
}

func newChannelTestCmd(a *app) *cobra.Command {
	to := ""
	c := &cobra.Command{
		Use:     "test NAME --to PERSON",
		Short:   "Send a trial message through a channel",
		Long:    "Send one message that is about no patch to a person. Nothing is recorded.",
		Example: "  git carry channel test mail --to priya",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return testChannel(c.Context(), a, args[0], to)
		},
	}
	c.Flags().StringVar(&to, "to", "", "the `PERSON` in the registry who gets it")
	return c
}

func testChannel(ctx context.Context, a *app, name, to string) error {
	r, err := a.read(ctx)
	if err != nil {
		return err
	}
	channels, err := r.vault.Channels()
	if err != nil {
		return err
	}
	channel, known := channels[name]
	if !known {
		return unknown("channel", channels, name)
	}
	person, known := r.registry.Person(to)
	if !known {
		return patchset.Faultf(patchset.CodeUnknownPerson, "no person %q in the registry", to).WithHint("git carry owner list")
	}
	id, err := a.randomID(16)
	if err != nil {
		return err
	}
	letter, err := newLetter(strings.ToUpper(id), "a trial message", "This is a trial message of git carry. Nothing is to be done.\n", person, nil)
	if err != nil {
		return err
	}
	letter.At = a.env.Now()
	if err := channel.Send(ctx, a.env.Environ, letter); err != nil {
		return patchset.Faultf(patchset.CodeFailed, "channel %s: %w", name, err).WithHint("git carry channel list")
	}
	doc := struct {
		Schema  string `json:"schema"`
		Channel string `json:"channel"`
		To      string `json:"to"`
	}{schema("channel-test"), name, to}
	a.show(doc, func() { a.say("Sent to %s through %s.", to, name) })
	return nil
}
