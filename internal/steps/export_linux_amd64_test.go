package steps

import (
	"testing"
	"time"
)

// SetPatience sets how often Count tries, and how long an OS thread may take for some
// steps, for one test.
func SetPatience(t *testing.T, tries int, d time.Duration) {
	a, s := attempts, stalled
	attempts, stalled = tries, d
	t.Cleanup(func() { attempts, stalled = a, s })
}
