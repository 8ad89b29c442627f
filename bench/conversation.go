package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"github.com/git-carry/git-carry/bench/internal/drive"
)

// oneConversation carries with one git merge-tree --stdin process a place.
func oneConversation(_ context.Context, s *scene) ([]contestant, error) {
	var all []contestant
	for _, g := range s.gits {
		if !g.atLeast(answersAlong) {
			s.absent = append(s.absent, g.title("merge-tree --stdin")+": it answers only when its input has ended")
			continue
		}
		c := s.scripted(g.title("merge-tree --stdin"), func(ctx context.Context, p *place) (merger, error) {
			git, err := p.sh.Converse(ctx, drive.Cmd{Dir: p.work, Args: []string{g.path, "merge-tree", "--write-tree", "--no-messages", "--stdin"}})
			return &conversation{git}, err
		})
		c.rival = true
		all = append(all, c)
	}
	return all, nil
}

// conversation merges by asking a process that keeps running.
type conversation struct {
	git *drive.Conversation
}

func (m *conversation) merge(_ context.Context, tip, c commit) (string, error) {
	if err := m.git.Ask("%s -- %s %s", c.parent, tip.tree, c.id); err != nil {
		return "", err
	}
	return readAnswer(m.git.Answers)
}

func (m *conversation) close() (drive.Cost, error) { return m.git.Close() }

// readAnswer reads one answer: 1 for clean or 0, the tree, what conflicts, and an
// empty field, each ended by a zero byte. The tree is empty for a conflict.
func readAnswer(r *bufio.Reader) (string, error) {
	var fields []string
	for {
		field, err := r.ReadString(0)
		if err != nil {
			return "", fmt.Errorf("git merge-tree ended in the middle of an answer: %w", err)
		}
		if field = strings.TrimSuffix(field, "\x00"); field == "" {
			break
		}
		fields = append(fields, field)
	}
	switch {
	case len(fields) >= 2 && fields[0] == "1":
		return fields[1], nil
	case len(fields) >= 2 && fields[0] == "0":
		return "", nil
	}
	return "", fmt.Errorf("git merge-tree answered %q", fields)
}
