package gv

import (
	"sync/atomic"
	"time"

	"github.com/gvthread/gvthread/arch"
)

// A workerView is what the Monitor has seen of a worker.
type workerView struct {
	thread *Thread
	id     uint64 // the thread's
	word   threadWord
	// at is when the Monitor looked last, since when it first saw this turn.
	at, since int64
	// asked is when it first saw that the thread was asked to yield, and has
	// not answered; 0 if it was not. ran is the processor time that the thread's OS
	// thread had had then.
	asked, ran int64
	// blocked is when it first saw the thread blocked in Go; 0 if it is not.
	blocked int64
}

const (
	// blockedLeast is for how long a thread must be seen blocked in Go before
	// its worker is taken away from it: most such waits are shorter than what
	// getting a worker back costs.
	blockedLeast = 500 * time.Microsecond
	// stuckLeast is for how long a thread that is to make way for a higher one must
	// have been without a core, while the Monitor slept.
	stuckLeast = 100 * time.Microsecond
)

// watch looks after one worker and returns when to look again. top is the
// highest priority that is ready.
func (m *monitor) watch(w *worker, v *workerView, at int64, top Priority) int64 {
	gap := at - v.at
	v.at = at
	w.queue.lock.lock()
	t := w.cur
	w.writeOffLocked()
	if t == nil {
		w.acknowledge() // asked too late: safepoints would go on to look for it
		w.queue.lock.unlock()
		v.thread = nil
		return never
	}
	if l := w.lent.thread; l != nil {
		top = min(top, l.effective()) // it waits, too, in no queue
	}
	word := t.load()
	same := v.id == t.id && v.word == word
	used := t.slice.charge(gap, same)
	w.queue.lock.unlock()
	switch {
	case same:
		v.thread = t
	case word.held(w):
		*v = workerView{thread: t, id: t.id, word: word, at: at, since: at}
	default:
		v.thread = nil // it has just left
		return at + int64(pollTick)
	}
	if top == noPriority && w.preempt.Load() == preemptNone {
		v.asked, v.blocked = 0, 0
		return never
	}
	next := int64(never)
	slice := int64(m.rt.config.TimeSlice)
	short := slice < 4*int64(tick)
	if !short {
		slice -= int64(tick) / 2 // it ends with the nearest of the regular looks
	}
	if used >= slice {
		// A boost is for one slice: it doesn't count here. And it isn't for the
		// end of a slice to say who makes way for a thread of higher priority.
		if t.effective() <= top && top <= t.due() {
			w.ask(preemptSlice)
		}
	} else if short {
		next = at + slice - used
	}
	if !m.rt.native && w.preempt.Load() == preemptNone {
		w.ask(preemptProbe)
		v.asked = 0
	}
	if w.preempt.Load() == preemptNone {
		v.asked = 0
	} else if v.asked == 0 {
		v.asked = at
		v.ran = t.fiber.ThreadTime(&t.word, uint64(word))
	}
	if !m.rt.native {
		return min(next, m.pressPortable(w, v, at))
	}
	return min(next, m.press(w, v, at))
}

// press deals with a thread that others wait for: it takes the worker away if
// the thread is blocked in Go, and stops the thread if it has not yielded when
// asked.
func (m *monitor) press(w *worker, v *workerView, at int64) int64 {
	t := v.thread
	urgent := v.asked != 0 && w.preempt.Load() >= preemptSeen
	switch t.fiber.Status() {
	case arch.StatusBlocked, arch.StatusSyscall:
		if v.blocked == 0 {
			v.blocked = at
		}
		switch {
		case urgent:
			m.usurp(v)
			return at + int64(tick)
		case at-v.blocked >= int64(blockedLeast):
			m.take(w, v, at)
			return at
		}
		return v.blocked + int64(blockedLeast)
	case arch.StatusRunning:
		v.blocked = 0
		if v.asked == 0 || !m.rt.forced {
			return never
		}
		if due := v.asked + int64(m.rt.config.Grace); at < due && !t.hearing.deaf() {
			return due
		}
		ran := t.fiber.ThreadTime(&t.word, uint64(v.word))
		if urgent && at-v.asked >= int64(stuckLeast) && v.ran >= 0 && v.ran == ran {
			// It has no core, and answers no signal before it has one.
			m.usurp(v)
			return at + int64(tick)
		}
		if had := ran - v.ran; v.ran >= 0 && ran >= 0 && had < int64(m.rt.config.Grace) && !t.hearing.deaf() {
			// Without a core it could not reach a safepoint, and when it has one again the
			// signal would be there first.
			return at + int64(m.rt.config.Grace) - had
		}
		return m.rt.requests.demand(t, v.word, at)
	}
	// In one of Go's queues: it will run in a moment, and has to be asked again
	// then. But where Ps are scarce it may be there whenever the Monitor, which
	// has one, looks.
	v.blocked = 0
	if urgent && m.rt.forced {
		m.usurp(v)
	}
	return at + int64(tick)
}

// usurp borrows the worker of v's thread, which doesn't run.
func (m *monitor) usurp(v *workerView) {
	if next, _ := m.rt.usurp(victim{v.thread, v.word}); next != nil {
		next.resume()
	}
}

