package gv

import (
	"time"

	"github.com/gvthread/gvthread/arch"
)

// A workerView is what the Monitor has seen of a worker.
type workerView struct {
	thread *Thread
	turn   uint64
	// since is when the Monitor first saw the thread in this turn.
	since int64
	// asked is when it first saw that the thread was asked to yield, and has
	// not answered; 0 if it was not.
	asked int64
	// blocked is when it first saw the thread blocked in Go; 0 if it is not.
	blocked int64
}

const (
	// blockedLeast is for how long a thread must be seen blocked in Go before
	// its worker is taken away from it: most such waits are shorter than what
	// getting a worker back costs.
	blockedLeast = 500 * time.Microsecond
	// blockedAsked is the same for a thread that others of higher priority, or
	// after the slice, already wait for.
	blockedAsked = 50 * time.Microsecond
)

// watch looks after one worker and returns when to look again. top is the
// highest priority that is ready.
func (m *monitor) watch(w *Worker, v *workerView, at int64, top Priority) int64 {
	t := w.cur.Load()
	if t == nil {
		v.thread = nil
		return never
	}
	if turn := t.turn.Load(); v.thread != t || v.turn != turn {
		*v = workerView{thread: t, turn: turn, since: at}
	}
	if top == noPriority && w.preempt.Load() == preemptNone {
		v.asked, v.blocked = 0, 0
		return never
	}
	next := int64(never)
	if slice := int64(m.rt.config.TimeSlice); at-v.since >= slice {
		if top <= t.rank() {
			w.ask(preemptSlice)
		}
	} else {
		next = v.since + slice
	}
	if !m.rt.native && w.preempt.Load() == preemptNone {
		w.ask(preemptProbe)
		v.asked = 0
	}
	if w.preempt.Load() == preemptNone {
		v.asked = 0
	} else if v.asked == 0 {
		v.asked = at
	}
	if !m.rt.native {
		return min(next, m.pressPortable(w, v, at))
	}
	return min(next, m.press(w, v, at))
}

// press deals with a thread that others wait for: it takes the worker away if
// the thread is blocked in Go, and stops the thread if it has not yielded when
// asked.
func (m *monitor) press(w *Worker, v *workerView, at int64) int64 {
	t := v.thread
	asked := v.asked != 0
	switch t.fiber.Status() {
	case arch.StatusBlocked, arch.StatusSyscall:
		least := int64(blockedLeast)
		if asked {
			least = int64(blockedAsked)
		}
		if v.blocked == 0 {
			v.blocked = at
		} else if at-v.blocked >= least {
			m.take(w, v, at)
			return at
		}
		return v.blocked + least
	case arch.StatusRunning:
		v.blocked = 0
		if !asked || !m.rt.forced {
			return never
		}
		if due := v.asked + int64(m.rt.config.Grace); at < due {
			return due
		}
		m.force(t, v.turn, at)
		return at + int64(pollTick)
	}
	v.blocked = 0
	return never
}

// pressPortable deals with a thread that others wait for where the engine can't
// tell what it does: one that gives no sign of life for a tick is blocked in
// Go, or computes without a safepoint. Either way it goes on without its
// worker, under Go's scheduler.
func (m *monitor) pressPortable(w *Worker, v *workerView, at int64) int64 {
	if v.asked == 0 {
		return never
	}
	if due := v.asked + int64(tick); at < due {
		return due
	}
	m.take(w, v, at)
	return at
}

// take gives w, whose thread is stuck, to the next ready thread.
func (m *monitor) take(w *Worker, v *workerView, at int64) {
	t := v.thread
	if !m.rt.native {
		t.stray()
	}
	arch.Pin()
	ok := w.handOff(t)
	arch.Unpin()
	if !ok {
		t.found()
		return
	}
	m.rt.handoffs.Add(1)
	m.lost = append(m.lost, lostThread{thread: t, turn: v.turn, next: at + int64(tick), wait: int64(tick)})
	v.thread = nil
}

// A request is a demand on a goroutine to stop, by signal. It stands until the
// goroutine has been found stopped, and claimed, or can no longer stop for it.
// If it were forgotten before, the goroutine could stop for ever.
type request struct {
	fiber *fiber
	// thread and turn are what the demand was made for.
	thread *Thread
	turn   uint64
	made   int64
	sent   int64
}

// force demands that t stops, unless that has been done and is not resolved.
func (m *monitor) force(t *Thread, turn uint64, at int64) {
	for i := range m.requests {
		if m.requests[i].fiber == t.fiber {
			return
		}
	}
	if t.fiber.RequestPreempt(&t.turn, turn) {
		m.requests = append(m.requests, request{fiber: t.fiber, thread: t, turn: turn, made: at, sent: at})
	}
}

