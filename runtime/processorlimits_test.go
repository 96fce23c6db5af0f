package gv

import "testing"

// The last setting of a list counts.
func TestDisabled(t *testing.T) {
	for settings, want := range map[string]bool{
		"":                                       false,
		"updatemaxprocs=0":                       true,
		"updatemaxprocs=1":                       false,
		"updatemaxprocs":                         false,
		"panicnil=1,updatemaxprocs=0,,x=1":       true,
		"updatemaxprocs=0,updatemaxprocs=1":      false,
		"updatemaxprocs=1,updatemaxprocs=0":      true,
		"containermaxprocs=0,noupdatemaxprocs=0": false,
	} {
		if got := disabled(settings, "updatemaxprocs"); got != want {
			t.Errorf("%q: %v, want %v", settings, got, want)
		}
	}
}
