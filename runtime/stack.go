package gv

import (
	"bytes"
	"fmt"
	goruntime "runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gvthread/gvthread/arch"
)

// Config.MaxStack: the Monitor looks about every millisecond how large the stacks of
// the running threads are, and asks those whose stacks could hold too much to
// measure, at their next safepoint, how much that is. So neither function calls
// nor safepoints cost anything until then.

// A StackOverflowError is what a thread panics with that a safepoint finds to
// use more stack than Config.MaxStack.
type StackOverflowError struct {
	// Depth is how much stack the thread used, in bytes, and Max is
	// Config.MaxStack.
	Depth, Max int
}

// Error says how much stack was used, and what the limit is.
func (e *StackOverflowError) Error() string {
	return fmt.Sprintf("gv: stack overflow: the thread uses %d bytes of stack, and Config.MaxStack is %d", e.Depth, e.Max)
}

// minMaxStack is the least Config.MaxStack: what calls of the standard library
// may need.
const minMaxStack = 64 << 10

// A stackWatch is a thread's share in Config.MaxStack.
type stackWatch struct {
	// asked asks the thread to measure its stack at its next safepoint. It counts
	// in preemptPending. The Monitor sets it, and clears it if the thread doesn't.
	asked atomic.Bool
	// listed says that the Monitor knows that the thread may be in Block.
	listed atomic.Bool

	// exempt is above 0 while the thread must not panic; overflow is the depth at
	// which it has panicked, 0 if it hasn't or has recovered. The thread's own.
	exempt   int
	overflow int

	// size is how large the stack was when the thread was last asked, or asked still,
	// and has not answered. It is waited for until patience, and, if nothing has
	// changed by then, asked again when it is due. The Monitor's own.
	size          int
	due, patience int64
}

// checkStack panics if the calling thread is asked to measure its stack and
// finds it too deep. The caller holds nothing that a panic must not leave behind.
func (t *Thread) checkStack() {
	if t.stack.asked.Load() {
		t.measureStack()
	}
}

// measureStack is checkStack for a thread that was asked.
//
// Deferred functions that run because of the panic do so at the bottom of the
// stack as it is: all that they call is deeper than where it overflowed, and has
// MaxStack to itself. What is less deep comes after a recovery.
func (t *Thread) measureStack() {
	s := &t.stack
	if !s.answer() || s.exempt > 0 {
		return
	}
	depth, limit := arch.StackDepth(), t.rt.maxStack
	if depth <= s.overflow {
		s.overflow = 0
	}
	if depth-s.overflow > limit {
		s.overflow = depth
		panic(&StackOverflowError{Depth: depth, Max: limit})
	}
}

// panicStack returns the stack of the calling thread, which has panicked with v.
func panicStack(v any) []byte {
	if _, ok := v.(*StackOverflowError); !ok {
		return debug.Stack()
	}
	// That would go through all frames, and take long.
	var pcs [overflowFrames]uintptr
	frames := goruntime.CallersFrames(pcs[:goruntime.Callers(1, pcs[:])])
	var b bytes.Buffer
	for more := true; more; {
		var f goruntime.Frame
		f, more = frames.Next()
		fmt.Fprintf(&b, "%s(...)\n\t%s:%d\n", f.Function, f.File, f.Line)
	}
	b.WriteString("...\n")
	return b.Bytes()
}

// overflowFrames is how many of the last calls are shown of a stack that has
// overflowed.
const overflowFrames = 100

// unlockCalmly unlocks l without a StackOverflowError. t is the calling thread,
// or nil.
func (t *Thread) unlockCalmly(l sync.Locker) {
	if t != nil {
		t.stack.exempt++
		defer func() { t.stack.exempt-- }()
	}
	l.Unlock()
}

// ask asks the thread to measure its stack, and reports whether this is news.
func (s *stackWatch) ask() bool {
	if !s.asked.CompareAndSwap(false, true) {
		return false
	}
	preemptPending.Add(1)
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
	// asked are the threads that were asked at the last look.
	asked []*Thread
	// outside are the threads that were in Block when they were last looked at,
	// which is to be done again at outsideDue.
	outside    []*Thread
	outsideDue int64
	// looked is when it last looked, and busy when a thread had a worker.
	looked, busy int64

	// inbox holds those that have come to Block since.
	lock  spinLock
	inbox []*Thread
	n     atomic.Int32
}

