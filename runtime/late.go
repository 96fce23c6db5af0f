package gv

import (
	"sync/atomic"
	"time"

	"github.com/gvthread/gvthread/runtime/internal/sched"
)

// A Late is a thread that has waited for a worker for longer than Config.LateAfter.
type Late struct {
	Thread *Thread
	// Waited is for how long, to about a millisecond, or exactly with Config.Accounting.
	Waited time.Duration
}

// lateAfter returns after what time OnLate is to be called, 0 for never.
func (c *Config) lateAfter() time.Duration {
	if c.OnLate == nil {
		return 0
	}
	return c.LateAfter
}

// lateness is what Config.OnLate is called by.
type lateness struct {
	// telling is set while OnLate is called: by the Monitor, and cleared by the goroutine
	// that calls it.
	telling atomic.Bool
}

// Ready implements sched.Watcher.
func (w *watcher) Ready() bool { return !w.lateness.telling.Load() }

// Overdue implements sched.Watcher.
func (w *watcher) Overdue(tasks []sched.Overdue) {
	w.lateness.telling.Store(true)
	w.rt.callbacks.Go(func() { w.tell(tasks) })
}

// tell calls OnLate for each of the tasks.
func (w *watcher) tell(tasks []sched.Overdue) {
	defer func() {
		if len(tasks) > 0 {
			w.rt.callbacks.Go(func() { w.tell(tasks) }) // OnLate has called runtime.Goexit
			return
		}
		w.lateness.telling.Store(false)
	}()
	for len(tasks) > 0 {
		o := tasks[0]
		tasks = tasks[1:]
		w.rt.config.OnLate(Late{Thread: threadOf(o.Task), Waited: o.Waited})
	}
}
