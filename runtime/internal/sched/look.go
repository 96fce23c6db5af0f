package sched

import "github.com/gvthread/gvthread/arch"

// look does what is due and returns when to look again.
//
// It is pinned: Go lets no pinned goroutine start a collection, or assist one, when it
// allocates. For that it might have to wait for a goroutine that is stopped, with the
// locks of Go's runtime, and that only the Monitor lets go. So nothing in here may block,
// or make any but bare system calls.
func (m *monitor) look(now int64) (next int64) {
	arch.Pin()
	defer arch.Unpin()
	m.budgets.expire(now)
	next = m.s.timers.fire(now)
	next = min(next, m.s.endRests(now))
	m.starvation.count(m.s.lowest(), now)
	top := m.s.topReady()
	if top != None && int32(m.s.vacant.n.Load()) > m.s.vacant.resting.Load() {
		m.share()
		top = m.s.topReady()
	}
	m.looked = now
	busy, runs := false, false
	for i, w := range m.s.workers {
		next = min(next, m.watch(w, &m.seen[i], now, top))
		v := &m.seen[i]
		busy = busy || v.task != nil
		runs = runs || v.task != nil && v.runs
	}
	m.endBudgets()
	shared := m.s.config.shared()
	if shared {
		m.s.balanceShares(now)
	}
	m.followFinds()
	next = min(next, m.inspectStacks(now))
	m.long.update(m.seen)
	m.long.want(top != None)
	// Those outside are in nobody's way while nothing runs and nothing is ready.
	if top != None || runs || m.s.requests.Load() > 0 {
		next = min(next, m.pollOutside(now))
	}
	if top != None {
		m.quiet = now
		m.s.askAgain(top)
		m.s.relieve(now)
		if shared {
			m.s.serveShares()
		}
		m.s.findOverdue(now)
		return min(next, now+int64(tick))
	}
	m.starvation.counted, m.shares.counted = 0, 0
	if busy && now-m.quiet < int64(lull) {
		return min(next, now+int64(tick))
	}
	return min(next, m.s.watcher.Look(m.s, now, next))
}

// share gives vacant workers to the ready tasks that a running one has kept for itself for
// a moment, which is over if they were ready at the last look.
func (m *monitor) share() {
	for m.waiting() {
		w := m.s.takeVacant(None)
		if w == nil {
			return
		}
		next := w.employ()
		if next == nil {
			return
		}
		next.fiber.resume()
	}
}

// waiting reports whether a task is ready since before the last look, or behind another.
func (m *monitor) waiting() bool {
	for _, pl := range m.s.queues() {
		top := pl.queue.top()
		if top == None {
			continue
		}
		if pl.worker == nil {
			return true
		}
		pl.Lock.Lock()
		first := pl.queue.lists[top].first
		waiting := pl.queue.n > 1 || first != nil && first.readyAt < m.looked
		pl.Unlock()
		if waiting {
			return true
		}
	}
	return false
}

// followFinds does what the looks have found to do, with no lock held.
func (m *monitor) followFinds() {
	for _, tid := range m.finds.signals {
		arch.Signal(tid)
	}
	for _, t := range m.finds.stopped {
		m.s.collect(t)
	}
	m.finds.signals = m.finds.signals[:0]
	clear(m.finds.stopped)
	m.finds.stopped = m.finds.stopped[:0]
}

// late reports whether something has come up, while the Monitor looked, that can't wait
// until next: those who brought it saw the Monitor awake and left it at that.
func (m *monitor) late(next int64) bool {
	now := Now()
	switch {
	case m.s.timers.next() < next,
		next > now+int64(2*tick) && (m.overlooked() || m.s.vacant.resting.Load() > 0 || m.s.outside.hasNews()),
		next > now+int64(resend) && m.s.requests.Load() > 0,
		next > now+int64(m.s.config.Grace) && m.unseen(),
		m.stacksLate(next, now):
		return true
	}
	return m.s.watcher.Late(m.s, next) || m.ended()
}

// overlooked reports whether a task is ready. It takes the locks of the workers: a waker who
// has queued a task that stays with him, and did so before, is seen here; one who does so
// later sees that the Monitor has said when it will look.
func (m *monitor) overlooked() bool {
	for _, pl := range m.s.queues() {
		pl.Lock.Lock()
		ready := pl.queue.top() != None
		pl.Unlock()
		if ready {
			return true
		}
	}
	return false
}

// unseen reports whether a worker was asked to yield that the Monitor has not seen asked.
func (m *monitor) unseen() bool {
	for i, w := range m.s.workers {
		if w.preempt.Load() != preemptNone && m.seen[i].asked == 0 {
			return true
		}
	}
	return false
}
