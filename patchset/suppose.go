package patchset

import "context"

// Suppose puts source on a stack's tip, with every dispute settled as the patch
// has it, and gives the new tip; the old one when nothing is left to do. A clean
// merge gives the very commit that [CarryStack] makes. It is used to find out
// what the next patch of a series was made for, never as a result.
func Suppose(ctx context.Context, w Workbench, tip, source ID, carryID string) (ID, error) {
	c := carrier{w: w}
	tipCommit, err := w.Commit(ctx, tip)
	if err != nil {
		return "", err
	}
	sourceCommit, err := w.Commit(ctx, source)
	if err != nil {
		return "", err
	}
	req, err := c.request(ctx, sourceCommit, source, tip, tipCommit.Tree)
	if err != nil {
		return "", err
	}
	res, err := w.Merge(ctx, req)
	if err != nil {
		return "", err
	}
	tree := res.Tree
	if !res.Clean() {
		if tree, err = w.FavourPatch(ctx, req, res); err != nil {
			return "", err
		}
	}
	if tree == tipCommit.Tree {
		return tip, nil
	}
	return w.WriteCommit(ctx, Carried(sourceCommit, tip, tipCommit, tree, carryID))
}
