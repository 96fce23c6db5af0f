package gv

import (
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
	// log lists the panic until it is seen, unless a Run will report it; nil
	// where OnPanic has got it. Fixed.
	log *panicLog
	// cleanup waits for the end of the thread. Guarded by log.lock.
	cleanup runtime.Cleanup
}

// see notes that somebody has the panic. p may be nil. The caller holds no
// spin lock.
func (p *unseenPanic) see() {
	if p != nil && !p.seen.Swap(true) && p.log != nil {
		p.log.forget(p)
	}
}

// panicLog holds a runtime's unseen panics.
type panicLog struct {
	lock   sync.Mutex
	unseen map[*unseenPanic]struct{}
}

// announcePanic gives OnPanic, if there is one, panicked, which t, which calls it,
// is about to end with, unless somebody waits for t. It reports whether it has.
//
// This comes before the end: OnPanic is the user's, and may block, in a call of
// this package or in Go, as only a thread may that has not ended.
func (t *Thread) announcePanic(panicked *PanicError) bool {
	if t.rt().config.OnPanic == nil {
		return false
	}
	p := &unseenPanic{err: panicked}
	p.seen.Store(true)
	r, l := t.needRare(), &t.life
	l.lock.Lock()
	if r.panic != nil {
		l.lock.Unlock()
		return true // OnPanic has called runtime.Goexit
	}
	lonely := t.unheardLocked()
	if lonely {
		r.panic = p
	}
	l.lock.Unlock()
	if lonely {
		// Its panic would be nobody's.
		t.task.Exempt(func() { t.rt().config.OnPanic(panicked) })
	}
	return lonely
}

// exitError returns what t, which calls it, ends with after runtime.Goexit: the
// panic, if it was OnPanic that called that.
func (t *Thread) exitError() error {
	t.life.lock.Lock()
	defer t.life.lock.Unlock()
	if p := t.unseenPanic(); p != nil {
		return p.err
	}
	return ErrGoexit
}

// reportPanic sees to it that the panic that t has ended with, or is about to, reaches
// somebody, because nobody waits for t.
func (t *Thread) reportPanic(err *PanicError) {
	l, rt := &t.life, t.rt()
	p := &unseenPanic{err: err}
	if rt.config.OnPanic == nil {
		p.log = &rt.panics
	}
	r := t.needRare()
	l.lock.Lock()
	if l.seen || r.panic != nil {
		l.lock.Unlock()
		return
	}
	r.panic = p
	l.lock.Unlock()

	if rt.config.OnPanic != nil {
		p.seen.Store(true)
		if Current() == t {
			// Who waited was cancelled just now. The thread has run its last, and
			// OnPanic must not block in it.
			rt.callbacks.Go(func() { rt.config.OnPanic(err) })
			return
		}
		rt.config.OnPanic(err)
		return
	}
	if s := l.scope; s != nil && s.take(p) {
		return
	}
	p.log.add(t, p)
}

// add lists the panic of t, unless it has been seen.
func (log *panicLog) add(t *Thread, p *unseenPanic) {
	log.lock.Lock()
	defer log.lock.Unlock()
	if p.seen.Load() {
		return
	}
	if log.unseen == nil {
		log.unseen = make(map[*unseenPanic]struct{})
	}
	log.unseen[p] = struct{}{}
	// A thread that nobody refers to can't be waited for.
	p.cleanup = runtime.AddCleanup(t, log.abandoned, p)
}

// forget takes p off the list. What its value refers to is garbage then, even if
// that is the thread itself.
func (log *panicLog) forget(p *unseenPanic) {
	log.lock.Lock()
	delete(log.unseen, p)
	p.cleanup.Stop()
	log.lock.Unlock()
}

// abandoned ends the process with a panic that nobody has seen, and nobody can
// see any more.
func (log *panicLog) abandoned(p *unseenPanic) {
	log.lock.Lock()
	delete(log.unseen, p)
	log.lock.Unlock()
	if !p.seen.Swap(true) {
		go panic(lastPanic{p.err})
	}
}

// collect returns the panics that nobody has seen as one error, which makes
// them seen.
func (log *panicLog) collect() error {
	log.lock.Lock()
	defer log.lock.Unlock()
	var errs []error
	for p := range log.unseen {
		p.cleanup.Stop()
		if !p.seen.Swap(true) {
			errs = append(errs, p.err)
		}
	}
	clear(log.unseen)
	return join(errs...)
}
