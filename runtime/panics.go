package gv

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
)

// An unseenPanic is the panic of a thread that nobody waited for when it
// happened. It must reach somebody: a later Wait, the Run or the Close that the
// thread belongs to, Config.OnPanic, or, when nobody can ask for it any more,
// the process, which ends as by a panic in a goroutine.
type unseenPanic struct {
	err  *PanicError
	seen atomic.Bool
}

// panicLog holds a runtime's unseen panics.
type panicLog struct {
	lock   sync.Mutex
	unseen map[*unseenPanic]struct{}
}

// panicked takes note of a panic that nobody waits for.
func (rt *Runtime) panicked(t *Thread, err *PanicError) {
	p := &unseenPanic{err: err}
	l := &t.life
	l.lock.lock()
	if l.seen {
		l.lock.unlock()
		return
	}
	l.panic = p
	l.lock.unlock()

	if rt.config.OnPanic != nil {
		p.seen.Store(true)
		rt.config.OnPanic(err)
		return
	}
	if s := l.scope; s != nil {
		s.lock.lock()
		s.panics = append(s.panics, p)
		s.lock.unlock()
		return
	}
	log := &rt.panics
	log.lock.Lock()
	if log.unseen == nil {
		log.unseen = make(map[*unseenPanic]struct{})
	}
	log.unseen[p] = struct{}{}
	log.lock.Unlock()
	// A thread that nobody refers to can't be waited for.
	runtime.AddCleanup(t, log.abandoned, p)
}

// abandoned ends the process with a panic that nobody has seen, and nobody can
// see any more.
func (log *panicLog) abandoned(p *unseenPanic) {
	log.lock.Lock()
	delete(log.unseen, p)
	log.lock.Unlock()
	if !p.seen.Swap(true) {
		go panic(p.err)
	}
}

// collect returns the panics that nobody has seen as one error, which makes
// them seen.
func (log *panicLog) collect() error {
	log.lock.Lock()
	defer log.lock.Unlock()
	var errs []error
	for p := range log.unseen {
		if !p.seen.Swap(true) {
			errs = append(errs, p.err)
		}
	}
	clear(log.unseen)
	return errors.Join(errs...)
}
