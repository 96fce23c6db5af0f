package sched

import (
	"sync/atomic"
	"time"

	"github.com/gvthread/gvthread/arch"
)

// The Monitor looks about every millisecond how large the stacks of the running tasks
// are, if there is a limit, and asks those whose stacks could hold too much to measure,
// at their next safepoint, how much that is. So neither function calls nor safepoints
// cost anything until then.
//
// A slot does not grow, so the Monitor sees nothing there, and ends soon. So each safepoint
// measures the stack: see exactStacks.

// A stackWatch is a fiber's share in Config.MaxStack and Config.Slots.
type stackWatch struct {
	// slot is what the goroutine runs on, nil if that is its own stack. Written by the
	// fiber itself.
	slot atomic.Pointer[arch.Slot]
	// asked asks the task to measure its stack at its next safepoint. It counts
	// in preemptPending. The Monitor sets it, and clears it if the task doesn't.
	asked atomic.Bool
	// exempt is above 0 while the task must not panic; overflow is the depth at
	// which it has panicked, 0 if it hasn't or has recovered. The task's own.
	exempt   int
	overflow int

	// size is how large the stack was when the task was last asked, or asked still,
	// and has not answered. It is waited for until patience, and, if nothing has
	// changed by then, asked again when it is due. The Monitor's own.
	size          int
	due, patience int64
}

// CheckStack calls Overflow if the calling task is asked to measure its stack and finds
// it too deep. The caller holds nothing that a panic must not leave behind.
func (t *Task) CheckStack() { t.checkStack(PointPasses) }

// checkStack is CheckStack at a point of the task's way: see schedule.go.
func (t *Task) checkStack(p Point) {
	if t.fiber.stack() != nil {
		t.measureStack(p)
	}
}

// stackAsked reports whether t is to measure its stack at its next safepoint.
func (t *Task) stackAsked() bool {
	s := t.fiber.stack()
	return s != nil && (t.s.measures || s.asked.Load())
}

// exactStacks counts the schedulers whose tasks measure their stacks at each safepoint. It
// counts in preemptPending, so that none is passed by.
var exactStacks atomic.Int32

// measureExactly makes s one of those schedulers, or ends that.
//
// In between the two differ by one too many: the caller may lose its core there, and would
// hide a request for as long.
func (s *Scheduler) measureExactly(begin bool) {
	switch {
	case !s.measures:
	case begin:
		preemptPending.Add(1)
		exactStacks.Add(1)
	default:
		exactStacks.Add(-1)
		preemptPending.Add(-1)
	}
}

// measureStack is checkStack for a task whose stack is watched.
//
// Deferred functions that run because of the panic do so at the bottom of the
// stack as it is: all that they call is deeper than where it overflowed, and has
// MaxStack to itself. What is less deep comes after a recovery.
func (t *Task) measureStack(p Point) {
	if !t.stackAsked() {
		return
	}
	if t.s.config.Schedule != nil {
		if p != PointPasses { // or Answer follows
			t.Reach(p)
		}
		return
	}
	s := t.fiber.stack()
	if asked := s.answer(); !asked && !t.s.measures || s.exempt > 0 {
		return
	}
	depth, limit := arch.StackDepth(), t.s.config.MaxStack
	if depth <= s.overflow {
		s.overflow = 0
	}
	if depth-s.overflow > limit {
		s.overflow = depth
		t.s.config.Bodies.Overflow(t, depth, limit)
	}
}

// StackUsed returns how deep the stack of t's fiber has been, in bytes, while it carries t,
// or somewhat before, if that is a slot; else 0.
func (t *Task) StackUsed() int {
	if t.fiber == nil {
		return 0
	}
	if slot := t.fiber.onSlot(); slot != nil {
		return t.s.config.Slots.HighWater(slot)
	}
	return 0
}

