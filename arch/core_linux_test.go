package arch

import (
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

func TestProcessorField(t *testing.T) {
	const stat = "4242 (a) b) (c) R 1 4242 1 0 -1 4194304 90 0 0 0 0 0 0 0 20 0 6 0 1 0 0 18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 -1 17 0 0 0 0 0\n"
	if got := processorField([]byte(stat)); got != 17 {
		t.Errorf("processor of %q is %d, want 17", stat, got)
	}
	for _, broken := range []string{"", "4242 (a) R 1", ")"} {
		if got := processorField([]byte(broken)); got >= 0 {
			t.Errorf("processor of %q is %d, want a negative number", broken, got)
		}
	}
}

func TestLastCore(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if _, err := os.Stat("/proc/self/task"); err != nil {
		t.Skip(err)
	}
	if core := lastCore(unix.Gettid()); core < 0 || core >= 1<<16 {
		t.Errorf("this thread is on core %d", core)
	}
	if core := lastCore(0); core >= 0 {
		t.Errorf("a thread that does not exist is on core %d", core)
	}
}
