package gv

// enqueue makes t, which the caller owns, ready, and resumes the thread that has
// got a worker by that, mostly t, if one has. It is for callers that are not giving
// up a worker for t. The caller is pinned.
func (rt *Runtime) enqueue(t *Thread, s State) {
	if next := rt.admit(t, s); next != nil {
		next.resume()
	}
}

// admit is enqueue for those who resume the thread that has got a worker, next,
// themselves. An idle worker takes t at once; otherwise it goes to the queue of the
// calling thread's worker, or to the shared one.
func (rt *Runtime) admit(t *Thread, s State) (next *Thread) {
	if caller := Current(); caller != nil && caller.rt == rt {
		if w := caller.held(); w != nil {
			p := t.effective()
			w.queue.lock.lock()
			w.enqueueLocked(t, s, false)
			w.queue.lock.unlock()
			return rt.expedite(p, w)
		}
	}
	p := t.effective()
	rt.pushShared(t, s)
	return rt.expedite(p, nil)
}

// enqueueLocked puts t, which the caller owns, into w's queue. The caller calls
// published after it has unlocked w.
func (w *worker) enqueueLocked(t *Thread, s State, front bool) {
	t.readyAt = w.rt.monitor.clock()
	// Equal to the stamp of the last thread that came to the shared queue, and
	// so after it. Those at the front come before all.
	var stamp uint64
	if !front {
		stamp = w.rt.arrivals.Load()
	}
	w.queue.pushLocked(t, s, stamp, front)
}

// enqueueShared puts t, which the caller owns, at the end of the shared queue.
func (rt *Runtime) enqueueShared(t *Thread, s State) {
	p := t.effective()
	rt.pushShared(t, s)
	rt.published(p)
}

func (rt *Runtime) pushShared(t *Thread, s State) {
	t.readyAt = rt.monitor.clock()
	rt.shared.lock.lock()
	rt.shared.pushLocked(t, s, rt.arrivals.Add(1), false)
	rt.shared.lock.unlock()
}

// requeueShared puts t, which the caller owns and which has not had all of its
// slice, at the front of the shared queue.
func (rt *Runtime) requeueShared(t *Thread, s State) {
	t.readyAt = rt.monitor.clock()
	rt.shared.lock.lock()
	rt.shared.pushLocked(t, s, 0, true)
	rt.shared.lock.unlock()
	rt.published(t.effective())
}

// publish is called after a thread of priority p was put into a queue: it
// sees to it that the thread runs if it should run now, and that the Monitor
// watches over it if it has to wait. It returns a thread that has got an idle
// worker, which the caller resumes; or the worker that was asked to yield, whose
// thread the caller stops, or has the Monitor stop. The caller holds no lock of a
// queue; if it is the thread itself, it is past BeginPark.
func (rt *Runtime) publish(p Priority) (next *Thread, asked *worker) {
	w := rt.takeIdle()
	if w == nil {
		w = rt.takeResting(p)
	}
	if w != nil {
		return w.assign(), nil
	}
	if asked = rt.askLowest(p); asked == nil {
		rt.monitor.attend()
	}
	return nil, asked
}

// published is publish for those who can't wait for the worker that is asked.
func (rt *Runtime) published(p Priority) {
	next, asked := rt.publish(p)
	switch {
	case next != nil:
		next.resume()
	case asked != nil:
		rt.monitor.preempting()
	}
}

// settled reports whether published would have nothing to do.
func (rt *Runtime) settled(p Priority) bool {
	if rt.idle.n.Load() > 0 || rt.idle.nResting.Load() > 0 || !rt.monitor.regular() {
		return false
	}
	for _, w := range rt.workers {
		if Priority(w.level.Load()) > p {
			return false
		}
	}
	return true
}

// askLowest asks the worker that runs the lowest thread below p to yield, if
// there is one that hasn't been asked yet, and returns it.
func (rt *Runtime) askLowest(p Priority) *worker {
	for {
		var lowest *worker
		at := p
		for _, w := range rt.workers {
			if l := Priority(w.level.Load()); l > at && l != noPriority && w.preempt.Load() != preemptHigh {
				lowest, at = w, l
			}
		}
		if lowest == nil || lowest.ask(preemptHigh) {
			return lowest
		}
	}
}

// reask asks the worker that runs the lowest thread below p to yield, if there is
// one and none has been asked. A thread that becomes ready asks for one worker; if
// that one then serves another, nobody else does.
func (rt *Runtime) reask(p Priority) {
	var lowest *worker
	for _, w := range rt.workers {
		if w.preempt.Load() >= preemptSeen {
			return
		}
		if l := Priority(w.level.Load()); l > p && l != noPriority {
			lowest, p = w, l
		}
	}
	if lowest != nil {
		lowest.askOutranked(p)
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