// onSlot returns the slot that f runs on, nil if that is its goroutine's own stack.
func (f *fiber) onSlot() *arch.Slot {
	if s := f.stack(); s != nil {
		return s.slot.Load()
	}
	return nil
}

// LabelStack writes who t is to the slot that it runs on, if it does, for debuggers. t calls
// it itself.
func (t *Task) LabelStack(id uint64) {
	if slot := t.fiber.onSlot(); slot != nil {
		slot.Label(id, uint64(t.Priority()))
	}
}

// Exempt keeps the calling task from overflowing while f runs.
func (t *Task) Exempt(f func()) {
	if s := t.fiber.stack(); s != nil {
		s.exempt++
		defer func() { s.exempt-- }()
	}
	f()
}

// ask asks the task to measure its stack, and reports whether this is news. Only the Monitor
// asks. The request counts before it stands, as in worker.ask.
func (s *stackWatch) ask() bool {
	if s.asked.Load() {
		return false
	}
	preemptPending.Add(1)
	s.asked.Store(true)
	return true
}

// answer takes the request back, and reports whether there was one.
func (s *stackWatch) answer() bool {
	if !s.asked.CompareAndSwap(true, false) {
		return false
	}
	preemptPending.Add(-1)
	return true
}

// stackInspection is the Monitor's share in Config.MaxStack.
type stackInspection struct {
	// asked are the tasks that were asked at the last look.
	asked []*Task
	// outside are the tasks that were in Leave when they were last looked at,
	// which is to be done again at outsideDue.
	outside    []*Task
	outsideDue int64
	// looked is when it last looked, and busy when a task had a worker.
	looked, busy int64

	// inbox holds those that have come to Leave since.
	lock  arch.Lock
	inbox []*Task
	n     atomic.Int32
}

const (
	// growTime is how long a stack may take to grow while the task that has it is
	// asked.
	growTime = 200 * time.Millisecond
	// rareInspection is how often a task is asked that passes no safepoint: for as
	// long all other safepoints are slow. It is also how often tasks in Leave
	// are looked at when nothing else has run for a while. A stack grows by up to
	// about 10 MB a millisecond, so within this time it doesn't get to Go's
	// limit.
	rareInspection = 25 * time.Millisecond
	// outsideFor is for how long tasks in Leave are looked at while nothing else
	// runs.
	outsideFor = time.Second
)

// inspects reports whether the Monitor inspects stacks that grow.
func (s *Scheduler) inspects() bool { return s.config.MaxStack != 0 && !s.measures }

// inspectsAny reports whether the Monitor inspects stacks of any kind.
func (s *Scheduler) inspectsAny() bool { return s.inspects() || s.inspectsSlots() }

// attendStacks makes sure that the Monitor inspects the stacks, after a worker
// has ceased to be vacant.
func (m *monitor) attendStacks() {
	if m.s.inspectsAny() {
		m.attend()
	}
}

// stacksLate reports whether stacks must be inspected before next, by the same
// rules as late.
func (m *monitor) stacksLate(next, at int64) bool {
	return m.s.inspectsAny() &&
		(next > at+int64(2*tick) && !m.s.noneTaken() || next > at+int64(rareInspection) && m.stacks.n.Load() > 0)
}

// inspectStacks looks at the stacks of the running tasks, and returns when to
// do so again.
func (m *monitor) inspectStacks(at int64) (next int64) {
	s := &m.stacks
	if !m.s.inspectsAny() {
		return never
	}
	if m.s.busy() {
		s.busy = at
	}
	// For a lull after, too, like all that the Monitor does regularly.
	regular := at-s.busy < int64(lull) || len(s.asked) > 0
	if due := s.looked + int64(tick); regular && at < due {
		return due
	}
	s.looked = at
	s.withdraw(at)
	next = m.inspectOutside(at)
	for i := range m.seen {
		if t := m.seen[i].task; t != nil {
			m.inspect(t, at)
			m.inspectSlot(t)
		}
	}
	if regular || len(s.asked) > 0 {
		next = at + int64(tick)
	}
	return next
}

