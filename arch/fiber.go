package arch

import (
	"fmt"
	"unsafe"
)

// The states of a Fiber's word. The word alone decides who may make a Fiber
// run.
const (
	// wordUnbound: there is no goroutine yet. Those who look at it from outside see nothing.
	wordUnbound uint32 = iota
	// wordCalled: the same, and it was resumed already: see Expect.
	wordCalled
	// wordRunning: the goroutine runs, or Go's scheduler will run it, or it is
	// pinned on its way to Park or Switch: those who would resume it wait.
	wordRunning
	// wordLeaving: the same, on its way, and others may know of it already.
	wordLeaving
	// wordParking: the goroutine is about to park, and has nothing to do before
	// that others could wait for. A Ready now leaves a token, and the goroutine
	// does not park.
	wordParking
	// wordParked: off its stack, resumable by Switch or Ready.
	wordParked
	// wordToken: resumed between wordParking and wordParked.
	wordToken
)

// A Fiber is a goroutine that can be parked and resumed by its scheduler. The
// zero Fiber is not bound to a goroutine; Bind does that.
//
// Every use follows one cycle. The goroutine itself locks a Lock, may then become
// visible to those who will resume it, and calls Park or Switch with it. Both return
// unpinned, on whatever OS thread, once exactly one other side has
// resumed it by Ready or by a Switch to it. Those wait for the moment that it
// takes the goroutine to get off its stack, at which the Lock is released, too. So
// nothing in between may wait for one of them; BeginPark lifts that. One that becomes
// visible to others than those who need the Lock for that calls BeginLeave before.
type Fiber struct {
	// word is one of the constants above. Bind makes it running, when it has written the
	// other fields. Who finds it parked and owns the turn of the goroutine makes it running
	// again. The assembly stores wordParked, as its last act.
	word Word
	// byGo says that the goroutine must be resumed through Go's scheduler. An execution
	// trace that was being taken when it parked has seen it park, and must see it resumed;
	// or it was stopped at a function's entry: see ClaimPreempted. Written by the side that
	// parks it, before it publishes that in word; read by the one that resumes it.
	byGo bool
	// native says that Switch may be used. Written by Bind.
	native bool
	// Marks are for the scheduler, which keeps in them what it knows of the Fiber.
	Marks uint8
	// departure is how the goroutine has left last. Its own.
	departure Departure
	// g is the goroutine, nil where the platform has no Native engine. It is
	// written by Bind before the Fiber is shared.
	g unsafe.Pointer
	// lock is what the goroutine has left to Park. Its own.
	lock *Lock
	// note parks the goroutine when native is false: capacity 1, a token each
	// resumption. Of what plain Go has, that takes the least time, but for the coroutines of
	// iter.Pull, of which two switches take half as much. They can't carry code that anybody
	// may have written: Go ends the process when a goroutine that is locked to its OS thread,
	// by LockOSThread or in a callback from C, switches in that way (coroswitch_m in
	// runtime/coro.go, go1.26 and go1.27), and plain Go doesn't tell which one is, short of a
	// stack trace. Nor can the goroutine yield by runtime.Gosched until its turn comes: it
	// would stand in Go's queue, behind goroutines that compute, when it is to run at once.
	note chan struct{}
}

// Bind ties f to the calling goroutine. With native false the Fiber parks in
// plain Go only, and works on every platform and release.
func (f *Fiber) Bind(native bool) {
	raceAcquire(f) // if f was bound before: those who resumed it then have done so
	f.g = getg()
	f.native = native
	if !native && f.note == nil {
		// Others use it later, perhaps for another goroutine.
		Outside(func() { f.note = make(chan struct{}, 1) })
	}
	f.word.Store(wordRunning)
}

// bound reports whether Bind or Arrive has tied f to a goroutine.
func (f *Fiber) bound() bool { return f.word.Load() > wordCalled }

// Expect says that f, a zero Fiber, will be tied to a goroutine by Arrive, with the Native
// engine. From now on it may be resumed.
func (f *Fiber) Expect() { f.native = true }

// Expected reports whether Expect was called of f, which is tied to no goroutine yet.
func (f *Fiber) Expected() bool { return f.native }

// Arrive ties f, which was expected, to the calling goroutine, and blocks until f is resumed,
// if it has not been yet.
func (f *Fiber) Arrive() {
	f.g = getg()
	Pin()
	if f.word.CompareAndSwap(wordUnbound, wordParking) {
		f.Park(nil)
		return
	}
	raceAcquire(f)
	f.word.Store(wordRunning)
	Unpin()
}

