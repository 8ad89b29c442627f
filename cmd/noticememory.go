package cmd

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/git-carry/git-carry/gitops"
)

// What the last notify could not deliver, in a cache file of the vault: the next one
// finds out by itself what is due, so it is for status alone.

const noticesFile = "carry-notices.json"

func (a *app) rememberUndelivered(ctx context.Context, v *gitops.Vault, docs []noticeDoc) error {
	data, err := json.MarshalIndent(nonNil(undelivered(docs)), "", "  ")
	if err != nil {
		return err
	}
	return v.WriteCache(context.WithoutCancel(ctx), noticesFile, data)
}

// recallUndelivered gives what the last notify could not deliver; a file that cannot be
// read is as good as none.
func recallUndelivered(v *gitops.Vault) []noticeDoc {
	var docs []noticeDoc
	if data, err := v.ReadCache(noticesFile); err != nil || json.Unmarshal(data, &docs) != nil {
		return nil
	}
	return docs
}

// noticesDoc is what status says of notices, in a vault that has channels.
type noticesDoc struct {
	Due         int         `json:"due"` // to be sent by the next notify, the undelivered among them
	Undelivered []noticeDoc `json:"undelivered"`
}

// notices looks at what people have not been told; nil without channels.
func (b board) notices() (*noticesDoc, error) {
	channels, err := b.vault.Channels()
	if err != nil || len(channels) == 0 {
		return nil, err
	}
	due := b.due(channels)
	doc := &noticesDoc{Due: len(due), Undelivered: []noticeDoc{}}
	for _, u := range recallUndelivered(b.vault) {
		if slices.ContainsFunc(due, func(d dueNotice) bool {
			return d.channel == u.Channel && d.telling().Patch == u.Patch && d.Kind == u.Kind && d.person.ID == u.Person
		}) {
			doc.Undelivered = append(doc.Undelivered, u)
		}
	}
	return doc, nil
}

// line is "" when everybody has been told.
func (d *noticesDoc) line() string {
	switch {
	case d == nil || d.Due == 0:
		return ""
	case len(d.Undelivered) > 0:
		u := d.Undelivered[0]
		return fmt.Sprintf("%s could not be delivered (%s: %s): git carry notify", count(len(d.Undelivered), "notice", "notices"), u.Channel, u.Error)
	}
	verb := "are"
	if d.Due == 1 {
		verb = "is"
	}
	return fmt.Sprintf("%s to owners %s due: git carry notify", count(d.Due, "notice", "notices"), verb)
}