// resend is how often the signal is sent again: where it finds the goroutine in
// assembly, or in Go's runtime, nothing comes of it.
const resend = 500 * time.Microsecond

// pollRequests looks after the requests that stand.
func (m *monitor) pollRequests(at int64) (next int64) {
	next = never
	keep := m.requests[:0]
	for _, r := range m.requests {
		if m.settle(&r, at) {
			continue
		}
		keep = append(keep, r)
		if at-r.made < int64(tick) {
			next = min(next, at+int64(pollTick))
		} else {
			next = min(next, at+int64(resend))
		}
	}
	clear(m.requests[len(keep):])
	m.requests = keep
	return next
}

// settle reports whether the request is resolved.
func (m *monitor) settle(r *request, at int64) bool {
	f := r.fiber
	if f.Status() == arch.StatusPreempted && f.ClaimPreempted() {
		m.claimed(f)
		return true
	}
	if !f.PreemptPending() {
		// Resumed in between, by us or by the collector, which stops
		// goroutines in the same way. If it is needed still, those who look
		// after the thread ask again.
		return true
	}
	if at-r.sent >= int64(resend) {
		r.sent = at
		f.RequestPreempt(&r.thread.turn, r.turn)
	}
	return false
}

// claimed takes over a fiber that was stopped by force: its thread becomes
// ready, and its worker goes to the one that it was stopped for. The thread may
// be another than the one that was asked, if the two changed places in between.
func (m *monitor) claimed(f *fiber) {
	t := f.thread.Load()
	if t == nil || t.State() == StateDone || t.outside.Load() > 0 {
		f.Ready() // nothing to preempt
		return
	}
	rt := m.rt
	arch.Pin()
	defer arch.Unpin()
	w := t.held()
	if w == nil {
		// It ran without a worker: it has to wait for one now.
		t.found()
		t.set(StatePreempted)
		rt.forcedCount.Add(1)
		rt.enqueueShared(t)
		return
	}
	limit, front := t.effective(), false
	switch w.acknowledge() {
	case preemptHigh:
		limit, front = max(limit, 1)-1, true
	default:
		t.unboost()
		limit = t.effective()
	}
	next := w.pick(limit)
	if next == nil {
		f.Ready()
		return
	}
	t.set(StatePreempted)
	if !w.give(t, next) {
		panic("gv: the worker of a stopped thread was taken away")
	}
	rt.forcedCount.Add(1)
	rt.enqueueOn(w, t, front)
	next.resume()
}

// A lostThread is one whose worker was taken away while it was blocked in Go.
// It asks for a worker itself when it gets to a safepoint or a call of this
// package; if it runs on without, it is stopped like a thread that doesn't
// yield.
type lostThread struct {
	thread *Thread
	turn   uint64
	next   int64 // when to look again
	wait   int64 // how long to wait after that
	since  int64 // when it was first seen running, 0 if it wasn't
}

const (
	// lostWait and lostWaitIdle bound the time between two looks at a lost
	// thread, while threads run and while none does.
	lostWait     = 10 * time.Millisecond
	lostWaitIdle = 100 * time.Millisecond
	// lostEach adds to that for each lost thread, so that many of them don't
	// keep the Monitor busy.
	lostEach = 10 * time.Microsecond
)

// pollLost looks after the lost threads.
func (m *monitor) pollLost(at int64) (next int64) {
	next = never
	limit := int64(lostWaitIdle)
	if m.rt.idle.n.Load() < int32(len(m.rt.workers)) {
		limit = int64(lostWait)
	}
	limit = max(limit, int64(len(m.lost))*int64(lostEach))
	keep := m.lost[:0]
	for _, l := range m.lost {
		if at >= l.next && !m.find(&l, at, limit) {
			continue
		}
		keep = append(keep, l)
		next = min(next, l.next)
	}
	clear(m.lost[len(keep):])
	m.lost = keep
	return next
}

// find looks at one lost thread and reports whether it is still lost.
func (m *monitor) find(l *lostThread, at, limit int64) bool {
	t := l.thread
	if t.turn.Load() != l.turn || t.State() != StateRunning {
		return false // in the hands of the scheduler again
	}
	switch t.fiber.Status() {
	case arch.StatusRunning, arch.StatusRunnable:
		t.stray()
		if l.since == 0 {
			l.since = at
		}
		l.next = max(at+int64(pollTick), l.since+int64(m.rt.config.Grace))
		if m.rt.forced && at-l.since >= int64(m.rt.config.Grace) {
			m.force(t, l.turn, at)
			l.next = at + int64(tick)
		} else if !m.rt.forced {
			l.next = at + limit
		}
	default:
		l.since = 0
		l.wait = min(2*l.wait, limit)
		l.next = at + l.wait
	}
	return true
}
