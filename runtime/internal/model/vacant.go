package model

// This file stands for how a ready task gets a worker: yield and Answer (leave.go in
// runtime/internal/sched), pass, give, relevel and fill (worker.go), pick (pick.go), push
// (queue.go), add, remove, take and employ (vacant.go), publish, expedite and offerBehind
// (offer.go), ask, askLowest, askOutranked, askAgain and acknowledge (ask.go), setPriority
// (inherit.go), and the Monitor's share.
//
// Workers run tasks, which answer when they are asked to yield, and may end. Others make tasks
// ready, and change the priority of one. In the end, when nobody has anything left to do, no
// worker may be vacant while a task is ready, or run a task while a higher one is ready and
// nobody has asked for a worker; and all that was published of priorities must be true.
//
// A store that is no barrier may be seen late. The Monitor, which looks every millisecond at
// what others have missed, does here only what is left to it. Those who ask are in
// vacantothers.go.

const (
	bitsUnpublished flaw = "push stores the bits of the lists without a barrier"
	looksOnce       flaw = "fill does not look at the queues again when the worker is vacant"
	addsLate        flaw = "fill says without a barrier that the worker is vacant"
	levelLate       flaw = "relevel publishes the level after it has looked at the queues"
	levelBlind      flaw = "relevel does not look at the queues if the worker was vacant"
	asksFirst       flaw = "who queues a task looks for vacant and for lower workers before"
	answersLast     flaw = "a worker takes requests back after it has looked at the queues"
	readsFirst      flaw = "who claims a wait reads the owner's priority before"
	offersOld       flaw = "who queues a task offers it at the priority that it had before"
)

// noPriority is None; the others are the requests to yield.
const noPriority, notAsked, askedSeen, askedHigh uint8 = 4, 0, 1, 2

type vacantState struct {
	board
	prio, queued [3]uint8 // of tasks; queued: the priority of its list, none if it is in none
	level, asked [2]uint8 // of workers
	// idle are the workers that are seen to be vacant, and unseen will be. taken are those that
	// are to be employed by who has taken them.
	idle, unseen, taken set
	late                set   // tasks whose bits will be seen
	left                uint8 // how many ends
	changing, attended  bool
}

// A vacantModel says what there is.
type vacantModel struct {
	flaw    flaw
	workers uint8
	// prios are those of the tasks: of the ones that run, then of the ones that are ready,
	// then of the ones that wait, and are made ready.
	prios             [3]uint8
	runs, ready, ends uint8
	// fresh says that those that wait are New: who sees one nowhere does not wait until it is
	// somewhere.
	fresh bool
	// changes says that the priority of a task, change, is changed, to changed.
	changes         bool
	change, changed uint8
	vacantState
}

func (m vacantModel) model(flaw flaw) *model[vacantState] {
	m.flaw, m.prio, m.left, m.changing = flaw, m.prios, m.ends, m.changes
	x := &model[vacantState]{state: &m.vacantState}
	// some reports whether f is true for one of the workers.
	some := func(f func(w uint8) bool) func() bool { return func() bool { return f(0) || m.workers > 1 && f(1) } }
	x.never = []property{{"a worker and its task don't agree", m.disagree}}
	x.stuck = []property{
		{"somebody stops on the way", func() bool { return x.busy != 0 }},
		{"a worker is vacant while a task is ready", some(func(w uint8) bool { return m.cur[w] == none && m.topReady() != noPriority })},
		{"a worker has another level than its task", some(func(w uint8) bool { return m.cur[w] != none && m.level[w] != m.prio[m.cur[w]] })},
		{"a task is ready that is higher than one that runs, and nobody asks", some(func(w uint8) bool {
			return m.topReady() < m.level[w] && m.asked[w] == notAsked
		})},
		{"a task is queued under another priority than its own", func() bool {
			other := func(t uint8) bool { return m.queued[t] != none && m.queued[t] != m.prio[t] }
			return other(0) || other(1) || other(2)
		}},
	}
	add := func(name string, code func(p *proc)) { x.actors = append(x.actors, actor{name: name, code: code}) }
	for w := range uint8(2) {
		m.cur[w], m.level[w] = none, noPriority
		if w < m.workers {
			m.idle.add(w)
			add("worker", func(p *proc) { m.worker(p, w) })
		}
	}
	for t := range uint8(3) {
		m.queued[t] = none
		switch {
		case t < m.runs:
			m.put(t, taskRuns, t)
			m.cur[t], m.level[t] = t, m.prio[t]
			m.idle.remove(t)
		case t < m.runs+m.ready:
			m.put(t, taskReady, shared)
			m.queued[t] = m.prio[t]
		default:
			m.put(t, taskWaits, none)
			add("waker", func(p *proc) { m.wake(p, t) })
		}
	}
	add("setter", m.setPriority)
	add("Monitor", m.look)
	add("memory", func(p *proc) {
		p.either(
			one("shows bits", func() bool { m.locks[shared].release(); return swap(&m.late, 0) != 0 }),
			one("shows that workers are vacant", func() bool { m.idle |= m.unseen; m.unseen = 0; return true }))
	})
	return x
}

// top returns the highest priority that is ready at two places, as far as can be seen.
func (m *vacantModel) top(place, or uint8) uint8 {
	top := noPriority
	for t, k := range m.tasks {
		if (k.place == place || k.place == or) && !m.late.has(uint8(t)) {
			top = min(top, m.queued[t])
		}
	}
	return top
}

func (m *vacantModel) topReady() uint8 { return min(m.top(0, 1), m.top(shared, shared)) }