// withdraw takes back what has been asked and will not be answered soon.
func (s *stackInspection) withdraw(at int64) {
	keep := s.asked[:0]
	for _, t := range s.asked {
		if t.fiber.stack().standing(t, at) {
			keep = append(keep, t)
		}
	}
	clear(s.asked[len(keep):])
	s.asked = keep
}

// close takes back all that has been asked. No thread is alive.
func (s *stackInspection) close() {
	for _, t := range s.asked {
		t.fiber.stack().answer()
	}
}

// standing reports whether t is asked and should go on to be so. To copy a large
// stack takes Go many milliseconds, in which a task can't answer.
func (s *stackWatch) standing(t *Task, at int64) bool {
	size := t.fiber.StackSize()
	switch {
	case !s.asked.Load():
		s.size = 0
		return false
	case !t.Runs() && t.blocks.Load() == 0:
		s.answer()
		s.size = 0 // to be asked again as soon as it is seen running
		return false
	case t.blockedInGo():
	case size != s.size:
		s.size, s.patience = size, at+int64(growTime)
		return true
	case at < s.patience:
		return true
	}
	s.answer()
	s.due = at + int64(rareInspection)
	return false
}

// inspect asks t, which has a fiber, to measure its stack if that could hold too
// much.
func (m *monitor) inspect(t *Task, at int64) {
	s := t.fiber.stack()
	size := t.fiber.StackSize()
	if !m.s.inspects() || size <= m.s.config.MaxStack || size == s.size && at < s.due || !s.ask() {
		return
	}
	s.patience = at + int64(tick)
	if size != s.size {
		s.size, s.patience = size, at+int64(growTime)
	}
	m.stacks.asked = append(m.stacks.asked, t)
}

// inspectOutside looks at the stacks of the tasks in Leave, and returns when to
// do so again. That is ever more rarely after the last thread has had a worker,
// and then not any more: an idle runtime has nothing to do.
func (m *monitor) inspectOutside(at int64) (next int64) {
	s := &m.stacks
	if s.n.Load() > 0 {
		s.lock.Lock()
		s.outside = append(s.outside, s.inbox...)
		clear(s.inbox)
		s.inbox = s.inbox[:0]
		s.n.Store(0)
		s.lock.Unlock()
		s.busy = at // they had workers just before
		s.outsideDue = at
	}
	idle := at - s.busy
	rest := idle >= int64(outsideFor) && len(s.asked) == 0
	if !rest && len(s.outside) > 0 && s.outsideDue == never {
		s.outsideDue = at
	}
	if at < s.outsideDue && !rest {
		return s.outsideDue
	}
	keep := s.outside[:0]
	for _, t := range s.outside {
		if t.blocks.Load() == 0 {
			t.marks.clear(markWatched)
			if t.blocks.Load() == 0 || !t.marks.set(markWatched) {
				continue
			}
		}
		m.inspect(t, at)
		keep = append(keep, t)
	}
	clear(s.outside[len(keep):])
	s.outside = keep
	if rest || len(keep) == 0 {
		s.outsideDue = never
	} else {
		wait := min(max(idle/4, int64(tick)), int64(rareInspection))
		s.outsideDue = at + max(wait, int64(len(keep))*int64(outsideEach))
	}
	return s.outsideDue
}

// watchOutside puts the calling thread, which has come to Leave, under the
// Monitor's watch, if stacks are limited.
func (t *Task) watchOutside() {
	m := &t.s.monitor
	if !t.s.inspects() || !t.marks.set(markWatched) {
		return
	}
	m.stacks.lock.Lock()
	m.stacks.inbox = append(m.stacks.inbox, t)
	m.stacks.n.Store(int32(len(m.stacks.inbox)))
	m.stacks.lock.Unlock()
	m.wakeAt(Now() + int64(rareInspection))
}
