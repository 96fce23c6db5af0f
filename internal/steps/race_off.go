//go:build !race && linux && amd64

package steps

const raceEnabled = false
