package gv

import (
	"slices"
	"time"

	"github.com/gvthread/gvthread/arch"
)

// A request is a demand on a goroutine to stop, by signal. It stands until the
// goroutine has been found stopped, and claimed, or can no longer stop for it.
// If it were forgotten before, the goroutine could stop for ever.
type request struct {
	fiber *fiber
	// thread and word are what the demand was made for.
	thread *Thread
	word   threadWord
	tid    int // the OS thread that was signalled
	made   int64
	sent   int64
	// due is when the Monitor looks at it, and wait for how long it will not look
	// again then.
	due, wait int64
}

// requests are the requests that stand. Those who make one may wait for it a
// little; the Monitor looks after all.
type requests struct {
	lock spinLock
	list []request
}

const (
	// resend is how often the Monitor sends the signal again.
	resend = 500 * time.Microsecond
	// patience is how long the one that wants a worker waits for its thread to
	// stop, which takes 10 to 20 µs where the thread is on a core and in Go code,
	// before it leaves the rest to the Monitor.
	patience = 400 * time.Microsecond
	// insist is how often it sends the signal again meanwhile.
	insist = 50 * time.Microsecond
)

// make demands that t, if it is as word says, stops, unless that has been done
// and is not resolved. Then, with again, the signal is sent once more: if it has
// found the goroutine in assembly, or in Go's runtime, nothing has come of it. It
// reports whether a signal was sent.
//
// What is not resolved may be for an earlier word: of a thread that has blocked in
// Go before it could stop, say, has lost its worker for that, and runs on without
// one. It stands, then, for the new demand.
func (rs *requests) make(t *Thread, word threadWord, at int64, again bool) bool {
	rs.lock.lock()
	defer rs.lock.unlock()
	i := slices.IndexFunc(rs.list, func(r request) bool { return r.fiber == t.fiber })
	known := i >= 0 && rs.list[i].thread == t && rs.list[i].word == word
	if known && !again {
		return false
	}
	tid := t.fiber.RequestPreempt(&t.word, uint64(word))
	if tid == 0 {
		return false
	}
	if known {
		rs.list[i].tid, rs.list[i].sent = tid, at
		return true
	}
	r := request{
		fiber: t.fiber, thread: t, word: word, tid: tid,
		made: at, sent: at, due: at + int64(pollTick), wait: int64(pollTick),
	}
	if i >= 0 {
		rs.list[i] = r
	} else {
		rs.list = append(rs.list, r)
	}
	return true
}

// demand is make for the Monitor. It returns when to look whether t has stopped.
func (rs *requests) demand(t *Thread, word threadWord, at int64) (due int64) {
	if rs.make(t, word, at, false) {
		return at + int64(pollTick)
	}
	return at + int64(tick) // one stands already, which poll looks after, or t doesn't run
}

// stand reports whether there are any.
func (rs *requests) stand() bool {
	rs.lock.lock()
	defer rs.lock.unlock()
	return len(rs.list) > 0
}

// seize claims f if it has stopped for a request that stands, which is resolved by
// that, and returned. If another has claimed it before, a new request may stand
// already, which somebody must go on to look after.
func (rs *requests) seize(f *fiber) (r request, ok bool) {
	rs.lock.lock()
	defer rs.lock.unlock()
	i := slices.IndexFunc(rs.list, func(r request) bool { return r.fiber == f })
	if i < 0 || !f.ClaimPreempted() {
		return request{}, false
	}
	r = rs.list[i]
	rs.list = slices.Delete(rs.list, i, i+1)
	return r, true
}

// overtaken withdraws a request whose goroutine has blocked before it stopped, and
// stays so: it may be for hours, in which nobody should have to look after it.
func (r *request) overtaken(at int64) bool {
	if at-r.made < int64(tick) {
		return false
	}
	switch r.fiber.Status() {
	case arch.StatusBlocked, arch.StatusSyscall:
		return r.fiber.WithdrawPreempt()
	}
	return false
}

