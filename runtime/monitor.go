package gv

import (
	"math"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gvthread/gvthread/arch"
)

// The Monitor is a runtime's timer thread. It ends sleeps, ends slices, forces
// those who don't yield when asked, takes workers from threads that are blocked
// in Go, and bounds how long a ready thread waits. It decides nothing that can
// be decided where it happens: it is there for what only time tells.
//
// It must run when every core is busy. So on Linux it has an OS thread of its
// own, which sleeps in a bare system call and never gives its P away (see
// arch.Sleeper), as long as there is something to time; when there is not, it
// blocks as goroutines do, and costs nothing.
type monitor struct {
	rt      *Runtime
	sleeper arch.Sleeper
	stopped chan struct{}
	done    sync.WaitGroup
	tuned   atomic.Pointer[error]

	// planned is when the Monitor will look next, never while it is blocked.
	// Those who need it earlier wake it.
	planned atomic.Int64
	// coarse is the time at which it looked last.
	coarse atomic.Int64

	justLost lostInbox
	long     longSlices
	stacks   stackInspection
	stall    stall
	// self identifies the Monitor's goroutine.
	self atomic.Uintptr

	// Only the Monitor itself uses what follows.
	seen     []workerView
	lost     []lostThread
	lostDue  int64   // when one of them is to be looked at
	quiet    int64   // when threads last waited for a worker
	boosted  *Thread // the thread boosted last
	relieved int64   // when that was
	// processors looks after GOMAXPROCS.
	processors processorWatch
}

const (
	never = math.MaxInt64
	// tick is how often the Monitor looks while threads wait for a worker.
	tick = time.Millisecond
	// pollTick is how often it looks after a request that has not been
	// answered.
	pollTick = 20 * time.Microsecond
	// lull is how long the Monitor goes on looking after there is nothing left
	// to time, so that work that comes in short pieces doesn't have to wake it
	// for each.
	lull = 2 * time.Millisecond
	// napLimit is the longest sleep that keeps the P. In a longer one the
	// garbage collector and sysmon would have to interrupt it again and again.
	napLimit = 5 * time.Millisecond
)

// start runs the Monitor of rt.
func (m *monitor) start(rt *Runtime) {
	m.rt = rt
	m.seen = make([]workerView, len(rt.workers))
	m.stopped = make(chan struct{})
	m.planned.Store(never)
	m.lostDue = never
	m.done.Add(1)
	go m.run()
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
	if m.rt.native {
		// The thread is tuned for this use only, and ends with it: it stays
		// locked.
		goruntime.LockOSThread()
		err := arch.TuneTimerThread()
		m.tuned.Store(&err)
		if err == nil && processors.refused() == nil {
			m.long.start(len(m.rt.workers))
		}
	}
	for {
		// Whoever needs the Monitor earlier than planned wakes it. Until the
		// plan is made it counts as late, and nobody does; what they came
		// with is then seen by the look that follows.
		m.planned.Store(0)
		at := now()
		m.coarse.Store(at)
		next := m.look(at)
		select {
		case <-m.stopped:
			// A goroutine may have ended its work and not yet itself: it must
			// not be left stopped on its last steps.
			if !m.rt.requests.stand() {
				m.stacks.close()
				return
			}
		default:
		}
		if next == never {
			// Not to keep threads alive that nobody else refers to.
			clear(m.seen)
			m.boosted = nil
		}
		m.planned.Store(next)
		if m.late(next) {
			continue
		}
		m.sleep(next)
	}
}

// sleep waits until about next, or until it is woken.
func (m *monitor) sleep(next int64) {
	at := now()
	if next != never {
		// Else there is nothing to be late with, and a stall that is just reported
		// counts the goroutines.
		m.watchProcessors(at)
	}
	d := time.Duration(next - at)
	switch {
	case next == never:
		m.forget()
		m.sleeper.Sleep(time.Hour, false)
	case d <= 0:
	case !m.rt.native || d > napLimit:
		// Wake up early for the last stretch, which is timed precisely.
		if m.rt.native {
			d -= napLimit / 2
		}
		m.sleeper.Sleep(d, false)
	default:
		// It keeps its P, if Go has enough of them.
		m.sleeper.Sleep(d, !m.processors.scarce)
	}
}

// forget lets go of the threads that the Monitor has seen, which may end while it is
// blocked: a thread that nobody refers to must be garbage then, or nobody learns
// of its panic.
func (m *monitor) forget() {
	for i := range m.seen {
		m.seen[i].thread = nil
	}
	if b := m.boosted; b != nil && !b.boosted.Load() {
		m.boosted = nil
	}
}

// wakeAt makes sure that the Monitor looks at the given time.
func (m *monitor) wakeAt(at int64) {
	if at < m.planned.Load() {
		m.sleeper.Wake()
	}
}

