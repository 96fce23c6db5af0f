package model

// This file stands for waits: Arm, Claim, Wake, Interrupt and park in
// runtime/internal/sched/wait.go, lockPlace (place.go), setPriority (inherit.go), ready,
// enqueue and pushShared (offer.go, worker.go), succeed and fill, as far as they are about
// the wait's word, the task's where, and the locks of workers.
//
// Two tasks have two workers, and wait a few times each; the first may be a plain
// goroutine. Somebody from outside, or the other task, ends their waits. Somebody
// interrupts the first, and somebody changes its priority. Vacant workers are looked after
// by the Monitor; vacant.go has them in detail, and switch.go how a goroutine gets off its
// stack.
//
// A store that is no barrier may be seen late: that of Arm has a step of its own in which
// it becomes visible. That of where, in enqueue, is seen after the priority was read,
// though it comes before in the code.

const (
	waitTasks  = 2
	waitShared = 2 // the place of the shared queue
)

// A waitFlaw is what a known-bad variant does wrong.
type waitFlaw uint8

const (
	waitSound waitFlaw = iota
	// armedAsParked: who claims a wait that is armed wakes its owner.
	armedAsParked
	// parksBlindly: park does not look whether the wait is over.
	parksBlindly
	// placesLate: park says that the task is nowhere after the wait is parked.
	placesLate
	// checksFirst: park looks for an interruption before the worker is locked.
	checksFirst
	// anyGeneration: a ticket claims any wait of its owner.
	anyGeneration
	// neverSettled: setPriority does not wait for a task that is on its way to a queue.
	neverSettled
	// lendsClaimed: who has claimed a wait sets the owner's priority, and then wakes it.
	lendsClaimed
)

// waitOptions choose who takes part, and how often each task waits.
type waitOptions struct {
	waits                                 uint8
	peers, interrupts, changes, goroutine bool
}

// The states of a wait.
const (
	waitOver = iota
	waitArmed
	waitParked
)

type waitTask struct {
	gen, word uint8
	// ended is the last wait that was claimed.
	ended uint8
	// arming: the store of Arm is not visible yet.
	arming bool
	// onStack: its goroutine uses its stack. resumed: it goes on as soon as it is off.
	onStack, resumed    bool
	interrupted         bool
	state               taskState
	place, prio, queued uint8
	waits               uint8
}

type waitFrame struct {
	pc, w, t, gen, prio uint8
}

type waitState struct {
	tasks [waitTasks]waitTask
	// frames are those of the tasks, the claimer, the interrupter and the setter.
	frames [waitTasks + 3]waitFrame
	lock   [waitShared + 1]uint8
	cur    [2]uint8
	fault  string
}

const (
	waitClaimer = waitTasks + iota
	waitInterrupter
	waitSetter
	waitGo
)

// Places in the code.
const (
	wtUser = iota // own code, or nothing to do
	// park
	wtLock
	wtCheck
	wtPlace
	wtPark
	wtNext
	wtOff
	wtBlocked
	wtOver
	// Claim and Wake, of task t
	wtClaim
	wtLend
	wtQueue
	wtPush
	// Interrupt
	wtInterrupt
	wtLook
	wtArmed
	wtParked
	// setPriority
	wtPrio
	wtWhere
	wtMove
	wtDone
)

func waitModel(o waitOptions, flaw waitFlaw) *Model[waitState] {
	start := waitState{lock: [waitShared + 1]uint8{none, none, none}, cur: [2]uint8{0, 1}}
	for i := range uint8(waitTasks) {
		start.tasks[i] = waitTask{onStack: true, place: i, waits: o.waits}
	}
	if o.goroutine {
		start.tasks[0].state, start.tasks[0].place, start.cur[0] = taskOutside, none, none
	}
	start.frames[waitInterrupter].pc, start.frames[waitSetter].pc = wtDone, wtDone
	if o.interrupts {
		start.frames[waitInterrupter].pc = wtInterrupt
	}
	if o.changes {
		start.frames[waitSetter].pc = wtPrio
	}
	x := &waiter{o, flaw}
	m := &Model[waitState]{
		Actors: []string{"task 0", "task 1", "claimer", "interrupter", "setter", "Go"},
		Start:  start,
		Steps:  x.steps,
		Wrong:  x.wrong,
	}
	for i := range waitTasks {
		m.Goals = append(m.Goals, Goal[waitState]{"a wake-up is lost", func(s waitState) bool {
			return s.tasks[i].waits == 0 && s.frames[i].pc == wtUser
		}})
	}
	return m
}

type waiter struct {
	o    waitOptions
	flaw waitFlaw
}

func (x *waiter) wrong(s waitState) string {
	if s.fault != "" {
		return s.fault
	}
	if t := s.tasks[0]; t.interrupted && t.word == waitParked && s.frames[0].pc == wtBlocked && s.frames[waitInterrupter].pc == wtDone {
		return "an interruption is lost"
	}
	for i, t := range s.tasks {
		if pc := s.frames[i].pc; t.state == taskReady && pc != wtNext && pc != wtOff && pc != wtBlocked {
			return "a task is in a queue and runs"
		}
		if t.state == taskReady && s.lock[t.place] == none && t.queued != t.prio && s.frames[waitSetter].pc == wtDone {
			return "a task is queued under another priority than its own"
		}
	}
	for w, t := range s.cur {
		if t != none && s.lock[w] == none && (s.tasks[t].state != taskRuns || s.tasks[t].place != uint8(w)) {
			return "a worker and its task don't agree"
		}
	}
	return ""
}

