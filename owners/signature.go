package owners

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// As tells in which role somebody signs.
type As string

// The roles of a signature.
const (
	AsOwner    As = "owner"
	AsDelegate As = "delegate" // for the owner, who said so in advance, see [Registry.Delegate]
	AsDeputy   As = "deputy"   // for the owner, with a reason
	AsOverride As = "override" // with others, against or without the owner, with a reason
)

// AsApprover is the role of those who speak of an item of the urgent lane. It gives no
// right over a patch, so it is none of the roles of consent.
const AsApprover As = "approver"

var roles = []As{AsOwner, AsDelegate, AsDeputy, AsOverride}

// Roles lists the roles, those first whose consent goes before.
func Roles() []As { return slices.Clone(roles) }

// NeedsReason tells whether a signature in this role gives a reason.
func (as As) NeedsReason() bool { return as == AsDeputy || as == AsOverride }

// roleWords lists the roles: "owner, delegate, deputy, override".
func roleWords() string {
	var words []string
	for _, as := range roles {
		words = append(words, string(as))
	}
	return strings.Join(words, ", ")
}

// Signature is one person's consent to one statement.
type Signature struct {
	Statement Statement
	Person    string // id in the registry
	As        As
	Reason    string // required of a deputy, of an override, and to delegate
	// At is when the signer's clock said it was made: in UTC, whole seconds.
	// It is shown, and decides nothing.
	At    time.Time
	Claim Claim // who git said the signer was
	// Proof is an SSH signature over the Text in its armor (-----BEGIN SSH
	// SIGNATURE-----), see [Signature.Sign]; "" when there is none. That it is
	// there says nothing: [Registry.Consent] checks it.
	Proof string
}

// MaxSignatureSize bounds a signature file, in bytes.
const MaxSignatureSize = 32 << 10

// SignatureError tells why a signature is refused.
type SignatureError struct {
	Line    int    // in the file, from 1; 0 when unknown or there is no file
	Key     string // of the file, if one is concerned
	Problem string
}

func (e *SignatureError) Error() string {
	var b strings.Builder
	b.WriteString("signature: ")
	if e.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", e.Line)
	}
	if e.Key != "" {
		b.WriteString(e.Key + ": ")
	}
	return b.String() + e.Problem
}

// Label says who signed, as far as the signature itself can tell:
// "owner priya, unverified (claims priya@example.org)", or, of one with a proof
// that nobody has checked, "owner priya, with the key SHA256:…".
func (s Signature) Label() string {
	if s.Proof == "" {
		return roleLabel(s.As, s.Person, Actor{Claim: s.Claim, Assurance: Unverified})
	}
	return fmt.Sprintf("%s %s, with the key %s", clean(string(s.As)), clean(s.Person), s.fingerprint())
}

// fingerprint names the key of the proof, "unreadable" if there is none.
func (s Signature) fingerprint() string {
	_, key, err := parseProof(s.Proof)
	if err != nil {
		return "unreadable"
	}
	return key.Fingerprint()
}

// Check tells whether the signature is complete and its proof, if it has one, is
// in order. It does not tell whether the proof holds, nor whether the person may
// sign; that is [Registry.Consent]. The error is a *SignatureError.
func (s Signature) Check() error {
	if err := s.checkContent(); err != nil {
		return err
	}
	if s.Proof != "" {
		if _, _, err := parseProof(s.Proof); err != nil {
			return proofError("%w", err)
		}
	}
	return nil
}

// checkContent is Check for all but the proof.
func (s Signature) checkContent() error {
	if f := s.flaw(); f != nil {
		return &SignatureError{Key: f.key, Problem: f.what}
	}
	if err := s.Statement.Check(); err != nil {
		return &SignatureError{Key: "statement", Problem: strings.TrimPrefix(err.Error(), "statement: ")}
	}
	return nil
}

