package arch

import (
	"fmt"
	"sync/atomic"
	"unsafe"
)

// The states of a Fiber's word. The word alone decides who may make a Fiber
// run: whoever moves it from parked to running, or from parking to token, has
// resumed the Fiber and is the only one who has.
const (
	// wordRunning: the goroutine runs, or Go's scheduler will run it. Owner:
	// the goroutine itself.
	wordRunning uint32 = iota
	// wordParking: the goroutine said BeginPark and may be visible in queues,
	// but is still on its stack. A Ready now leaves a token, and the goroutine
	// does not park.
	wordParking
	// wordLeaving: the goroutine is inside Switch, pinned, and will be parked
	// (or parking) within a few instructions. Others wait for that.
	wordLeaving
	// wordParked: off its stack, resumable by Switch or Ready.
	wordParked
	// wordToken: resumed between BeginPark and Park.
	wordToken
)

// A Fiber is a goroutine that can be parked and resumed by its scheduler. The
// zero Fiber is not bound to a goroutine; Bind does that.
//
// Every use follows one cycle. The goroutine itself calls Pin and BeginPark,
// may then become visible to those who will resume it, and calls Park or
// Switch, both of which return unpinned, on whatever OS thread, once exactly
// one other side has resumed it by Ready or by a Switch to it.
type Fiber struct {
	// word is one of the constants above. The assembly stores wordParked, as
	// its last act, through this first field; see fiberWord in offsets.go.
	word atomic.Uint32
	// profiled is 1 while the assembly switch has marked g as satisfied for
	// goroutine profiles. Only the side that owns the Fiber's turn writes it.
	profiled uint32
	// g is the goroutine, nil where the platform has no Native engine. It is
	// written by Bind before the Fiber is shared.
	g unsafe.Pointer
	// native says that Switch may be used. Written by Bind.
	native bool
	// bound is set when Bind has written the fields above: until then those who
	// look at the goroutine from outside see nothing.
	bound atomic.Bool
	// note parks the goroutine when native is false: capacity 1, a token each
	// resumption.
	note chan struct{}
}

// Bind ties f to the calling goroutine. With native false the Fiber parks in
// plain Go only, and works on every platform and release.
func (f *Fiber) Bind(native bool) {
	f.g = getg()
	f.native = native
	if !native && f.note == nil {
		f.note = make(chan struct{}, 1)
	}
	f.bound.Store(true)
}

// BeginPark announces that the calling goroutine, which must be f's and
// pinned, is about to call Park or Switch. From here on f may be resumed.
func (f *Fiber) BeginPark() { f.word.Store(wordParking) }

// CancelPark takes a BeginPark back. It is for a goroutine that was not made
// visible to anybody in between.
func (f *Fiber) CancelPark() { f.word.Store(wordRunning) }

// Park blocks the calling goroutine, which must be f's and pinned, until f is
// resumed. It returns unpinned.
func (f *Fiber) Park() {
	Unpin()
	if f.native {
		f.parkNative()
		return
	}
	<-f.note
	f.word.Store(wordRunning)
}

// Ready resumes f through Go's scheduler. Exactly one Ready or Switch may
// resume each park; it may come as soon as BeginPark was called.
func (f *Fiber) Ready() {
	if !f.native {
		f.note <- struct{}{}
		return
	}
	for spins := 0; ; spins++ {
		switch f.word.Load() {
		case wordParked:
			if f.word.CompareAndSwap(wordParked, wordRunning) {
				readyNative(f.g)
				return
			}
		case wordParking:
			if f.word.CompareAndSwap(wordParking, wordToken) {
				return
			}
		case wordLeaving:
			Pause(spins)
		default:
			panic(fmt.Sprintf("arch: resumed a fiber that is not parked (word %d)", f.word.Load()))
		}
	}
}

// Switch parks the calling goroutine, which must be f's, pinned and past
// BeginPark, and resumes to in its place: directly, on the same OS thread and
// without Go's scheduler, where both sides allow it, and through Go's
// scheduler otherwise. It returns unpinned when f is resumed.
func (f *Fiber) Switch(to *Fiber) {
	if !f.native || !to.native || tracing() {
		to.Ready()
		f.Park()
		return
	}
	f.switchNative(to)
}
