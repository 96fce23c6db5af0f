package gv

import "github.com/gvthread/gvthread/arch"

// The values of Thread.parking.
const (
	parkNone   uint32 = iota // not parking, or made ready
	parkParked               // parked or on the way: ready puts the thread in a queue
	parkWoken                // ready came first: the next park returns at once
)

// park blocks the calling thread until ready, which exactly one other side
// calls for each park, before it or after.
//
// The thread may be made ready, and be resumed on another worker, from the
// moment that parking says so, while this code is still on its stack: arch
// holds the resumer back until it no longer is. After that moment nothing of t
// may be written here.
func (t *Thread) park() {
	t.unboost()
	arch.Pin()
	f := t.fiber
	w := t.held()
	t.found()
	f.BeginPark()
	t.set(StateBlocked)
	if !t.parking.CompareAndSwap(parkNone, parkParked) {
		t.parking.Store(parkNone)
		t.set(StateRunning)
		f.CancelPark()
		arch.Unpin()
		return
	}
	if w == nil {
		f.Park()
		return
	}
	next := w.pick(Low)
	switch {
	case next == nil:
		w.giveBack(t)
		f.Park()
	case !w.give(t, next):
		t.rt.putBack(next)
		f.Park()
	case next == t:
		// Made ready already, and first in line: nobody else resumes it.
		f.CancelPark()
		arch.Unpin()
	default:
		f.switchTo(next)
	}
}

// ready makes a thread run that is parked, or about to. The caller is pinned.
func (t *Thread) ready() {
	for {
		switch t.parking.Load() {
		case parkNone:
			if t.parking.CompareAndSwap(parkNone, parkWoken) {
				return
			}
		case parkParked:
			if t.parking.CompareAndSwap(parkParked, parkNone) {
				t.set(StateReady)
				t.rt.enqueue(t)
				return
			}
		default:
			panic("gv: thread made ready twice")
		}
	}
}
