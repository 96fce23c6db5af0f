package model

// This file stands for loans: usurp, claimed and preempted (runtime/force.go),
// settle, lockWorker and repayLocked (loan.go), park (park.go) and rejoin
// (yield.go), as far as they are about the word of the thread that has lost its
// worker.
//
// One worker. Its thread, the victim, computes, parks, or has a reason to ask for a
// worker; the borrower takes the worker from it, whatever it is at, and gives it
// back; the Monitor has it stopped, and claims it. The victim's OS thread may lose
// its core, and get it again, between any two steps. How goroutines are stopped is
// in force.go: here it is one step. Turns are counted: there are as many as there
// are loans, and parks, and a few more.

// A loanFlaw is what a known-bad variant does wrong.
type loanFlaw uint8

const (
	loanSound loanFlaw = iota
	// loanStores: the worker is given back by a load and a store.
	loanStores
	// loanParks and loanRejoins: the loan isn't ended there.
	loanParks
	loanRejoins
	// loanClaims: nor where the victim is claimed.
	loanClaims
	// loanLooksTwice: the loan is ended by one look at the word, and the worker
	// looked for by another.
	loanLooksTwice
	// loanForgetsRequest: a request is forgotten when the worker is given back.
	loanForgetsRequest
)

// loanOptions bound how often the worker is borrowed, and the victim parks, comes
// to a safepoint, and is asked to stop.
type loanOptions struct{ loans, parks, safepoints, requests uint8 }

// Thread states and places, as in threadWord.
const (
	loanRunning = iota
	loanPreempted
	loanBlocked
	loanReady
)

const (
	loanNowhere = iota
	loanWorker
	loanQueue
)

// A loanWord is a threadWord.
type loanWord struct{ state, place, turn uint8 }

func (w loanWord) with(state, place uint8) loanWord { return loanWord{state, place, w.turn} }

func (w loanWord) nextTurn() loanWord { return loanWord{w.state, w.place, w.turn + 1} }

func (w loanWord) lent() bool { return w.state == loanPreempted && w.place == loanNowhere }

func (w loanWord) held() bool { return w.state == loanRunning && w.place == loanWorker }

const (
	loanVictim = iota
	loanBorrower
	loanMonitor
)

// Places in the code.
const (
	lcNone = iota // the victim computes, the others have nothing to do
	lcSettle
	lcSwap
	lcLook // for the worker, once more
	lcLock
	lcLoad
	lcStore
	lcBorrowed
	lcGiveBack
	lcGiven
)

// A loanFrame is where an actor is, and what it goes on to: to leave the victim in
// state and place.
type loanFrame struct {
	pc           uint8
	state, place uint8
	word         loanWord
}

type loanState struct {
	o      loanOptions
	frames [3]loanFrame
	word   loanWord
	// lent is the loan, which there is while lends is set.
	lent  loanWord
	lends bool
	// cur holds the worker. locked: it is locked by the one who gives it back.
	cur    uint8
	locked bool
	// The victim's goroutine, and whether it is in a queue.
	status status
	queued bool
	// asked: the goroutine is to stop; listed: and somebody looks after that.
	asked, listed bool
	fault         string
}

func loanModel(o loanOptions, flaw loanFlaw) *Model[loanState] {
	x := &loaner{flaw}
	runs := func(s loanState) bool {
		return s.frames[loanVictim].pc == lcNone && s.status == gRunning && s.cur == loanVictim
	}
	return &Model[loanState]{
		Actors: []string{"victim", "borrower", "Monitor"},
		Start:  loanState{o: o, word: loanWord{loanRunning, loanWorker, 0}},
		Steps:  x.steps,
		Wrong: func(s loanState) string {
			switch {
			case s.fault != "":
				return s.fault
			case !s.locked && s.word.held() != (s.cur == loanVictim):
				return "a worker and its thread don't agree"
			case s.queued && s.cur == loanVictim:
				return "a thread is in a queue and has a worker"
			}
			return ""
		},
		Goals: []Goal[loanState]{
			{"a goroutine is stopped for ever", func(s loanState) bool { return s.status != gPreempted }},
			{"a thread is never run again", runs},
		},
	}
}

type loaner struct{ flaw loanFlaw }

// A loanStep is a step of the actor that is looked at.
type loanStep func(what string, change func(n *loanState, f *loanFrame))

func (x *loaner) steps(s loanState, step func(int, string, loanState)) {
	if s.fault != "" {
		return
	}
	for me := range s.frames {
		do := func(what string, change func(n *loanState, f *loanFrame)) {
			n := s
			change(&n, &n.frames[me])
			step(me, what, n)
		}
		f := s.frames[me]
		switch {
		case me == loanBorrower:
			x.borrow(s, f, do)
		case f.pc != lcNone:
			x.decide(s, me, f, do)
		case me == loanVictim:
			x.run(s, do)
		default:
			x.monitor(s, do)
		}
	}
}

// run is what the victim begins, and what is begun for it while it is parked.
func (x *loaner) run(s loanState, do loanStep) {
	switch {
	case s.status == gWaiting && s.word.state == loanBlocked:
		do("is made ready", func(n *loanState, _ *loanFrame) { n.push(n.word.with(loanReady, loanQueue)) })
	case s.status != gRunning:
	default:
		if s.asked {
			do("stops", func(n *loanState, _ *loanFrame) { n.status, n.asked = gPreempted, false })
		}
		if s.o.parks > 0 {
			do("parks", func(n *loanState, f *loanFrame) {
				n.o.parks--
				*f = loanFrame{pc: x.settle(x.flaw == loanParks), state: loanBlocked, place: loanNowhere}
			})
		}
		if s.o.safepoints > 0 && !s.word.held() {
			do("comes to a safepoint without a worker", func(n *loanState, f *loanFrame) {
				n.o.safepoints--
				*f = loanFrame{pc: x.settle(x.flaw == loanRejoins), state: loanReady, place: loanQueue}
			})
		}
	}
}

