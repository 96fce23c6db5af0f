package model

// This file stands for tasks without a worker, and for requests to stop: lockWorker and
// lockPlace (runtime/internal/sched/place.go), park, parkOutside and stayOutside (wait.go),
// Leave, rejoin and acquire (leave.go), becomeVacant (worker.go), seize and repay (seize.go),
// putOutside, takeBack, repaid, writeOff, stray and found (outside.go), pressPortable
// (watch.go), request, withdraw, followUp, collect, preempted and preemptedOutside (force.go);
// RequestPreempt, ClaimPreempted and WithdrawPreempt in arch/preempt_native.go; and of Go
// asyncPreempt2 and preemptPark.
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
	vacatesLent      flaw = "a worker becomes vacant, though others have taken what came before its lender"
	forgetsRequest   flaw = "a request is forgotten when the worker is given back"
	forgetsOutside   flaw = "a request is forgotten when the worker is taken away"
	keepsRequest     flaw = "a task that parks leaves a request that was made of it standing"
	withdrawsLate    flaw = "park takes a request back when others may own the task"
	withdrawsBlindly flaw = "a request is withdrawn without holding the goroutine as it is"
	unpinned         flaw = "a goroutine may be stopped while it holds a lock"
)

// The places, of which those below are the workers, and those who can have a worker.
const outside, queued, nowhere, theTask, borrower = 2, 3, 4, 0, 1

// What the task's goroutine does: it is blocked in Go, or stopped by the mark.
const goRuns, goBlocked, goStopped, goParked uint8 = 0, 1, 2, 3

type loanState struct {
	loans, parks, leaves, blocks, requests uint8 // how many are to come
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

func (s loanState) model(flaw flaw) *model[loanState] {
	m := &loanModel{flaw, s}
	m.cur[1], m.lender = none, none
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
		{"a worker is vacant while its lender has none", func() bool {
			vacant := func(w uint8) bool { return m.locks[w].free() && m.cur[w] == none && m.lender == w }
			return vacant(0) || vacant(1)
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
		one("waits", func() bool { return spend(&m.parks) }),
		one("leaves", func() bool { return !swap(&m.inLeave, true) && spend(&m.leaves) }),
		one("blocks in Go", func() bool { m.goroutine = goBlocked; return spend(&m.blocks) }))
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
