package model

// This file stands for the priority in force: enforce, setPriority and unboostOn in
// runtime/internal/sched/inherit.go, and boost, SetBase and Lend, which change what it follows
// from.
//
// A task has a worker. Somebody changes its own priority twice, the Monitor boosts it, and who
// has stopped it ends the boost with the worker locked. In the end what follows must be in
// force.

const (
	followsOnce flaw = "unboostOn puts in force what follows, and does not look again"
	seenBefore  flaw = "enforce puts in force what it has seen before it had the lock"
	looksFirst  flaw = "who changes a priority looks at what is in force before"
)

type inheritState struct {
	base, inForce, level uint8
	boosted              bool
	changes              uint8 // how many are to come
	boosts, stops        bool  // somebody still does
	lock, worker         lock  // inheritance.lock, and that of the worker
}

type inheritModel struct {
	flaw flaw
	inheritState
}

func (m inheritModel) model(flaw flaw) *model[inheritState] {
	m.flaw, m.changes, m.boosts, m.stops = flaw, 2, true, true
	m.base, m.inForce, m.level = 3, 3, 3
	return &model[inheritState]{
		state: &m.inheritState,
		actors: []actor{
			{name: "setter", code: m.change},
			{name: "Monitor", code: func(p *proc) {
				p.when("boosts the task", func() bool { return swap(&m.boosts, false) && cas(&m.boosted, false, true) })
				m.enforce(p)
			}},
			{name: "stopper", code: m.stop},
		},
		stuck: []property{
			{"another priority is in force than follows", func() bool { return m.inForce != m.follows() }},
			{"a worker has another level than its task", func() bool { return m.level != m.inForce }},
		},
	}
}

// follows is what should be in force.
func (m *inheritModel) follows() uint8 {
	if m.boosted {
		return 0
	}
	return m.base
}

// change is SetBase: the last time to what a boosted task has.
func (m *inheritModel) change(p *proc) {
	to := p.any("is about to set the own priority to", 3, func(to uint8) bool {
		return to == m.changes-1 && spend(&m.changes)
	})
	settled := m.flaw == looksFirst && m.settled(p, to)
	p.do("sets it", func() { m.base = to })
	if !settled {
		m.enforce(p)
	}
}

// wanted is wanted.
func (m *inheritModel) wanted(p *proc) uint8 {
	if p.test("sees the task boosted", func() bool { return m.boosted }) {
		return 0
	}
	return p.any("reads the task's own priority,", 4, func(prio uint8) bool { return m.base == prio })
}

// settled compares that with what is in force.
func (m *inheritModel) settled(p *proc, prio uint8) bool {
	return p.test("sees that in force", func() bool { return m.inForce == prio })
}

// enforce is enforce, and setPriority.
func (m *inheritModel) enforce(p *proc) {
	prio := m.wanted(p)
	if m.settled(p, prio) {
		return
	}
	p.when("locks what is in force", m.lock.take)
	if m.flaw != seenBefore {
		prio = m.wanted(p)
	}
	for ; !m.settled(p, prio); prio = m.wanted(p) {
		p.do("puts it in force", func() { m.inForce = prio })
		p.when("publishes the level, with the worker locked", func() bool { m.level = prio; return m.worker.free() })
		if m.flaw == seenBefore {
			break
		}
	}
	p.do("unlocks what is in force", m.lock.release)
}

// stop is preempted, at the end of a slice: unboostOn, and unboost after that.
func (m *inheritModel) stop(p *proc) {
	p.when("locks the worker", func() bool { return swap(&m.stops, false) && m.worker.take() })
	if p.test("sees the task boosted", func() bool { return m.boosted }) && p.test("locks what is in force", m.lock.take) {
		if p.test("ends the boost", m.unboost) {
			prio := m.wanted(p)
			for !m.settled(p, prio) {
				p.do("puts it in force, and publishes the level", func() { m.inForce, m.level = prio, prio })
				if m.flaw == followsOnce {
					break
				}
				prio = m.wanted(p)
			}
		}
		p.do("unlocks what is in force", m.lock.release)
	}
	p.do("unlocks the worker", m.worker.release)
	if p.test("ends the boost that it could not", m.unboost) {
		m.enforce(p)
	}
}

func (m *inheritModel) unboost() bool { return swap(&m.boosted, false) }
