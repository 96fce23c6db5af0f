package sched

// pick takes the ready task that w should run next out of its queue: of the highest
// priority down to limit, and among those of one priority the one that has been ready
// the longest, as far as this worker's queue and the shared one are concerned. Tasks of
// a higher priority are taken from other workers' queues too, and when there is nothing
// else, any.
//
// The caller has locked w, and gives it to the task at once: the task's where is not
// true in between.
func (w *worker) pick(limit Priority) *Task {
	w.acknowledge()
	// Mostly it is in w's own queue, and nothing else is to be compared with it.
	p := w.queue.top()
	if p > limit || w.s.shared.queue.top() <= p {
		return w.pickAmong(limit)
	}
	if w.richest(p) != nil {
		return w.pickAmong(limit)
	}
	t := w.queue.pop(p)
	w.queue.lists[p].prefetch()
	return t
}

// pickAmong is pick where other queues have to do with it, or nothing is ready.
func (w *worker) pickAmong(limit Priority) *Task {
	for {
		local, shared := w.queue.top(), w.s.shared.queue.top()
		best := min(local, shared)
		if other := w.richest(best); other != nil {
			t, looked := w.steal(other, best, limit)
			if t != nil {
				return t
			}
			if !looked && other.queue.top() <= limit {
				// A request for that one may just have been taken back: w's next task
				// looks again at its next safepoint.
				w.ask(preemptSeen)
			}
		}
		switch {
		case best > limit || best == None:
			return nil
		case shared == best:
			if t := w.popShared(best); t != nil {
				return t
			}
			if local != best {
				continue // somebody else has just taken it
			}
		}
		t := w.queue.pop(best)
		w.queue.lists[best].prefetch()
		return t
	}
}

// richest returns the other worker whose queue has the highest priority, if that is
// above p.
func (w *worker) richest(p Priority) (found *worker) {
	if p == Critical || len(w.s.workers) == 1 {
		return nil
	}
	for _, other := range w.s.workers {
		if op := other.queue.top(); op < p && other != w {
			found, p = other, op
		}
	}
	return found
}

// steal takes the first task of a priority above p, down to limit, from another's
// queue. Two workers may do this to each other, so it doesn't wait for the lock, and
// reports false if it has not looked.
func (w *worker) steal(other *worker, p, limit Priority) (t *Task, looked bool) {
	if !other.TryLock() {
		return nil, false
	}
	defer other.Unlock()
	top := other.queue.top()
	if top >= p || top > limit {
		return nil, true
	}
	t = other.queue.pop(top)
	t.move(w.index) // other's lock guards it no longer
	return t, true
}

// popShared takes the first task of priority p from the shared queue, unless the first
// of w's own has been ready for longer.
func (w *worker) popShared(p Priority) *Task {
	rival := w.queue.lists[p].first
	q := &w.s.shared
	q.Lock.Lock()
	first := q.queue.lists[p].first
	if first != nil && rival != nil && rival.stamp < first.stamp {
		first = nil
	}
	if first != nil {
		q.queue.unlink(first)
		first.move(w.index)
	}
	q.Unlock()
	return first
}

// topReady returns the highest priority that is ready in any queue.
func (s *Scheduler) topReady() Priority {
	top := s.shared.queue.top()
	for _, w := range s.workers {
		top = min(top, w.queue.top())
	}
	return top
}
