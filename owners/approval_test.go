package owners

import (
	"reflect"
	"strings"
	"testing"
)

func approval(person, act string) Signature {
	s := signed(person, AsApprover, "ran it")
	s.Statement = Statement{Store: "s-1", Item: "U-2026-3", Act: act, Content: strings.Repeat("ab", 32), Purpose: PurposeUrgent}
	return s
}

func TestApproval(t *testing.T) {
	r := keyed(t)
	s := mustSign(t, approval("tomas", "+1"), keysOf["tomas"])
	by, problem := r.Approval(s.Statement, s, nil)
	if problem != "" || by.Person != "tomas" || by.Assurance != Verified {
		t.Fatalf("%v, %q", by, problem)
	}
	data, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if read, err := ParseSignature(data); err != nil || read != s {
		t.Errorf("read %+v, %v", read, err)
	}
	bare := approval("tomas", "+1")
	if by, problem := r.Approval(bare.Statement, bare, nil); problem != "" || by.Assurance != Unverified {
		t.Errorf("without a key: %v, %q", by, problem)
	}
	r.Policy.Require = RequireKey
	if _, problem := r.Approval(bare.Statement, bare, nil); problem == "" {
		t.Error("the policy asks for a key, and none signed")
	}
	if v := r.Consent(Owner{ID: "tomas"}, s.Statement, []Signature{s}, nil); v.OK {
		t.Error("an approval is a consent")
	}
}

// Change anything that a person said of an item, and they did not say it.
func TestApprovalBindsEveryField(t *testing.T) {
	s := mustSign(t, approval("tomas", "+1"), keysOf["tomas"])
	other := Statement{
		Store: "s-2", Patch: "T9", Version: "1", Component: "c", Base: id("1"), Conflict: "c", Source: id("2"), Result: id("3"), Tree: id("4"),
		Delegate: "jo", Item: "U-2026-4", Act: "-1", Content: strings.Repeat("cd", 32), Purpose: PurposeDrift,
	}
	fields := reflect.TypeFor[Statement]()
	for i := range fields.NumField() {
		changed := s
		reflect.ValueOf(&changed.Statement).Elem().Field(i).Set(reflect.ValueOf(other).Field(i))
		if _, problem := keyed(t).Approval(changed.Statement, changed, nil); problem == "" {
			t.Errorf("another %s, and it counts", fields.Field(i).Name)
		}
		if _, problem := keyed(t).Approval(changed.Statement, s, nil); problem == "" {
			t.Errorf("it counts for another %s", fields.Field(i).Name)
		}
	}
	stolen := s
	stolen.Person = "mira"
	if _, problem := keyed(t).Approval(s.Statement, stolen, nil); problem == "" {
		t.Error("it counts as somebody else's")
	}
}
