package owners

import (
	"bytes"
	"testing"
)

func TestFactsOfARegistryGoTogetherAgain(t *testing.T) {
	r := New()
	r.People = []Person{
		{ID: "priya", Name: "Priya Nair", Emails: []string{"priya@example.org"}, Deputies: []string{"sam"}},
		{ID: "sam", Name: "Sam Ito", Emails: []string{"sam@example.org"}, Note: "[[person]]"},
	}
	file := Format(r)
	facts, err := Facts(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(facts) != 3 || !bytes.Contains(facts["person/sam"], []byte("Sam Ito")) || bytes.Contains(facts["policy"], []byte("Sam")) {
		t.Errorf("the facts are %q", facts)
	}
	again, err := FromFacts(facts)
	if err != nil || !bytes.Equal(again, file) {
		t.Errorf("together again: %v\n%s\nwant:\n%s", err, again, file)
	}
	facts["person/sam"] = bytes.ReplaceAll(facts["person/sam"], []byte("sam@"), []byte("priya@"))
	if _, err := FromFacts(facts); err == nil {
		t.Error("two people with one address went together")
	}
}
