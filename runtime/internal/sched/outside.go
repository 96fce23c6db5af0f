package sched

import (
	"time"

	"github.com/gvthread/gvthread/arch"
	"github.com/gvthread/gvthread/runtime/internal/event"
)

// Outside are the tasks that go on without a worker: those in Leave, and those that were
// blocked in Go, or had no core, when their worker was taken away. The latter are listed,
// and the Monitor looks after them: one that runs on without a worker is asked to get
// one, and stopped if it doesn't.

// outer is what is known of a task that is listed. Each is made anew, and garbage when the
// task is no longer listed.
type outer struct {
	// worker is the one that was borrowed from the task, nil if it has lost it for good.
	worker *worker
	next   int64 // when to look again
	wait   int64 // how long to wait after that
	since  int64 // when it was first seen running, 0 if it wasn't
	ran    int64 // the processor time of its OS thread when it lost the worker; -1 if unknown
}

// outsideTasks is the list.
type outsideTasks struct {
	place
	taskList
	// due is when one is to be looked at.
	due int64
	// listed is the length of the list, for those who look without the lock.
	listed arch.Word
	// news says that since the Monitor last asked (late) a task was listed, or another got a
	// vacant worker while some were; or one that had lent its worker was not repaid: forgetLent
	// is to forget that.
	news bool
	// log is nil while nobody records: see record.go.
	log *event.Outside
}

// putOutside lists t, whose worker was taken away, or borrowed, if w isn't nil. The caller
// has locked the worker. From here on t may take itself back.
func (s *Scheduler) putOutside(t *Task, state State, w *worker) {
	ran := int64(-1)
	if w != nil {
		if tid := t.fiber.Thread(); tid != 0 {
			ran = processorTime(tid)
		}
	}
	now := s.monitor.clock()
	known := &outer{worker: w, next: now + int64(tick), wait: int64(tick), ran: ran}
	o := &s.outside
	o.Lock.Lock()
	t.where.Store(at(state, o.index))
	t.readyAt = now // for a lender, which waits
	t.fiber.needRare().outer = known
	o.append(t)
	o.listed.Store(uint32(o.n))
	o.due, o.news = min(o.due, known.next), true
	o.Unlock()
}

// attendOutside makes sure that the Monitor looks after the listed tasks, if there are any,
// after a task has got a worker that was vacant: while none had one, they were in nobody's way.
// The caller has had that worker locked after it was vacant: so the Monitor sees the task, or
// the caller that some are listed.
func (m *monitor) attendOutside() {
	if m.s.outside.listed.Load() > 0 {
		m.noteOutside()
	}
}

// noteOutside is attendOutside where some are listed: apart, so that attendOutside is inlined.
func (m *monitor) noteOutside() {
	o := &m.s.outside
	o.Lock.Lock()
	o.news = true
	o.Unlock()
	m.wakeAt(m.clock() + int64(outsideWait))
}

// hasNews reports whether there is news since it was called last.
func (o *outsideTasks) hasNews() (news bool) {
	o.Lock.Lock()
	news, o.news = o.news, false
	o.Unlock()
	return news
}

// unlist takes t off the list, if it is listed, and reports whether it had lent its worker. The
// caller has locked o.
func (o *outsideTasks) unlist(t *Task) (lent bool) {
	known := t.fiber.outer()
	if known == nil {
		return false
	}
	o.cut(t)
	o.listed.Store(uint32(o.n))
	t.fiber.needRare().outer = nil
	return known.worker != nil
}

// unlistUnpaid is unlist for a task that goes on in some other way than by having its worker
// back: if it had lent one, the Monitor is to look, and forgets that. The caller has locked
// outside.
func (s *Scheduler) unlistUnpaid(t *Task) {
	if s.outside.unlist(t) {
		s.outside.news = true
		s.monitor.attend()
	}
}

// lends returns the worker that was borrowed from t, nil if there is none that t could
// have back. The caller has locked outside.
func (t *Task) lends() *worker {
	if o := t.fiber.outer(); o != nil {
		return o.worker
	}
	return nil
}

// takeBack takes the calling task from outside, with outside locked. It reports false,
// with nothing locked, if the task is not there: it has a worker again.
func (s *Scheduler) takeBack(t *Task) bool {
	o := &s.outside
	o.Lock.Lock()
	if t.where.Load()>>placeShift != o.index {
		o.Unlock()
		return false
	}
	t.withdraw()
	s.unlistUnpaid(t)
	o.logPassage(t, false)
	t.found()
	return true
}

// repaid gives w back to t, of which it was borrowed, if that can still be done. The
// caller has locked w.
func (s *Scheduler) repaid(t *Task, w *worker) bool {
	o := &s.outside
	o.Lock.Lock()
	defer o.Unlock()
	if t.lends() != w || t.where.Load()>>placeShift != o.index {
		return false // it has gone on in some other way
	}
	if t.blockedInGo() {
		t.fiber.outer().worker = nil // a ready one has more use for it
		return false
	}
	o.unlist(t)
	o.logPassage(t, false)
	t.found()
	t.where.Store(at(Running, w.index))
	return true
}