// regular reports whether the Monitor looks at least every other tick.
func (m *monitor) regular() bool {
	return m.planned.Load()-m.coarse.Load() <= int64(2*tick)
}

// attend makes sure that the Monitor looks after threads that wait.
func (m *monitor) attend() {
	if !m.regular() {
		m.sleeper.Wake()
	}
}

// preempting makes sure that the Monitor looks after a worker that was asked to
// make way, in time to force it.
func (m *monitor) preempting() {
	m.wakeAt(now() + int64(m.rt.config.Grace))
}

// clock returns the time, as of the Monitor's last look while it looks
// regularly.
func (m *monitor) clock() int64 {
	if m.regular() {
		return m.coarse.Load()
	}
	return now()
}

// late reports whether something has come up, while the Monitor looked, that
// can't wait until next: those who brought it saw the Monitor awake and left it
// at that.
func (m *monitor) late(next int64) bool {
	at := now()
	if m.rt.timers.next() < next {
		return true
	}
	if next > at+int64(2*tick) && (m.rt.topReady() != noPriority || m.rt.idle.nResting.Load() > 0) {
		return true
	}
	if next > at+int64(resend) && m.rt.requests.stand() {
		return true
	}
	if next > at+int64(2*tick) && m.justLost.n.Load() > 0 {
		return true
	}
	if next > at+int64(m.rt.config.Grace) {
		for i, w := range m.rt.workers {
			if w.preempt.Load() != preemptNone && m.seen[i].asked == 0 {
				return true
			}
		}
	}
	if m.stacksLate(next, at) || m.stallLate(next) {
		return true
	}
	select {
	case <-m.stopped:
		return true
	default:
		return false
	}
}

// tuneErr returns what the operating system refused, nil if nothing.
func (m *monitor) tuneErr() error {
	if err := m.tuned.Load(); err != nil {
		return *err
	}
	return nil
}

// look does what is due and returns when to look again.
//
// It is pinned: Go lets no pinned goroutine start a collection, or assist one, when
// it allocates. For that it might have to wait for a goroutine that is stopped, with
// the locks of Go's runtime, and that only the Monitor lets go. So nothing in here
// may block, or make any but bare system calls.
func (m *monitor) look(at int64) (next int64) {
	arch.Pin()
	defer arch.Unpin()
	next = m.rt.timers.fire(at)
	next = min(next, m.rt.endRests(at))
	next = min(next, m.pollRequests(at))
	lost := m.pollLost(at)
	top := m.rt.topReady()
	busy := false
	for i, w := range m.rt.workers {
		next = min(next, m.watch(w, &m.seen[i], at, top))
		busy = busy || m.seen[i].thread != nil
	}
	next = min(next, m.inspectStacks(at))
	m.long.update(m.seen)
	if top != noPriority {
		m.quiet = at
		m.rt.reask(top)
		m.relieve(at)
		// Every look displaces a thread: for the lost ones the regular looks do.
		return min(next, at+int64(tick))
	}
	next = min(next, lost)
	if busy && at-m.quiet < int64(lull) {
		return min(next, at+int64(tick))
	}
	return min(next, m.watchStall(at, next))
}

// isCaller reports whether the Monitor is the caller.
func (m *monitor) isCaller() bool { return m.self.Load() == arch.Getg() }

// relieve boosts a thread that has been ready for too long because threads of
// higher priorities have the workers. It boosts one at a time, so that those
// who are critical by themselves keep the other workers.
func (m *monitor) relieve(at int64) {
	if b := m.boosted; b != nil && b.boosted.Load() {
		if !b.boostSpent() {
			return
		}
		b.unboost()
	}
	m.boosted = nil
	if at-m.relieved < int64(m.rt.config.TimeSlice) {
		return
	}
	before := at - int64(m.rt.config.MaxWait)
	var oldest *Thread
	var since int64
	find := func(t *Thread) {
		if oldest == nil || t.readyAt < since {
			oldest, since = t, t.readyAt
		}
	}
	m.rt.shared.overdue(before, len(m.rt.workers)+1, find)
	for _, w := range m.rt.workers {
		w.queue.overdue(before, len(m.rt.workers)+1, find)
	}
	if oldest == nil || !m.outranked(oldest) {
		return
	}
	m.boosted, m.relieved = oldest, at
	oldest.boost()
}

// outranked reports whether a worker runs a thread of a higher priority than
// t's. Otherwise t waits for its equals only, and would not be helped.
func (m *monitor) outranked(t *Thread) bool {
	for _, w := range m.rt.workers {
		if Priority(w.level.Load()) < t.effective() {
			return true
		}
	}
	return false
}
