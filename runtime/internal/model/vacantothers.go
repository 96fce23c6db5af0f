package model

// The rest of the steps of the model in vacant.go.

// unlock unlocks a worker, and forgets what was known of what it does.
func (x *vacancy) unlock(n *vacantState, w uint8) {
	k := &n.workers[w]
	k.locked, k.next, k.leaving, k.top, k.limit = false, none, none, 0, 0
}

// given ends give.
func (x *vacancy) given(n *vacantState, w uint8) {
	if k := &n.workers[w]; k.leaving != none {
		k.pc, k.top = vcBehind, 0
		return
	}
	n.workers[w].pc = vcUser
	x.unlock(n, w)
}

// pop takes a task of the priority that was seen, or looks again.
func (x *vacancy) pop(s vacantState, w uint8, do move[vacantState]) {
	k := s.workers[w]
	answered := func(n *vacantState) {
		if x.flaw == answersLast {
			n.workers[w].asked = false
		}
	}
	if k.top > k.limit && k.leaving == none {
		do("finds nothing to run", vcAdd, answered)
		return
	}
	if s.qlocked {
		return
	}
	stay := func(what string) {
		do(what, vcUser, func(n *vacantState) {
			answered(n)
			n.queue = n.queue.without(k.leaving)
			n.tasks[k.leaving] = vacantTask{taskRuns, w, n.tasks[k.leaving].prio, none}
			x.unlock(n, w)
		})
	}
	if k.top > k.limit {
		stay("finds that others have taken it")
		return
	}
	some, locked := false, false
	s.queue.each(func(t uint8) {
		if s.tasks[t].queued != k.top {
			return
		}
		if p := s.tasks[t].place; p != none && p != w && s.workers[p].locked {
			locked = true
			return
		}
		some = true
		do("takes a task", vcGive, func(n *vacantState) {
			answered(n)
			n.queue = n.queue.without(t)
			n.tasks[t].state, n.tasks[t].place, n.tasks[t].queued = taskRuns, w, none
			n.workers[w].next = t
			if t == k.leaving {
				n.workers[w].leaving = none // it goes on
			}
		})
	})
	switch {
	case some:
	case !locked:
		do("looks again", vcPick, nil)
	case k.leaving != none:
		stay("finds the queue locked")
	default:
		do("finds the queue locked", vcAdd, answered)
	}
}

// fill is a worker that finds nothing, and is vacant until it is employed.
func (x *vacancy) fill(s vacantState, w uint8, do move[vacantState]) {
	k := s.workers[w]
	switch k.pc {
	case vcAdd:
		do("is vacant", vcLookAgain, func(n *vacantState) {
			n.workers[w].cur, n.workers[w].level = none, noPriority
			if x.flaw == looksOnce {
				n.workers[w].pc = vcIdle
				x.unlock(n, w)
			}
			if x.flaw == addsLate {
				n.unseen = n.unseen.with(w)
			} else {
				n.vacant = n.vacant.with(w)
			}
		})
	case vcLookAgain:
		again := s.top() != noPriority
		do("looks at the queues again", vcRemove, func(n *vacantState) {
			if !again {
				n.workers[w].pc = vcIdle
				x.unlock(n, w)
			}
		})
	case vcRemove:
		if !(s.vacant | s.unseen).has(w) {
			do("finds that it has been taken", vcIdle, func(n *vacantState) { x.unlock(n, w) })
			return
		}
		do("is no longer vacant", vcPick, func(n *vacantState) {
			n.vacant, n.unseen = n.vacant.without(w), n.unseen.without(w)
		})
	case vcIdle:
		if k.taken {
			do("is employed", vcLock, func(n *vacantState) {
				n.workers[w].taken, n.workers[w].limit = false, noPriority-1
			})
		}
	}
}

// start makes a task ready, and offers it.
func (x *vacancy) start(s vacantState, do move[vacantState]) {
	t := &s.tasks[x.started%vacantTasks]
	queued := func(n *vacantState) {
		n.tasks[x.started].state = taskReady
	}
	switch s.starter.pc {
	case vcPush:
		if s.qlocked {
			return
		}
		do("locks the queue, and says that its task is there", vcLink, func(n *vacantState) {
			n.qlocked = true
			n.starter.p = t.prio // read too early
			if x.flaw != readsFirst {
				queued(n)
				n.starter.p = 0
			}
		})
	case vcLink:
		next := uint8(vcOffer)
		if x.flaw == asksFirst {
			next = vcDone
		}
		do("queues it under its priority", next, func(n *vacantState) {
			queued(n)
			x.link(n, x.started)
			if x.flaw == readsFirst {
				n.tasks[x.started].queued = s.starter.p
			}
			n.starter.p = n.tasks[x.started].queued
		})
	case vcOffer:
		next, p := uint8(vcDone), s.starter.p
		if x.flaw == asksFirst {
			next, p = vcPush, t.prio
		}
		do("offers it", next, func(n *vacantState) { n.offer(p) })
	}
}

// set is setPriority.
func (x *vacancy) set(s vacantState, do move[vacantState]) {
	if x.change == none {
		return
	}
	t, f := s.tasks[x.change], s.setter
	switch f.pc {
	case vcPlace:
		switch {
		case f.p == 1:
			do("puts the priority in force", vcPlace, func(n *vacantState) {
				n.tasks[x.change].prio, n.setter.p = x.changed, 0
			})
		case t.state == taskRuns:
			do("sees the task run", vcRelevel, func(n *vacantState) { n.setter.w = t.place })
		case t.state == taskReady:
			do("sees the task queued", vcMove, nil)
		default:
			do("sees the task nowhere", vcDone, nil)
		}
	case vcRelevel:
		if s.workers[f.w].locked {
			return
		}
		if s.workers[f.w].cur != x.change {
			do("finds that it has left", vcPlace, nil)
			return
		}
		do("publishes the level", vcSetLook, func(n *vacantState) {
			n.workers[f.w].level, n.workers[f.w].locked = t.prio, true
		})
	case vcSetLook:
		do("looks at the queues, and unlocks", vcDone, func(n *vacantState) {
			k := &n.workers[f.w]
			k.locked, k.asked = false, k.asked || n.top() < t.prio
		})
	case vcMove:
		switch {
		case s.qlocked || t.place != none && s.workers[t.place].locked:
		case !s.queue.has(x.change):
			do("finds that it has left", vcPlace, nil)
		default:
			do("moves it to its list", vcOffer, func(n *vacantState) { n.tasks[x.change].queued = t.prio })
		}
	case vcOffer:
		do("offers it", vcDone, func(n *vacantState) { n.offer(x.changed) })
	}
}

// monitor is share, and askAgain: a task that becomes ready asks for one worker, which may
// then serve another.
func (x *vacancy) monitor(s vacantState, step func(int, string, vacantState)) {
	n := s
	top := s.top()
	if top == noPriority {
		return
	}
	if s.attended && s.vacant != 0 {
		n.offer(top)
		step(vacantMonitor, "gives a vacant worker to a task", n)
		return
	}
	for _, k := range s.workers {
		if k.asked || x.workers == 1 {
			return
		}
	}
	if w := s.askLowest(top); w != none {
		n.ask(w)
		step(vacantMonitor, "asks for a worker", n)
	}
}
