package model

import "slices"

// This file stands for how tasks use the switch: yield, park, depart, fill, steal, Leave,
// acquire and employ in runtime/internal/sched, and BeginLeave and BeginPark in arch/fiber.go.
// The switch itself is in switchfiber.go; those who look after tasks, and disturb them, are in
// switchothers.go.
//
// Three fibers, each with its task, have two workers, and a few OS threads. A running fiber
// yields, waits, or leaves its worker and comes back.

const (
	plainWhileMarking flaw = "the assembly changes statuses by plain stores while the collector marks"
	marksLeaving      flaw = "the Monitor looks for the OS thread of a goroutine that leaves its stack"
	unlocksFirst      flaw = "the assembly unlocks the worker before it has let go of the caller"
	requeuesLate      flaw = "the task that yields is queued after the worker is unlocked"
	resumersDontWait  flaw = "who resumes a fiber takes it for parked as soon as it is visible"
	publishesFirst    flaw = "the assembly publishes that a fiber is parked before it has let go of it"
	switchWaits       flaw = "a switch waits for the next to get off its stack, however long"
	fillWaits         flaw = "so it does, and fill waits for the locks of others' queues"
	withoutBeginPark  flaw = "a task that queues itself does not call BeginPark"
	neverLooksBack    flaw = "a park ignores the token of a resumption that came first"
	profileUnasked    flaw = "Switch does not look for a profile"
)

const switchFibers = 3

type switchFiber struct {
	word    fiberWord
	status  status
	scanner uint8 // who holds the scan bit
	m       uint8 // g.m
	queued  bool  // in Go's own queue
}

// A switchThread is an OS thread: the fiber that it runs, none for none, and whether it is
// on the fiber's stack, or on Go's own.
type switchThread struct {
	fiber uint8
	on    bool
}

type switchState struct {
	board
	fibers  [switchFibers]switchFiber
	threads [3]switchThread
	// late are the fibers that have a goroutine wait for them, to resume them.
	late    set
	left    uint8 // how many waits
	marking bool
	// The goroutine profile, of which there is one.
	profile  uint8
	profiled set
	reading  uint8
}

// A switchModel says what takes part; waits is how often fibers wait.
type switchModel struct {
	flaw                                         flaw
	waits                                        uint8
	yields, leaves, collector, monitor, profiler bool
	switchState
	busy *set // actors that are pinned: see model
}

func (m switchModel) model(flaw flaw) *model[switchState] {
	m.flaw, m.left, m.reading = flaw, m.waits, none
	for i := range uint8(2) {
		m.fibers[i] = switchFiber{scanner: none, m: i}
		m.threads[i] = switchThread{i, true}
		m.cur[i], m.tasks[i].place = i, i
	}
	m.fibers[2], m.threads[2].fiber = switchFiber{wordParked, gWaiting, none, none, false}, none
	m.put(2, taskReady, shared)
	x := &model[switchState]{state: &m.switchState, actors: []actor{
		{name: "OS thread 0", code: func(p *proc) { m.thread(p, 0) }},
		{name: "OS thread 1", code: func(p *proc) { m.thread(p, 1) }},
		{name: "OS thread 2", code: func(p *proc) { m.thread(p, 2) }},
		{name: "claimer", code: m.claim},
		{name: "Monitor", code: m.look},
		{name: "collector", code: m.collect},
		{name: "profiler", code: m.takeProfile},
		{name: "Go", code: func(p *proc) {
			p.any("has waited for a fiber, and resumes it:", switchFibers, func(b uint8) bool { return m.late.remove(b) && m.resume(b) })
		}},
	}}
	m.busy = &x.busy
	// running reports whether f is true for a goroutine that is on its stack, on th.
	running := func(f func(th, a uint8) bool) func() bool {
		return func() bool {
			for th, t := range m.threads {
				if t.on && f(uint8(th), t.fiber) {
					return true
				}
			}
			return false
		}
	}
	x.never = []property{
		{"two run on one stack", running(func(th, a uint8) bool { return m.threads[(th+1)%3] == switchThread{a, true} })},
		{"a running goroutine has lost its OS thread", running(func(th, a uint8) bool { return m.fibers[a].m != th })},
		{"a goroutine runs that isn't running", running(func(_, a uint8) bool { return m.fibers[a].status != gRunning })},
		{"a profile reads the stack of a running goroutine", running(func(_, a uint8) bool { return m.reading == a })},
		{"a task runs that is in a queue, or waits", running(func(th, a uint8) bool {
			return m.runs(th, a) && m.tasks[a].state != taskRuns && m.tasks[a].state != taskOutside
		})},
		{"a worker and its task don't agree", m.disagree},
	}
	x.stuck = []property{{"everybody waits for ever", func() bool { return true }}}
	for a := range uint8(switchFibers) {
		x.goals = append(x.goals, property{"a fiber never runs again", func() bool {
			return m.tasks[a].state == taskRuns && (m.runs(0, a) || m.runs(1, a) || m.runs(2, a)) ||
				m.left == 0 && !m.yields && !m.leaves
		}})
	}
	return x
}

