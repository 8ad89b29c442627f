package gitops

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/wneessen/go-mail"
)

// mail sends a letter through the channel's server.
func (c Channel) mail(ctx context.Context, environ []string, letter Letter) error {
	if letter.Address == "" {
		return fmt.Errorf("%s has no mail address in the registry", letter.Name)
	}
	m := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := m.From(c.From); err != nil {
		return fmt.Errorf("the address %q: %w", c.From, err)
	}
	if err := m.To(letter.Address); err != nil {
		return fmt.Errorf("the address %q: %w", letter.Address, err)
	}
	_, domain, _ := strings.Cut(c.From, "@")
	m.SetMessageIDWithValue(letter.ID + "@" + domain)
	m.SetDateWithValue(letter.At)
	m.SetGenHeader(mail.Header("Auto-Submitted"), "auto-generated")
	m.Subject(letter.Subject)
	m.SetBodyString(mail.TypeTextPlain, letter.Text)
	client, err := c.client(environ)
	if err != nil {
		return err
	}
	if err := client.DialAndSendWithContext(ctx, m); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return fmt.Errorf("%s: %w", c.Server, err)
	}
	return nil
}

// client prepares a connection. Without the demanded encryption nothing is sent.
func (c Channel) client(environ []string) (*mail.Client, error) {
	host, port, err := net.SplitHostPort(c.Server)
	if err != nil {
		return nil, err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if c.CA != "" {
		pem, err := os.ReadFile(c.CA)
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s holds no certificate", c.CA)
		}
	}
	options := []mail.Option{mail.WithPort(number), mail.WithTimeout(sendTime), mail.WithTLSConfig(config), mail.WithHELO("localhost")}
	switch c.TLS {
	case "tls":
		options = append(options, mail.WithSSL())
	case "none":
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if c.User != "" {
		password, err := c.password(environ)
		if err != nil {
			return nil, err
		}
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthPlain), mail.WithUsername(c.User), mail.WithPassword(password))
	}
	return mail.NewClient(host, options...)
}

// maxPassword bounds a password file, in bytes.
const maxPassword = 4 << 10

func (c Channel) password(environ []string) (string, error) {
	if c.PasswordEnv != "" {
		password := lookupEnv(environ, c.PasswordEnv)
		if password == "" {
			return "", fmt.Errorf("the password is to be in $%s, which is not set", c.PasswordEnv)
		}
		return password, nil
	}
	info, err := os.Stat(c.PasswordFile)
	switch {
	case err != nil:
		return "", err
	case !info.Mode().IsRegular() || info.Size() > maxPassword:
		return "", fmt.Errorf("%s is no password file", c.PasswordFile)
	case info.Mode().Perm()&0o077 != 0:
		return "", fmt.Errorf("others can read the password in %s: chmod 600 it", c.PasswordFile)
	}
	data, err := os.ReadFile(c.PasswordFile)
	return strings.TrimRight(string(data), "\r\n"), err
}
