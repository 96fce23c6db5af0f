package gv_test

import (
	"strings"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// Who runs a program can take its engine back, whatever the program asks for, and sees
// what came of it.
func TestEnvironment(t *testing.T) {
	for _, test := range []struct {
		value    string
		config   gv.Config
		portable bool
		noForced bool
		unknown  string
	}{
		{value: ""},
		{value: "portable", portable: true, noForced: true},
		{value: "portable", config: gv.Config{Engine: gv.Native}, portable: true, noForced: true},
		{value: "noforced", noForced: true},
		{value: " noforced , portable,", portable: true, noForced: true},
		{value: "protable", unknown: "protable"},
		{value: "noforced,slow,native", noForced: true, unknown: "slow, native"},
	} {
		t.Run(test.value, func(t *testing.T) {
			usual := open(t, gv.Config{}).Capabilities()
			t.Setenv("GVTHREAD", test.value)
			caps := open(t, test.config).Capabilities()
			if got, want := caps.Engine == gv.Portable, test.portable || usual.Engine == gv.Portable; got != want {
				t.Errorf("the engine is %v (%s)", caps.Engine, caps.EngineReason)
			}
			if got, want := caps.Forced, usual.Forced && !test.noForced; got != want {
				t.Errorf("forced preemption: %v (%s)", got, caps.ForcedReason)
			}
			if test.portable && !strings.Contains(caps.EngineReason, "GVTHREAD") {
				t.Errorf("the engine's reason is %q", caps.EngineReason)
			}
			if test.noForced && caps.Engine == gv.Native && !strings.Contains(caps.ForcedReason, "GVTHREAD") {
				t.Errorf("the reason against force is %q", caps.ForcedReason)
			}
			if !strings.HasPrefix(caps.Environment, test.value) || !strings.Contains(caps.Environment, test.unknown) {
				t.Errorf("the environment is %q", caps.Environment)
			}
			if said := strings.Contains(caps.Environment, "unknown"); said != (test.unknown != "") {
				t.Errorf("unknown words of %q: %q", test.value, caps.Environment)
			}
		})
	}
}
