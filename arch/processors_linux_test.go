package arch

import (
	goruntime "runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// The text is the same while the limits are, and another one with fewer cores.
func TestProcessorLimits(t *testing.T) {
	goruntime.LockOSThread() // which ends with the test, since it is not unlocked if that fails
	var all, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil {
		t.Fatal(err)
	}
	if all.Count() == 1 {
		t.Skip("there is one core")
	}
	before := ProcessorLimits()
	if again := ProcessorLimits(); before == "" || again != before {
		t.Errorf("the limits are %q, and then %q", before, again)
	}
	for cpu := 0; one.Count() == 0; cpu++ {
		if all.IsSet(cpu) {
			one.Set(cpu)
		}
	}
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		t.Skip(err)
	}
	if with := ProcessorLimits(); with == before {
		t.Errorf("with one core, of %d, the limits are %q, too", all.Count(), with)
	}
	if err := unix.SchedSetaffinity(0, &all); err != nil {
		t.Fatal(err)
	}
	if after := ProcessorLimits(); after != before {
		t.Errorf("the limits were %q, and are %q", before, after)
	}
	goruntime.UnlockOSThread()
}
