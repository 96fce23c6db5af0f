package arch_test

import (
	"os"
	"runtime"
	"testing"

	"github.com/gvthread/gvthread/arch"
)

// Tools that list OS threads show which one the Monitor is.
func TestTimerThreadHasAName(t *testing.T) {
	name := make(chan string)
	go func() {
		runtime.LockOSThread()     // it ends with the goroutine
		_ = arch.TuneTimerThread() // best effort
		text, err := os.ReadFile("/proc/thread-self/comm")
		if err != nil {
			t.Error(err)
		}
		name <- string(text)
	}()
	if got, want := <-name, "gv-monitor\n"; got != want {
		t.Errorf("the thread is called %q, want %q", got, want)
	}
}