// worker is the task that w has, or the side that employs w.
func (m *vacantModel) worker(p *proc, w uint8) {
	lock := &m.locks[w]
	list, i := p.either(
		pairs("answers, task and priority are", 3, noPriority, func(t, prio uint8) bool {
			asked := m.asked[w] != notAsked
			if m.flaw != answersLast || prio == 0 {
				m.asked[w] = notAsked
			}
			return asked && m.cur[w] == t && m.prio[t] == prio && lock.free()
		}),
		each("ends, task", 3, func(t uint8) bool { return m.cur[w] == t && spend(&m.left) }),
		one("is employed", func() bool { return m.taken.remove(w) && lock.take() }))
	switch t, prio := i/noPriority, i%noPriority; {
	case list == 0 && prio > 0:
		m.yield(p, w, t, prio-1)
	case list == 1:
		p.when("locks its worker", func() bool { m.put(i, taskDone, none); return lock.take() })
		m.fill(p, w)
	case list == 2:
		m.fill(p, w)
	}
}

// yield is yield, with pass, of the task t.
func (m *vacantModel) yield(p *proc, w, t, limit uint8) {
	unlock := m.locks[w].release
	p.when("locks its worker", m.locks[w].take)
	if m.flaw != answersLast {
		m.acknowledge(p, w)
	}
	if !p.test("sees what to yield to", func() bool { return m.topReady() <= limit }) {
		p.do("unlocks", unlock)
		return
	}
	p.do("queues its task", func() { m.put(t, taskReady, w); m.queued[t] = m.prio[t] })
	next := m.pick(p, w, limit)
	if next == none || next == t {
		p.do("goes on, and unlocks", func() { m.put(t, taskRuns, w); m.queued[t] = none; unlock() })
		return
	}
	m.give(p, w, next)
	// offerBehind
	if !p.test("leaves its task to the Monitor", func() bool { m.attended = true; return m.idle != 0 }) && m.workers > 1 {
		m.askLowest(p, p.any("reads the priority of its task,", noPriority, func(prio uint8) bool { return m.prio[t] == prio }))
	}
	p.do("unlocks", unlock)
}

func (m *vacantModel) acknowledge(p *proc, w uint8) {
	p.do("takes requests back", func() { m.asked[w] = notAsked })
}

// pick is pick: it returns none if there is no task that w can have.
func (m *vacantModel) pick(p *proc, w, limit uint8) (next uint8) {
	if m.flaw != answersLast {
		m.acknowledge(p, w)
	}
	next = m.search(p, w, limit)
	if m.flaw == answersLast {
		m.acknowledge(p, w)
	}
	return next
}

// search is the rest of pick, with steal and popShared.
func (m *vacantModel) search(p *proc, w, limit uint8) uint8 {
	other := 1 - w
	return p.part(func() uint8 {
		best := p.any("sees as the best of its own queue and the shared one", noPriority+1, func(best uint8) bool {
			return m.top(w, shared) == best
		})
		if m.workers > 1 && p.test("sees a better one in the other's queue", func() bool { return m.top(other, other) < best }) {
			list, t := p.either(
				each("takes from there task", 3, func(t uint8) bool {
					top := m.top(other, other)
					return top < best && top <= limit && m.take(w, t, other, top)
				}),
				one("finds that queue locked", func() bool {
					if m.top(other, other) <= limit {
						m.ask(w, askedSeen)
					}
					return !m.locks[other].free()
				}),
				otherwise("finds nothing there", func() {}))
			if list == 0 {
				return t
			}
		}
		if best > limit {
			return none
		}
		list, t := p.either(
			each("takes task", 3, func(t uint8) bool { return m.take(w, t, w, best) || m.take(w, t, shared, best) }),
			one("finds that another has taken it", func() bool { return m.locks[shared].free() && m.top(w, shared) != best }))
		if list == 1 {
			return again
		}
		return t
	})
}

// take takes t out of the list for prio at a place, for w, if it is there and in reach.
func (m *vacantModel) take(w, t, place, prio uint8) bool {
	if m.late.has(t) || place != w && !m.locks[place].free() || m.tasks[t].place != place {
		return false
	}
	m.tasks[t].place = w
	return cas(&m.queued[t], prio, none)
}

// give is give, and relevel.
func (m *vacantModel) give(p *proc, w, t uint8) {
	prio := p.any("gives the worker to the next, whose priority is", noPriority, func(prio uint8) bool {
		m.cur[w], m.tasks[t].state = t, taskRuns
		return m.prio[t] == prio
	})
	looks := p.test("must look at the queues", func() bool {
		return m.level[w] < prio || m.level[w] == noPriority && m.flaw != levelBlind
	})
	if looks && m.flaw == levelLate {
		m.askOutranked(p, w, prio)
	}
	p.do("publishes the level", func() { m.level[w] = prio })
	if looks && m.flaw != levelLate {
		m.askOutranked(p, w, prio)
	}
}

// fill is fill, after which w is unlocked.
func (m *vacantModel) fill(p *proc, w uint8) {
	unlock := m.locks[w].release
	for range 2 {
		if next := m.pick(p, w, noPriority-1); next != none {
			m.give(p, w, next)
			p.do("unlocks", unlock)
			return
		}
		p.do("is vacant", func() {
			m.cur[w], m.level[w] = none, noPriority
			if m.flaw == addsLate {
				m.unseen.add(w)
			} else {
				m.idle.add(w)
			}
		})
		if m.flaw == looksOnce || !p.test("sees a task ready", func() bool { return m.topReady() != noPriority }) ||
			!p.test("is no longer vacant", func() bool { return m.idle.remove(w) || m.unseen.remove(w) }) {
			p.do("unlocks", unlock)
			return
		}
	}
	p.do("is vacant, and unlocks", func() { m.attended = true; m.idle.add(w); unlock() })
}
