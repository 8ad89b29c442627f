package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/git-carry/git-carry/bench/internal/drive"
)

// quilt applies the stack as patch files to plain files; it keeps no history.
func quilt(_ context.Context, s *scene) ([]contestant, error) {
	if _, err := exec.LookPath("quilt"); err != nil {
		s.absent = append(s.absent, "quilt: it is not installed")
		return nil, nil
	}
	return []contestant{{
		name:  "quilt push -a",
		reset: s.everywhere(func(ctx context.Context, p *place) error { return p.readyForQuilt(ctx) }),
		run: s.summed(func(ctx context.Context, p *place) (drive.Cost, error) {
			out, err := p.mustRun(ctx, drive.Cmd{
				Args: []string{"quilt", "--quiltrc=-", "push", "-a", "-q"},
				Env:  []string{"QUILT_PATCHES=" + filepath.Dir(p.mails[0])},
			})
			if err != nil {
				return out.Cost, errors.Join(err, p.afterQuilt(ctx))
			}
			return out.Cost, nil
		}),
		trees: s.treesOf(func(ctx context.Context, p *place) (string, error) {
			if _, err := p.sh.Git(ctx, p.work, "add", "--all", "--force", ":/", ":!/.pc"); err != nil {
				return "", err
			}
			tree, err := p.sh.Git(ctx, p.work, "write-tree")
			if err != nil {
				return "", err
			}
			return tree, p.afterQuilt(ctx)
		}),
	}}, nil
}

func (p *place) readyForQuilt(ctx context.Context) error {
	if err := p.checkout(ctx, p.onto); err != nil {
		return err
	}
	var series strings.Builder
	for _, mail := range p.mails {
		series.WriteString(filepath.Base(mail) + "\n")
	}
	return os.WriteFile(filepath.Join(filepath.Dir(p.mails[0]), "series"), []byte(series.String()), 0o644)
}

// afterQuilt removes what the next contestant would stumble over.
func (p *place) afterQuilt(ctx context.Context) error {
	if err := p.checkout(ctx, p.onto); err != nil {
		return err
	}
	_, err := p.sh.Git(ctx, p.work, "clean", "--quiet", "-d", "-x", "--force")
	return err
}
