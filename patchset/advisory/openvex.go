package advisory

import (
	"net/url"
	"strings"
)

type vexDoc struct {
	Context     string         `json:"@context"`
	ID          string         `json:"@id"`
	Author      string         `json:"author"`
	Timestamp   string         `json:"timestamp"`
	LastUpdated string         `json:"last_updated,omitempty"`
	Version     int            `json:"version"`
	Tooling     string         `json:"tooling"`
	Statements  []vexStatement `json:"statements"`
}

type vexStatement struct {
	Vulnerability vexVulnerability `json:"vulnerability"`
	Products      []vexProduct     `json:"products"`
	Status        string           `json:"status"`
	Notes         string           `json:"status_notes,omitempty"`
	Action        string           `json:"action_statement,omitempty"`
}

type vexVulnerability struct {
	Name        string   `json:"name"`
	Description string   `json:"description,omitempty"`
	Aliases     []string `json:"aliases,omitempty"`
}

type vexProduct struct {
	ID string `json:"@id"`
}

// tooling is the program, as documents name what made them.
const tooling = "git-carry"

// OpenVEX gives the document in the OpenVEX format: which version's public base has the fix, and
// which is affected.
func (f Facts) OpenVEX() ([]byte, error) {
	revisions := f.revisions()
	doc := vexDoc{
		Context: "https://openvex.dev/ns/v0.2.0", ID: f.documentID("openvex"), Author: f.Publisher.Name,
		Timestamp: stamp(f.Disclosed), Version: len(revisions), Tooling: tooling, Statements: []vexStatement{},
	}
	if len(revisions) > 1 {
		doc.LastUpdated = stamp(f.modified())
	}
	vulnerability := vexVulnerability{f.Patch, f.Title, nil}
	notes := pending
	if f.CVE != "" {
		vulnerability, notes = vexVulnerability{f.CVE, f.Title, []string{f.Patch}}, ""
	}
	affected, fixed := f.affected(), f.fixed()
	if len(affected)+len(fixed) == 0 { // no version that the ledger still knows
		affected = []string{""}
	}
	if len(fixed) > 0 {
		doc.Statements = append(doc.Statements, vexStatement{vulnerability, f.products(fixed), "fixed", notes, ""})
	}
	if len(affected) > 0 {
		doc.Statements = append(doc.Statements, vexStatement{vulnerability, f.products(affected), "affected", notes, f.remedy()})
	}
	return encode(doc)
}

// products names versions as package URLs.
func (f Facts) products(versions []string) []vexProduct {
	var out []vexProduct
	for _, v := range versions {
		out = append(out, vexProduct{f.purl(v)})
	}
	return out
}

// purl names a version of the component; "" is any.
func (f Facts) purl(version string) string {
	parts := strings.Split(f.Component, "/")
	for i, part := range parts {
		parts[i] = url.PathEscape(part)
	}
	purl := "pkg:generic/" + strings.Join(parts, "/")
	if version != "" {
		purl += "@" + url.PathEscape(version)
	}
	if strings.Contains(f.Repo, "://") {
		purl += "?vcs_url=" + url.QueryEscape("git+"+f.Repo)
	}
	return purl
}

// documentID is where the document could be published.
func (f Facts) documentID(kind string) string {
	return strings.TrimSuffix(f.Publisher.Namespace, "/") + "/" + url.PathEscape(strings.ToLower(f.Patch)) + "." + kind + ".json"
}
