package arch

import (
	"runtime"
	"sync/atomic"
	"time"
)

// launches starts goroutines for those who are in a bubble, where all that they start
// themselves would be in it, too.
var launches = launcher{wake: make(chan struct{}, 1)}

// A launcher is a goroutine outside of all bubbles, and what it is to start. There is
// none until a bubble needs it: programs have no bubbles.
type launcher struct {
	queue atomic.Pointer[launch] // the last added comes first
	// running is set by the side that starts the goroutine, and cleared by that.
	running atomic.Bool
	// wake has a token when the queue may have something.
	wake chan struct{}
}

type launch struct {
	fn   func()
	next *launch
}

// launcherIdle is for how long the launcher stays, with nothing to do.
const launcherIdle = time.Second

// add has fn started. It takes no lock: the caller may be pinned.
func (l *launcher) add(fn func()) {
	n := &launch{fn: fn}
	for {
		n.next = l.queue.Load()
		if l.queue.CompareAndSwap(n.next, n) {
			break
		}
	}
	if l.running.CompareAndSwap(false, true) {
		go l.start()
		return
	}
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// start starts the launcher's goroutine from within a bubble: cleanups run outside of
// any, as the documentation of testing/synctest says. It is in the bubble itself, and
// so may not wait for it by anything that belongs to one.
func (l *launcher) start() {
	started := new(atomic.Bool)
	runtime.AddCleanup(garbage(), func(started *atomic.Bool) {
		started.Store(true)
		go l.run()
	}, started)
	for !started.Load() {
		runtime.GC()
		for i := 0; i < 1000 && !started.Load(); i++ {
			runtime.Gosched()
		}
	}
}

// garbage returns an object of its own, in no block that it would share with others.
//
//go:noinline
func garbage() *[64]byte { return new([64]byte) }

func (l *launcher) run() {
	leaveModes()
	for {
		l.startAll()
		select {
		case <-l.wake:
			continue
		case <-time.After(launcherIdle):
		}
		l.running.Store(false)
		// Those who have added something before that count on this goroutine.
		if l.queue.Load() == nil || !l.running.CompareAndSwap(false, true) {
			return
		}
	}
}

// startAll starts what is in the queue, in order.
func (l *launcher) startAll() {
	var first *launch
	for n := l.queue.Swap(nil); n != nil; {
		next := n.next
		n.next, first = first, n
		n = next
	}
	for n := first; n != nil; n = n.next {
		go n.fn()
	}
}