// runs reports whether th is in the own code of fiber a.
func (m *switchModel) runs(th, a uint8) bool {
	return m.threads[th] == switchThread{a, true} && !m.busy.has(th)
}

// thread is what an OS thread does: with the fiber a that it runs, or with none.
func (m *switchModel) thread(p *proc, me uint8) {
	list, i := p.either(
		pairs("locks its worker, as", 2, switchFibers, func(w, a uint8) bool {
			has := m.runs(me, a) && m.tasks[a].state == taskRuns && m.tasks[a].place == w
			return has && (m.leaves || m.left > 0 || m.some(w)) && m.locks[w].take()
		}),
		each("queues itself, to get a worker again, as", switchFibers, func(a uint8) bool {
			if m.flaw != withoutBeginPark {
				m.fibers[a].word = wordParking
			}
			m.tasks[a].place = shared
			return m.runs(me, a) && cas(&m.tasks[a].state, taskOutside, taskReady)
		}),
		each("runs what is runnable,", switchFibers, func(a uint8) bool { return m.execute(me, a) }))
	switch list {
	case 0:
		m.leave(p, me, i/switchFibers, i%switchFibers)
	case 1: // acquire
		list, t := p.either(m.employ(), otherwise("finds no vacant worker", func() {}))
		if list == 0 {
			m.ready(p, t%switchFibers)
		}
		m.park(p, me, i, nil)
	}
}

// leave is what the task a does with w, which it has locked: yield, Leave, or to wait.
func (m *switchModel) leave(p *proc, me, w, a uint8) {
	leaves := func() bool { m.put(a, taskOutside, none); m.locks[w].release(); return m.leaves }
	list, b := p.either(
		each("queues its task, and gives the worker to", switchFibers, func(b uint8) bool {
			given := m.yields && m.give(w, b)
			if m.flaw != requeuesLate {
				m.tasks[a].state = taskReady
			}
			return given
		}),
		each("goes outside, and gives the worker to", switchFibers, func(b uint8) bool { return leaves() && m.give(w, b) }),
		one("goes outside, and leaves the worker vacant", func() bool { m.cur[w] = none; return leaves() && !m.some(w) }),
		one("waits", func() bool {
			m.fibers[a].word = wordLeaving
			m.put(a, taskWaits, none)
			return spend(&m.left)
		}),
		otherwise("finds nothing to yield to", m.locks[w].release))
	switch list {
	case 0:
		m.switchTo(p, me, w, a, b)
	case 1:
		m.ready(p, b)
	case 3:
		m.fill(p, me, w, a)
	}
}

// fill is fill, and depart, for the task a, which waits.
func (m *switchModel) fill(p *proc, me, w, a uint8) {
	list, b := p.either(
		each("gives the worker to", switchFibers, func(b uint8) bool { return b != a && m.give(w, b) }),
		one("is the next itself, and stays", func() bool {
			m.fibers[a].word = wordRunning
			m.locks[w].release()
			return m.give(w, a)
		}),
		one("leaves the worker vacant", func() bool {
			m.cur[w] = none
			waits := m.flaw == fillWaits && slices.ContainsFunc(m.tasks[:], func(t task) bool { return t.state == taskReady })
			return !m.some(w) && !waits
		}))
	switch list {
	case 0:
		m.switchTo(p, me, w, a, b)
	case 2:
		m.park(p, me, a, &m.locks[w])
	}
}
