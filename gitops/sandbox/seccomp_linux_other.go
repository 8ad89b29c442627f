//go:build linux && !amd64 && !arm64

package sandbox

// forbidCalls: nobody has tried the filter on this architecture.
func forbidCalls() (bool, error) { return false, nil }
