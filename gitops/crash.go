package gitops

// crashPoint is called right before every step that changes the vault: an object
// pack, a ref. Tests that kill the program there replace it; see crash_test.go.
var crashPoint = func(step string) {}
