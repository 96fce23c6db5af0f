package sched

import (
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gvthread/gvthread/arch"
)

// The Monitor is a scheduler's timer thread. It ends sleeps, ends slices, forces those
// who don't yield when asked, takes workers from tasks that are blocked in Go, and bounds
// how long a ready task waits. It decides nothing that can be decided where it happens:
// it is there for what only time tells.
//
// It must run when every core is busy. So on Linux it has an OS thread of its own, which
// sleeps in a bare system call and never gives its P away (see arch.Sleeper), as long as
// there is something to time; when there is not, it blocks as goroutines do, and costs
// nothing.
type monitor struct {
	s       *Scheduler
	sleeper arch.Sleeper
	stopped chan struct{}
	done    sync.WaitGroup
	tuned   atomic.Pointer[error]

	// planned is when the Monitor will look next, 0 while it looks, never while it is
	// blocked. Those who need it earlier wake it; what they bring while it looks, late finds.
	planned atomic.Int64
	// steady is 1 while the Monitor looks at least every other tick, and while it looks.
	// It is published by the store to planned that follows.
	steady arch.Word
	// coarse is the time at which it looked last, 0 while that won't do for the time: when
	// it does not look regularly, and while somebody needs to know exactly when tasks become
	// ready, the accounts and recordings. exact counts those; timing guards it, and the
	// choice.
	coarse atomic.Int64
	timing arch.Lock
	exact  int
	// time is what a Schedule has instead of Now: see schedule.go.
	time atomic.Int64

	long       longSlices
	stacks     stackInspection
	starvation starvation
	shares     shares
	budgets    budgets
	// self identifies the Monitor's goroutine.
	self atomic.Uintptr

	// Only the Monitor itself uses what follows.
	seen   []view
	finds  outsideFinds
	looked int64 // when it looked last
	quiet  int64 // when tasks last waited for a worker
}

const (
	never = math.MaxInt64
	// tick is how often the Monitor looks at least while tasks wait for a worker.
	tick = time.Millisecond
	// pollTick is how often it looks after a request that has not been answered.
	pollTick = 20 * time.Microsecond
	// lull is how long the Monitor goes on looking after there is nothing left to time,
	// so that work that comes in short pieces doesn't have to wake it for each.
	lull = 2 * time.Millisecond
	// napLimit is the longest sleep that keeps the P. In a longer one the garbage
	// collector and sysmon would have to interrupt it again and again.
	napLimit = 5 * time.Millisecond
)

// Never is a time that doesn't come.
const Never = never

// A Watcher is a part of the layer above that only time tells something.
type Watcher interface {
	// Look does what is due and returns when to look again, Never for not before
	// something else is due. next is when the Monitor has something else to do. It is
	// called on the Monitor's goroutine, pinned, and must not block.
	Look(s *Scheduler, now, next int64) int64
	// Late reports whether something has come up, while the Monitor looked, that can't
	// wait until next.
	Late(s *Scheduler, next int64) bool
	// Rests is called before the Monitor sleeps with something to time, and says whether
	// Go has Ps enough for it to keep one. It is called pinned, and must not block.
	Rests(now int64) (keepP bool)
	// Spent is called when t has had its budget, and its own priority has been lowered. It
	// is called on the Monitor's goroutine, pinned, and must not block.
	Spent(t *Task)
	// Deep is called when used bytes of the slot that t runs on have been used, which is most
	// of it, by t or, unseen, by tasks before: at most once in t's life, if Config.DeepSlots is
	// set. It is called as Spent is.
	Deep(t *Task, used int)
	// Ready reports whether Overdue may be called, with tasks that have waited for longer
	// than Config.LateAfter: once in each wait. Both are called pinned, and must not block.
	Ready() bool
	Overdue([]Overdue)
	// Idled is called when the last worker has become vacant. It must not block.
	Idled(s *Scheduler)
}

// start runs the Monitor.
func (m *monitor) start() {
	m.seen = make([]view, len(m.s.workers))
	m.shares.boosted = make([]*Task, 0, len(m.s.workers))
	m.stopped = make(chan struct{})
	m.planned.Store(never)
	m.done.Add(1)
	if m.s.native {
		arch.GoOnThread(m.run)
	} else {
		go m.run()
	}
}

