package model

// This file stands for waits: Arm, Claim, Wake, Interrupt, park and WaitPlain in
// runtime/internal/sched/wait.go, lockPlace (place.go), setPriority (inherit.go), ready and
// enqueue (offer.go, worker.go), and fill, as far as they are about the wait's word,
// the task's where, and the locks of workers.
//
// Two tasks have two workers, and wait a few times each; the first may be a plain goroutine.
// Somebody from outside, or the other task, ends their waits. Somebody interrupts the first,
// and somebody changes its priority. Vacant workers are looked after by the Monitor; vacant.go
// has them in detail, and switch.go how a goroutine gets off its stack.
//
// A store that is no barrier may be seen late: that of Arm has a step of its own in which it
// becomes visible. That of where, in enqueue, is seen after the priority was read, though it
// comes before in the code.

const (
	armedAsParked flaw = "who claims a wait that is armed wakes its owner"
	parksBlindly  flaw = "park does not look whether the wait is over"
	placesLate    flaw = "park says that the task is nowhere after the wait is parked"
	checksFirst   flaw = "park looks for an interruption before the worker is locked"
	anyGeneration flaw = "a ticket claims any wait of its owner"
	neverSettled  flaw = "setPriority does not wait for a task that is on its way to a queue"
	lendsClaimed  flaw = "who has claimed a wait sets the owner's priority, and then wakes it"
)

// A waitWord is the word of a wait: its generation, and how far it is.
type waitWord struct{ gen, state uint8 }

const waitOver, waitArmed, waitParked, waitStates uint8 = 0, 1, 2, 3

// A waiter is what there is of a task besides its place.
type waiter struct {
	word   waitWord
	arming bool  // the store of Arm is not visible yet
	ended  uint8 // the last wait that was claimed
	// parks: it is blocked, or about to. off: its goroutine is off its stack. resumed: that
	// goes on as soon as it is.
	parks, off, resumed, interrupted bool
	prio, queued                     uint8 // queued: that of its list
	waits                            uint8 // how many are to come
}

type waitState struct {
	board
	waiters [2]waiter
	// interrupting and setting say that somebody still does.
	interrupting, setting bool
}

// A waitModel says who takes part, and how often each task waits.
type waitModel struct {
	flaw                                  flaw
	waits                                 uint8
	peers, interrupts, changes, goroutine bool
	waitState
}

func (m waitModel) model(flaw flaw) *model[waitState] {
	m.flaw = flaw
	m.interrupting, m.setting = m.interrupts, m.changes
	for t := range uint8(2) {
		m.waiters[t].waits, m.cur[t], m.tasks[t].place = m.waits, t, t
	}
	m.put(2, taskDone, none) // there are two
	if m.goroutine {
		m.put(0, taskOutside, none)
		m.cur[0] = none
	}
	x := &model[waitState]{state: &m.waitState, actors: []actor{
		{name: "task 0", code: func(p *proc) { m.task(p, 0) }},
		{name: "task 1", code: func(p *proc) { m.task(p, 1) }},
		{name: "claimer", code: func(p *proc) {
			_, i := p.either(pairs("has a ticket of task and wait", 2, 4, m.ticket))
			m.wake(p, none, i/4, i%4)
		}},
		{name: "interrupter", code: m.interrupt},
		{name: "setter", code: m.setPriority},
		{name: "Monitor", code: func(p *proc) {
			p.either(pairs("gives a vacant worker to a task,", 2, 2, func(w, t uint8) bool { return m.vacant(w) && m.resume(w, t) }))
		}},
		{name: "memory", code: func(p *proc) { p.any("shows the wait of task", 2, func(t uint8) bool { return m.waiters[t].see() }) }},
	}}
	// some reports whether one of the tasks is ready, and f is true for it.
	some := func(f func(k waiter, place uint8) bool) func() bool {
		return func() bool {
			return m.tasks[0].state == taskReady && f(m.waiters[0], m.tasks[0].place) ||
				m.tasks[1].state == taskReady && f(m.waiters[1], m.tasks[1].place)
		}
	}
	x.never = []property{
		{"an interruption is lost", func() bool {
			return m.waiters[0].interrupted && !m.interrupting && m.waiters[0].word.state == waitParked && m.waiters[0].off
		}},
		{"a task is in a queue and runs", some(func(k waiter, _ uint8) bool { return !k.parks })},
		{"a task is queued under another priority than its own", some(func(k waiter, place uint8) bool {
			return m.locks[place].free() && k.queued != k.prio && !m.setting
		})},
		{"a worker and its task don't agree", m.disagree},
	}
	x.goals = []property{
		{"a wake-up is lost", func() bool { return m.waiters[0].waits == 0 }},
		{"a wake-up is lost", func() bool { return m.waiters[1].waits == 0 }},
	}
	return x
}

// see makes what Arm has stored visible.
func (k *waiter) see() bool {
	if k.arming {
		k.word = waitWord{k.word.gen + 1, waitArmed}
	}
	return swap(&k.arming, false)
}

// end ends the wait gen, if its state is from.
func (k *waiter) end(gen, from uint8) bool {
	return cas(&k.word, waitWord{gen, from}, waitWord{gen, waitOver})
}

// ticket reports whether somebody may have got a ticket of t's wait gen now.
func (m *waitModel) ticket(t, gen uint8) bool {
	k := m.waiters[t]
	return k.word.gen == gen && k.word.state != waitOver && k.ended != gen
}

// resume is give, and resumes the task.
func (m *waitModel) resume(w, t uint8) bool { m.waiters[t].resumed = true; return m.give(w, t) }

