package owners

import (
	"fmt"
	"slices"
	"strings"
)

// Purpose tells why consent is asked for.
type Purpose string

// The purposes of a statement.
const (
	PurposeResolve Purpose = "resolve" // the result settles a conflict
	PurposeDrift   Purpose = "drift"   // the patch merged cleanly but is not what the owner last saw
	// PurposeDelegate: no result yet, but who may sign it for the owner.
	PurposeDelegate Purpose = "delegate"
	// PurposeUrgent: what somebody says of an item of the urgent lane, such as a vote.
	PurposeUrgent Purpose = "urgent"
)

var purposes = []Purpose{PurposeResolve, PurposeDrift, PurposeDelegate, PurposeUrgent}

// Statement is what a signature says: this result, for this patch, there, and
// nothing else. One of PurposeDelegate says instead: this person may sign for me,
// for this patch, there; it has no Base, Conflict, Source, Result and Tree. One of
// PurposeUrgent says Act of Item, and has nothing else but Store and Content. Two
// statements are the same exactly when they are ==.
type Statement struct {
	Store     string  // id of the vault
	Patch     string  // id of the patch: "T401234"
	Version   string  // that the result enters: "1.46.0-wmf.6"
	Component string  // "extensions/AbuseFilter"
	Base      string  // commit on which the result stands
	Conflict  string  // id of the conflict it answers; may be "" for drift
	Source    string  // incarnation it was made from; "" when there is none
	Result    string  // the exact commit consented to
	Tree      string  // the tree of Result
	Delegate  string  // id of the person; only with PurposeDelegate
	Item      string  // of the urgent lane: "U-2026-3"; only with PurposeUrgent
	Act       string  // one word: "+1"; only with PurposeUrgent
	Content   string  // the SHA-256 of the change that Act is about, "" for the item as such; only with PurposeUrgent
	Purpose   Purpose // why
}

// StatementError tells which field of a statement is wrong.
type StatementError struct {
	Field   string // as in the text
	Problem string
}

func (e *StatementError) Error() string { return "statement: " + e.Field + ": " + e.Problem }

// statementField is one line of the text.
type statementField struct {
	key      string
	value    *string
	isObject bool // a full git object id
	isPerson bool // an id of the registry
	optional bool
}

// fields lists the lines of the text in their order, which is part of the format.
func (s *Statement) fields() []statementField {
	switch s.Purpose {
	case PurposeUrgent:
		return []statementField{
			{key: "store", value: &s.Store},
			{key: "item", value: &s.Item},
			{key: "act", value: &s.Act},
			{key: "content", value: &s.Content, isObject: true, optional: true},
			{key: "purpose", value: (*string)(&s.Purpose)},
		}
	case PurposeDelegate:
		return []statementField{
			{key: "store", value: &s.Store},
			{key: "patch", value: &s.Patch},
			{key: "version", value: &s.Version},
			{key: "component", value: &s.Component},
			{key: "delegate", value: &s.Delegate, isPerson: true},
			{key: "purpose", value: (*string)(&s.Purpose)},
		}
	}
	return []statementField{
		{key: "store", value: &s.Store},
		{key: "patch", value: &s.Patch},
		{key: "version", value: &s.Version},
		{key: "component", value: &s.Component},
		{key: "base", value: &s.Base, isObject: true},
		{key: "conflict", value: &s.Conflict, optional: s.Purpose != PurposeResolve},
		{key: "source", value: &s.Source, isObject: true, optional: true},
		{key: "result", value: &s.Result, isObject: true},
		{key: "tree", value: &s.Tree, isObject: true},
		{key: "purpose", value: (*string)(&s.Purpose)},
	}
}

// Check tells whether every field is fit to be signed: one line of printable
// characters, full object ids in lower case, nothing missing, nothing that the
// text of this purpose does not say. The error is a *StatementError.
func (s Statement) Check() error {
	if !slices.Contains(purposes, s.Purpose) {
		return &StatementError{"purpose", fmt.Sprintf("%s is none of %q", quote(string(s.Purpose)), purposes)}
	}
	if s.said() != s {
		return &StatementError{"purpose", fmt.Sprintf("%q goes without some of the other fields", s.Purpose)}
	}
	for _, f := range s.fields() {
		if problem := f.problem(); problem != "" {
			return &StatementError{f.key, problem}
		}
	}
	return nil
}

// said is what the text says of a statement.
func (s Statement) said() Statement {
	said := Statement{Purpose: s.Purpose}
	for i, f := range said.fields() {
		*f.value = *s.fields()[i].value
	}
	return said
}

func (f statementField) problem() string {
	v := *f.value
	switch {
	case v == "" && f.optional:
		return ""
	case v == "":
		return "is missing"
	case len(v) > maxLine:
		return fmt.Sprintf("is %d bytes long; the limit is %d", len(v), maxLine)
	case !printable(v):
		return quote(v) + " is not one line of printable characters"
	case strings.TrimSpace(v) != v:
		return quote(v) + " begins or ends with a space"
	case f.isObject && !isObjectID(v):
		return quote(v) + " is not a full object id: 40 or 64 hexadecimal digits in lower case"
	case f.isPerson && !validID(v):
		return quote(v) + " is not an id"
	}
	return ""
}

func isObjectID(s string) bool {
	return (len(s) == 40 || len(s) == 64) && strings.Trim(s, "0123456789abcdef") == ""
}

// Text is the statement as it is signed: a line "key value" for each field in
// fixed order, the key alone for an empty one. A statement has one text, and a
// text one statement. The error is a *StatementError.
func (s Statement) Text() ([]byte, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	var b strings.Builder
	for _, f := range s.fields() {
		b.WriteString(f.key)
		if *f.value != "" {
			b.WriteString(" " + *f.value)
		}
		b.WriteByte('\n')
	}
	return []byte(b.String()), nil
}

// differences names the fields in which two statements differ; only the purpose
// when they do not have the same fields.
func (s Statement) differences(other Statement) []string {
	theirs := other.fields()
	if len(s.fields()) != len(theirs) {
		return []string{"purpose"}
	}
	var keys []string
	for i, f := range s.fields() {
		if *f.value != *theirs[i].value {
			keys = append(keys, f.key)
		}
	}
	return keys
}
