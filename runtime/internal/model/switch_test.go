package model

import "testing"

func TestSwitch(t *testing.T) {
	t.Run("alone", func(t *testing.T) { explore(t, switchModel(switchOptions{}, switchSound)) })
	t.Run("collector", func(t *testing.T) { explore(t, switchModel(switchOptions{collector: true}, switchSound)) })
	t.Run("profiler", func(t *testing.T) { explore(t, switchModel(switchOptions{profiler: true}, switchSound)) })
}

func TestSwitchFlaws(t *testing.T) {
	for _, test := range []struct {
		name     string
		flaw     switchFlaw
		o        switchOptions
		property string
	}{
		{"resumers don't wait", resumersDontWait, switchOptions{}, "a goroutine is readied that doesn't wait"},
		{"publishes first", publishesFirst, switchOptions{}, "a goroutine is readied that doesn't wait"},
		{"without BeginPark", withoutBeginPark, switchOptions{}, "everybody waits for ever"},
		{"profiles unasked", profileUnasked, switchOptions{profiler: true}, "a profile reads the stack of a running goroutine"},
		{"never looks back", neverLooksBack, switchOptions{}, "everybody waits for ever"},
	} {
		t.Run(test.name, func(t *testing.T) { mustFail(t, switchModel(test.o, test.flaw), test.property) })
	}
}
