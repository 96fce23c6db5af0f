package gv

// enqueue makes t, which the caller owns, ready: for callers that are not
// giving up a worker for it. An idle worker takes it at once; otherwise it goes
// to the queue of the calling thread's worker, or to the shared one. The caller
// is pinned.
func (rt *Runtime) enqueue(t *Thread) {
	if caller := Current(); caller != nil && caller.rt == rt {
		if w := caller.held(); w != nil {
			rt.enqueueOn(w, t, false)
			return
		}
	}
	rt.enqueueShared(t)
}

// enqueueOn puts t, which the caller owns, into w's queue.
func (rt *Runtime) enqueueOn(w *Worker, t *Thread, front bool) {
	p := t.effective()
	t.readyAt = rt.monitor.clock()
	var stamp uint64
	if !front {
		stamp = rt.arrivals.Load()
	}
	w.queue.push(t, stamp, front)
	rt.published(p)
}

// enqueueShared puts t, which the caller owns, at the end of the shared queue.
func (rt *Runtime) enqueueShared(t *Thread) {
	p := t.effective()
	t.readyAt = rt.monitor.clock()
	q := &rt.shared
	q.lock.lock()
	q.pushLocked(t, rt.arrivals.Add(1), false)
	q.lock.unlock()
	rt.published(p)
}

// putBack returns a thread to the front of the line that was picked for a
// worker that turned out to be lost.
func (rt *Runtime) putBack(t *Thread) {
	p := t.effective()
	rt.shared.push(t, 0, true)
	rt.published(p)
}

// published is called after a thread of priority p was put into a queue: it
// sees to it that the thread runs if it should run now, and that the Monitor
// watches over it if it has to wait.
func (rt *Runtime) published(p Priority) {
	if rt.idle.n.Load() > 0 {
		if w := rt.takeIdle(); w != nil {
			if t := w.pick(Low); t != nil {
				w.start(t)
			} else {
				rt.putIdle(w)
			}
			return
		}
	}
	if rt.askLowest(p) {
		rt.monitor.preempting()
		return
	}
	rt.monitor.attend()
}

// askLowest asks the worker that runs the lowest thread below p to yield, if
// there is one that hasn't been asked yet.
func (rt *Runtime) askLowest(p Priority) bool {
	for {
		var lowest *Worker
		at := p
		for _, w := range rt.workers {
			if r := w.running(); r > at && r != noPriority && w.preempt.Load() != preemptHigh {
				lowest, at = w, r
			}
		}
		if lowest == nil {
			return false
		}
		if lowest.ask(preemptHigh) {
			return true
		}
	}
}

// topReady returns the highest priority that is ready in any queue.
func (rt *Runtime) topReady() Priority {
	top := rt.shared.top()
	for _, w := range rt.workers {
		top = min(top, w.queue.top())
	}
	return top
}
