//go:build !race

package gv_test

const raceEnabled = false
