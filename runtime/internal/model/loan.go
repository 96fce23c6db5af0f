package model

// This file stands for tasks without a worker, and for requests to stop: lockWorker and
// lockPlace (runtime/internal/sched/place.go), park, parkOutside and stayOutside (wait.go),
// Leave, rejoin and acquire (leave.go), seize and repay (seize.go), putOutside, takeBack,
// repaid, writeOff, stray and found (outside.go), pressPortable (watch.go), request,
// withdraw, followUp, collect, preempted and preemptedOutside (force.go); RequestPreempt,
// ClaimPreempted and WithdrawPreempt in arch/preempt_native.go; and of Go asyncPreempt2 and
// preemptPark.
//
// There is one task that matters, and two workers, one of them vacant at first. The task
// parks, leaves its worker, blocks in Go, and comes to safepoints if it has a reason. A
// usurper takes its worker whatever it is at, for a borrower, which gives it back in the end.
// The Monitor has the task stopped, and looks after it while it is outside. A goroutine with
// the mark of a request may stop wherever it isn't pinned: the signals are left out, since
// sysmon sends them, too.

const (
	placesEarly      flaw = "putOutside says where the task is before it has locked outside"
	takesBackBlindly flaw = "takeBack does not look again where the task is"
	repaysBlindly    flaw = "a worker is given back to a task that has gone on elsewhere"
	straysLate       flaw = "the task is made to look for a worker after it has lost its own"
	ignoresOutside   flaw = "nobody looks after a task whose worker was taken away"
	forgetsRequest   flaw = "a request is forgotten when the worker is given back"
	forgetsOutside   flaw = "a request is forgotten when the worker is taken away"
	keepsRequest     flaw = "a task that parks leaves a request that was made of it standing"
	withdrawsLate    flaw = "park takes a request back when others may own the task"
	withdrawsBlindly flaw = "a request is withdrawn without holding the goroutine as it is"
	unpinned         flaw = "a goroutine may be stopped while it holds a lock"
)

// loanOptions bound what happens.
type loanOptions struct{ loans, parks, leaves, blocks, requests uint8 }

// The places, where those below are the workers, and those who can have one.
const (
	outside, queued, nowhere = 2, 3, 4

	theTask, borrower = 0, 1
)

// What the task's goroutine does.
const (
	goRuns    uint8 = iota
	goBlocked       // in Go
	goStopped       // by the mark
	goParked
)

type loanState struct {
	left loanOptions
	// The workers; lent: they were borrowed from the task.
	cur   [2]uint8
	lent  [2]bool
	locks [3]lock // the last is that of outside
	// The task. waits: it may be claimed. given: who gave it a worker resumes it.
	goroutine, place                       uint8
	pinned, leaving, inLeave, waits, given bool
	// What is known of it outside; lender is the worker that is to be given back, or none.
	listed, astray bool
	lender         uint8
	// mark is that of its goroutine; stands says that a request is known of.
	mark, stands bool
}

type loanModel struct {
	flaw flaw
	loanState
}

func newLoanModel(o loanOptions, flaw flaw) *model[loanState] {
	m := &loanModel{flaw: flaw, loanState: loanState{left: o, cur: [2]uint8{theTask, none}, lender: none}}
	x := &model[loanState]{state: &m.loanState, actors: []actor{
		{"task", m.task, func() bool { return m.goroutine == goRuns }},
		{name: "usurper", code: m.usurp},
		{name: "borrower", code: m.borrow},
		{name: "Monitor", code: m.look},
		{name: "Go", code: m.others},
	}}
	free := func() bool { return m.locks == [3]lock{} }
	inOwnCode := func() bool { return m.goroutine == goRuns && !x.busy.has(0) }
	x.never = []property{
		{"a worker and its task don't agree", func() bool {
			return m.locks[0].free() && (m.cur[0] == theTask) != (m.place == 0) ||
				m.locks[1].free() && (m.cur[1] == theTask) != (m.place == 1)
		}},
		{"a task is listed that is not outside", func() bool {
			return m.locks[outside].free() && m.listed && m.place != outside
		}},
		{"a task counts as astray that is not outside", func() bool { return free() && m.astray && m.place != outside }},
		{"a request stands for a task that has left", func() bool { return free() && m.stands && m.place > outside }},
		{"a task is in a queue and runs", func() bool { return m.place == queued && inOwnCode() }},
	}
	x.goals = []property{
		{"a goroutine is stopped for ever", func() bool { return m.goroutine != goStopped }},
		{"a task never has a worker again", func() bool { return inOwnCode() && m.place < outside && !m.astray }},
	}
	return x
}

// withdraw is withdraw.
func (m *loanModel) withdraw() {
	if m.stands && m.flaw != keepsRequest {
		m.mark, m.stands = false, false
	}
}

