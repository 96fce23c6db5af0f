//go:build goexperiment.runtimesecret && linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import (
	"runtime/secret"
	"testing"
)

// Whoever switches away from a goroutine in secret.Do, or to one, does it through Go's
// scheduler, which erases the registers.
func TestSwitchesInSecret(t *testing.T) {
	defer watchdog(t)()
	p := newPair(t)
	defer p.end()
	secret.Do(func() {
		for i := range 100 {
			if how := p.turn(&p.lock); how != ByGo {
				t.Errorf("turn %d: departure %d", i, how)
				break
			}
		}
	})
}