// BeginPark lets a Ready of f, from now until the Park that must follow, return
// without waiting for it: the park is then skipped. It is for a goroutine, which must
// be f's and pinned, that has something to do before it parks that others could wait
// for.
func (f *Fiber) BeginPark() { f.word.Store(wordParking) }

// BeginLeave says that the calling goroutine, which must be f's and pinned, is about to
// become visible to those who resume it, and then gets off its stack. They may own it
// before it has, with another lock than the one that it holds: until it is resumed
// nobody changes its status to look for its OS thread, or to have it stopped.
func (f *Fiber) BeginLeave() { f.word.Store(wordLeaving) }

// Stay takes BeginLeave back: f's goroutine goes on, and nobody else resumes it.
func (f *Fiber) Stay() { f.word.Store(wordRunning) }

// Park blocks the calling goroutine, which must be f's, until f is resumed. The
// goroutine holds lock, which is released when it is off its stack, or is pinned, and
// lock is nil. It returns unpinned.
func (f *Fiber) Park(lock *Lock) {
	if !f.StartPark(lock) {
		f.Await()
	}
}

// StartPark is Park, but reports false where it has left the last step, which is Await, to
// its caller: there the Portable engine waits. Await is inlined, and so are the callers that
// have little else to do. After a switch by Go's scheduler the processor predicts no return
// up the stack, and each costs as much as dozens of instructions.
func (f *Fiber) StartPark(lock *Lock) (resumed bool) {
	switch {
	case f.native:
		f.parkNative(lock)
		return true
	case lock != nil:
		lock.Unlock()
	default:
		Unpin()
	}
	return false
}

// Await completes a StartPark or StartSwitch that has reported false.
func (f *Fiber) Await() { <-f.note }

// Ready resumes f through Go's scheduler. Exactly one Ready or Switch may
// resume each park; it may come as soon as the goroutine is pinned on its way to
// it.
func (f *Fiber) Ready() {
	if !f.native {
		f.note <- struct{}{}
		return
	}
	for spins := 0; ; spins++ {
		switch word := f.word.Load(); word {
		case wordParked:
			g := f.g // read before the release: after it, f may be bound anew
			raceRelease(f)
			f.word.Store(wordRunning)
			readyNative(g)
			return
		case wordParking, wordUnbound:
			if f.leaveToken(word) {
				return
			}
		case wordRunning, wordLeaving:
			Pause(spins)
		default:
			panic(fmt.Sprintf("arch: fiber resumed twice (word %d)", word))
		}
	}
}

// leaveToken resumes f, which was found parking, or expected, before it parks, and reports
// whether it was still so.
func (f *Fiber) leaveToken(word uint32) bool {
	raceRelease(f)
	if word == wordUnbound {
		return f.word.CompareAndSwap(wordUnbound, wordCalled)
	}
	return f.word.CompareAndSwap(wordParking, wordToken)
}

// Switch parks the calling goroutine, which must be f's and hold lock, and resumes
// to in its place: directly, on the same OS thread and without Go's scheduler,
// where both sides allow it, and through Go's scheduler otherwise. The lock is
// released when the goroutine is off its stack. It returns unpinned when f is resumed.
//
// While lock is held, nobody else may ask for f or to to be preempted, or look for
// that.
func (f *Fiber) Switch(to *Fiber, lock *Lock) {
	if !f.StartSwitch(to, lock) {
		f.Await()
	}
}

// startSwitchPortable is StartSwitch of the Portable engine.
func (f *Fiber) startSwitchPortable(to *Fiber, lock *Lock) {
	to.note <- struct{}{}
	lock.Unlock()
}

// A Departure is a way in which a goroutine gets off its stack.
type Departure uint8

const (
	// ByGo is through Go's scheduler.
	ByGo Departure = iota
	// ByLocks is by a direct switch that changes statuses by locked instructions.
	ByLocks
	// ByStores is by one that changes them by plain stores.
	ByStores
)

// LastDeparture returns how the calling goroutine, which must be f's, has last got off its
// stack on the Native engine.
func (f *Fiber) LastDeparture() Departure { return f.departure }

// MayBeLocked reports whether f's goroutine, which must be the caller's, is locked to its OS
// thread, or may be: only the Native engine's tables tell. In plain Go the header of a stack
// trace does, which takes more than a goroutine that ends and a new one.
func (f *Fiber) MayBeLocked() bool { return !f.native && Native() != nil || lockedToThread(f.g) }