// unlist is unlist, and found.
func (m *loanModel) unlist() { m.listed, m.lender, m.astray = false, none, false }

// give makes the task the one that has w, if w is vacant.
func (m *loanModel) give(w uint8) bool {
	m.place = w
	return m.locks[w].free() && cas(&m.cur[w], none, theTask)
}

func (m *loanModel) unlock(place uint8) { m.pinned = false; m.locks[place].release() }

// lock is lockWorker, or takeBack where that returns nil.
func (m *loanModel) lock(p *proc) (place uint8) {
	return p.part(func() uint8 {
		list, w := p.either(
			each("sees that it has worker", 2, func(w uint8) bool { return m.place == w }),
			otherwise("sees that it has none", func() {}))
		there := func() bool { return m.cur[w] == theTask }
		if list == 1 {
			w = outside
			there = func() bool { return m.place == outside || m.flaw == takesBackBlindly }
		}
		left, _ := p.either(
			one("locks that place", func() bool { m.pinned = true; return there() && m.locks[w].take() }),
			one("finds that it is no longer there", func() bool { return !there() && m.locks[w].free() }))
		if left == 1 {
			return again
		}
		return w
	})
}

// task is the task's own code.
func (m *loanModel) task(p *proc) {
	const waits, leaves, blocks = 2, 3, 4
	does, _ := p.either(
		one("returns", func() bool { return swap(&m.inLeave, false) }),
		one("comes to a safepoint", func() bool { return m.astray && !m.inLeave }),
		one("waits", func() bool { return spend(&m.left.parks) }),
		one("leaves", func() bool { return !swap(&m.inLeave, true) && spend(&m.left.leaves) }),
		one("blocks in Go", func() bool { m.goroutine = goBlocked; return spend(&m.left.blocks) }))
	if does == blocks {
		return
	}
	w := m.lock(p)
	if w == outside {
		p.do("takes itself back", func() { m.withdraw(); m.unlist() })
	}
	switch {
	case does == waits:
		m.park(p, w)
	case does == leaves && w == outside:
		p.do("stays outside, and unlocks", func() { m.unlock(w) })
	case does == leaves:
		p.do("leaves its worker, and unlocks", func() { m.withdraw(); m.cur[w], m.place = none, outside; m.unlock(w) })
	case w == outside:
		m.acquire(p)
	default:
		p.do("has its worker", func() { m.unlock(w) })
	}
}

// park is park, with the worker w locked, or parkOutside.
func (m *loanModel) park(p *proc, w uint8) {
	p.do("is nowhere", func() {
		m.place, m.leaving = nowhere, w != outside // BeginLeave
		if m.flaw != withdrawsLate {
			m.withdraw()
		}
	})
	stays, _ := p.either(
		one("parks its wait", func() bool { m.waits = true; return true }),
		one("finds its wait over", func() bool { return true }))
	switch {
	case stays == 1 && w == outside && !p.test("is in Leave", func() bool { return m.inLeave }):
		m.acquire(p) // stayOutside
		return
	case stays == 1:
		p.do("stays, and unlocks", func() { m.place, m.leaving = w, false; m.unlock(w) })
		return
	case m.flaw == withdrawsLate && p.test("takes a mark back", func() bool { m.mark = false; return m.stands }):
		p.do("forgets the request", func() { require(swap(&m.stands, false), "a request is counted that doesn't stand") })
	}
	if w != outside {
		p.do("gives its worker away", func() { m.cur[w] = none })
	}
	p.do("is off its stack, and unlocks", func() { m.goroutine, m.leaving = goParked, false; m.unlock(w) })
}

// acquire is acquire, where outside is still locked.
func (m *loanModel) acquire(p *proc) {
	p.do("is nowhere, and unlocks outside", func() { m.place = nowhere; m.locks[outside].release() })
	p.either(
		each("takes vacant worker", 2, func(w uint8) bool { m.pinned = false; return m.give(w) }),
		one("queues itself, and parks", func() bool { m.place, m.goroutine, m.pinned = queued, goParked, false; return true }))
}

// usurp is how its worker is taken from the task: as a loan; for good, as when it is blocked
// in Go; or by pressPortable, which can't tell.
func (m *loanModel) usurp(p *proc) {
	const lends, portable = 0, 2
	_, i := p.either(pairs("takes the task's worker", 3, 2, func(how, w uint8) bool {
		m.astray = m.astray || how == portable && m.flaw != straysLate && m.flaw != ignoresOutside
		if m.flaw == placesEarly {
			m.place = outside
		}
		return m.cur[w] == theTask && m.locks[w].take() && spend(&m.left.loans)
	}))
	how, w := i/2, i%2
	p.when("puts the task outside", func() bool {
		m.place, m.listed, m.lent[w] = outside, true, how == lends
		if how == lends {
			m.lender = w
		}
		m.stands = m.stands && m.flaw != forgetsOutside
		return m.locks[outside].free()
	})
	p.do("gives the worker to the borrower, and unlocks", func() { m.cur[w] = borrower; m.locks[w].release() })
	if how == portable && m.flaw == straysLate {
		p.do("makes the task look for a worker", func() { m.astray = true })
	}
}

