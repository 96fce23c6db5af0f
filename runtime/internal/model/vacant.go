package model

// This file stands for how a ready task gets a worker: fill, pass, give and relevel in
// runtime/internal/sched/worker.go, pick (pick.go), push (queue.go), add, remove, take and
// employ (vacant.go), publish and offerBehind (offer.go), ask, askLowest, askAgain and
// acknowledge (ask.go), and setPriority (inherit.go).
//
// Workers run tasks, which answer when they are asked to yield, and may end. Somebody
// starts a task; somebody changes the priority of one. In the end, when nobody has
// anything left to do, no worker may be vacant while a task is ready, or run a task while
// a higher one is ready and nobody has asked for a worker; and all that was published of
// priorities must be true.
//
// There is one queue for all, whose lock is held from step to step where it matters, since
// what matters is read without it. What a task that yields puts there counts as its
// worker's: that worker's lock guards it. A store that is no barrier may be seen late. The
// Monitor, which looks every millisecond at what others have missed, does here only what
// is left to it.

const (
	vacantTasks   = 3
	vacantWorkers = 2
	// noPriority is None.
	noPriority = 4
)

// A vacantFlaw is what a known-bad variant does wrong.
type vacantFlaw uint8

const (
	vacantSound vacantFlaw = iota
	// bitsUnpublished: push stores the bits of the lists without a barrier.
	bitsUnpublished
	// looksOnce: fill does not look at the queues again when the worker is vacant.
	looksOnce
	// addsLate: fill says without a barrier that the worker is vacant.
	addsLate
	// levelLate: relevel publishes the level after it has looked at the queues.
	levelLate
	// asksFirst: who queues a task looks for vacant and for lower workers before.
	asksFirst
	// answersLast: a worker takes requests back after it has looked at the queues.
	answersLast
	// readsFirst: push reads the priority before where says that the task is queued.
	readsFirst
)

// vacantOptions say what there is.
type vacantOptions struct {
	workers uint8
	// prios are those of the tasks: of the ones that run, then of the ones that are
	// ready, then of the one that is started.
	prios       [vacantTasks]uint8
	ready, ends uint8
	// change is the task whose priority is changed, to changed; none for none.
	change, changed uint8
}

type vacantTask struct {
	state               taskState
	place, prio, queued uint8
}

type vacantWorker struct {
	cur, level    uint8
	asked, locked bool
	// taken: who has taken the worker from the vacant ones employs it.
	taken bool
	// What runs on it.
	pc, limit, next, top uint8
	// leaving is the task that yields; none if it has ended.
	leaving uint8
}

type vacantFrame struct{ pc, w, p uint8 }

type vacantState struct {
	tasks   [vacantTasks]vacantTask
	workers [vacantWorkers]vacantWorker
	// queue is what is ready; late is who is linked, but whose bit is not seen yet.
	queue   set
	late    uint8
	qlocked bool
	// vacant are the workers that are seen as such; unseen will be.
	vacant, unseen set
	// attended: the Monitor is to give vacant workers to ready tasks.
	attended        bool
	starter, setter vacantFrame
	ends            uint8
}

const (
	vacantStarter = vacantWorkers + iota
	vacantSetter
	vacantMonitor
	vacantMemory
)

// Places in the code.
const (
	vcUser = iota
	vcLock
	vcLook // pass: whether there is anything
	vcQueue
	vcPick // acknowledges, and looks
	vcPop
	vcGive
	vcLevel
	vcLevelLook
	vcBehind
	vcAdd // fill: is vacant
	vcLookAgain
	vcRemove
	vcIdle
	// others
	vcPush
	vcLink
	vcOffer
	vcPlace
	vcRelevel
	vcSetLook
	vcMove
	vcDone
)