// poll looks after the requests and returns when to do so again, and one whose
// fiber was found stopped, and claimed, if there is one: then the time is now.
func (rs *requests) poll(at int64) (next int64, claimed request) {
	rs.lock.lock()
	defer rs.lock.unlock()
	next = never
	for i := 0; i < len(rs.list); {
		r := &rs.list[i]
		if r.fiber.Status() == arch.StatusPreempted && r.fiber.ClaimPreempted() {
			claimed = *r
		} else if r.fiber.PreemptPending() && !r.overtaken(at) {
			if at-r.sent >= int64(resend) {
				r.sent = at
				if tid := r.fiber.RequestPreempt(&r.thread.word, uint64(r.word)); tid != 0 {
					r.tid = tid
				}
			}
			if at >= r.due {
				// Most have stopped when they are looked at for the first time.
				r.wait = min(2*r.wait, int64(resend))
				r.due = at + r.wait
			}
			next = min(next, r.due)
			i++
			continue
		}
		// Claimed; or taken back; or resumed in between, by us or by the collector, which stops
		// goroutines in the same way. If it is needed still, those who look
		// after the thread ask again.
		rs.list = slices.Delete(rs.list, i, i+1)
		if claimed.fiber != nil {
			return at, claimed
		}
	}
	return next, request{}
}

// pollRequests looks after the requests that stand.
func (m *monitor) pollRequests(at int64) (next int64) {
	for {
		arch.Pin()
		next, r := m.rt.requests.poll(at)
		if r.fiber == nil {
			arch.Unpin()
			return next
		}
		m.rt.claimed(r)
		arch.Unpin()
	}
}

// expedite is publish for a caller that may wait a little, and holds the worker own,
// or none: it has the worker that is asked make way at once, or another that can do
// so sooner. What can't be done at once is left to the Monitor. The caller resumes
// next, if it isn't nil.
//
// It saves the way through the Monitor; and what the caller makes runnable is next
// in line on its own P, which a goroutine that goes on to wait for it vacates.
func (rt *Runtime) expedite(p Priority, own *worker) (next *Thread) {
	next, w := rt.publish(p)
	if w == nil || w == own {
		return next // with its own worker, the caller's next safepoint answers
	}
	if rt.native {
		made := false
		if next, made = rt.makeWay(w, own); made {
			return next
		}
	}
	rt.monitor.preempting()
	return nil
}

// makeWay takes w from its thread, or another worker that runs as low a one. It
// prefers a thread that doesn't run: that costs nobody a signal, no core is left
// idle, and the thread has mostly not noticed anything when it gets its worker
// back. There is one as long as the workers are no fewer than the cores that are
// not the caller's. It reports whether a worker has made way, in time; the caller
// resumes next, if it isn't nil.
func (rt *Runtime) makeWay(w, own *worker) (next *Thread, made bool) {
	v, ok := w.victim()
	if !ok {
		return nil, false
	}
	if rt.seize(v.thread.fiber) {
		return nil, true // it had stopped already, for an earlier request
	}
	if rt.idles(v) {
		return rt.usurp(v)
	}
	if better, ok := rt.idler(w, own); ok {
		w.acknowledge() // the request has moved on to the other worker
		return rt.usurp(better)
	}
	if rt.forced && v.thread.hearing.deaf() {
		return nil, rt.stop(v)
	}
	return nil, false
}

// stop makes v give up its worker, by force. It reports whether it has, in time.
func (rt *Runtime) stop(v victim) bool {
	start := now()
	if !rt.requests.make(v.thread, v.word, start, false) {
		return false
	}
	rt.monitor.wakeAt(start + int64(requestTime))
	f := v.thread.fiber
	for spins, asked := 0, start; ; spins++ {
		arch.Pause(spins)
		at := now()
		switch {
		case f.Status() == arch.StatusPreempted:
			if rt.seize(f) {
				return true
			}
			// Somebody else has claimed it, or it was let go because it had
			// stopped inside Go's runtime: ask again, if it is still the turn.
			if at-start > int64(patience) {
				return false
			}
		case v.thread.load() != v.word:
			return false // it has left by itself
		case at-start > int64(patience):
			return false
		case at-asked < int64(insist):
			continue
		}
		rt.requests.make(v.thread, v.word, at, true)
		asked = at
	}
}

// usurp borrows the worker of v, which doesn't run, for a more urgent thread. It
// doesn't wait for v to stop. If v gets to run while the worker is lent, it does so
// without, as after a wait in Go, and is looked after in the same way. It reports
// false if v has lost the worker already. The caller resumes next, if it isn't nil.
func (rt *Runtime) usurp(v victim) (next *Thread, ok bool) {
	t, w := v.thread, rt.workerAt(v.word.place())
	lost := v.word.with(StatePreempted, nowhere)
	w.queue.lock.lock()
	if w.cur != t || t.load() != v.word {
		w.queue.lock.unlock()
		return nil, false
	}
	blocked := t.blockedInGo()
	next = w.pickLocked(max(t.effective(), 1) - 1)
	if next != nil {
		t.store(lost)
		w.giveLocked(next)
		w.lendLocked(t, lost)
	}
	w.queue.lock.unlock()
	if next == nil {
		// Another worker has it; or it is in a queue that somebody looks at, from where
		// it can't be taken now, and the Monitor asks again.
		rt.monitor.attend()
		return nil, true
	}
	if blocked {
		rt.handoffs.Add(1)
	} else {
		rt.forcedCount.Add(1)
	}
	rt.monitor.lose(t, lost)
	rt.monitor.attend()
	return next, true
}

