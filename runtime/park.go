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
// The thread may be made ready, and be resumed on another worker, as soon as
// parking says so, while this code is still on its stack: arch holds the resumer
// back until it no longer is. After that nothing of t may be written here.
func (t *Thread) park() {
	t.unboost()
	t.found()
	arch.Pin()
	if t.parking.Load() == parkWoken {
		t.parking.Store(parkNone)
		arch.Unpin()
		return
	}
	f := t.fiber
	w := t.lockWorker()
	if w == nil {
		t.store(t.load().with(StateBlocked, nowhere))
		t.parkWithout()
		return
	}
	t.store(t.load().with(StateBlocked, nowhere))
	next, kept := w.succeedLocked()
	w.queue.lock.unlock()
	if next == nil {
		if !kept {
			w.rt.putIdle(w)
		}
		t.parkWithout()
		return
	}
	if !t.parking.CompareAndSwap(parkNone, parkParked) {
		// Made ready meanwhile: back into a queue, but the worker is gone.
		t.parking.Store(parkNone)
		f.BeginPark()
		t.rt.enqueueShared(t, StateReady)
	}
	switchTo(&f.Fiber, next)
}

// parkWithout is the rest of park for a thread that has no worker to hand on.
func (t *Thread) parkWithout() {
	f := t.fiber
	f.BeginPark()
	if !t.parking.CompareAndSwap(parkNone, parkParked) {
		t.parking.Store(parkNone)
		t.rt.enqueueShared(t, StateReady)
	}
	f.Park()
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
				t.rt.enqueue(t, StateReady)
				return
			}
		default:
			panic("gv: thread made ready twice")
		}
	}
}
