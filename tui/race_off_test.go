//go:build !race

package tui

// slowness is how much slower everything may be.
const slowness = 1
