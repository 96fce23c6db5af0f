package gv

import (
	"runtime/metrics"
	"sync"
	"time"

	"github.com/gvthread/gvthread/runtime/internal/sched"
)

// Stats is what a runtime has done and is doing. The numbers are taken one after
// another, while it works. In JSON, times are in nanoseconds.
type Stats struct {
	// Closed says that the runtime is closed: nothing changes any more.
	Closed bool
	// Workers is Config.Workers.
	Workers int
	// Idle is how many workers no thread holds.
	Idle int
	// Threads is how many threads are alive: started and not ended.
	Threads int
	// Ready is how many threads wait for a worker, by priority.
	Ready ByPriority[int]
	// Fibers is how many goroutines the runtime has for its threads, with those that are idle:
	// some, and all that a thread has had in the last second or two.
	Fibers int
	// Started and Finished count threads, but for those that could not be started.
	Started, Finished uint64
	// Switches counts the times that a thread was given a worker.
	Switches uint64
	// Cooperative counts the preemptions at safepoints. Forced counts the others: those by
	// signal, and the workers that were borrowed from threads that had no core at that
	// moment. These come to no safepoint, however many they have, so on a machine that is
	// busy with other processes most preemptions may be of this kind.
	Cooperative, Forced uint64
	// Handoffs counts the workers that were taken from threads that were found
	// blocked in Go.
	Handoffs uint64
	// Boosts counts the boosts: of threads that had to wait for Config.MaxWait, and
	// of those whose priority had had less than its Config.MinShare.
	Boosts uint64
	// RunTime is for how long threads have held workers, by the priority that was in
	// force, and IdleTime for how long no thread has held one, since New: together the
	// time since then, once for each worker. They are 0 without Config.Accounting.
	RunTime  ByPriority[time.Duration]
	IdleTime time.Duration
	// WaitTime is for how long threads have waited for a worker, in seconds: from when
	// they became ready, or lost theirs to a higher one, to when they had one. The priority
	// is their own, or what a Mutex lent them, also where Config.MaxWait has ended the wait.
	// Each time that a thread is given a worker counts, as in Switches: those that found
	// an idle one have waited for next to nothing.
	//
	// The buckets are the same at all times, and shared: they must not be changed. They
	// have no gaps, and the last one has no end. So the field is not in JSON, which has no
	// infinity. It is nil without Config.Accounting.
	WaitTime ByPriority[*metrics.Float64Histogram] `json:"-"`
	// Waited is what all waits that are counted in WaitTime add up to.
	Waited ByPriority[time.Duration]
}

// waitBuckets returns the bounds of the buckets of Stats.WaitTime.
var waitBuckets = sync.OnceValue(func() []float64 {
	bounds := sched.HistogramBounds()
	for i := range bounds {
		bounds[i] /= float64(time.Second)
	}
	return bounds
})

// histogram returns h in the shape of runtime/metrics, with h's own counts.
func histogram(h *sched.Histogram) *metrics.Float64Histogram {
	return &metrics.Float64Histogram{Counts: h[:], Buckets: waitBuckets()}
}

// Stats returns what the runtime has done and is doing.
func (rt *Runtime) Stats() Stats {
	closed := rt.isClosed() // first, so that the rest is final if so
	st := rt.sched.Stats()
	s := Stats{
		Closed:      closed,
		Workers:     rt.config.Workers,
		Idle:        st.Idle,
		Ready:       st.Ready,
		Fibers:      st.Fibers,
		Switches:    st.Switches,
		Cooperative: st.Cooperative,
		Forced:      st.Forced,
		Handoffs:    st.Handoffs,
		Boosts:      st.Boosts,
		RunTime:     st.RunTime,
		IdleTime:    st.IdleTime,
		Waited:      st.Waited,
	}
	if st.Waits != nil {
		for p := range s.WaitTime {
			s.WaitTime[p] = histogram(&st.Waits[p])
		}
	}
	started, finished, n := rt.live.counts()
	s.Started, s.Finished, s.Threads = started, finished, int(n)
	return s
}