// task is a task that waits, and may end the other's waits.
func (m *waitModel) task(p *proc, me uint8) {
	k, goroutine := &m.waiters[me], m.goroutine && me == 0
	list, gen := p.either(
		one("arms a wait", func() bool { k.arming, k.word.state = true, waitOver; return k.waits > 0 }),
		each("has a ticket of the other's wait", 4, func(gen uint8) bool { return m.peers && !goroutine && m.ticket(1-me, gen) }))
	switch {
	case list == 1:
		m.wake(p, me, 1-me, gen)
		return
	case !goroutine:
		m.park(p, me)
	case m.parkWord(p, k): // WaitPlain
		m.leave(p, k, func() {})
	}
	p.do("goes on", func() { require(k.word.state == waitOver, "a wait ends that nobody has ended"); k.waits-- })
}

// park is Task.park.
func (m *waitModel) park(p *proc, me uint8) {
	k := &m.waiters[me]
	interrupted := func() bool {
		return p.test("is interrupted, and ends its wait", func() bool { k.see(); return k.interrupted && k.end(k.word.gen, waitArmed) })
	}
	if m.flaw == checksFirst && interrupted() {
		return
	}
	w := p.any("locks its worker", 2, func(w uint8) bool {
		k.see() // it is a barrier
		return m.tasks[me].place == w && m.locks[w].take()
	})
	unlock := m.locks[w].release
	if m.flaw != checksFirst && interrupted() {
		p.do("unlocks", unlock)
		return
	}
	nowhere := func() { m.put(me, taskWaits, none) }
	if m.flaw != placesLate {
		p.do("says that it is nowhere", nowhere)
	}
	if !m.parkWord(p, k) {
		p.do("stays, and unlocks", func() { m.put(me, taskRuns, w); unlock() })
		return
	}
	list, next := p.either( // fill
		each("gives its worker to task", 2, func(t uint8) bool { return m.resume(w, t) }),
		otherwise("leaves its worker vacant", func() { m.cur[w] = none }))
	if list == 0 && next == me {
		p.do("stays, as the next, and unlocks", func() { k.parks, k.resumed = false, false; unlock() })
		return
	}
	m.leave(p, k, func() {
		if m.flaw == placesLate {
			nowhere()
		}
		unlock()
	})
}

// parkWord is the compare-and-swap with which the wait is parked.
func (m *waitModel) parkWord(p *proc, k *waiter) bool {
	return p.test("parks the wait", func() bool {
		k.see()
		k.parks = true
		return swap(&k.word.state, waitParked) == waitArmed || m.flaw == parksBlindly
	})
}

// leave gets the goroutine off its stack, does then, and returns when it is resumed.
func (m *waitModel) leave(p *proc, k *waiter, then func()) {
	p.do("is off its stack, and unlocks", func() { k.off = true; then() })
	p.when("is resumed", func() bool { k.off, k.parks = false, false; return swap(&k.resumed, false) })
}

// wake is Claim of t's wait gen, and Wake, by a task or from outside.
func (m *waitModel) wake(p *proc, by, t, gen uint8) {
	k := &m.waiters[t]
	claims := func(from uint8) func() bool {
		return func() bool {
			claimed := gen
			if m.flaw == anyGeneration {
				claimed = k.word.gen
			}
			k.ended = claimed
			won := k.end(claimed, from)
			require(!won || claimed == gen, "a wait is ended by the ticket of another")
			return won
		}
	}
	list, _ := p.either(
		one("claims the wait, which is armed", claims(waitArmed)),
		one("claims the wait, which is parked", claims(waitParked)),
		otherwise("finds that the wait is over", func() {}))
	if list == 1 && m.flaw == lendsClaimed {
		p.when("has lent to the owner", func() bool { return m.tasks[t].place != none })
	}
	if list == 1 || list == 0 && m.flaw == armedAsParked {
		m.ready(p, by, t)
	}
}

// ready is Task.ready, or Fiber.Ready for a goroutine.
func (m *waitModel) ready(p *proc, by, t uint8) {
	k := &m.waiters[t]
	if m.goroutine && t == 0 {
		p.do("resumes the goroutine", func() { k.resumed = true })
		return
	}
	_, i := p.either(pairs("locks a queue, and reads the owner's priority:", 3, 2, func(place, prio uint8) bool {
		mine := by != none && place == m.tasks[by].place || by == none && place == shared
		return mine && k.prio == prio && m.locks[place].take()
	}))
	p.do("queues the owner, and unlocks", func() {
		k.queued = i % 2
		m.put(t, taskReady, i/2)
		m.locks[i/2].release()
	})
}

// interrupt is Interrupt of task 0.
func (m *waitModel) interrupt(p *proc) {
	k := &m.waiters[0]
	p.when("interrupts", func() bool { k.interrupted = true; return m.interrupting })
	_, i := p.either(pairs("reads the wait, which is", 4, waitStates, func(gen, state uint8) bool { return k.word == waitWord{gen, state} }))
	gen, state := i/waitStates, i%waitStates
	over := state == waitOver ||
		state == waitArmed && p.test("ends it, if it is armed", func() bool { return k.end(gen, waitArmed) })
	if !over && p.test("ends it, if it is parked", func() bool { return k.end(gen, waitParked) }) {
		m.ready(p, none, 0)
	}
	p.do("is done", func() { m.interrupting = false })
}

// setPriority is setPriority of task 0.
func (m *waitModel) setPriority(p *proc) {
	k := &m.waiters[0]
	p.when("changes the priority", func() bool { k.prio = 1; return m.setting })
	settled := func() bool { return k.word.state == waitParked || m.flaw == neverSettled }
	if place := m.lockPlace(p, 0, settled); place != none {
		p.do("moves it to its list, and unlocks", func() {
			m.requirePlace(0, place)
			k.queued = k.prio
			m.locks[place].release()
		})
	}
	p.do("is done", func() { m.setting = false })
}
