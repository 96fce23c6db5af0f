//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import (
	"sync/atomic"
	"unsafe"
)

// switchRetries is how often a refused switch is tried again before it goes
// through Go's scheduler. A refusal is a collector that looks at the other stack
// at this moment, which takes it microseconds.
const switchRetries = 64

// switchg is the assembly switch: see switch_amd64.s. It reports false, having
// touched nothing, when to can't be switched to now; true once somebody has
// resumed from. It must be called pinned and returns true unpinned.
//
//go:noescape
func switchg(from, to *Fiber) bool

// switchNative is Switch where both fibers are native.
func (f *Fiber) switchNative(to *Fiber) {
	// Close the door that BeginPark may have opened to tokens, so that nobody
	// counts on this goroutine looking at its word again.
	if f.word.Load() != wordRunning && !f.word.CompareAndSwap(wordParking, wordRunning) {
		// Already resumed, elsewhere: run on, and let Go run the other.
		f.word.Store(wordRunning)
		to.Ready()
		Unpin()
		return
	}
	direct := !pinnedToThread(f.g) && !pinnedToThread(to.g) && !observed(f.g)
	raceRelease(to)
	for spins := 0; ; spins++ {
		switch to.word.Load() {
		case wordParked:
			f.switchParked(to, direct && !to.wasTraced())
			return
		case wordParking:
			if to.word.CompareAndSwap(wordParking, wordToken) {
				// It has not left its own OS thread: it runs on there, and
				// this one is given back to Go.
				f.Park()
				return
			}
		case wordRunning:
			Pause(spins)
		default:
			panic("arch: fiber resumed twice")
		}
	}
}

// switchParked is the switch to a fiber that is off its stack.
func (f *Fiber) switchParked(to *Fiber, direct bool) {
	if direct {
		f.setTraced(false)
		for i := range switchRetries {
			if switchg(f, to) {
				raceAcquire(f)
				return
			}
			Pause(i)
		}
	}
	to.Ready()
	f.Park()
}

// wasTraced and setTraced are for whoever owns f: it runs, or was found parked. What
// publishes the field is the switch itself, of which the race detector sees nothing.
//
//go:norace
func (f *Fiber) wasTraced() bool { return f.traced }

//go:norace
func (f *Fiber) setTraced(traced bool) { f.traced = traced }

// pinnedToThread reports whether the goroutine is locked to an OS thread or in
// a synctest bubble. The goroutine must be the caller's or owned by it, so that
// neither can change.
//
//go:norace
func pinnedToThread(g unsafe.Pointer) bool {
	return lockedToThread(g) || *(*uintptr)(unsafe.Add(g, gBubble)) != 0
}

// lockedToThread reports whether the goroutine is locked to an OS thread.
//
//go:norace
func lockedToThread(g unsafe.Pointer) bool { return *(*uintptr)(unsafe.Add(g, gLockedm)) != 0 }

// parkNative parks by gopark, so that the parked goroutine looks to the
// assembly switch exactly like one that it has parked itself.
//
// The goroutine stays pinned until it is off its stack: a preemption request
// that stands must not stop it on the way, when others own it already, and
// would resume what its maker claims.
func (f *Fiber) parkNative() {
	if f.word.CompareAndSwap(wordToken, wordRunning) {
		Unpin()
	} else {
		gopark(parkCommit, unsafe.Pointer(&f.word), waitReasonZero, traceBlockGeneric, 2)
	}
	raceAcquire(f)
}

// parkCommit runs on g0 when the goroutine is off its stack, and a trace has been
// told: it ends the Pin and publishes that the goroutine is parked, or refuses the
// park because a token came first. The word is what a Fiber begins with.
//
//go:nosplit
//go:norace
func parkCommit(_ unsafe.Pointer, word unsafe.Pointer) bool {
	(*Fiber)(word).traced = writesTrace(getg())
	procUnpin()
	if cas((*uint32)(word), wordParking, wordParked) {
		return true
	}
	cas((*uint32)(word), wordToken, wordRunning)
	return false
}

// cas is atomic.CompareAndSwapUint32 for g0, where the race detector's version
// of that can't run.
//
//go:noescape
func cas(p *uint32, old, new uint32) bool

// readyNative makes a parked goroutine, which the caller owns, runnable in Go's
// scheduler. A preemption request that came too late for its last turn ends
// here: Go's own resumption clears g.preempt, but not preemptStop, and would
// leave the goroutine parked for ever at the next preemption of Go's own.
//
// Like all that reads or writes a g, it is none of the race detector's business:
// who owns the goroutine is settled by means that the detector can't see.
//
//go:norace
func readyNative(g unsafe.Pointer) {
	*(*uint8)(unsafe.Add(g, gPreempt)) = 0
	*(*uint8)(unsafe.Add(g, gPreemptStop)) = 0
	goready(g, 1)
}

// Pin keeps the calling goroutine on its OS thread and unpreempted, by Go and
// by RequestPreempt, until Unpin. Pinned code must be short and must not block.
func Pin() { procPin() }

// Unpin ends Pin.
func Unpin() { procUnpin() }

// keepP lets the calling goroutine keep its P for another 10 ms of sysmon's, as each
// switch does. Only the P's owner moves the count; that it does so atomically is for
// the race detector, which doesn't know that a P has one owner after the other.
func keepP() {
	procPin()
	m := *(*unsafe.Pointer)(unsafe.Add(getg(), gM))
	p := *(*unsafe.Pointer)(unsafe.Add(m, mP))
	(*atomic.Uint32)(unsafe.Add(p, pSchedtick)).Add(1)
	procUnpin()
}
