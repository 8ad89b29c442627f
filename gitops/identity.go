package gitops

import (
	"context"
	"errors"
	"strings"
)

// PersonalConfig reads one key of the person's git configuration as it holds in
// dir: "" when it is not set. A bare repository that somebody checked in and that
// one happens to stand in has no say.
func PersonalConfig(ctx context.Context, git *Git, dir, key string) (string, error) {
	out, err := git.Run(ctx, Cmd{
		Dir: dir, Args: []string{"config", "--get", "--end-of-options", key}, Network: true,
		Config: [][2]string{{"safe.bareRepository", "explicit"}},
	})
	if code, ok := exitCode(err); ok && code == 1 {
		return "", nil
	}
	return strings.TrimSuffix(string(out), "\n"), err
}

// Identity is who git says the person in dir is: GIT_COMMITTER_NAME and _EMAIL,
// else user.name and user.email. It proves nothing. Both are empty when git does
// not know.
func Identity(ctx context.Context, git *Git, dir string) (name, email string, err error) {
	var keep []string
	for _, key := range []string{"GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"} {
		if v := lookupEnv(git.environ, key); v != "" {
			keep = append(keep, key+"="+v)
		}
	}
	out, err := git.Run(ctx, Cmd{
		Dir: dir, Args: []string{"var", "GIT_COMMITTER_IDENT"}, Network: true, Env: keep,
		Config: [][2]string{{"user.useConfigOnly", "true"}},
	})
	var failed *GitError
	if errors.As(err, &failed) {
		return "", "", nil // no identity is configured
	}
	if err != nil {
		return "", "", err
	}
	line := string(out)
	open, end := strings.LastIndexByte(line, '<'), strings.LastIndexByte(line, '>')
	if open < 0 || end < open {
		return "", "", nil
	}
	return strings.TrimSpace(line[:open]), line[open+1 : end], nil
}
