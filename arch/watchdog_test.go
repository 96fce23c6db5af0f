package arch

import (
	"fmt"
	"os"
	"runtime/pprof"
	"testing"
	"time"
)

// hangAfter is how long a test may take before it counts as hung.
const hangAfter = 60 * time.Second

// watchdog ends the process with all stacks unless it is stopped in time.
func watchdog(t *testing.T) (stop func() bool) {
	name := t.Name()
	return time.AfterFunc(hangAfter, func() {
		pprof.Lookup("goroutine").WriteTo(os.Stderr, 2)
		panic(fmt.Sprintf("%s hangs since %v", name, hangAfter))
	}).Stop
}
