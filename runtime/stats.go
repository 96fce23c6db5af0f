package gv

import "sync/atomic"

// counters are what a runtime counts on its slow paths.
type counters struct {
	finished    atomic.Uint64
	cooperative atomic.Uint64
	forcedCount atomic.Uint64
	handoffs    atomic.Uint64
	boosts      atomic.Uint64
}

// Stats is what a runtime has done and is doing. The numbers are taken one after
// another, while it works.
type Stats struct {
	// Workers is Config.Workers.
	Workers int
	// Idle is how many workers no thread holds.
	Idle int
	// Threads is how many threads are alive: started and not ended.
	Threads int
	// Ready is how many threads wait for a worker, by priority.
	Ready [numPriorities]int
	// Fibers is how many goroutines the runtime has for its threads.
	Fibers int
	// Started and Finished count threads.
	Started, Finished uint64
	// Switches counts the times that a thread was given a worker.
	Switches uint64
	// Cooperative counts the preemptions at safepoints, Forced those by signal.
	Cooperative, Forced uint64
	// Handoffs counts the workers that were taken from threads that were found
	// blocked in Go.
	Handoffs uint64
	// Boosts counts the threads that had to wait for Config.MaxWait.
	Boosts uint64
}

// Stats returns what the runtime has done and is doing.
func (rt *Runtime) Stats() Stats {
	s := Stats{
		Workers:     len(rt.workers),
		Fibers:      int(rt.fibers.count.Load()),
		Started:     rt.lastID.Load(),
		Finished:    rt.finished.Load(),
		Cooperative: rt.cooperative.Load(),
		Forced:      rt.forcedCount.Load(),
		Handoffs:    rt.handoffs.Load(),
		Boosts:      rt.boosts.Load(),
	}
	rt.idle.lock.lock()
	s.Idle = len(rt.idle.workers) + len(rt.idle.resting)
	rt.idle.lock.unlock()
	rt.live.lock.lock()
	s.Threads = rt.live.n
	rt.live.lock.unlock()
	rt.shared.lengths(&s.Ready)
	for _, w := range rt.workers {
		w.queue.lengths(&s.Ready)
		w.queue.lock.lock()
		s.Switches += w.switches
		w.queue.lock.unlock()
	}
	return s
}