// writeOff ends the loan of w, which the caller has locked.
func (s *Scheduler) writeOff(w *worker) {
	s.outside.Lock.Lock()
	if w.lent.lends() == w {
		w.lent.fiber.outer().worker = nil
	}
	s.outside.Unlock()
	w.lent = nil
}

// recall asks w's task to yield if w was borrowed from t, and t comes first now.
func (w *worker) recall(t *Task) {
	w.Lock.Lock()
	outranked := w.lent == t && w.cur != nil && t.Priority() < w.cur.Priority() && w.ask(preemptSeen)
	w.Unlock()
	if outranked {
		w.s.monitor.preempting()
	}
}

// forgetLent forgets a loan that can't be repaid, since the task has gone on in some
// other way. Nobody may keep a task from being garbage that has ended. The caller has
// locked w.
func (w *worker) forgetLent() {
	if w.lent == nil {
		return
	}
	w.s.outside.Lock.Lock()
	gone := w.lent.lends() != w
	w.s.outside.Unlock()
	if gone {
		w.lent = nil
	}
}

// stray notes that t has no worker and should ask for one at its next safepoint. The caller
// has locked the place that t is at, or is about to leave.
func (t *Task) stray() {
	if t.marks.set(markAstray) {
		preemptPending.Add(1)
	}
}

// found ends stray, for a task that is no longer outside, or is about to be so. The caller
// has locked outside.
func (t *Task) found() {
	if t.marks.has(markAstray) && t.marks.clear(markAstray) {
		preemptPending.Add(-1)
	}
}

const (
	// outsideWait bounds the time between two looks at a task that is outside.
	outsideWait = 10 * time.Millisecond
	// outsideLooks bounds the tasks that are looked at in one go.
	outsideLooks = 256
	// outsideEach adds to that for each task, so that many of them don't keep the Monitor
	// busy.
	outsideEach = 10 * time.Microsecond
)

// outsideFinds is what the Monitor has found in one go.
type outsideFinds struct {
	stopped []*Task // to be collected
	signals []int   // OS threads to be signalled
}

// pollOutside looks after the listed tasks, and returns when to do so again.
func (m *monitor) pollOutside(now int64) (next int64) {
	o := &m.s.outside
	o.Lock.Lock()
	if o.n == 0 {
		o.due = never
	}
	if now < o.due {
		next = o.due
		o.Unlock()
		return next
	}
	limit := max(int64(outsideWait), int64(o.n)*int64(outsideEach))
	o.due = never
	if o.n > outsideLooks {
		o.due = now + int64(tick)
	}
	for range min(o.n, outsideLooks) {
		t := o.first
		if now >= t.fiber.outer().next {
			m.lookOutside(t, now, limit)
		}
		o.due = min(o.due, t.fiber.outer().next)
		o.cut(t)
		o.append(t)
	}
	next = o.due
	o.Unlock()
	m.followFinds()
	return next
}

// lookOutside looks at one listed task. The caller has locked outside.
func (m *monitor) lookOutside(t *Task, now, limit int64) {
	m.inspect(t, now)
	o := t.fiber.outer()
	if t.fiber.request() != nil {
		o.next = m.followUp(t, now)
		return
	}
	switch t.fiber.Status() {
	case arch.StatusRunning, arch.StatusRunnable:
		m.lookAstray(t, now, limit)
	default:
		o.since = 0
		o.wait = min(2*o.wait, limit)
		o.next = now + o.wait
	}
}

// lookAstray looks at a listed task that runs, or is about to. The caller has locked
// outside.
func (m *monitor) lookAstray(t *Task, now, limit int64) {
	o := t.fiber.outer()
	if o.worker != nil && o.ran >= 0 {
		if tid := t.fiber.Thread(); tid != 0 && processorTime(tid) == o.ran {
			o.next = now + int64(tick) // it may yet have the worker back
			return
		}
	}
	t.stray()
	if o.since == 0 {
		o.since = now
	}
	due := o.since + int64(m.s.config.Grace)
	if o.worker != nil {
		due = now // it was deaf before
	}
	switch {
	case !m.s.canForce:
		o.next = now + limit
	case now < due:
		o.next = max(now+int64(pollTick), due)
	default:
		if tid := t.request(now); tid != 0 {
			m.finds.signals = append(m.finds.signals, tid)
		}
		o.next = now + int64(pollTick)
	}
}

// processorTime returns the processor time of an OS thread, -1 if that can't be known.
func processorTime(tid int) int64 {
	if ns, ok := arch.ThreadTime(tid); ok {
		return ns
	}
	return -1
}
