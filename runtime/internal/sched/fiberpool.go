package sched

import (
	"sync"
	"sync/atomic"

	"github.com/gvthread/gvthread/arch"
)

const (
	// workerFibers is how many idle fibers a worker keeps for tasks to come, and
	// idleFibers how many more the scheduler does. Others are given back to Go when
	// nobody has needed them for a while: see idle.go.
	workerFibers = 64
	idleFibers   = 1024
)

// FibersFor returns how many fibers there are at most when so many tasks are alive, besides
// those that are about to end.
func FibersFor(tasks, workers int) int { return tasks + workers*workerFibers + idleFibers }

// fiberPool holds the idle fibers that are not a worker's, the last used on top.
type fiberPool struct {
	lock arch.Lock
	fiberStack
	shut  atomic.Bool
	alive sync.WaitGroup
	count atomic.Int64
}

// put makes f, which is not resumed before it is off its stack, available; false when the
// pool is shut.
func (p *fiberPool) put(f *fiber) bool {
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.shut.Load() {
		return false
	}
	p.push(f)
	f.s.idle.note(p.n)
	return true
}

// take removes the top of the pool, nil if it is empty.
func (p *fiberPool) take() *fiber {
	p.lock.Lock()
	f := p.pop()
	p.lock.Unlock()
	return f
}

// keep makes f available to w, which the caller has locked, or to all.
func (w *worker) keep(f *fiber) bool {
	if w.fibers.n >= workerFibers {
		return w.s.fibers.put(f)
	}
	if w.s.fibers.shut.Load() {
		return false
	}
	w.fibers.push(f)
	w.s.idle.note(w.fibers.n)
	return true
}

// spare takes an idle fiber, w's or the scheduler's, nil if there is none. The caller has
// locked w.
func (w *worker) spare() *fiber {
	if f := w.fibers.pop(); f != nil {
		return f
	}
	return w.s.fibers.take()
}
