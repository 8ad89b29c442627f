package advisory

import (
	"cmp"
	"strconv"
	"strings"
)

type csafDoc struct {
	Document        csafDocument        `json:"document"`
	ProductTree     csafTree            `json:"product_tree"`
	Vulnerabilities []csafVulnerability `json:"vulnerabilities"`
}

type csafDocument struct {
	Category     string           `json:"category"`
	Version      string           `json:"csaf_version"`
	Title        string           `json:"title"`
	Lang         string           `json:"lang"`
	Severity     csafText         `json:"aggregate_severity"`
	Distribution csafDistribution `json:"distribution"`
	Notes        []csafNote       `json:"notes"`
	Publisher    csafPublisher    `json:"publisher"`
	References   []csafReference  `json:"references,omitempty"`
	Tracking     csafTracking     `json:"tracking"`
}

type csafText struct {
	Text string `json:"text"`
}

type csafDistribution struct {
	TLP struct {
		Label string `json:"label"`
	} `json:"tlp"`
}

type csafNote struct {
	Category string `json:"category"`
	Title    string `json:"title,omitempty"`
	Text     string `json:"text"`
}

type csafPublisher struct {
	Category  string `json:"category"`
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
}

type csafReference struct {
	Category string `json:"category"`
	Summary  string `json:"summary"`
	URL      string `json:"url"`
}

type csafTracking struct {
	ID        string         `json:"id"`
	Status    string         `json:"status"`
	Version   string         `json:"version"`
	Initial   string         `json:"initial_release_date"`
	Current   string         `json:"current_release_date"`
	Revisions []csafRevision `json:"revision_history"`
	Generator csafGenerator  `json:"generator"`
}

type csafRevision struct {
	Number  string `json:"number"`
	Date    string `json:"date"`
	Summary string `json:"summary"`
}

type csafGenerator struct {
	Engine struct {
		Name string `json:"name"`
	} `json:"engine"`
}

type csafTree struct {
	Branches []csafBranch `json:"branches"`
}

type csafBranch struct {
	Category string       `json:"category"`
	Name     string       `json:"name"`
	Branches []csafBranch `json:"branches,omitempty"`
	Product  *csafProduct `json:"product,omitempty"`
}

type csafProduct struct {
	Name   string     `json:"name"`
	ID     string     `json:"product_id"`
	Helper csafHelper `json:"product_identification_helper"`
}

type csafHelper struct {
	PURL string `json:"purl"`
}

type csafVulnerability struct {
	CVE          string            `json:"cve,omitempty"`
	IDs          []csafID          `json:"ids"`
	Title        string            `json:"title"`
	Notes        []csafNote        `json:"notes"`
	Status       csafStatus        `json:"product_status"`
	Remediations []csafRemediation `json:"remediations,omitempty"`
	Released     string            `json:"release_date"`
}

type csafID struct {
	System string `json:"system_name"`
	Text   string `json:"text"`
}

type csafStatus struct {
	Fixed    []string `json:"fixed,omitempty"`
	Affected []string `json:"known_affected,omitempty"`
}

type csafRemediation struct {
	Category string   `json:"category"`
	Details  string   `json:"details"`
	Products []string `json:"product_ids"`
	URL      string   `json:"url,omitempty"`
}

// CSAF gives the document as a security advisory of the Common Security Advisory Framework
// 2.0. While no id is assigned its status is interim.
func (f Facts) CSAF() ([]byte, error) {
	text := cmp.Or(f.Text, f.Title)
	doc := csafDoc{
		Document: csafDocument{
			Category: "csaf_security_advisory", Version: "2.0", Title: f.Title, Lang: "en",
			Severity:  csafText{cmp.Or(string(f.Severity), "unknown")},
			Notes:     []csafNote{{"summary", "", f.Title}},
			Publisher: csafPublisher{"vendor", f.Publisher.Name, f.Publisher.Namespace}, Tracking: f.tracking(),
		},
		ProductTree: csafTree{[]csafBranch{{Category: "vendor", Name: f.Publisher.Name, Branches: []csafBranch{{
			Category: "product_name", Name: f.Component, Branches: f.versionBranches(),
		}}}}},
		Vulnerabilities: []csafVulnerability{{
			CVE: f.CVE, IDs: []csafID{{"task", f.Patch}}, Title: f.Title, Released: stamp(f.Disclosed),
			Notes: []csafNote{{"description", "", text}},
		}},
	}
	doc.Document.Distribution.TLP.Label = "WHITE"
	v := &doc.Vulnerabilities[0]
	if f.CVE == "" {
		v.Notes = append(v.Notes, csafNote{"general", "CVE", pending})
	}
	if f.Where != "" {
		doc.Document.References = []csafReference{{"external", "Advisory", f.Where}}
	}
	v.Status = csafStatus{Fixed: f.productIDs(f.fixed()), Affected: f.productIDs(f.affected())}
	if len(f.Versions) == 0 {
		v.Status.Affected = []string{f.productID("")}
	}
	if len(v.Status.Affected) > 0 {
		category := "vendor_fix"
		if len(f.fixes()) == 0 {
			category = "none_available"
		}
		v.Remediations = []csafRemediation{{category, f.remedy(), v.Status.Affected, f.Where}}
	}
	return encode(doc)
}

func (f Facts) tracking() csafTracking {
	revisions := f.revisions()
	t := csafTracking{
		ID: cmp.Or(f.CVE, f.Patch), Status: "final", Version: strconv.Itoa(len(revisions)),
		Initial: stamp(f.Disclosed), Current: stamp(f.modified()),
	}
	if f.CVE == "" {
		t.Status = "interim"
	}
	for i, r := range revisions {
		t.Revisions = append(t.Revisions, csafRevision{strconv.Itoa(i + 1), stamp(r.at), r.what})
	}
	t.Generator.Engine.Name = tooling
	return t
}

// versionBranches are the versions of the component in the product tree; any, where the ledger
// knows of none.
func (f Facts) versionBranches() []csafBranch {
	var out []csafBranch
	for _, v := range f.Versions {
		out = append(out, f.versionBranch("product_version", v.Name, v.Name))
	}
	if len(out) == 0 {
		out = append(out, f.versionBranch("product_version_range", "vers:all/*", ""))
	}
	return out
}

func (f Facts) versionBranch(category, name, version string) csafBranch {
	return csafBranch{Category: category, Name: name, Product: &csafProduct{
		strings.TrimSpace(f.Component + " " + version), f.productID(version), csafHelper{f.purl(version)},
	}}
}

func (f Facts) productIDs(versions []string) []string {
	var out []string
	for _, v := range versions {
		out = append(out, f.productID(v))
	}
	return out
}

func (f Facts) productID(version string) string {
	return f.Component + ":" + cmp.Or(version, "any")
}
