package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/git-carry/git-carry/bench/internal/drive"
)

// replay carries with git replay. It only says how it would move the branch.
func replay(_ context.Context, s *scene) ([]contestant, error) {
	var all []contestant
	for _, g := range s.gits {
		if !g.atLeast(replays) {
			s.absent = append(s.absent, g.title("replay")+": it has none")
			continue
		}
		tips := map[*place]string{}
		all = append(all, contestant{
			name:  g.title("replay"),
			rival: true,
			reset: s.everywhere(forgetObjects),
			run: s.summed(func(ctx context.Context, p *place) (drive.Cost, error) {
				// A git that does not know the setting prints anyway.
				out, err := p.mustRun(ctx, drive.Cmd{Args: []string{
					g.path, "-c", "replay.refAction=print",
					"replay", "--onto=" + p.onto, p.base + "..refs/heads/" + stackName,
				}})
				if err != nil {
					return out.Cost, err
				}
				fields := strings.Fields(out.Stdout) // update REF NEW OLD
				if len(fields) != 4 || fields[0] != "update" {
					return out.Cost, fmt.Errorf("git replay answered %q", out.Stdout)
				}
				tips[p] = fields[2]
				return out.Cost, nil
			}),
			trees: s.treesOf(func(ctx context.Context, p *place) (string, error) { return p.treeOf(ctx, tips[p]) }),
		})
	}
	return all, nil
}
