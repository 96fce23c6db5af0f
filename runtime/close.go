package gv

import (
	"context"

	"github.com/gvthread/gvthread/arch"
)

// Close closes the runtime: threads can't be started any more, those that are
// alive are cancelled with ErrRuntimeClosed as the cause, and Close waits until
// all have ended. It then gives back all that the runtime has taken: its
// goroutines, its timer thread, and GOMAXPROCS. Where that was Go's own choice, Go
// follows the cores and the quota of the process again when the last runtime is closed.
//
// Close also waits for the calls of Config.OnLate, OnPanic and Logger's handler that are
// under way, and none comes after, but for what OnPanic says. So these must not call Close
// or Shutdown themselves; a goroutine that they start may.
//
// A thread that doesn't heed its cancellation keeps Close waiting, such as one that
// reads from a connection, which nothing closes when the thread's context ends. The panics of
// threads that nobody has waited for, but could have, are returned: see Config.OnPanic. Further calls wait for the
// first one and return what it returned. In a thread of the runtime itself,
// Close does nothing but return ErrInsideThread.
func (rt *Runtime) Close() error { return rt.shut(context.Background(), true) }

// Shutdown waits until all threads have ended, and then closes the runtime.
// When ctx ends first, also before the call, it returns the context's cause, and the
// runtime stays open. Of one that is closed already it returns what Close has. In a thread
// of the runtime itself it returns ErrInsideThread.
func (rt *Runtime) Shutdown(ctx context.Context) error { return rt.shut(ctx, false) }

func (rt *Runtime) shut(ctx context.Context, cancel bool) error {
	if t := Current(); t != nil && t.rt() == rt {
		return ErrInsideThread
	}
	var err error
	Block(func() {
		if !cancel {
			if err = rt.awaitEnds(ctx); err != nil {
				return
			}
		}
		rt.closing.Do(rt.close)
		<-rt.closed
		err = rt.closeErr
	})
	return err
}

// awaitEnds waits until all threads have ended, or rt is closed, or returns the cause of ctx if
// that ends first.
func (rt *Runtime) awaitEnds(ctx context.Context) error {
	// What has ended before the call is not left to the chance of select.
	switch {
	case rt.isClosed():
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	select {
	case <-rt.live.empty():
	case <-rt.closed:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}

// close is what Close does, once.
func (rt *Runtime) close() {
	// 1. No new threads.
	rt.live.close()
	// 2. The old ones are told, and end. Their fibers stay, idle.
	c := newCancellation(ErrRuntimeClosed)
	for _, t := range rt.live.all() {
		t.cancelAncestors(c)
		t.cancel(c)
	}
	<-rt.live.empty()
	// 3. The idle fibers end, and there is nothing left to be timed.
	rt.sched.Close()
	if rt.slots != nil {
		arch.Outside(rt.slots.Close)
	}
	if rt.control != nil {
		rt.control.stop()
	}
	rt.callbacks.Wait()
	// 4. Go gets its processors back.
	rt.lowerProcessors()
	rt.closeErr = rt.panics.collect()
	close(rt.closed)
}

// lowerProcessors gives back what New has raised GOMAXPROCS by.
func (rt *Runtime) lowerProcessors() {
	if rt.native {
		processors.lower(rt.share)
	}
}

// isClosed reports whether close has done its work.
func (rt *Runtime) isClosed() bool {
	select {
	case <-rt.closed:
		return true
	default:
		return false
	}
}