func (x *waiter) steps(s waitState, step func(int, string, waitState)) {
	for i := range s.frames {
		do := func(what string, pc uint8, change func(n *waitState)) {
			n := s
			n.frames[i].pc = pc
			if change != nil {
				change(&n)
			}
			if f := &n.frames[i]; f.pc == wtUser || f.pc == wtDone {
				*f = waitFrame{pc: f.pc}
			}
			step(i, what, n)
		}
		switch f := s.frames[i]; {
		case f.pc >= wtInterrupt:
			x.interrupt(s, i, f, do)
		case f.pc >= wtClaim:
			x.wake(s, i, f, do)
		case i < waitTasks:
			x.task(s, uint8(i), f, do)
		}
		if s.frames[i].pc == wtUser && (i == waitClaimer || i < waitTasks && x.o.peers && s.tasks[i].state == taskRuns) {
			for t, other := range s.tasks {
				if t != i && other.word != waitOver && other.ended != other.gen {
					do("has a ticket", wtClaim, func(n *waitState) {
						n.frames[i].t, n.frames[i].gen = uint8(t), other.gen
					})
				}
			}
		}
	}
	x.others(s, step)
}

// candidates calls f for the tasks that w can take now.
func (s *waitState) candidates(w uint8, f func(t uint8)) {
	for i, t := range s.tasks {
		if t.state == taskReady && (t.place == w || s.lock[t.place] == none) {
			f(uint8(i))
		}
	}
}

// give makes t the task that has w, and has it resumed.
func (s *waitState) give(w, t uint8) {
	s.cur[w] = t
	s.tasks[t].state, s.tasks[t].place, s.tasks[t].resumed = taskRuns, w, true
}

// see makes what Arm has stored visible.
func (t *waitTask) see() {
	if t.arming {
		t.arming, t.word = false, waitArmed
		t.gen++
	}
}

// others are the Monitor, Go, and memory.
func (x *waiter) others(s waitState, step func(int, string, waitState)) {
	for i, t := range s.tasks {
		n := s
		if t.arming {
			n.tasks[i].see()
			step(waitGo, "makes the wait visible", n)
		}
		if n := s; t.resumed && !t.onStack {
			n.tasks[i].resumed, n.tasks[i].onStack, n.frames[i].pc = false, true, wtOver
			step(waitGo, "resumes a task", n)
		}
	}
	for w := range uint8(2) {
		if s.cur[w] == none && s.lock[w] == none {
			s.candidates(w, func(t uint8) {
				n := s
				n.give(w, t)
				step(waitGo, "gives a vacant worker to a task", n)
			})
		}
	}
}

// task is a task that waits.
func (x *waiter) task(s waitState, me uint8, f waitFrame, do move[waitState]) {
	t := s.tasks[me]
	w := f.w
	goroutine := x.o.goroutine && me == 0
	unlock := func(n *waitState) {
		if !goroutine {
			n.lock[w] = none
		}
	}
	park := func(n *waitState) { n.tasks[me].state, n.tasks[me].place = taskWaits, none }
	lockPC, checkPC, checkedPC := uint8(wtLock), uint8(wtCheck), uint8(wtPlace)
	if x.flaw == checksFirst {
		lockPC, checkPC, checkedPC = wtCheck, wtPlace, wtLock
	}
	switch f.pc {
	case wtUser:
		if t.waits > 0 {
			if goroutine {
				lockPC = wtPark
			}
			do("arms a wait", lockPC, func(n *waitState) { n.tasks[me].arming, n.tasks[me].word = true, waitOver })
		}
	case wtLock:
		if s.lock[t.place] == none {
			do("locks its worker", checkPC, func(n *waitState) {
				n.lock[t.place], n.frames[me].w = me, t.place
				n.tasks[me].see()
			})
		}
	case wtCheck:
		if t.interrupted && (t.word == waitArmed || t.arming) {
			do("sees that it is interrupted", wtOver, func(n *waitState) {
				n.tasks[me].see()
				n.tasks[me].word = waitOver
				if x.flaw != checksFirst {
					unlock(n)
				}
			})
			return
		}
		do("sees no interruption", checkedPC, nil)
	case wtPlace:
		if x.flaw == placesLate {
			do("parks", wtPark, nil)
			return
		}
		do("says that it is nowhere", wtPark, park)
	case wtPark:
		if t.arming {
			do("has its wait seen", wtPark, func(n *waitState) { n.tasks[me].see() })
			return
		}
		if t.word != waitArmed && x.flaw != parksBlindly {
			do("finds that the wait is over", wtOver, func(n *waitState) {
				if !goroutine {
					n.tasks[me].state, n.tasks[me].place = taskRuns, w
				}
				unlock(n)
			})
			return
		}
		next := uint8(wtNext)
		if goroutine {
			next = wtOff
		}
		do("parks the wait", next, func(n *waitState) { n.tasks[me].word = waitParked })
	case wtNext:
		some := false
		s.candidates(w, func(b uint8) {
			some = true
			if b == me {
				do("is the next itself", wtOver, func(n *waitState) {
					n.give(w, b)
					n.tasks[me].resumed = false
					unlock(n)
				})
				return
			}
			do("gives its worker to the next", wtOff, func(n *waitState) { n.give(w, b) })
		})
		if !some {
			do("leaves its worker vacant", wtOff, func(n *waitState) { n.cur[w] = none })
		}
	case wtOff:
		do("is off its stack, and unlocks", wtBlocked, func(n *waitState) {
			n.tasks[me].onStack = false
			if x.flaw == placesLate {
				park(n)
			}
			unlock(n)
		})
	case wtOver:
		do("goes on", wtUser, func(n *waitState) {
			if t.word != waitOver {
				n.fault = "a wait ends that nobody has ended"
			}
			n.tasks[me].waits--
		})
	}
}
