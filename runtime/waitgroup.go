package gv

import (
	"context"
	"sync/atomic"

	"github.com/gvthread/gvthread/arch"
)

// A WaitGroup counts things that are under way, and lets threads, plain
// goroutines, or both wait until there are none. The zero value is ready to
// use. It must not be copied after first use.
//
// In the terms of the Go memory model, Done synchronizes before the return of
// the calls of Wait that it ends, and the end of a thread that Go started
// synchronizes before the return of the calls of Wait that its end ends.
type WaitGroup struct {
	_ noCopy

	// state is twice the counter, and 1 if somebody waits. The 1 comes and goes
	// under mu.
	state   atomic.Int64
	mu      arch.Lock
	waiters numberedList[waitDetail]
	// options are those of threads that Go was given no others for. They are made once.
	options atomic.Pointer[threadOptions]
}

// waitGroupWaited is the bit of state that says that somebody waits.
const waitGroupWaited = 1

// maxWaitGroup bounds the counter, with room for those who come at the same time.
const maxWaitGroup = 1 << 61

// Add adds delta, which may be negative, to the counter. When that becomes
// zero, all who wait are woken. Add panics if it becomes negative, or above 1<<61.
//
// A positive delta that starts from zero must come before Wait. To use a
// WaitGroup again, for other things, call Add after all calls of Wait for the
// first ones have returned.
func (wg *WaitGroup) Add(delta int) {
	wg.add(delta)
	Safepoint()
}

// Done takes one from the counter. It is Add(-1).
func (wg *WaitGroup) Done() { wg.Add(-1) }

// add is Add, but does not yield.
func (wg *WaitGroup) add(delta int) {
	d := int64(delta)
	if d > maxWaitGroup-wg.state.Load()/2 {
		panic("gv: WaitGroup counter overflows")
	}
	s := wg.state.Add(2 * max(d, -2*maxWaitGroup))
	if s < 0 {
		panic("gv: negative WaitGroup counter")
	}
	if s != waitGroupWaited {
		return
	}
	wg.mu.Lock()
	released := wg.state.CompareAndSwap(waitGroupWaited, 0)
	limit := wg.waiters.arrivals
	wg.mu.Unlock()
	if released {
		wakeUpTo(&wg.mu, &wg.waiters.waitList, limit)
	}
}

// Go starts fn as the function Go does, with the same options and the same
// result, and counts the thread until it has ended: also one that is cancelled
// before its first turn, or can't be started.
func (wg *WaitGroup) Go(fn func(context.Context) error, opts ...Option) *Thread {
	caller := Current()
	return runtimeOf(caller).start(fn, wg.optionsWith(opts), caller)
}

// optionsWith returns the options of a thread that is started with opts, and counted.
func (wg *WaitGroup) optionsWith(opts []Option) *threadOptions {
	if len(opts) > 0 {
		o := apply(opts)
		o.tally = wg
		return o
	}
	o := wg.options.Load()
	if o == nil {
		o = apply(nil)
		o.tally = wg
		wg.options.Store(o) // another that was made just now is as good
	}
	return o
}

// enter, returned, heard and leave make a WaitGroup a tally.
func (wg *WaitGroup) enter(*Thread) { wg.add(1) }

func (wg *WaitGroup) returned(*Thread, error) {}

// heard reports that nobody gets the thread's panic: Wait returns no error.
func (wg *WaitGroup) heard() bool { return false }

func (wg *WaitGroup) leave() { wg.add(-1) }

// Wait blocks the caller until the counter is zero. Cancellation does not end
// the wait: use WaitContext for that.
func (wg *WaitGroup) Wait() {
	if wg.state.Load() == 0 {
		point()
		return
	}
	_ = wg.wait(forever, waitGroup) // nothing but the counter ends it
}

// WaitContext is Wait that gives up when ctx ends, with its cause, or when the
// calling thread is cancelled, with an error that wraps ErrCancelled and the
// cause; also if that came before the call.
func (wg *WaitGroup) WaitContext(ctx context.Context) error {
	if err := ended(Current(), ctx); err != nil {
		return err
	}
	if wg.state.Load() == 0 {
		point()
		return nil
	}
	return wg.wait(ctx, waitGroup)
}

func (wg *WaitGroup) wait(ctx context.Context, kind waitKind) error {
	t := Current()
	w := watchContext(t, ctx)
	defer w.stop()
	k := w.ticket(t, kind)
	defer k.done()
	n := k.node()
	wg.mu.Lock()
	for {
		s := wg.state.Load()
		if s < 2 {
			wg.mu.Unlock()
			return nil
		}
		if wg.state.CompareAndSwap(s, s|waitGroupWaited) {
			break
		}
	}
	n.k = k
	wg.waiters.push(n)
	wg.mu.Unlock()
	err := w.wait(k)
	if err != nil {
		wg.mu.Lock()
		wg.waiters.remove(n)
		wg.mu.Unlock()
	}
	return err
}
