package sched

import (
	"sync/atomic"
	"time"

	"github.com/gvthread/gvthread/arch"
)

// A Config says how a scheduler works.
type Config struct {
	Workers int
	// Slices is how long a task runs while its equals are ready.
	Slices         [NumPriorities]time.Duration
	Grace, MaxWait time.Duration
	// MinShare is the part of the workers' time that each class gets at least.
	MinShare [NumPriorities]float64
	// Native and Forced say what arch can do, and may be used.
	Native, Forced bool
	// MaxStack is how much stack a task may use; 0 for no limit.
	MaxStack int
	// Slots are what fibers run on; nil for the goroutines' own stacks. There are at least
	// as many as FibersFor says, and whoever has opened them closes them.
	Slots *arch.Slots
	// DeepSlots has the Watcher told of slots of which most is used.
	DeepSlots bool
	// LongSlices gives the OS threads that run workers long slices of Linux's.
	LongSlices bool
	// Accounting has the time of workers accounted for.
	Accounting bool
	// LateAfter is how long a task may wait for a worker before the Watcher is told; 0 for
	// ever.
	LateAfter time.Duration
	// Bodies are what the tasks do.
	Bodies Bodies
	// Watcher is called by the Monitor.
	Watcher Watcher
	// Schedule, if it is not nil, decides in place of the Monitor and of the order in which
	// tasks became ready: see schedule.go.
	Schedule Schedule
}

// boost is how long a boosted task runs as if it were Critical, whatever its own slice.
func (c *Config) boost() time.Duration { return min(c.Slices[Normal], longestBoost) }

// longestBoost bounds that: those who are critical by themselves wait meanwhile.
const longestBoost = 10 * time.Millisecond

// A Scheduler runs tasks on a fixed number of workers, from Start to Close.
type Scheduler struct {
	config           Config
	native, canForce bool
	// measures says that tasks measure their stacks at each safepoint: see exactStacks.
	measures bool
	watcher  Watcher

	workers []*worker
	// shared holds the tasks that became ready outside the workers.
	shared place
	// places are those that a task's where may name, by their indexes: the workers from
	// 1 on, then the shared queue, then outside.
	places  []*place
	outside outsideTasks
	// arrivals counts the tasks that were put at the end of shared. It stamps all queue
	// entries, so that those of a worker's queue and of the shared one can be ordered.
	arrivals atomic.Uint64
	vacant   vacantWorkers
	fibers   fiberPool
	idle     idlers
	// blank is a fiber without a goroutine, for the next task that needs a new one. A
	// fiber that starts makes it, since there is little on its stack. The task that parks
	// when the next one needs it has more, and would often have to get a larger stack for
	// the call of the allocator.
	blank atomic.Pointer[fiber]
	// stocking is set while stock starts fibers.
	stocking atomic.Bool
	visitors visitors
	timers   timers
	monitor  monitor
	// requests counts those that stand.
	requests atomic.Int32

	cooperative, forced, handoffs, boosts atomic.Uint64
}

// Start starts s, which is zero.
func (s *Scheduler) Start(c Config) {
	s.open(c)
	s.measureExactly(true)
	if c.Schedule != nil {
		s.monitor.open()
	} else {
		s.monitor.start()
	}
}

// open makes s, which is zero, a scheduler whose Monitor does not run yet.
func (s *Scheduler) open(c Config) {
	s.config, s.native, s.canForce, s.watcher = c, c.Native, c.Forced, c.Watcher
	s.measures = c.MaxStack != 0 && c.Slots != nil
	s.workers = make([]*worker, c.Workers)
	s.places = make([]*place, c.Workers+3)
	s.vacant.list = make([]*worker, 0, c.Workers)
	for i := range s.workers {
		w := &worker{s: s}
		w.worker = w
		w.level.Store(uint32(None))
		s.workers[i] = w
		s.enter(i+1, &w.place)
		w.Lock.Lock()
		s.vacant.add(w)
		w.Unlock()
	}
	s.enter(c.Workers+1, &s.shared)
	s.enter(c.Workers+2, &s.outside.place)
	s.outside.due = never
	s.visitors.pool.New = s.newVisitor
	s.monitor.s = s
	s.idle.open(s)
	s.monitor.budgets.due.Store(never)
	if c.Accounting {
		s.openAccounts()
	}
}

// enter makes pl the place of the given index.
func (s *Scheduler) enter(i int, pl *place) {
	pl.index = uint32(i)
	s.places[i] = pl
}

