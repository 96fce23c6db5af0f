package model

// Those who ask for workers, and who make tasks ready, in the model in vacant.go.

// ask is ask.
func (m *vacantModel) ask(w, reason uint8) (news bool) {
	return swap(&m.asked[w], max(m.asked[w], reason)) < reason
}

// askOutranked is askOutranked.
func (m *vacantModel) askOutranked(p *proc, w, prio uint8) {
	higher := func() bool { return m.topReady() < prio }
	if p.test("sees a higher task ready", higher) && p.test("asks", func() bool { return m.ask(w, askedSeen) }) &&
		!p.test("sees it still", higher) {
		p.do("takes its request back", func() { cas(&m.asked[w], askedSeen, notAsked) })
	}
}

// askLowest is askLowest, which looks at one worker after the other.
func (m *vacantModel) askLowest(p *proc, prio uint8) {
	p.part(func() uint8 {
		lowest, below := uint8(none), prio
		for w := range m.workers {
			level := p.any("reads the level of a worker,", noPriority+1, func(level uint8) bool { return m.level[w] == level })
			if level > below && level != noPriority && p.test("sees that it is not asked", func() bool { return m.asked[w] < askedHigh }) {
				lowest, below = w, level
			}
		}
		if lowest == none || !p.test("sees a task still", func() bool { return m.topReady() <= prio }) {
			return none
		}
		if !p.test("asks the lowest", func() bool { return m.ask(lowest, askedHigh) }) {
			return again
		}
		return lowest
	})
}

// askAgain is askAgain, where it finds a worker.
func (m *vacantModel) askAgain(prio uint8) (asked bool) {
	lowest := uint8(none)
	for w, level := range m.level {
		if level > prio && level != noPriority {
			lowest, prio = uint8(w), level
		}
	}
	return m.asked == [2]uint8{} && lowest != none && m.ask(lowest, askedSeen)
}

// takeVacant takes a vacant worker, if there is one, which is then employed.
func (m *vacantModel) takeVacant() bool {
	for w := range uint8(2) {
		if m.idle.remove(w) {
			m.taken.add(w)
			return true
		}
	}
	return false
}

// offer is publish.
func (m *vacantModel) offer(p *proc, prio uint8) {
	if !p.test("takes a vacant worker", m.takeVacant) {
		m.askLowest(p, prio)
	}
}

// wake is how t is made ready, with readyShared, by somebody who has no worker.
func (m *vacantModel) wake(p *proc, t uint8) {
	prio := uint8(none)
	read := func() uint8 {
		return p.any("reads the priority", noPriority, func(prio uint8) bool {
			s := m.tasks[t].state
			return (s == taskWaits || s == taskClaimed) && m.prio[t] == prio
		})
	}
	if m.flaw == readsFirst {
		prio = read()
	}
	p.when("claims the wait", func() bool { return cas(&m.tasks[t].state, taskWaits, taskClaimed) })
	offered := uint8(none)
	if m.flaw == asksFirst || m.flaw == offersOld {
		offered = read()
	}
	if m.flaw == asksFirst {
		m.offer(p, offered)
	}
	p.when("locks the shared queue", m.locks[shared].take)
	p.do("says where the task is", func() { m.tasks[t].place = shared })
	if m.flaw != readsFirst {
		prio = read()
	}
	p.do("queues the task, and unlocks", func() {
		m.put(t, taskReady, shared)
		m.queued[t] = prio
		if m.flaw == bitsUnpublished {
			m.late.add(t) // and others see the queue unlocked when they see the bits
		} else {
			m.locks[shared].release()
		}
	})
	switch m.flaw {
	case asksFirst:
	case offersOld:
		m.offer(p, offered)
	default:
		m.offer(p, prio)
	}
}

// setPriority is setPriority.
func (m *vacantModel) setPriority(p *proc) {
	t, prio := m.change, m.changed
	p.when("puts the priority in force", func() bool { return swap(&m.changing, false) && swap(&m.prio[t], prio) != none })
	place := m.lockPlace(p, t, func() bool { return m.fresh || m.tasks[t].state != taskClaimed })
	if place == none {
		return
	}
	list, _ := p.either(
		one("publishes the level", func() bool {
			if m.tasks[t].state != taskRuns {
				return false
			}
			m.level[place] = prio
			return true
		}),
		one("moves the task to its list", func() bool { return m.tasks[t].state == taskReady && swap(&m.queued[t], prio) != prio }),
		otherwise("finds it in its list", func() {}))
	if list == 0 {
		m.askOutranked(p, place, prio)
	}
	p.do("unlocks", func() { m.requirePlace(t, place); m.locks[place].release() })
	if list == 1 || list == 2 {
		m.offer(p, prio)
	}
}

// look is what the Monitor does: share, askAgain, and a request that came too late.
func (m *vacantModel) look(p *proc) {
	p.either(
		one("gives a vacant worker to a task", func() bool {
			return m.attended && m.topReady() != noPriority && m.takeVacant()
		}),
		one("asks for a worker", func() bool {
			return m.workers > 1 && m.askAgain(m.topReady())
		}),
		each("takes a request back that was made of vacant worker", 2, func(w uint8) bool {
			m.asked[w] = notAsked
			return m.cur[w] == none && m.locks[w].free()
		}))
}