// pressPortable deals with a thread that others wait for where the engine can't
// tell what it does: one that gives no sign of life for a tick is blocked in
// Go, or computes without a safepoint. Either way it goes on without its
// worker, under Go's scheduler.
func (m *monitor) pressPortable(w *worker, v *workerView, at int64) int64 {
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
func (m *monitor) take(w *worker, v *workerView, at int64) {
	t := v.thread
	m.inspect(t, at) // it may be growing its stack: what it does next may be to fill it
	if !m.rt.native {
		t.stray()
	}
	ok := w.handOff(t, v.word, StateRunning)
	if !ok {
		t.found()
		return
	}
	m.rt.handoffs.Add(1)
	m.lose(t, v.word.with(StateRunning, nowhere))
	v.thread = nil
}

// A lostThread is one whose worker was taken away while it was blocked in Go, or
// had lost its core.
// It asks for a worker itself when it gets to a safepoint or a call of this
// package; if it runs on without, it is stopped like a thread that doesn't
// yield.
type lostThread struct {
	thread *Thread
	word   threadWord
	next   int64 // when to look again
	wait   int64 // how long to wait after that
	since  int64 // when it was first seen running, 0 if it wasn't
	ran    int64 // the processor time of its OS thread when it lost the worker
}

// lent reports whether the thread has lost its worker to a more urgent one, and
// not because it was blocked.
func (l *lostThread) lent() bool { return l.word.state() == StatePreempted }

// lose puts t, whose worker was taken away and whose word is as given, under the
// Monitor's watch. Anybody may call it.
func (m *monitor) lose(t *Thread, word threadWord) {
	ran := t.fiber.ThreadTime(&t.word, uint64(word))
	m.justLost.lock.lock()
	m.justLost.threads = append(m.justLost.threads, lostThread{thread: t, word: word, wait: int64(tick), ran: ran})
	m.justLost.n.Store(int32(len(m.justLost.threads)))
	m.justLost.lock.unlock()
}

// lostInbox holds the lost threads that the Monitor has not seen yet.
type lostInbox struct {
	lock    spinLock
	threads []lostThread
	n       atomic.Int32
}

// collectLost takes over what is in the inbox.
func (m *monitor) collectLost(at int64) {
	if m.justLost.n.Load() == 0 {
		return
	}
	m.justLost.lock.lock()
	for _, l := range m.justLost.threads {
		l.next = at + int64(tick)
		m.lost = append(m.lost, l)
		m.lostDue = min(m.lostDue, l.next)
	}
	clear(m.justLost.threads)
	m.justLost.threads = m.justLost.threads[:0]
	m.justLost.n.Store(0)
	m.justLost.lock.unlock()
}

const (
	// lostWait and lostWaitIdle bound the time between two looks at a lost
	// thread, while threads run and while none does.
	lostWait     = 10 * time.Millisecond
	lostWaitIdle = 100 * time.Millisecond
	// lostLooks bounds the lost threads that are looked at in one go.
	lostLooks = 256
	// lostEach adds to that for each lost thread, so that many of them don't
	// keep the Monitor busy.
	lostEach = 10 * time.Microsecond
)

// pollLost looks after the lost threads.
func (m *monitor) pollLost(at int64) (next int64) {
	m.collectLost(at)
	if len(m.lost) == 0 || at < m.lostDue {
		return m.lostDue
	}
	limit := int64(lostWaitIdle)
	if m.rt.idle.n.Load() < int32(len(m.rt.workers)) {
		limit = int64(lostWait)
	}
	limit = max(limit, int64(len(m.lost))*int64(lostEach))
	m.lostDue = never
	looks := 0
	keep := m.lost[:0]
	for _, l := range m.lost {
		if at >= l.next {
			if looks++; looks > lostLooks {
				l.next = at + int64(tick) // enough for now
			} else if !m.find(&l, at, limit) {
				continue
			}
		}
		keep = append(keep, l)
		m.lostDue = min(m.lostDue, l.next)
	}
	clear(m.lost[len(keep):])
	m.lost = keep
	return m.lostDue
}

// find looks at one lost thread and reports whether it is still lost.
func (m *monitor) find(l *lostThread, at, limit int64) bool {
	t := l.thread
	if t.load() != l.word {
		return false // in the hands of the scheduler again
	}
	m.inspect(t, at)
	switch t.fiber.Status() {
	case arch.StatusRunning, arch.StatusRunnable:
		if ran := t.fiber.ThreadTime(&t.word, uint64(l.word)); l.lent() && ran >= 0 && ran == l.ran {
			l.next = at + int64(tick) // it may yet have the worker back
			return true
		}
		t.stray()
		if t.load() != l.word {
			// It may have looked before that, and then not again.
			t.found()
			return false
		}
		if l.since == 0 {
			l.since = at
		}
		due := l.since + int64(m.rt.config.Grace)
		if l.lent() {
			due = at // it was deaf before
		}
		l.next = max(at+int64(pollTick), due)
		if m.rt.forced && at >= due {
			m.rt.requests.make(t, l.word, at, false)
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