// queues returns the places that have queues: those of the workers, and the shared one.
func (s *Scheduler) queues() []*place { return s.places[1 : len(s.workers)+2] }

// Close ends all that s has started. No task is alive, and none will be made.
func (s *Scheduler) Close() {
	s.drain()
	s.visitors.forget(s)
	if s.config.Schedule != nil {
		s.monitor.close()
	} else {
		s.monitor.stop()
	}
	arch.Outside(s.idle.close)
	s.measureExactly(false)
	for _, w := range s.workers {
		w.acknowledge() // who was asked has ended
	}
}

// idled is called when a worker has become vacant.
func (s *Scheduler) idled() {
	if !s.busy() {
		s.watcher.Idled(s)
	}
}

// Stats is what a scheduler has done and is doing.
type Stats struct {
	Idle                                  int
	Ready                                 [NumPriorities]int
	Fibers                                int
	Switches                              uint64
	Cooperative, Forced, Handoffs, Boosts uint64
	// RunTime is by the level of the workers, Waits and their sum, Waited, by the
	// priority that tasks waited with. Waits is nil without accounting, and the others
	// are 0.
	RunTime  [NumPriorities]time.Duration
	IdleTime time.Duration
	Waits    *[NumPriorities]Histogram
	Waited   [NumPriorities]time.Duration
}

// Stats returns what s has done and is doing.
func (s *Scheduler) Stats() (st Stats) {
	st.Idle = int(s.vacant.n.Load())
	st.Fibers = int(s.fibers.count.Load())
	st.Cooperative, st.Forced = s.cooperative.Load(), s.forced.Load()
	st.Handoffs, st.Boosts = s.handoffs.Load(), s.boosts.Load()
	if s.config.Accounting {
		st.Waits = new([NumPriorities]Histogram)
	}
	for _, pl := range s.queues() {
		pl.Lock.Lock()
		for p := range pl.queue.lists {
			st.Ready[p] += pl.queue.lists[p].n
		}
		if pl.worker != nil {
			st.Switches += pl.worker.turn
			pl.worker.report(&st)
		}
		pl.Unlock()
	}
	return st
}

// Running returns the tasks that have workers, nil for a vacant one.
func (s *Scheduler) Running() []*Task {
	ts := make([]*Task, len(s.workers))
	for i, w := range s.workers {
		w.Lock.Lock()
		ts[i] = w.cur
		w.Unlock()
	}
	return ts
}

// Busy reports whether a worker has a task, or one is ready.
func (s *Scheduler) Busy() bool { return s.busy() || s.topReady() != None }

// Vacant reports whether a worker has no task.
func (s *Scheduler) Vacant() bool { return s.vacant.n.Load() > 0 }

// Switches counts the turns that tasks have had.
func (s *Scheduler) Switches() (n uint64) {
	for _, w := range s.workers {
		w.Lock.Lock()
		n += w.turn
		w.Unlock()
	}
	return n
}

// ReadySince returns since when t has been ready, if it is in a queue.
func (t *Task) ReadySince() (since int64, ok bool) {
	pl := t.lockPlace()
	if pl == nil {
		return 0, false
	}
	s := t.state()
	ok = pl != &t.s.outside.place && (s == New || s == Ready || s == Preempted)
	since = t.readyAt
	pl.Unlock()
	return since, ok
}

// Goroutine returns the number of the goroutine that carries t; 0 where that can't be
// known.
func (t *Task) Goroutine() uint64 {
	if t.fiber == nil {
		return 0
	}
	return t.fiber.Goroutine()
}

// GoStatus returns what the goroutine that carries t does.
func (t *Task) GoStatus() arch.Status {
	if t.fiber == nil {
		return arch.StatusUnknown
	}
	return t.fiber.Status()
}

// WakeMonitor makes sure that the Monitor, and so the Watcher, looks at the given time.
func (s *Scheduler) WakeMonitor(at int64) { s.monitor.wakeAt(at) }

// NextTimer returns when the next sleep ends, Never if none does.
func (s *Scheduler) NextTimer() int64 { return s.timers.next() }

// InMonitor reports whether the Monitor is the caller.
func (s *Scheduler) InMonitor() bool { return s.monitor.self.Load() == arch.Getg() }

// TimerError returns what the operating system refused the Monitor, nil if nothing.
func (s *Scheduler) TimerError() error {
	if err := s.monitor.tuned.Load(); err != nil {
		return *err
	}
	return nil
}
