package advisory

import "encoding/json"

// osvVersion is the version of the format, see https://ossf.github.io/osv-schema/.
const osvVersion = "1.7.5"

type osvDoc struct {
	SchemaVersion string         `json:"schema_version"`
	ID            string         `json:"id"`
	Modified      string         `json:"modified"`
	Published     string         `json:"published"`
	Summary       string         `json:"summary"`
	Details       string         `json:"details,omitempty"`
	Affected      []osvAffected  `json:"affected"`
	References    []osvReference `json:"references,omitempty"`
	Specific      osvSpecific    `json:"database_specific"`
}

type osvAffected struct {
	Ranges   []osvRange `json:"ranges"`
	Versions []string   `json:"versions,omitempty"`
	Specific osvFixed   `json:"database_specific"`
}

type osvRange struct {
	Type   string              `json:"type"`
	Repo   string              `json:"repo"`
	Events []map[string]string `json:"events"`
}

type osvFixed struct {
	Component string   `json:"component"`
	Fixed     []string `json:"fixed_versions"`
}

type osvReference struct {
	Type string `json:"type"`
	URL  string `json:"url"`
}

type osvSpecific struct {
	Patch    string `json:"patch"`
	ID       string `json:"id,omitempty"` // said when none is assigned
	Severity string `json:"severity"`
	// Introduced says what the event of that name, which the format demands, rests on.
	Introduced string `json:"introduced"`
}

// OSV gives the document in the Open Source Vulnerability format. A range of type GIT does not
// know cherry-picks, so every branch's own fix is an event. By which commit the hole came
// in the ledger does not say; "0" is all of the history.
func (f Facts) OSV() ([]byte, error) {
	doc := osvDoc{
		SchemaVersion: osvVersion, ID: f.CVE, Modified: stamp(f.modified()), Published: stamp(f.Disclosed),
		Summary: f.Title, Details: f.Text,
		Specific: osvSpecific{Patch: f.Patch, Severity: string(f.Severity), Introduced: "not known"},
	}
	if f.CVE == "" { // the prefix is the one for databases of one's own
		doc.ID, doc.Specific.ID = "x_pending-"+f.Patch, pending
	}
	events := []map[string]string{{"introduced": "0"}}
	for _, id := range f.fixes() {
		events = append(events, map[string]string{"fixed": string(id)})
	}
	doc.Affected = []osvAffected{{
		[]osvRange{{"GIT", f.Repo, events}}, f.affected(), osvFixed{f.Component, f.fixed()},
	}}
	if f.Where != "" {
		doc.References = []osvReference{{"ADVISORY", f.Where}}
	}
	return encode(doc)
}

// encode writes a document as people can read it.
func encode(doc any) ([]byte, error) {
	data, err := json.MarshalIndent(doc, "", "  ")
	return append(data, '\n'), err
}
