package model

import "testing"

func TestForce(t *testing.T) {
	for _, test := range []struct {
		name string
		o    forceOptions
	}{
		{"Monitor", forceOptions{yields: 1, blocks: 1}},
		{"yields", forceOptions{wanter: true, yields: 1}},
		{"blocks", forceOptions{wanter: true, blocks: 1}},
		{"usurps", forceOptions{wanter: true, usurps: true}},
		{"collector", forceOptions{collections: 1, yields: 1}},
		{"collector and one who wants the worker", forceOptions{collections: 1, wanter: true}},
		{"sysmon", forceOptions{sysmon: true, yields: 1}},
		{"sysmon and waits in Go", forceOptions{sysmon: true, blocks: 1}},
		{"sysmon and one who wants the worker", forceOptions{sysmon: true, wanter: true}},
		{"sysmon and collector", forceOptions{sysmon: true, collections: 1}},
		{"ends", forceOptions{wanter: true, ends: 1}},
		{"sysmon and ends", forceOptions{sysmon: true, ends: 2}},
	} {
		t.Run(test.name, func(t *testing.T) { explore(t, forceModel(test.o, forceSound)) })
	}
}

func TestForceFlaws(t *testing.T) {
	for _, test := range []struct {
		name     string
		flaw     forceFlaw
		o        forceOptions
		property string
	}{
		{"forgets", forceForgets, forceOptions{}, "a goroutine is stopped for ever"},
		{"keeps the marks of a resumed goroutine", forceKeepsMarks, forceOptions{yields: 1}, "a request outlives a resumption"},
		{"keeps all marks", forceNeverClears, forceOptions{sysmon: true}, "a goroutine is stopped for ever"},
		{"unpinned", forceUnpinned, forceOptions{yields: 1}, "a goroutine is stopped for ever"},
		{"withdraws blindly", forceWithdrawsBlindly, forceOptions{blocks: 1, sysmon: true}, "a goroutine is stopped for ever"},
		{"sticks to the old", forceSticksToOld, forceOptions{blocks: 1}, "a thread is never run again"},
		{"ignores lost", forceIgnoresLost, forceOptions{blocks: 1}, "more threads run than there are workers, for ever"},
	} {
		t.Run(test.name, func(t *testing.T) { mustFail(t, forceModel(test.o, test.flaw), test.property) })
	}
}
