package model

// This file stands for a task that stays with its waker: ready in
// runtime/internal/sched/offer.go, append (queue.go), overlooked (look.go), and run, attend and
// wakeAt in monitor.go.
//
// A waker queues a task, leaves it to the Monitor, and runs on for ever. The Monitor, which
// has nothing to do, is about to block. In the end it must have seen the task.
//
// So it must a worker that somebody takes for himself, where the Monitor inspects stacks: with
// the list of vacant workers for the queue, take and noneTaken (vacant.go), and attendStacks
// and stacksLate (stack.go).
//
// The waker's stores are seen late, in their order: that a list is no longer empty, and that
// the lock is free. A locked instruction of his waits for that.

const (
	looksUnlocked flaw = "the Monitor looks at the lists without their locks"
	plansLast     flaw = "the Monitor says that it is about to block after it has looked"
	attendsFirst  flaw = "the waker looks whether the Monitor is awake before it queues the task"
)

type staysState struct {
	waking bool // the waker has not begun
	// queued and locked are what the waker has stored, seenQueued and seenLocked what others
	// see of it.
	queued, locked, seenQueued, seenLocked bool
	steady, woken                          bool // the Monitor's word, and a wake-up that it has not taken
	watches                                bool // the Monitor has seen the task
}

type staysModel struct {
	flaw flaw
	staysState
}

func (m staysModel) model(flaw flaw) *model[staysState] {
	m.flaw, m.waking, m.steady = flaw, true, true
	return &model[staysState]{
		state: &m.staysState,
		actors: []actor{
			{name: "waker", code: m.wake},
			{name: "Monitor", code: m.block},
			{name: "memory", code: func(p *proc) {
				p.either(
					one("shows the list", func() bool { return m.queued && cas(&m.seenQueued, false, true) }),
					one("shows the lock", func() bool {
						return !m.locked && m.seenQueued == m.queued && cas(&m.seenLocked, true, false)
					}))
			}},
		},
		stuck: []property{{"the Monitor is blocked while a task waits", func() bool { return !m.watches }}},
	}
}

// wake is ready, of a task that stays, and attend.
func (m *staysModel) wake(p *proc) {
	p.when("wakes a task", func() bool { return cas(&m.waking, true, false) })
	awake := func() bool { return p.test("sees the Monitor awake", func() bool { return m.steady }) }
	attended := m.flaw == attendsFirst && awake()
	p.when("locks the worker", func() bool { m.locked = true; return cas(&m.seenLocked, false, true) })
	p.do("queues the task, and unlocks", func() { m.queued, m.locked = true, false })
	if m.flaw != attendsFirst {
		attended = awake()
	}
	if !attended {
		p.do("wakes the Monitor", func() { m.woken, m.seenQueued, m.seenLocked = true, true, false })
	}
}

// block is run, up to where it has blocked.
func (m *staysModel) block(p *proc) {
	list, _ := p.either(
		one("looks, and sees the task", func() bool { m.steady, m.watches = true, true; return m.seenQueued }),
		otherwise("looks", func() { m.steady = true }))
	if list == 0 {
		p.when("has something else to do", func() bool { return false })
	}
	plan := func() { p.do("plans to block", func() { m.steady = false }) }
	if m.flaw != plansLast {
		plan()
	}
	unlocked := func() bool { return !m.seenLocked || m.flaw == looksUnlocked } // overlooked
	list, _ = p.either(
		one("looks again, and sees the task", func() bool { return unlocked() && m.seenQueued }),
		one("looks again", func() bool { return unlocked() && !m.seenQueued }))
	if list == 0 {
		return
	}
	if m.flaw == plansLast {
		plan()
	}
	p.when("is woken", func() bool { return cas(&m.woken, true, false) })
}
