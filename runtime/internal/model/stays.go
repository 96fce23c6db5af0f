package model

// This file stands for a task that stays with its waker: ready in
// runtime/internal/sched/offer.go, append (queue.go), and run, overlooked, attend and wakeAt
// in monitor.go.
//
// A waker queues a task, leaves it to the Monitor, and runs on for ever. The Monitor, which
// has nothing to do, is about to block. In the end it must have seen the task.
//
// The waker's stores are seen late, in their order: that a list is no longer empty, and that
// the lock is free. A locked instruction of his waits for that.

// A staysFlaw is what a known-bad variant does wrong.
type staysFlaw uint8

const (
	staysSound staysFlaw = iota
	// looksUnlocked: the Monitor looks at the bits of the lists without the lock.
	looksUnlocked
	// plansLast: the Monitor says that it is about to block after it has looked.
	plansLast
	// attendsFirst: the waker looks whether the Monitor is awake before it queues the task.
	attendsFirst
)

type staysState struct {
	// queued and locked are what the waker has stored, seenQueued and seenLocked what others
	// see of it.
	queued, locked         bool
	seenQueued, seenLocked bool
	// steady is the Monitor's word, and found what the waker has found there too early.
	steady, found bool
	// woken is a wake-up that the Monitor has not taken yet.
	woken          bool
	waker, monitor uint8
}

const (
	staysWaker = iota
	staysMonitor
	staysMemory
)

// Places in the code.
const (
	// the waker
	scAttendFirst = iota
	scLock
	scQueue
	scAttend
	scRuns
	// the Monitor
	scLook
	scPlan
	scOverlooked
	scPlanLast
	scSleep
	scAsleep
	scSees // that the task waits
)

func staysModel(flaw staysFlaw) *Model[staysState] {
	start := staysState{steady: true, waker: scLock, monitor: scLook}
	if flaw == attendsFirst {
		start.waker = scAttendFirst
	}
	return &Model[staysState]{
		Actors: []string{"waker", "Monitor", "memory"},
		Start:  start,
		Steps: func(s staysState, step func(actor int, what string, next staysState)) {
			do := func(actor int, what string, change func(n *staysState)) {
				n := s
				change(&n)
				step(actor, what, n)
			}
			s.wakerSteps(flaw, do)
			s.monitorSteps(flaw, do)
			switch {
			case s.queued && !s.seenQueued:
				do(staysMemory, "shows the list", func(n *staysState) { n.seenQueued = true })
			case !s.locked && s.seenLocked:
				do(staysMemory, "shows the lock", func(n *staysState) { n.seenLocked = false })
			}
		},
		Wrong: func(staysState) string { return "" },
		Stuck: func(s staysState) string {
			if s.monitor != scSees {
				return "the Monitor is blocked while a task waits"
			}
			return ""
		},
	}
}

func (s staysState) wakerSteps(flaw staysFlaw, do func(int, string, func(*staysState))) {
	switch s.waker {
	case scAttendFirst:
		do(staysWaker, "looks for the Monitor", func(n *staysState) {
			n.found = s.steady
			n.waker = scLock
		})
	case scLock:
		if !s.seenLocked {
			do(staysWaker, "locks the worker", func(n *staysState) { n.locked, n.seenLocked, n.waker = true, true, scQueue })
		}
	case scQueue:
		do(staysWaker, "queues the task, and unlocks", func(n *staysState) { n.queued, n.locked, n.waker = true, false, scAttend })
	case scAttend:
		do(staysWaker, "attends", func(n *staysState) {
			awake := s.steady
			if flaw == attendsFirst {
				awake = s.found
			}
			if n.waker = scRuns; !awake {
				n.woken = true
				n.seenQueued, n.seenLocked = true, false
			}
		})
	}
}

func (s staysState) monitorSteps(flaw staysFlaw, do func(int, string, func(*staysState))) {
	switch s.monitor {
	case scLook:
		do(staysMonitor, "looks", func(n *staysState) {
			n.steady = true
			if n.monitor = scPlan; flaw == plansLast {
				n.monitor = scOverlooked
			}
			if s.seenQueued {
				n.monitor = scSees
			}
		})
	case scPlan:
		do(staysMonitor, "plans to block", func(n *staysState) { n.steady, n.monitor = false, scOverlooked })
	case scOverlooked:
		if s.seenLocked && flaw != looksUnlocked {
			return // it waits for the lock
		}
		do(staysMonitor, "looks again", func(n *staysState) {
			switch {
			case s.seenQueued:
				n.monitor = scLook
			case flaw == plansLast:
				n.monitor = scPlanLast
			default:
				n.monitor = scSleep
			}
		})
	case scPlanLast:
		do(staysMonitor, "plans to block", func(n *staysState) { n.steady, n.monitor = false, scSleep })
	case scSleep, scAsleep:
		if s.woken {
			do(staysMonitor, "is woken", func(n *staysState) { n.woken, n.monitor = false, scLook })
		} else {
			do(staysMonitor, "blocks", func(n *staysState) { n.monitor = scAsleep })
		}
	}
}