const (
	// growTime is how long a stack may take to grow while the thread that has it is
	// asked.
	growTime = 200 * time.Millisecond
	// rareInspection is how often a thread is asked that passes no safepoint: for as
	// long all other safepoints are slow. It is also how often threads in Block
	// are looked at when nothing else has run for a while. A stack grows by up to
	// about 10 MB a millisecond, so within this time it doesn't get to Go's
	// limit.
	rareInspection = 25 * time.Millisecond
	// outsideFor is for how long threads in Block are looked at while nothing else
	// runs.
	outsideFor = time.Second
	// outsideEach adds to the time between two looks at the threads in Block for
	// each of them.
	outsideEach = 10 * time.Microsecond
)

// limitStacks fills in rt.maxStack and says in rt.caps whether it can be had.
func (rt *Runtime) limitStacks() {
	if err := arch.StackSizes(); err != nil {
		rt.caps.MaxStackReason = err.Error()
		return
	}
	rt.caps.MaxStack = true
	rt.maxStack = rt.config.MaxStack
}

// busy reports whether a worker has a thread, or will have one.
func (rt *Runtime) busy() bool { return rt.idle.n.Load() < int32(len(rt.workers)) }

// attendStacks makes sure that the Monitor inspects the stacks, after a worker
// has ceased to be idle.
func (m *monitor) attendStacks() {
	if m.rt.maxStack != 0 {
		m.attend()
	}
}

// stacksLate reports whether stacks must be inspected before next, by the same
// rules as late.
func (m *monitor) stacksLate(next, at int64) bool {
	return m.rt.maxStack != 0 &&
		(next > at+int64(2*tick) && m.rt.busy() || next > at+int64(rareInspection) && m.stacks.n.Load() > 0)
}

// inspectStacks looks at the stacks of the running threads, and returns when to
// do so again.
func (m *monitor) inspectStacks(at int64) (next int64) {
	s := &m.stacks
	if m.rt.maxStack == 0 {
		return never
	}
	if m.rt.busy() {
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
		if t := m.seen[i].thread; t != nil {
			m.inspect(t, at)
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
		if t.stack.standing(t, at) {
			keep = append(keep, t)
		}
	}
	clear(s.asked[len(keep):])
	s.asked = keep
}

// close takes back all that has been asked. No thread is alive.
func (s *stackInspection) close() {
	for _, t := range s.asked {
		t.stack.answer()
	}
}

// standing reports whether t is asked and should go on to be so. To copy a large
// stack takes Go many milliseconds, in which a thread can't answer.
func (s *stackWatch) standing(t *Thread, at int64) bool {
	size := t.fiber.StackSize()
	switch {
	case !s.asked.Load():
		s.size = 0
		return false
	case t.State() != StateRunning && t.outside.Load() == 0:
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
func (m *monitor) inspect(t *Thread, at int64) {
	s := &t.stack
	size := t.fiber.StackSize()
	if limit := m.rt.maxStack; limit == 0 || size <= limit || size == s.size && at < s.due || !s.ask() {
		return
	}
	s.patience = at + int64(tick)
	if size != s.size {
		s.size, s.patience = size, at+int64(growTime)
	}
	m.stacks.asked = append(m.stacks.asked, t)
}

// inspectOutside looks at the stacks of the threads in Block, and returns when to
// do so again. That is ever more rarely after the last thread has had a worker,
// and then not any more: an idle runtime has nothing to do.
func (m *monitor) inspectOutside(at int64) (next int64) {
	s := &m.stacks
	if s.n.Load() > 0 {
		s.lock.lock()
		s.outside = append(s.outside, s.inbox...)
		clear(s.inbox)
		s.inbox = s.inbox[:0]
		s.n.Store(0)
		s.lock.unlock()
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
		if t.outside.Load() == 0 {
			t.stack.listed.Store(false)
			if t.outside.Load() == 0 || !t.stack.listed.CompareAndSwap(false, true) {
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

// leftWorker puts the calling thread, which has come to Block, under the
// Monitor's watch, if stacks are limited.
func (t *Thread) leftWorker() {
	m := &t.rt.monitor
	if t.rt.maxStack == 0 || !t.stack.listed.CompareAndSwap(false, true) {
		return
	}
	m.stacks.lock.lock()
	m.stacks.inbox = append(m.stacks.inbox, t)
	m.stacks.n.Store(int32(len(m.stacks.inbox)))
	m.stacks.lock.unlock()
	m.wakeAt(now() + int64(rareInspection))
}
