package gitops

import (
	"context"
	"strings"

	"github.com/git-carry/git-carry/patchset"
)

// RefuseAnonymous refuses a repository that shows its branches to somebody who gives no
// name: what is put there is public. It is asked as git would by default, with nothing
// of the person's own: no credentials, no keys, no configuration. Of a place that only ssh
// or this machine's files lead to nothing can be told.
func RefuseAnonymous(ctx context.Context, git *Git, rules URLRules, raw string) error {
	url, err := rules.Effective(ctx, raw, true)
	if err != nil {
		return err
	}
	switch scheme, _, _ := strings.Cut(url, "://"); scheme {
	case "http", "https", "git":
	default:
		return nil
	}
	_, err = git.Run(ctx, Cmd{
		Args: []string{"ls-remote", "--quiet", "--end-of-options", url}, Config: [][2]string{{"http.sslVerify", "false"}},
		Env: []string{"GIT_ALLOW_PROTOCOL=http:https:git", "HOME=/nonexistent", "XDG_CONFIG_HOME=/nonexistent", "GIT_ASKPASS=false", "SSH_ASKPASS=false"},
	})
	if err != nil {
		return context.Cause(ctx) // it does not answer, as it should be
	}
	return patchset.Faultf(patchset.CodePolicy, "%s answers everybody, without a name or a password: an embargoed fix would be out", MaskURL(raw)).
		WithHint("make it private on its server, or name another repository")
}