func vacantModel(o vacantOptions, flaw vacantFlaw) *Model[vacantState] {
	x := &vacancy{o, flaw, o.workers + o.ready}
	start := vacantState{ends: o.ends, late: none, starter: vacantFrame{pc: vcPush}, setter: vacantFrame{pc: vcPlace, p: 1}}
	if flaw == asksFirst {
		start.starter.pc = vcOffer
	}
	if o.change == none {
		start.setter = vacantFrame{pc: vcDone}
	}
	if x.started == vacantTasks {
		start.starter = vacantFrame{pc: vcDone}
	}
	for i := range uint8(vacantTasks) {
		t := &start.tasks[i]
		*t = vacantTask{taskClaimed, none, o.prios[i], none}
		switch {
		case i < o.workers:
			t.state, t.place = taskRuns, i
		case i < x.started:
			t.state, t.queued = taskReady, t.prio
			start.queue = start.queue.with(i)
		}
	}
	for w := range uint8(vacantWorkers) {
		start.workers[w] = vacantWorker{cur: none, level: noPriority, pc: vcDone, next: none, leaving: none}
		if w < o.workers {
			start.workers[w].cur, start.workers[w].level, start.workers[w].pc = w, o.prios[w], vcUser
		}
	}
	return &Model[vacantState]{
		Actors: []string{"worker 0", "worker 1", "starter", "setter", "Monitor", "memory"},
		Start:  start,
		Steps:  x.steps,
		Wrong:  func(vacantState) string { return "" },
		Stuck:  x.stuck,
	}
}

type vacancy struct {
	vacantOptions
	flaw    vacantFlaw
	started uint8 // the task that is started
}

// top is topReady.
func (s *vacantState) top() uint8 {
	top := uint8(noPriority)
	s.queue.each(func(t uint8) {
		if t != s.late {
			top = min(top, s.tasks[t].queued)
		}
	})
	return top
}

// stuck says what is wrong if nothing more happens in s.
func (x *vacancy) stuck(s vacantState) (wrong string) {
	for w := range x.workers {
		k := s.workers[w]
		switch {
		case k.pc != vcUser && k.pc != vcIdle:
			return "a worker stops on its way"
		case k.cur == none && s.queue != 0:
			return "a worker is vacant while a task is ready"
		case k.cur != none && k.level != s.tasks[k.cur].prio:
			return "a worker has another level than its task"
		case k.cur != none && s.top() < k.level && !k.asked:
			return "a task is ready that is higher than one that runs, and nobody asks"
		}
	}
	s.queue.each(func(t uint8) {
		if s.tasks[t].queued != s.tasks[t].prio {
			wrong = "a task is queued under another priority than its own"
		}
	})
	return wrong
}

// askLowest returns the worker that runs the lowest task below p and hasn't been asked, or
// none.
func (s *vacantState) askLowest(p uint8) (lowest uint8) {
	lowest = none
	for w, k := range s.workers {
		if k.level > p && k.level != noPriority && !k.asked {
			lowest, p = uint8(w), k.level
		}
	}
	return lowest
}

// ask asks the worker w, none for none.
func (s *vacantState) ask(w uint8) {
	if w != none {
		s.workers[w].asked = true
	}
}

// offer takes a vacant worker for a task of priority p, which looks for the task then; or
// asks the lowest.
func (s *vacantState) offer(p uint8) {
	for w := range uint8(vacantWorkers) {
		if s.vacant.has(w) {
			s.vacant = s.vacant.without(w)
			s.workers[w].taken = true
			return
		}
	}
	s.ask(s.askLowest(p))
}

// link puts t into the queue, whose lock is held; the bit is seen at once, or late.
func (x *vacancy) link(n *vacantState, t uint8) {
	n.tasks[t].queued = n.tasks[t].prio
	n.queue = n.queue.with(t)
	if n.qlocked = x.flaw == bitsUnpublished; n.qlocked {
		n.late = t // so is the unlocking, which comes after
	}
}