// borrow is what the borrower does: it gives the worker back, or leaves it vacant, or is
// followed by an equal of the lender.
func (m *loanModel) borrow(p *proc) {
	w := p.any("locks the worker", 2, func(w uint8) bool { return m.cur[w] == borrower && m.locks[w].take() })
	lent := func() bool { return m.lent[w] && m.locks[outside].free() }
	stands := func() bool {
		return (m.lender == w && m.place == outside || m.flaw == repaysBlindly) && m.goroutine != goBlocked
	}
	end, _ := p.either(
		one("has it from nobody", func() bool { return !m.lent[w] }),
		one("takes its lender from outside", func() bool {
			repays := lent() && stands()
			m.unlist()
			m.place = w
			m.stands = m.stands && m.flaw != forgetsRequest
			return repays
		}),
		one("finds that its lender does without", func() bool { defer cas(&m.lender, w, none); return lent() && !stands() }),
		one("writes the loan off", func() bool { cas(&m.lender, w, none); return lent() }))
	p.do("unlocks the worker", func() {
		m.cur[w], m.lent[w] = [...]uint8{none, theTask, none, borrower}[end], false
		m.locks[w].release()
	})
}

// look is how the Monitor looks after the task, with the lock of the place that it is at.
func (m *loanModel) look(p *proc) {
	locks := func() bool { return m.place <= outside && m.locks[m.place].free() }
	looks := func() bool { return locks() && (m.place < outside || m.listed && m.flaw != ignoresOutside) }
	// collect takes over a goroutine that has stopped, and puts the task at a place.
	collect := func(may bool, place uint8) bool {
		may = may && locks() && swap(&m.stands, false)
		m.place = place
		return may && cas(&m.goroutine, goStopped, goParked)
	}
	const withdraws, queues = 3, 6
	does, _ := p.either(
		one("makes the task look for a worker", func() bool {
			m.astray = true
			return looks() && m.place == outside && m.goroutine == goRuns
		}),
		one("requests the task to stop", func() bool {
			m.mark, m.stands = true, true
			return looks() && m.goroutine == goRuns && !m.leaving && spend(&m.left.requests)
		}),
		one("finds that a request is over", func() bool {
			return looks() && swap(&m.stands, false) && !m.mark && m.goroutine != goStopped
		}),
		one("sees that the task is blocked in Go, and withdraws the request", func() bool {
			blocked := looks() && m.stands && m.mark && m.goroutine == goBlocked
			if m.flaw == withdrawsBlindly {
				return blocked && m.locks[m.place].take()
			}
			m.withdraw()
			return blocked
		}),
		one("collects the task, and lets it go on", func() bool {
			m.given = true
			return collect(m.place < outside || m.inLeave, m.place)
		}),
		one("collects the task, and passes its worker on", func() bool {
			w := m.place
			return collect(w < outside, queued) && cas(&m.cur[w], theTask, none)
		}),
		one("collects the task, which is outside", func() bool {
			m.unlist()
			return collect(m.place == outside && !m.inLeave, nowhere)
		}),
		one("finds that it has stopped in Go's runtime, and lets it go on", func() bool {
			return locks() && m.stands && cas(&m.goroutine, goStopped, goRuns)
		}))
	switch {
	case does == queues:
		p.do("queues it", func() { m.place = queued })
	case does == withdraws && m.flaw == withdrawsBlindly:
		p.do("withdraws the request", func() { m.withdraw(); m.locks[m.place].release() })
	}
}

// others are Go, and those who wake the task and give it a worker.
func (m *loanModel) others(p *proc) {
	p.either(
		one("stops the goroutine", func() bool {
			return swap(&m.mark, false) && cas(&m.goroutine, goRuns, goStopped) && (!m.pinned || m.flaw == unpinned)
		}),
		one("ends what the task is blocked for", func() bool { return cas(&m.goroutine, goBlocked, goRuns) }),
		one("wakes the task", func() bool { m.place = queued; return swap(&m.waits, false) }),
		each("gives the task worker", 2, func(w uint8) bool { m.given = true; return m.place == queued && m.give(w) }),
		one("resumes the task", func() bool {
			m.mark = false
			return swap(&m.given, false) && cas(&m.goroutine, goParked, goRuns)
		}))
}
