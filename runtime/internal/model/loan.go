package model

// This file stands for tasks without a worker, and for requests to stop: lockWorker and
// lockPlace (runtime/internal/sched/place.go), park, Leave and rejoin, seize and repay
// (seize.go), putOutside, takeBack, repaid, stray and found (outside.go), pressPortable
// (watch.go), make, withdraw, followUp, collect, preempted and preemptedOutside
// (force.go); RequestPreempt, ClaimPreempted and WithdrawPreempt in
// arch/preempt_native.go; and of Go asyncPreempt2 and preemptPark.
//
// There is one task that matters, and two workers, one of them vacant at first. The task
// parks, leaves its worker, blocks in Go, and comes to safepoints if it has a reason. A
// usurper takes its worker whatever it is at, for a borrower, which gives it back in the
// end. The Monitor has the task stopped, and looks after it while it is outside. A
// goroutine with the mark of a request may stop wherever it isn't pinned: the signals are
// left out, since sysmon sends them, too.

const (
	loanWorkers = 2
	// The places that are none of these.
	loanOutsidePlace = loanWorkers
	loanQueue        = loanWorkers + 1
	loanNowhere      = loanWorkers + 2
)

// A loanFlaw is what a known-bad variant does wrong.
type loanFlaw uint8

const (
	loanSound loanFlaw = iota
	// placesEarly: putOutside says where the task is before it has locked outside.
	placesEarly
	// takesBackBlindly: takeBack does not look again where the task is.
	takesBackBlindly
	// repaysBlindly: a worker is given back to a task that has gone on elsewhere.
	repaysBlindly
	// straysLate: the task is made to look for a worker after it has lost its own.
	straysLate
	// ignoresOutside: nobody looks after a task whose worker was taken away.
	ignoresOutside
	// forgetsRequest: a request is forgotten when the worker is given back.
	forgetsRequest
	// forgetsOutside: a request is forgotten when the worker is taken away.
	forgetsOutside
	// keepsRequest: a task that parks leaves a request that was made of it standing.
	keepsRequest
	// withdrawsLate: park takes a request back when others may own the task.
	withdrawsLate
	// withdrawsBlindly: a request is withdrawn without holding the goroutine as it is.
	withdrawsBlindly
	// unpinned: a goroutine may be stopped while it holds a lock.
	unpinned
)

// loanOptions bound what happens.
type loanOptions struct{ loans, parks, leaves, blocks, requests uint8 }

// What the task's goroutine does.
const (
	goRuns    = iota
	goBlocked // in Go
	goStopped // by the mark
	goParked
)

type loanState struct {
	o loanOptions
	// The task.
	pc, what, w uint8
	goroutine   uint8
	place       uint8
	// waits: it is nowhere, and may be claimed. given: who gave it a worker resumes it.
	waits, given, blocks, leaving, listed, astray bool
	// mark is that of its goroutine; stands and requests are what is known of it.
	mark, stands      bool
	requests, pending int8
	// The workers; lent: from the task. outer is the task's word on that.
	cur  [loanWorkers]uint8
	lent [loanWorkers]bool
	lock [loanWorkers + 1]bool // the last is that of outside
	// outer is the worker that is to be given back, none for none.
	outer                 uint8
	usurper, borrower     uint8 // what they have locked, none for nothing
	late, lends, blinding bool
	fault                 string
}

const (
	loanTask = iota
	loanBorrower
	loanUsurper
	loanMonitor
	loanGo
)

// Places in the task's code.
const (
	lnUser = iota
	lnLook
	lnLockWorker
	lnLockOutside
	// From here on it is pinned.
	lnLocked
	lnNext
	lnOff
	lnOffOutside
	lnAcquire
)

// What the task wants to do.
const (
	toRejoin = iota
	toPark
	toLeave
	toClear // it has taken the mark back
)

func loanModel(o loanOptions, flaw loanFlaw) *Model[loanState] {
	x := &loaner{flaw}
	return &Model[loanState]{
		Actors: []string{"task", "borrower", "usurper", "Monitor", "Go"},
		Start:  loanState{o: o, cur: [loanWorkers]uint8{loanTask, none}, outer: none, usurper: none, borrower: none},
		Steps:  x.steps,
		Wrong:  x.wrong,
		Goals: []Goal[loanState]{
			{"a goroutine is stopped for ever", func(s loanState) bool { return s.goroutine != goStopped }},
			{"a task never has a worker again", func(s loanState) bool {
				return s.pc == lnUser && s.goroutine == goRuns && s.place < loanWorkers && !s.astray
			}},
		},
	}
}

type loaner struct{ flaw loanFlaw }

func (x *loaner) wrong(s loanState) string {
	if s.fault != "" {
		return s.fault
	}
	for w := range uint8(loanWorkers) {
		if !s.lock[w] && (s.cur[w] == loanTask) != (s.place == w) {
			return "a worker and its task don't agree"
		}
	}
	free := s.lock == [loanWorkers + 1]bool{}
	switch {
	case !s.lock[loanOutsidePlace] && s.listed && s.place != loanOutsidePlace:
		return "a task is listed that is not outside"
	case free && s.astray && s.place != loanOutsidePlace, s.pending != 0 != s.astray:
		return "a task counts as astray that is not outside"
	case s.requests != 0 != s.stands:
		return "a request is counted that doesn't stand"
	case free && s.stands && s.place > loanOutsidePlace:
		return "a request stands for a task that has left"
	case s.place == loanQueue && s.goroutine == goRuns && s.pc == lnUser:
		return "a task is in a queue and runs"
	}
	return ""
}

