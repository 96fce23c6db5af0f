//go:build race

package gv_test

const raceEnabled = true
