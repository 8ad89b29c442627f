// Package owners knows the people of a vault: who owns a patch, who may stand in
// for the owner, and whose consent a result has.
//
// It is pure: bytes and values in, values and errors out. It knows nothing of
// git, files, clocks, agents or terminals; the key that signs is handed in. Start reading at [Registry], then [Statement],
// [Signature] and [Registry.Consent].
//
// # Promises
//
//   - Fail closed. A registry, statement or signature that is broken, too large or
//     holds an unknown key is an error, never an empty default. A signature that
//     cannot be understood never counts.
//   - Names and e-mail addresses prove nothing. An [Actor] found by git's
//     configured identity is [Unverified], and every label says so. [Verified] is
//     only who made an SSH signature with a key of theirs, and that is checked
//     over the raw bytes each time a consent is weighed.
//   - Persons are counted, never signatures or keys. Nobody counts twice.
//   - A signature consents to one [Statement]. If one field differs it is consent
//     to something else, and a proof covers every field of the signature.
//   - The life of a key is counted in versions of the registry, never in dates.
//   - Every text that comes from outside is one line of printable characters
//     before it enters a value of this package, or is made so before it is shown.
package owners