func (x *vacancy) steps(s vacantState, step func(int, string, vacantState)) {
	for w := range x.workers {
		x.worker(s, w, func(what string, pc uint8, change func(n *vacantState)) {
			n := s
			n.workers[w].pc = pc
			if change != nil {
				change(&n)
			}
			step(int(w), what, n)
		})
	}
	x.start(s, func(what string, pc uint8, change func(n *vacantState)) {
		n := s
		n.starter.pc = pc
		change(&n)
		step(vacantStarter, what, n)
	})
	x.set(s, func(what string, pc uint8, change func(n *vacantState)) {
		n := s
		n.setter.pc = pc
		if change != nil {
			change(&n)
		}
		step(vacantSetter, what, n)
	})
	n := s
	if s.late != none {
		n.late, n.qlocked = none, false
		step(vacantMemory, "makes the bit visible", n)
	}
	if n := s; s.unseen != 0 {
		n.vacant, n.unseen = s.vacant|s.unseen, 0
		step(vacantMemory, "makes it visible that a worker is vacant", n)
	}
	x.monitor(s, step)
}

// worker is what the task does that runs on a worker, or whoever employs it.
func (x *vacancy) worker(s vacantState, w uint8, do move[vacantState]) {
	k := s.workers[w]
	pick, look := "takes requests back, and looks at the queues", func(n *vacantState) {
		n.workers[w].asked, n.workers[w].top = false, n.top()
	}
	switch k.pc {
	case vcUser:
		if k.asked && !k.locked {
			if p := s.tasks[k.cur].prio; p == 0 {
				do("is asked, and needn't yield", vcUser, func(n *vacantState) { n.workers[w].asked = false })
			} else {
				do("is asked, and yields", vcLock, func(n *vacantState) {
					n.workers[w].limit, n.workers[w].leaving = p-1, k.cur
					if x.flaw != answersLast {
						n.workers[w].asked = false
					}
				})
			}
		}
		if s.ends > 0 {
			do("ends", vcLock, func(n *vacantState) {
				n.ends--
				n.workers[w].limit, n.workers[w].leaving = noPriority-1, none
			})
		}
	case vcLock:
		next := uint8(vcLook)
		if k.leaving == none {
			next = vcPick
		}
		if !k.locked {
			do("locks its worker", next, func(n *vacantState) { n.workers[w].locked = true })
		}
	case vcLook:
		if s.top() > k.limit {
			do("finds nothing to yield to", vcUser, func(n *vacantState) { x.unlock(n, w) })
			return
		}
		do("finds that it must yield", vcQueue, nil)
	case vcQueue:
		if !s.qlocked {
			do("queues its task", vcPick, func(n *vacantState) {
				n.tasks[k.leaving].state = taskReady
				n.qlocked = true
				x.link(n, k.leaving)
			})
		}
	case vcPick:
		if x.flaw == answersLast {
			pick, look = "looks at the queues", func(n *vacantState) { n.workers[w].top = n.top() }
		}
		do(pick, vcPop, look)
	case vcPop:
		x.pop(s, w, do)
	case vcGive:
		do("gives the worker to the next", vcLevel, func(n *vacantState) {
			n.tasks[k.next].place = w
			g := &n.workers[w]
			g.cur, g.next, g.top = k.next, none, n.tasks[k.next].prio
			if x.flaw == levelLate && g.top > g.level {
				g.pc = vcLevelLook
			}
		})
	case vcLevel:
		looks := k.top > k.level && x.flaw != levelLate
		do("publishes the level", vcLevelLook, func(n *vacantState) {
			n.workers[w].level = k.top
			if !looks {
				x.given(n, w)
			}
		})
	case vcLevelLook:
		do("looks at the queues once more", vcLevel, func(n *vacantState) {
			n.workers[w].asked = k.asked || n.top() < k.top
			if x.flaw != levelLate {
				x.given(n, w)
			}
		})
	case vcBehind:
		do("sees to the task that it has queued", vcUser, func(n *vacantState) {
			if n.vacant != 0 {
				n.attended = true
			} else {
				n.ask(n.askLowest(n.tasks[k.leaving].prio))
			}
			x.unlock(n, w)
		})
	default:
		x.fill(s, w, do)
	}
}