// stray and found change the mark and the counter of those that have it.
func (s *loanState) stray() {
	if !s.astray {
		s.astray = true
		s.pending++
	}
}

func (s *loanState) found() {
	if s.astray {
		s.astray = false
		s.pending--
	}
}

// clear forgets a request that is believed to stand.
func (s *loanState) clear() {
	s.stands = false
	s.requests--
}

// withdraw is what the task does with a request that stands for it.
func (x *loaner) withdraw(s *loanState) {
	if s.stands && x.flaw != keepsRequest {
		s.mark = false
		s.clear()
	}
}

// give makes the task the one that has w.
func (s *loanState) give(w uint8) { s.cur[w], s.place, s.blocks = loanTask, w, false }

func (x *loaner) steps(s loanState, step func(int, string, loanState)) {
	do := func(actor int) func(string, func(*loanState)) {
		return func(what string, change func(n *loanState)) {
			n := s
			change(&n)
			step(actor, what, n)
		}
	}
	if s.goroutine == goRuns || s.pc == lnOff || s.pc == lnOffOutside {
		x.task(s, func(what string, pc uint8, change func(n *loanState)) {
			n := s
			n.pc = pc
			if change != nil {
				change(&n)
			}
			step(loanTask, what, n)
		})
	}
	x.seize(s, do(loanUsurper))
	x.repay(s, do(loanBorrower))
	if !s.blinding {
		x.monitor(s, do(loanMonitor))
		x.collect(s, do(loanMonitor))
	} else {
		do(loanMonitor)("takes the request back", func(n *loanState) {
			n.mark, n.blinding, n.lock[x.placeOf(s)] = false, false, false
			n.clear()
		})
	}
	x.golang(s, do(loanGo))
}

// placeOf returns the lock of the place that the task is at.
func (x *loaner) placeOf(s loanState) uint8 { return min(s.place, loanOutsidePlace) }

// task is the task's own code.
func (x *loaner) task(s loanState, do move[loanState]) {
	locked := s.lock[min(s.w, loanOutsidePlace)]
	switch s.pc {
	case lnUser:
		begin := func(what uint8, name string, budget func(n *loanState)) {
			do(name, lnLook, func(n *loanState) {
				n.what = what
				budget(n)
			})
		}
		switch {
		case s.blocks:
			begin(toRejoin, "returns", func(n *loanState) { n.blocks = false })
			return
		case s.astray:
			begin(toRejoin, "comes to a safepoint", func(*loanState) {})
		}
		if s.o.parks > 0 {
			begin(toPark, "waits", func(n *loanState) { n.o.parks-- })
		}
		if s.o.leaves > 0 {
			begin(toLeave, "leaves", func(n *loanState) { n.o.leaves-- })
		}
		if s.o.blocks > 0 {
			do("blocks in Go", lnUser, func(n *loanState) { n.o.blocks--; n.goroutine = goBlocked })
		}
	case lnLook:
		if s.place < loanWorkers {
			do("sees that it has a worker", lnLockWorker, func(n *loanState) { n.w = s.place })
		} else {
			do("sees that it has none", lnLockOutside, func(n *loanState) { n.w = loanOutsidePlace })
		}
	case lnLockWorker:
		switch {
		case locked:
		case s.cur[s.w] != loanTask:
			do("finds that its worker was taken away", lnLook, nil)
		case s.what == toRejoin:
			do("has its worker again", lnUser, nil)
		case s.what == toLeave:
			do("locks its worker, and leaves it", lnUser, func(n *loanState) {
				x.withdraw(n)
				n.place, n.blocks, n.cur[s.w] = loanOutsidePlace, true, none
			})
		default:
			do("locks its worker", lnLocked, func(n *loanState) { n.lock[s.w] = true })
		}
	case lnLocked:
		do("is nowhere, and may be claimed", lnNext, func(n *loanState) {
			if x.flaw != withdrawsLate {
				x.withdraw(n)
			}
			n.leaving, n.waits, n.place = true, true, loanNowhere
		})
	case lnLockOutside:
		switch {
		case locked:
		case s.place != loanOutsidePlace && x.flaw != takesBackBlindly:
			do("finds that it has its worker again", lnLook, nil)
		default:
			next := [...]uint8{toRejoin: lnAcquire, toPark: lnOffOutside, toLeave: lnUser}[s.what]
			do("takes itself back", next, func(n *loanState) {
				x.withdraw(n)
				n.listed, n.outer = false, none
				n.found()
				switch s.what {
				case toLeave:
					n.blocks = true
					return
				case toPark:
					n.lock[s.w], n.waits, n.leaving = true, true, true
				}
				n.place = loanNowhere
			})
		}
	case lnNext:
		if x.flaw == withdrawsLate && s.stands && s.what != toClear {
			do("takes the mark back", lnNext, func(n *loanState) { n.mark, n.what = false, toClear })
			return
		}
		do("gives its worker away", lnOff, func(n *loanState) {
			if s.what == toClear {
				n.clear()
			}
			n.cur[s.w] = none
		})
	case lnOff, lnOffOutside:
		do("is off its stack, and unlocks", lnUser, func(n *loanState) {
			n.goroutine, n.leaving, n.lock[s.w] = goParked, false, false
		})
	case lnAcquire:
		for w := range uint8(loanWorkers) {
			if s.cur[w] == none && !s.lock[w] {
				do("takes a vacant worker", lnUser, func(n *loanState) { n.give(w) })
			}
		}
		do("queues itself, and parks", lnUser, func(n *loanState) { n.place, n.goroutine = loanQueue, goParked })
	}
}
