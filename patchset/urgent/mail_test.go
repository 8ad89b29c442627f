package urgent

import (
	"reflect"
	"strings"
	"testing"

	"github.com/git-carry/git-carry/patchset"
)

// TestCallsAreOpaque: without details a message is made of the item's id and our own words,
// the same whatever the item is about; a cleared one has them all.
func TestCallsAreOpaque(t *testing.T) {
	details := &CallDetails{
		Patches:   []patchset.Patch{{ID: "canaryid", Component: "canarycomponent", Severity: "canaryseverity", Title: "canarytitle"}},
		Stacks:    []patchset.Published{{Component: "canarystack", Version: "canaryversion", Branch: "canarybranch", Commit: "canarycommit"}},
		Approvals: 4711, Try: "canarycommand",
	}
	if n := reflect.TypeFor[Call]().NumField(); n != 3 {
		t.Errorf("a call has %d fields: is the new one in the message, and may it be?", n)
	}
	for _, audience := range Audiences {
		opaque := Call{Item: "U-2026-3", Audience: audience}
		text := opaque.Subject() + "\n" + opaque.Text()
		if !strings.Contains(text, "U-2026-3") || strings.Contains(text, "canary") {
			t.Errorf("%s: %s", audience, text)
		}
		cleared := opaque
		cleared.Details = details
		if strings.Contains(cleared.Subject(), "canary") {
			t.Errorf("%s: subjects are seen by all servers on the way: %s", audience, cleared.Subject())
		}
		for _, want := range []string{"canaryid", "canarycomponent", "canaryseverity", "canarytitle", "canarystack", "canaryversion", "canarybranch", "canarycommit"} {
			if !strings.Contains(cleared.Text(), want) {
				t.Errorf("%s with details lacks %s", audience, want)
			}
		}
	}
}
