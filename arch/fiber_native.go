//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import (
	"runtime/trace"
	"unsafe"
)

// Offsets into Fiber that the assembly uses.
const (
	fiberWord     = unsafe.Offsetof(Fiber{}.word)
	fiberProfiled = unsafe.Offsetof(Fiber{}.profiled)
	fiberG        = unsafe.Offsetof(Fiber{}.g)
)

// switchRetries is how often a refused switch is tried again before it goes
// through Go's scheduler. A refusal is a collector or a profiler that looks at
// the other stack at this moment, which takes it microseconds.
const switchRetries = 64

// switchg is the assembly switch: see switch_amd64.s. It reports false, having
// touched nothing, when to can't be switched to now; true once somebody has
// resumed from. It must be called pinned and returns true unpinned.
//
//go:noescape
func switchg(from, to *Fiber) bool

// tracing reports whether an execution trace is being taken. Direct switches
// would leave holes in it that make it unreadable.
func tracing() bool { return trace.IsEnabled() }

// switchNative is Switch where both fibers are native.
func (f *Fiber) switchNative(to *Fiber) {
	// parking → leaving closes the door to tokens, so that nobody counts on
	// this goroutine looking at its word again before it is off its stack.
	if !f.word.CompareAndSwap(wordParking, wordLeaving) {
		// Already resumed, elsewhere: run on, and let Go run the other.
		to.Ready()
		f.word.Store(wordRunning)
		Unpin()
		return
	}
	for spins := 0; !to.word.CompareAndSwap(wordParked, wordRunning); spins++ {
		switch to.word.Load() {
		case wordParking:
			if to.word.CompareAndSwap(wordParking, wordToken) {
				// It has not left its own OS thread: it runs on there, and
				// this one is given back to Go.
				f.word.Store(wordParking)
				f.Park()
				return
			}
		case wordLeaving:
			Pause(spins)
		case wordParked:
		default:
			panic("arch: switch to a fiber that is not parked")
		}
	}
	if !pinnedToThread(f.g) && !pinnedToThread(to.g) {
		for i := 0; i < switchRetries; i++ {
			if switchg(f, to) {
				f.word.Load() // synchronises with the resumer's write
				return
			}
			Pause(i)
		}
	}
	f.word.Store(wordParking)
	readyNative(to.g)
	f.Park()
}

// pinnedToThread reports whether the goroutine is locked to an OS thread or in
// a synctest bubble. The goroutine must be the caller's or owned by it, so that
// neither can change.
func pinnedToThread(g unsafe.Pointer) bool {
	return *(*uintptr)(unsafe.Add(g, gLockedm)) != 0 || *(*uintptr)(unsafe.Add(g, gBubble)) != 0
}

// parkNative parks by gopark, so that the parked goroutine looks to the
// assembly switch exactly like one that it has parked itself.
func (f *Fiber) parkNative() {
	if !f.word.CompareAndSwap(wordToken, wordRunning) {
		gopark(parkCommit, unsafe.Pointer(&f.word), waitReasonZero, traceBlockGeneric, 2)
	}
	f.word.Load() // synchronises with the resumer's write
}

// parkCommit runs on g0 when the goroutine is off its stack: it publishes
// that, or refuses the park because a token came first.
//
//go:nosplit
//go:norace
func parkCommit(_ unsafe.Pointer, word unsafe.Pointer) bool {
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
