//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import (
	"runtime"
	"runtime/trace"
	"sync/atomic"
	"unsafe"
)

const (
	// switchRetries is how often a refused switch is tried again before it goes
	// through Go's scheduler. A refusal is a collector that looks at the other stack
	// at this moment, which takes it microseconds.
	switchRetries = 64
	// switchPatience is how often a switch looks whether the goroutine to be resumed
	// is off its stack, which takes that less than a microsecond if it has a core.
	switchPatience = 128
)

// switchg is the assembly switch: see switch_amd64.s. It returns ByGo, having touched
// nothing, when to can't be switched to now; otherwise once somebody has resumed from,
// with lock released and the pin ended.
//
//go:noescape
func switchg(from, to *Fiber, lock *Lock) (how Departure)

// StartSwitch is Switch, which for a Fiber of the Portable engine Await completes: see
// StartPark. It is what a task's every turn goes through: the fewer calls there are from here
// to the assembly, the fewer returns have to be predicted on the way back.
func (f *Fiber) StartSwitch(to *Fiber, lock *Lock) (resumed bool) {
	if !f.native {
		f.startSwitchPortable(to, lock)
		return false
	}
	for spins := 0; to.word.Load() != wordParked; spins++ {
		if !f.awaitParked(to, lock, spins) {
			return true
		}
	}
	if tied(f.g)|tied(to.g)|observed(f.g)|wanted(f.g) != 0 || trace.IsEnabled() || to.resumedByGo() {
		f.switchByGo(to, lock)
		return true
	}
	f.setByGo(false)
	raceRelease(to)
	raceUnlock(lock)
	for i := range switchRetries {
		if how := switchg(f, to, lock); how != ByGo {
			raceAcquire(f)
			f.departure = how
			return true
		}
		Pause(i)
	}
	f.switchByGo(to, lock)
	return true
}

// switchByGo is Switch through Go's scheduler.
func (f *Fiber) switchByGo(to *Fiber, lock *Lock) {
	to.Ready()
	f.parkNative(lock)
}

// awaitParked waits a little for to, which is on its way off its stack, and reports true; or
// it has to, which has not left its own OS thread, run on there, and parks f.
//
// It does not wait for long: to may wait for f, which is on its stack, too. Two that leave
// at the same time can be each the next of the other.
func (f *Fiber) awaitParked(to *Fiber, lock *Lock, spins int) bool {
	switch word := to.word.Load(); word {
	case wordParking, wordUnbound:
		if to.leaveToken(word) {
			f.parkNative(lock) // this OS thread is given back to Go
			return false
		}
	case wordToken, wordCalled:
		panic("arch: fiber resumed twice")
	case wordRunning, wordLeaving:
		if spins >= switchPatience {
			Launch(to.Ready)
			f.parkNative(lock)
			return false
		}
	}
	Pause(spins)
	return true
}

// resumedByGo and setByGo are for whoever owns f: it runs, or was found parked. What
// publishes the field is the switch itself, of which the race detector sees nothing.
//
//go:norace
func (f *Fiber) resumedByGo() bool { return f.byGo }

//go:norace
func (f *Fiber) setByGo(byGo bool) { f.byGo = byGo }

// tied, observed and wanted return 0 if they have nothing against a direct switch: so one
// branch will do for all.

// tied returns another number if the goroutine is locked to an OS thread, in a synctest
// bubble or guarded. The goroutine must be the caller's or owned by it, so that nothing of
// that can change.
//
//go:norace
func tied(g unsafe.Pointer) uintptr {
	return *(*uintptr)(unsafe.Add(g, gLockedm)) | *(*uintptr)(unsafe.Add(g, gBubble)) | guarded(g)
}

// guarded returns another number if Go's scheduler guards secrets of the goroutine when that
// gets an OS thread or leaves one. In crypto/subtle.WithDataIndependentTiming, which only
// arm64 has, the thread is brought into that mode and out of it (execute in runtime/proc.go);
// in runtime/secret.Do registers are erased (mcall in runtime/asm_*.s, go1.26 and go1.27).
//
//go:norace
func guarded(g unsafe.Pointer) (n uintptr) {
	if runtime.GOARCH == "arm64" {
		n = uintptr(*(*uint8)(unsafe.Add(g, gDitWanted)))
	}
	if secretMode {
		n |= uintptr(*(*uint32)(unsafe.Add(g, gSecret)))
	}
	return n
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
func (f *Fiber) parkNative(lock *Lock) {
	if w := f.word.Load(); w == wordRunning || w == wordLeaving {
		f.word.Store(wordParking)
	}
	f.departure = ByGo
	f.lock = lock
	if lock != nil {
		raceUnlock(lock)
	}
	gopark(parkCommit, unsafe.Pointer(&f.word), waitReasonZero, traceBlockGeneric, 2)
	raceAcquire(f)
}

// parkCommit runs on g0 when the goroutine is off its stack, and a trace has been
// told: it publishes that the goroutine is parked, or refuses the park because a
// token came first, and releases the lock and the Pin. The word is what a Fiber
// begins with.
//
//go:nosplit
//go:norace
func parkCommit(_ unsafe.Pointer, word unsafe.Pointer) bool {
	f := (*Fiber)(word)
	f.byGo = writesTrace(getg()) != 0
	lock := f.lock
	parked := cas((*uint32)(word), wordParking, wordParked)
	if !parked {
		cas((*uint32)(word), wordToken, wordRunning)
	}
	if lock != nil {
		cas((*uint32)(unsafe.Pointer(lock)), 1, 0)
	}
	procUnpin()
	return parked
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
