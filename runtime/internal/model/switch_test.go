package model

import "testing"

func TestSwitch(t *testing.T) {
	for _, test := range []struct {
		name string
		o    switchOptions
	}{
		{"waits", switchOptions{waits: unlimited, yields: true}},
		{"leaves", switchOptions{yields: true, leaves: true}},
		{"a wait and leaves", switchOptions{waits: 1, leaves: true}},
		{"Monitor", switchOptions{waits: unlimited, yields: true, monitor: true}},
		{"collector", switchOptions{waits: unlimited, yields: true, collector: true}},
		{"Monitor and collector", switchOptions{waits: unlimited, monitor: true, collector: true}},
		{"profiler", switchOptions{waits: unlimited, yields: true, profiler: true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if testing.Short() && test.o.waits > 0 && test.o.leaves {
				t.Skip("two million states")
			}
			explore(t, switchModel(test.o, switchSound))
		})
	}
	// What holds them back elsewhere than in the test of the flaw is not missed there.
	t.Run("one wait", func(t *testing.T) {
		explore(t, switchModel(switchOptions{waits: 1, yields: true}, switchWaits))
	})
}

func TestSwitchFlaws(t *testing.T) {
	yields := switchOptions{yields: true}
	waits := switchOptions{waits: unlimited}
	for _, test := range []struct {
		name     string
		flaw     switchFlaw
		o        switchOptions
		property string
	}{
		{"plain while marking", plainWhileMarking, switchOptions{yields: true, collector: true}, "a status is corrupted"},
		{"marks who leaves", marksLeaving, switchOptions{waits: unlimited, monitor: true}, "a status is corrupted"},
		{"unlocks first", unlocksFirst, switchOptions{yields: true, monitor: true}, "a status is corrupted"},
		{"requeues late", requeuesLate, yields, "a worker and its task don't agree"},
		{"resumers don't wait", resumersDontWait, waits, "a goroutine is readied that doesn't wait"},
		{"publishes first", publishesFirst, waits, "a goroutine is readied that doesn't wait"},
		{"a switch waits", switchWaits, waits, "everybody waits for ever"},
		{"fill waits", fillWaits, switchOptions{waits: 1, yields: true}, "everybody waits for ever"},
		{"without BeginPark", withoutBeginPark, switchOptions{leaves: true}, "everybody waits for ever"},
		{"never looks back", neverLooksBack, switchOptions{leaves: true}, "everybody waits for ever"},
		{"profiles unasked", profileUnasked, switchOptions{yields: true, profiler: true}, "a profile reads the stack of a running goroutine"},
	} {
		t.Run(test.name, func(t *testing.T) { mustFail(t, switchModel(test.o, test.flaw), test.property) })
	}
}
