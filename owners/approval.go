package owners

// Approval weighs what somebody said of an item of the urgent lane: who it was and how
// sure that is, or the problem for which it does not count. It counts under the
// conditions of a consent, see [Registry.Consent], also about then, but for the patch's
// owner: who may approve what, the lane decides.
func (r Registry) Approval(st Statement, s Signature, then InForce) (by Actor, problem string) {
	if err := s.Check(); err != nil {
		return Actor{}, err.Error()
	}
	p, known := r.Person(s.Person)
	switch {
	case s.Statement != st:
		return Actor{}, "is about something else"
	case !known:
		return Actor{}, quote(s.Person) + " is not in the registry"
	case !p.Active():
		return Actor{}, p.String() + " has left"
	case s.Proof == "" && r.Policy.Require == RequireKey:
		return Actor{}, "is not enough, because the policy asks for a key"
	case s.Proof != "":
		if problem := r.unproved(s, then); problem != "" {
			return Actor{}, problem
		}
	}
	return s.signer(), ""
}