// A victim is a thread that is to lose its worker, in the turn in which it has it.
type victim struct {
	thread *Thread
	word   threadWord
}

// victim returns the thread that holds w.
func (w *worker) victim() (v victim, ok bool) {
	w.queue.lock.lock()
	defer w.queue.lock.unlock()
	if w.cur == nil {
		return v, false
	}
	v = victim{w.cur, w.cur.load()}
	return v, v.word.held(w)
}

// idles reports whether v has its worker and doesn't run: it is blocked in Go, or
// waits for a P of Go's, or for a core of Linux's. One that waits for a core and
// answers requests to yield is left to do so.
func (rt *Runtime) idles(v victim) bool {
	if v.thread.blockedInGo() {
		return true
	}
	switch v.thread.fiber.Status() {
	case arch.StatusRunnable:
		return rt.forced // or it couldn't be stopped when it goes on
	case arch.StatusRunning:
		return rt.forced && v.thread.hearing.deaf() && v.thread.fiber.OffCore(&v.thread.word, uint64(v.word))
	}
	return false
}

// blockedInGo reports whether t's goroutine is in a system call or waits for
// something that isn't a P.
func (t *Thread) blockedInGo() bool {
	s := t.fiber.Status()
	return s == arch.StatusBlocked || s == arch.StatusSyscall
}

// idler finds a worker that runs as low a thread as w does, which doesn't run, and
// asks it to yield.
func (rt *Runtime) idler(w, own *worker) (v victim, ok bool) {
	level := w.level.Load()
	for _, other := range rt.workers {
		if other == w || other == own || other.level.Load() != level {
			continue
		}
		if v, ok = other.victim(); ok && rt.idles(v) && other.ask(preemptHigh) {
			return v, true
		}
	}
	return victim{}, false
}

// seize claims a fiber that has stopped, unless another has done so.
func (rt *Runtime) seize(f *fiber) bool {
	arch.Pin()
	defer arch.Unpin()
	r, ok := rt.requests.seize(f)
	if ok {
		rt.claimed(r)
	}
	return ok
}

// claimed takes over the fiber of r, which was stopped by force: its thread becomes
// ready, and its worker goes to the one that it was stopped for. The thread may
// be another than the one that was asked, if the two changed places in between.
// The caller is pinned.
func (rt *Runtime) claimed(r request) {
	rt.monitor.long.shorten(r.tid)
	f := r.fiber
	t := f.thread.Load()
	if t == nil || t.State() == StateDone {
		f.Ready() // nothing to preempt
		return
	}
	w, lent := t.settle()
	for ; w != nil; w, lent = t.settle() {
		t.hearing.stopped()
		if rt.preempted(t, w) {
			return
		}
	}
	if t.outside.Load() > 0 {
		f.Ready() // in Block, where it may run without a worker
		return
	}
	// It ran without a worker: it has to wait for one now.
	t.hearing.stopped()
	t.found()
	if !lent {
		rt.forcedCount.Add(1) // usurp has counted the others
	}
	rt.requeueShared(t, StatePreempted)
}

// preempted takes w from t, which was stopped by force, or lets t run on if there
// is nothing to take it for. It reports false, and does nothing, when t has lost
// the worker: to the Monitor, say, which has found it off its stack.
func (rt *Runtime) preempted(t *Thread, w *worker) bool {
	reason := w.preempt.Load()
	limit, front := max(t.effective(), 1)-1, true
	if reason == preemptSlice {
		t.unboost()
		limit, front = t.effective(), false
	}
	w.queue.lock.lock()
	if w.cur != t {
		w.queue.lock.unlock()
		return false
	}
	var next *Thread
	kept := false
	if reason >= preemptSlice { // otherwise what it was to make way for has another worker
		next, kept = w.passLocked(t, limit, StatePreempted, front)
	}
	w.queue.lock.unlock()
	if next == nil && !kept {
		t.fiber.Ready()
		return true
	}
	rt.forcedCount.Add(1)
	rt.published(t.effective())
	if next != nil {
		next.resume()
	}
	return true
}