// stop ends it and waits for that.
func (m *monitor) stop() {
	close(m.stopped)
	m.sleeper.Wake()
	m.done.Wait()
}

func (m *monitor) run() {
	defer m.done.Done()
	m.self.Store(arch.Getg())
	if m.s.native {
		err := arch.TuneTimerThread()
		m.tuned.Store(&err)
		if err == nil && m.s.config.LongSlices {
			m.long.start(len(m.s.workers))
		}
	}
	for {
		// Whoever needs the Monitor earlier than planned wakes it. Until the plan is made
		// it counts as late, and nobody does; what they came with is then seen by the look
		// that follows.
		now := Now()
		m.setCoarse(now)
		m.steady.Store(1)
		m.planned.Store(0)
		next := m.look(now)
		// A goroutine may have ended its work and not yet itself: it must not be left
		// stopped on its last steps.
		if m.ended() && m.s.requests.Load() == 0 {
			m.stacks.close()
			m.long.want(false)
			return
		}
		if next == never {
			clear(m.seen)
		}
		plan := min(next, m.budgets.due.Load())
		if plan-now > int64(2*tick) {
			m.forget()
			m.steady.Store(0)
			m.coarse.Store(0)
		}
		m.planned.Store(plan)
		if m.late(next) || m.budgets.due.Load() < plan {
			continue
		}
		m.sleep(plan)
	}
}

// ended reports whether the Monitor is to end.
func (m *monitor) ended() bool {
	select {
	case <-m.stopped:
		return true
	default:
		return false
	}
}

// sleep waits until about next, or until it is woken.
func (m *monitor) sleep(next int64) {
	now := Now()
	keepP := m.s.native
	if next != never {
		// Else there is nothing to be late with. Pinned, as in look.
		arch.Pin()
		keepP = m.s.watcher.Rests(now) && keepP
		arch.Unpin()
	}
	d := time.Duration(next - now)
	switch {
	case next == never:
		m.sleeper.Sleep(time.Hour, false)
	case d <= 0:
	case !m.s.native || d > napLimit:
		// Wake up early for the last stretch, which is timed precisely.
		if m.s.native {
			d -= napLimit / 2
		}
		m.sleeper.Sleep(d, false)
	default:
		m.sleeper.Sleep(d, keepP)
	}
}

// forget lets go of the tasks that the Monitor has seen, and that have ended or may do so
// while it sleeps for long: a task that nobody refers to must be garbage then, or nobody learns
// of its panic. Nothing is ready. It is pinned, as look is.
func (m *monitor) forget() {
	arch.Pin()
	defer arch.Unpin()
	for i := range m.seen {
		m.seen[i].task = nil
	}
	m.starvation.end()
	m.shares.end()
}

// wakeAt makes sure that the Monitor looks at the given time.
func (m *monitor) wakeAt(at int64) {
	if at < m.planned.Load() {
		m.sleeper.Wake()
	}
}

// attend makes sure that the Monitor looks after tasks that wait.
func (m *monitor) attend() {
	if m.steady.Load() == 0 {
		m.wake()
	}
}

//go:noinline
func (m *monitor) wake() { m.sleeper.Wake() } // apart, so that attend is inlined

// preempting makes sure that the Monitor looks after a worker that was asked to make way,
// in time to force it.
func (m *monitor) preempting() { m.wakeAt(Now() + int64(m.s.config.Grace)) }

// clock returns the time, as of the Monitor's last look where that will do.
func (m *monitor) clock() int64 {
	if now := m.coarse.Load(); now != 0 {
		return now
	}
	return exactTime()
}

//go:noinline
func exactTime() int64 { return Now() } // apart, so that clock is inlined

// setCoarse makes now the time that clock returns, where that will do.
func (m *monitor) setCoarse(now int64) {
	m.timing.Lock()
	if m.exact == 0 {
		m.coarse.Store(now)
	}
	m.timing.Unlock()
}

// needExact says that n more need exact times; from then on clock returns such.
func (m *monitor) needExact(n int) {
	m.timing.Lock()
	m.exact += n
	m.coarse.Store(0)
	m.timing.Unlock()
}
