package gv

import "github.com/gvthread/gvthread/runtime/internal/sched"

// A watcher is what a runtime has the scheduler's Monitor look after: stalls, threads that
// wait for too long, budgets, and GOMAXPROCS.
type watcher struct {
	rt         *Runtime
	stall      stall
	lateness   lateness
	processors processorWatch
}

// Look implements sched.Watcher.
func (w *watcher) Look(s *sched.Scheduler, now, next int64) int64 {
	if w.rt.config.Logger == nil {
		return sched.Never
	}
	return w.stall.look(w.rt, s, now, next)
}

// Late implements sched.Watcher.
func (w *watcher) Late(s *sched.Scheduler, next int64) bool {
	return w.rt.config.Logger != nil && w.stall.late(s, next)
}

// Idled implements sched.Watcher: it makes sure that the Monitor looks after a runtime
// that has become idle, unless it does anyway when a timer ends.
func (w *watcher) Idled(s *sched.Scheduler) {
	if w.rt.config.Logger != nil && s.NextTimer() == sched.Never {
		s.WakeMonitor(now() + int64(stallDelay))
	}
}

// Spent implements sched.Watcher.
func (w *watcher) Spent(t *sched.Task) { w.rt.callbacks.Go(threadOf(t).demoted) }

// Deep implements sched.Watcher.
func (w *watcher) Deep(t *sched.Task, used int) {
	w.rt.callbacks.Go(func() { threadOf(t).reportSlot(used) })
}

// Rests implements sched.Watcher.
func (w *watcher) Rests(now int64) (keepP bool) {
	w.processors.look(w.rt, now)
	return !w.processors.scarce
}
