package gv

import (
	"context"
	"testing"

	"github.com/gvthread/gvthread/arch"
)

// A request that is not resolved when its thread loses its worker, because the
// thread has blocked in Go before it could stop, must not protect the thread from
// being stopped when it runs on without one.
func TestRequestAfterOneThatWasNotResolved(t *testing.T) {
	rt, err := New(Config{Workers: 1, Engine: Native})
	if err != nil {
		t.Skip(err)
	}
	defer rt.Close()
	if !rt.forced {
		t.Skip(rt.Capabilities().ForcedReason)
	}
	th := rt.Go(func(context.Context) error {
		th := Current()
		// Pinned, it stops for no signal.
		arch.Pin()
		w, word := th.held(), th.load()
		first := rt.requests.make(th, word, now(), false)
		again := rt.requests.make(th, word, now(), false)
		lost := w.handOff(th, word, StateRunning)
		stale := rt.requests.make(th, word, now(), false)
		second := rt.requests.make(th, th.load(), now(), false)
		arch.Unpin()
		rt.monitor.wakeAt(now())
		if !first || again || !lost || stale || !second {
			t.Errorf("asked: %v, once more: %v; its worker was taken: %v; asked for the turn before: %v, for this one: %v",
				first, again, lost, stale, second)
		}
		return nil
	})
	if err := th.Wait(); err != nil {
		t.Error(err)
	}
}
