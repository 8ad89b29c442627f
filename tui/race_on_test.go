//go:build race

package tui

// slowness is how much slower everything may be with the race detector.
const slowness = 10