func (s Signature) flaw() *flaw {
	switch {
	case !validID(s.Person):
		return flawf("person", "%s is not an id", quote(s.Person))
	case (s.As == AsApprover) != (s.Statement.Purpose == PurposeUrgent):
		return flawf("as", "is %q for the purpose %q; %q goes with %q and with nothing else", s.As, s.Statement.Purpose, AsApprover, PurposeUrgent)
	case s.As != AsApprover && !slices.Contains(roles, s.As):
		return flawf("as", "%s is none of the roles %s", quote(string(s.As)), roleWords())
	case s.Statement.Purpose == PurposeDelegate && s.As != AsOwner:
		return flawf("as", "is %q; only the owner delegates", s.As)
	case s.Statement.Purpose == PurposeDelegate && strings.TrimSpace(s.Reason) == "":
		return flawf("reason", "is missing; to delegate takes one")
	case s.As.NeedsReason() && strings.TrimSpace(s.Reason) == "":
		return flawf("reason", "is missing; a signature as %s needs one", s.As)
	case s.At.IsZero() || s.At.UTC().Year() > 9999 || s.At.UTC().Year() < 1:
		return flawf("at", "is missing or no time of this calendar")
	}
	for _, l := range []struct{ key, text string }{
		{"reason", s.Reason}, {"claim.name", s.Claim.Name}, {"claim.email", s.Claim.Email},
	} {
		if f := checkLine(l.key, l.text); f != nil {
			return f
		}
	}
	return nil
}

// Encode writes the signature as a TOML file in its one canonical form. At is cut
// to whole seconds. The file of a signature without a proof says that it is
// unverified; no file says that it is verified, because whoever reads it must
// check that. The error is a *SignatureError.
func (s Signature) Encode() ([]byte, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	var w tomlWriter
	w.line("format = %d", FormatVersion)
	w.line("person = %s", tomlText(s.Person))
	w.line("as = %s", tomlText(string(s.As)))
	if s.Reason != "" {
		w.line("reason = %s", tomlText(s.Reason))
	}
	w.line("at = %s", s.At.UTC().Format(time.RFC3339))
	if s.Proof == "" {
		w.line("assurance = %s", tomlText(string(Unverified)))
	}
	w.line("")
	w.line("[claim]")
	w.line("name = %s", tomlText(s.Claim.Name))
	w.line("email = %s", tomlText(s.Claim.Email))
	w.line("")
	w.line("[statement]")
	for _, f := range s.Statement.fields() {
		w.line("%s = %s", f.key, tomlText(*f.value))
	}
	if s.Proof != "" {
		w.line("")
		w.line("[proof]")
		w.line("ssh = \"\"\"\n%s\"\"\"", s.Proof)
	}
	return []byte(w.String()), nil
}

// ParseSignature reads what Encode wrote. It is strict: unknown keys, wrong types
// and other format numbers are errors. The error is a *SignatureError.
func ParseSignature(data []byte) (Signature, error) {
	root, f := readTOML(data, MaxSignatureSize)
	if f != nil {
		return Signature{}, &SignatureError{f.line, f.key, f.what}
	}
	if n := root.number("format"); n != FormatVersion {
		root.fail("format", "must be %d", FormatVersion)
	}
	s := Signature{
		Person: root.text("person"),
		As:     As(root.text("as")),
		Reason: root.text("reason"),
		At:     root.instant("at").Truncate(time.Second),
	}
	assurance := Assurance(root.text("assurance"))
	claim := root.table("claim")
	s.Claim = Claim{Name: claim.text("name"), Email: claim.text("email")}
	claim.done()
	statement := root.table("statement")
	purpose, _ := statement.values["purpose"].(string) // which keys stand beside it depends on it
	s.Statement.Purpose = Purpose(purpose)
	for _, f := range s.Statement.fields() {
		*f.value = statement.text(f.key)
	}
	statement.done()
	proof := root.table("proof")
	s.Proof = proof.text("ssh")
	proof.done()
	switch {
	case s.Proof == "" && assurance != Unverified:
		root.fail("assurance", "is %s, and without a proof it must be %q", quote(string(assurance)), Unverified)
	case s.Proof != "" && assurance != "":
		root.fail("assurance", "is %s; a signature with a proof says none, because whoever reads it checks", quote(string(assurance)))
	}
	root.done()
	if f := root.doc.flaw; f != nil {
		return Signature{}, &SignatureError{f.line, f.key, f.what}
	}
	return s, s.Check()
}