// settle returns where the loan is ended, or isn't.
func (x *loaner) settle(forgotten bool) uint8 {
	if forgotten {
		return lcLook
	}
	return lcSettle
}

// monitor asks the victim to stop, while it waits for its worker or has it, and
// claims it.
func (x *loaner) monitor(s loanState, do loanStep) {
	if s.status == gRunning && s.o.requests > 0 && s.frames[loanVictim].pc == lcNone && (s.word.lent() || s.word.held()) {
		do("asks the victim to stop", func(n *loanState, _ *loanFrame) {
			n.o.requests--
			n.asked, n.listed = true, true
		})
	}
	if s.status == gPreempted && s.listed {
		do("claims the victim", func(n *loanState, f *loanFrame) {
			n.status, n.listed = gWaiting, false
			*f = loanFrame{pc: x.settle(x.flaw == loanClaims), state: loanPreempted, place: loanQueue}
		})
	}
}

// decide is settle and lockWorker, by the victim or by the one who has claimed it,
// and what follows: the victim has no worker, and goes where f says.
func (x *loaner) decide(s loanState, me int, f loanFrame, do loanStep) {
	again := func(f *loanFrame) { f.pc, f.word = lcSettle, loanWord{} }
	switch f.pc {
	case lcSettle, lcLook:
		do("looks at the word", func(n *loanState, f *loanFrame) {
			f.word = n.word
			switch {
			case n.word.held():
				f.pc = lcLock
			case n.word.lent() && f.pc == lcSettle:
				f.pc = lcSwap
				return
			default:
				f.pc = lcLoad
			}
			if x.flaw == loanLooksTwice && s.frames[me].pc == lcSettle {
				f.pc = lcLook
			}
			f.word = loanWord{}
		})
	case lcSwap:
		do("ends the loan", func(n *loanState, f *loanFrame) {
			if n.word == f.word {
				n.word = n.word.with(loanRunning, loanNowhere)
				f.pc, f.word = lcLoad, loanWord{}
			} else {
				again(f)
			}
		})
	case lcLock:
		if s.locked {
			return
		}
		do("locks the worker", func(n *loanState, f *loanFrame) {
			switch {
			case n.cur != loanVictim && x.flaw == loanLooksTwice:
				f.pc = lcLoad
			case n.cur != loanVictim:
				again(f)
			case me == loanMonitor:
				n.status = gRunning // nobody wants the worker: it goes on
				*f = loanFrame{}
			default:
				n.word = n.word.with(loanRunning, loanNowhere)
				n.vacate()
				f.pc = lcLoad
			}
		})
	case lcLoad:
		do("reads its word", func(n *loanState, f *loanFrame) { f.pc, f.word = lcStore, n.word })
	case lcStore:
		do("stores its word", func(n *loanState, f *loanFrame) {
			word := f.word.with(f.state, f.place)
			*f = loanFrame{}
			n.status = gWaiting
			if word.place == loanQueue {
				n.push(word)
			} else {
				n.word = word
			}
		})
	}
}

// borrow is usurp, at any moment, and repayLocked.
func (x *loaner) borrow(s loanState, f loanFrame, do loanStep) {
	switch f.pc {
	case lcNone:
		if s.o.loans > 0 && s.cur == loanVictim && s.word.held() {
			do("borrows the worker", func(n *loanState, f *loanFrame) {
				n.o.loans--
				n.word = n.word.with(loanPreempted, loanNowhere)
				n.lent, n.lends = n.word, true
				n.cur = loanBorrower
				f.pc = lcBorrowed
			})
		}
	case lcBorrowed:
		do("is done, and looks whether the loan stands", func(n *loanState, f *loanFrame) {
			n.locked = true
			f.pc = lcGiven
			switch {
			case n.word != n.lent:
				n.vacate()
				n.locked, f.pc = false, lcNone
			case x.flaw == loanStores:
				f.pc = lcGiveBack
			default:
				x.giveBack(n)
			}
			n.lends, n.lent = false, loanWord{}
		})
	case lcGiveBack:
		do("gives the worker back", func(n *loanState, f *loanFrame) {
			x.giveBack(n)
			f.pc = lcGiven
		})
	case lcGiven:
		do("unlocks the worker", func(n *loanState, f *loanFrame) {
			n.cur, n.locked = loanVictim, false
			f.pc = lcNone
		})
	}
}

// giveBack is the word's share in it.
func (x *loaner) giveBack(n *loanState) {
	n.word = n.word.nextTurn().with(loanRunning, loanWorker)
	if x.flaw == loanForgetsRequest {
		n.listed = false
	}
}

// vacate takes the worker from its thread, and gives it to the victim if that is in
// the queue.
func (n *loanState) vacate() {
	n.cur = none
	if n.queued {
		n.queued = false
		n.word = n.word.nextTurn().with(loanRunning, loanWorker)
		n.cur, n.status = loanVictim, gRunning
		n.asked, n.listed = false, false // as by readyNative
	}
}

// push puts the victim, which is off its stack, into the queue, and gives it the
// worker if nobody has it.
func (n *loanState) push(word loanWord) {
	if n.queued {
		n.fault = "a thread is queued twice"
	}
	n.queued, n.word, n.status = true, word, gWaiting
	if n.cur == none {
		n.vacate()
	}
}
