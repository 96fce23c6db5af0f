package main

import (
	"context"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// guarded is something that a lock guards: what it holds is only right if the
// lock excludes.
type guarded struct {
	mu     gv.Mutex
	a, b   uint64
	owner  *actor
	rw     gv.RWMutex
	x, y   uint64 // guarded by rw
	cond   *gv.Cond
	queue  int // guarded by mu, awaited with cond
	slots  *gv.Semaphore
	inside chan struct{} // holds one for each unit of slots that is taken
}

// slotCount is the weight of a semaphore.
const slotCount = 3

func newGuarded() []guarded {
	gs := make([]guarded, 3)
	for i := range gs {
		gs[i].cond = gv.NewCond(&gs[i].mu)
		gs[i].slots = gv.NewSemaphore(slotCount)
		gs[i].inside = make(chan struct{}, slotCount)
	}
	return gs
}

// balance checks that all is unlocked and in order.
func (g *guarded) balance(w *world) {
	if !g.mu.TryLock() || !g.rw.TryLock() || !g.slots.TryAcquire(slotCount) {
		w.r.violation("a lock is held at the end")
	}
	if g.a != g.b || g.x != g.y || g.owner != nil || len(g.inside) != 0 {
		w.r.violation("guarded: %d and %d, %d and %d, owner %v, %d inside", g.a, g.b, g.x, g.y, g.owner, len(g.inside))
	}
}

// some returns one of the guarded things.
func (a *actor) some() *guarded { return &a.w.locks[a.r.IntN(len(a.w.locks))] }

// dwell does something while a lock is held.
func (a *actor) dwell() {
	switch a.r.IntN(6) {
	case 0:
		gv.Yield()
	case 1:
		_ = gv.Sleep(time.Duration(a.r.IntN(100)) * time.Microsecond) // cancelled or not
	case 2:
		steps(1, 10000)
	case 3:
		a.garbage = make([]byte, 1024)
	}
}

// lock holds a Mutex.
func lock(a *actor) error {
	g := a.some()
	switch a.r.IntN(4) {
	case 0:
		if !g.mu.TryLock() {
			return nil
		}
	case 1:
		if err := g.mu.LockContext(a.ctx); err != nil {
			return err
		}
	case 2:
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(a.r.IntN(200))*time.Microsecond)
		defer cancel()
		if err := g.mu.LockContext(ctx); err != nil {
			return a.cancellation()
		}
	default:
		g.mu.Lock()
	}
	g.visit(a)
	g.mu.Unlock()
	return nil
}

// visit changes what mu guards.
func (g *guarded) visit(a *actor) {
	if g.owner != nil || g.a != g.b {
		a.w.r.violation("thread %v holds a mutex that %v holds, too (%d, %d)", a.thread, g.owner, g.a, g.b)
	}
	g.owner = a
	g.a++
	a.dwell()
	g.b++
	if g.owner != a || g.a != g.b {
		a.w.r.violation("%v has taken the mutex that thread %v holds", g.owner, a.thread)
	}
	g.owner = nil
}

// condition waits for a condition, and makes it true for others.
func condition(a *actor) error {
	g := a.some()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.visit(a)
	g.queue++
	if a.r.IntN(2) == 0 {
		g.cond.Signal()
	} else {
		g.cond.Broadcast()
	}
	if a.r.IntN(2) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(a.ctx, time.Millisecond)
	defer cancel()
	for g.queue == 0 {
		if err := g.cond.WaitContext(ctx); err != nil {
			g.visit(a) // the lock is held again
			return a.cancellation()
		}
	}
	g.queue--
	g.visit(a)
	return nil
}

// semaphore takes some units.
func semaphore(a *actor) error {
	g := a.some()
	n := int64(1 + a.r.IntN(slotCount))
	if a.r.IntN(3) == 0 {
		if !g.slots.TryAcquire(n) {
			return nil
		}
	} else if err := g.slots.Acquire(a.ctx, n); err != nil {
		return err
	}
	for range n {
		select {
		case g.inside <- struct{}{}:
		default:
			a.w.r.violation("a semaphore has let in more than %d", slotCount)
		}
	}
	a.dwell()
	for range n {
		select {
		case <-g.inside:
		default:
		}
	}
	g.slots.Release(n)
	return nil
}

// rwlock reads or writes.
func rwlock(a *actor) error {
	g := a.some()
	if a.r.IntN(3) == 0 {
		if err := g.rw.LockContext(a.ctx); err != nil {
			return err
		}
		g.x++
		a.dwell()
		g.y++
		g.rw.Unlock()
		return nil
	}
	if err := g.rw.RLockContext(a.ctx); err != nil {
		return err
	}
	x := g.x
	a.dwell()
	if g.x != x || g.y != x {
		a.w.r.violation("written while thread %v reads: %d, now %d and %d", a.thread, x, g.x, g.y)
	}
	g.rw.RUnlock()
	return nil
}
