package model

// This file stands for how a worker learns that a thread of a higher priority is
// ready than the one that it runs: giveLocked, relevel, acknowledge, ask and
// pickLocked (runtime/worker.go), published, askLowest and reask (scheduler.go),
// pushLocked and reposition (runqueue.go), setEffective (thread.go), and safepoint
// (yield.go).
//
// All workers are busy. Each runs a thread, which answers when it is asked to
// yield, and may end. Somebody starts a thread; somebody changes the priority of
// one. In the end, when nobody has anything left to do, no worker may run a
// thread while a higher one is ready and nobody has asked for a worker, and all
// that was published of priorities must be true.
//
// Locks are held from step to step here, since what matters is read without
// them.

const (
	levelThreads = 3
	levelWorkers = 2
	// levelNothing is noPriority.
	levelNothing = 4
)

// A levelFlaw is what a known-bad variant does wrong.
type levelFlaw uint8

const (
	levelSound levelFlaw = iota
	// levelLooksFirst: giveLocked publishes the level after it has looked at the
	// queues.
	levelLooksFirst
	// levelAsksFirst: who queues a thread looks at the levels before.
	levelAsksFirst
	// levelReadsFirst: pushLocked reads the priority before it publishes the
	// place.
	levelReadsFirst
	// levelAnswersLast: a worker takes requests back after it has looked at the
	// queues.
	levelAnswersLast
)

// levelOptions say what there is.
type levelOptions struct {
	workers uint8
	// prios are those of the threads: of the ones that run, then of the ones
	// that are ready, then of the one that is started.
	prios [levelThreads]uint8
	ready uint8
	ends  uint8 // how many may end
	// change is the thread whose priority is changed, to changed; none for
	// none.
	change, changed uint8
}

const (
	levelRuns = iota
	levelReady
	levelNowhere
)

type levelThread struct {
	state, place uint8
	prio         uint8 // in force
	queued       uint8 // the list that it is in
}

type levelWorker struct {
	cur    uint8
	level  uint8
	asked  bool
	locked bool
	// The thread that runs.
	pc, limit, next, top uint8
	// lowered is set where giveLocked saw that the level changes.
	lowered bool
	// leaving is what was cur, if it becomes ready; none if it has ended.
	leaving uint8
}

type levelFrame struct {
	pc, w, p, at uint8
}

type levelState struct {
	threads [levelThreads]levelThread
	workers [levelWorkers]levelWorker
	// queue is the shared queue, by threads; qlocked is its lock.
	queue   set
	qlocked bool
	starter levelFrame
	setter  levelFrame
	monitor levelFrame
	ends    uint8
}

const (
	levelStarter = levelWorkers
	levelSetter  = levelWorkers + 1
	levelMonitor = levelWorkers + 2
)

// Places in the code.
const (
	lvUser = iota
	lvLock
	lvAcknowledge
	lvLook
	lvPop
	lvEnqueue
	lvEnqueueRead
	lvGiveWord
	lvGiveRead
	lvGivePublish
	lvGiveLook
	lvPublish // the thread that was queued; then lvUser
	lvIdle
	// others
	lvPush
	lvPushRead
	lvAsk
	lvSetLoad
	lvSetRelevel
	lvSetLook
	lvSetReposition
	lvDone
)

func levelModel(o levelOptions, flaw levelFlaw) *Model[levelState] {
	start := levelState{ends: o.ends}
	start.starter = levelFrame{pc: lvPush}
	if flaw == levelAsksFirst {
		start.starter = levelFrame{pc: lvAsk, p: o.prios[o.workers+o.ready]}
	}
	start.setter = levelFrame{pc: lvSetLoad}
	if o.change == none {
		start.setter.pc = lvDone
	}
	start.monitor = levelFrame{pc: lvDone}
	for i := range start.threads {
		t := &start.threads[i]
		*t = levelThread{state: levelNowhere, place: none, prio: o.prios[i], queued: none}
		switch i := uint8(i); {
		case i < o.workers:
			t.state, t.place = levelRuns, i
			start.workers[i] = levelWorker{cur: i, level: t.prio, next: none, leaving: none}
		case i < o.workers+o.ready:
			t.state, t.place, t.queued = levelReady, 0, t.prio
			start.queue = start.queue.with(i)
		}
	}
	for w := o.workers; w < levelWorkers; w++ {
		start.workers[w] = levelWorker{cur: none, level: levelNothing, pc: lvIdle, next: none, leaving: none}
	}
	x := &leveller{levelOptions: o, flaw: flaw, started: o.workers + o.ready}
	if x.started >= levelThreads {
		start.starter.pc = lvDone
	}
	return &Model[levelState]{
		Actors: []string{"worker 0", "worker 1", "starter", "setter", "Monitor"},
		Start:  start,
		Steps:  x.steps,
		Wrong:  func(levelState) string { return "" },
		Stuck:  x.stuck,
	}
}

type leveller struct {
	levelOptions
	flaw    levelFlaw
	started uint8
}

// top returns the highest priority in the queue.
func (s *levelState) top() uint8 {
	top := uint8(levelNothing)
	s.queue.each(func(t uint8) { top = min(top, s.threads[t].queued) })
	return top
}

// stuck says what is wrong if nothing more happens in s.
func (x *leveller) stuck(s levelState) string {
	for w := range x.workers {
		k := s.workers[w]
		if k.cur != none && k.level != s.threads[k.cur].prio {
			return "a worker has published another level than that of its thread"
		}
		if k.cur == none && s.queue != 0 {
			return "a worker is idle while a thread is ready"
		}
		if k.cur != none && s.top() < k.level && !k.asked {
			return "a thread is ready that is higher than one that runs, and nobody asks"
		}
		if k.pc != lvUser && k.pc != lvIdle {
			return "a worker stops on its way"
		}
	}
	wrong := ""
	s.queue.each(func(t uint8) {
		if s.threads[t].queued != s.threads[t].prio {
			wrong = "a thread is queued under another priority than its own"
		}
	})
	return wrong
}

func (x *leveller) steps(s levelState, step func(int, string, levelState)) {
	for w := range x.workers {
		x.worker(s, w, func(what string, change func(n *levelState, k *levelWorker)) {
			n := s
			change(&n, &n.workers[w])
			step(int(w), what, n)
		})
	}
	other := func(actor int, of func(n *levelState) *levelFrame, act func(levelState, levelFrame, func(string, uint8, func(*levelState, *levelFrame)))) {
		act(s, *of(&s), func(what string, pc uint8, change func(n *levelState, f *levelFrame)) {
			n := s
			f := of(&n)
			f.pc = pc
			if change != nil {
				change(&n, f)
			}
			step(actor, what, n)
		})
	}
	other(levelStarter, func(n *levelState) *levelFrame { return &n.starter }, x.start)
	other(levelSetter, func(n *levelState) *levelFrame { return &n.setter }, x.set)
	other(levelMonitor, func(n *levelState) *levelFrame { return &n.monitor }, x.monitor)
}

// worker is what the thread does that runs on a worker.
func (x *leveller) worker(s levelState, w uint8, do func(string, func(*levelState, *levelWorker))) {
	k := s.workers[w]
	to := func(what string, pc uint8) { do(what, func(_ *levelState, k *levelWorker) { k.pc = pc }) }
	switch k.pc {
	case lvUser:
		if k.asked {
			// safepoint: the reason is taken under the lock.
			if !k.locked {
				do("is asked, and yields", func(n *levelState, k *levelWorker) {
					k.asked = false
					p := n.threads[k.cur].prio
					if p == 0 {
						return // there is nothing above
					}
					k.limit, k.leaving, k.pc = p-1, k.cur, lvLock
				})
			}
		}
		if s.ends > 0 {
			do("ends", func(n *levelState, k *levelWorker) {
				n.ends--
				k.limit, k.leaving, k.pc = levelNothing-1, none, lvLock
			})
		}
	case lvLock:
		if !k.locked {
			next := uint8(lvAcknowledge)
			if x.flaw == levelAnswersLast {
				next = lvLook
			}
			do("locks its worker", func(_ *levelState, k *levelWorker) { k.locked, k.pc = true, next })
		}
	case lvAcknowledge:
		next := uint8(lvLook)
		if x.flaw == levelAnswersLast {
			next = lvPop
		}
		do("takes requests back", func(_ *levelState, k *levelWorker) { k.asked, k.pc = false, next })
	case lvLook:
		next := uint8(lvPop)
		if x.flaw == levelAnswersLast {
			next = lvAcknowledge
		}
		do("looks at the queues", func(n *levelState, k *levelWorker) { k.top, k.pc = n.top(), next })
	case lvPop:
		x.pop(s, w, do)
	case lvEnqueue:
		// One's own place is published before the priority is read.
		if s.qlocked {
			return
		}
		do("queues its thread", func(n *levelState, k *levelWorker) {
			t := &n.threads[k.leaving]
			t.state, t.place = levelReady, 0
			n.qlocked = true
			k.pc = lvEnqueueRead
		})
	case lvEnqueueRead:
		do("reads the thread's priority", func(n *levelState, k *levelWorker) {
			t := &n.threads[k.leaving]
			t.queued = t.prio
			n.queue = n.queue.with(k.leaving)
			n.qlocked = false
			k.pc = lvGiveWord
		})
	case lvGiveWord:
		do("gives the worker to the next", func(n *levelState, k *levelWorker) {
			t := &n.threads[k.next]
			t.state, t.place = levelRuns, w
			k.cur, k.pc = k.next, lvGiveRead
		})
	case lvGiveRead:
		next := uint8(lvGivePublish)
		if x.flaw == levelLooksFirst {
			next = lvGiveLook
		}
		do("reads its priority", func(n *levelState, k *levelWorker) {
			k.top = n.threads[k.cur].prio
			k.lowered = k.top != k.level
			k.pc = next
			if !k.lowered {
				x.given(k)
			}
		})
	case lvGivePublish:
		do("publishes the level", func(_ *levelState, k *levelWorker) {
			k.level, k.pc = k.top, lvGiveLook
			if x.flaw == levelLooksFirst {
				x.given(k)
			}
		})
	case lvGiveLook:
		do("looks at the queues once more", func(n *levelState, k *levelWorker) {
			k.asked = k.asked || n.top() < k.top
			k.pc = lvGivePublish
			if x.flaw != levelLooksFirst {
				x.given(k)
			}
		})
	case lvPublish:
		// published, for the thread that was queued: here are no idle workers.
		x.askLowest(s, k.top, func(lowest uint8) {
			do("publishes the thread that it has queued", func(n *levelState, k *levelWorker) {
				if lowest != none {
					n.workers[lowest].asked = true
				}
				k.pc, k.leaving = lvUser, none
			})
		})
	default:
		if s.queue != 0 {
			// The other model has idle workers in detail.
			to("finds work", lvLock)
		}
	}
}

// given ends giveLocked.
func (x *leveller) given(k *levelWorker) {
	k.locked, k.lowered, k.next, k.limit = false, false, none, 0
	k.pc = lvUser
	if k.leaving != none {
		k.pc = lvPublish
	}
	k.top = 0
}

// pop takes a thread of the priority that was seen, or looks again.
func (x *leveller) pop(s levelState, w uint8, do func(string, func(*levelState, *levelWorker))) {
	k := s.workers[w]
	if k.top > k.limit || k.top == levelNothing {
		do("finds nothing to run", func(_ *levelState, k *levelWorker) {
			k.locked, k.top, k.limit = false, 0, 0
			if k.leaving == none {
				k.cur, k.level, k.pc = none, levelNothing, lvIdle
			} else {
				k.leaving, k.pc = none, lvUser
			}
		})
		return
	}
	if s.qlocked {
		return
	}
	some := false
	s.queue.each(func(t uint8) {
		if s.threads[t].queued != k.top {
			return
		}
		some = true
		do("takes a thread", func(n *levelState, k *levelWorker) {
			n.queue = n.queue.without(t)
			n.threads[t].state, n.threads[t].place, n.threads[t].queued = levelNowhere, none, none
			k.next, k.top, k.pc = t, 0, lvGiveWord
			if k.leaving != none {
				k.pc = lvEnqueue
			} else {
				k.cur = none
			}
		})
	})
	if !some {
		do("looks again", func(_ *levelState, k *levelWorker) { k.pc = lvLook })
	}
}

// askLowest calls ask with the worker that runs the lowest thread below p and
// hasn't been asked, or none. Levels are read one by one in the code; which of
// the workers is asked then matters to nobody but the Monitor, who looks after it.
func (x *leveller) askLowest(s levelState, p uint8, ask func(w uint8)) {
	lowest, at := uint8(none), p
	for w := range x.workers {
		if k := s.workers[w]; k.level > at && k.level != levelNothing && !k.asked {
			lowest, at = w, k.level
		}
	}
	ask(lowest)
}

// start makes a thread ready and publishes it.
func (x *leveller) start(s levelState, f levelFrame, do func(string, uint8, func(*levelState, *levelFrame))) {
	t := x.started
	after := uint8(lvAsk)
	if x.flaw == levelAsksFirst {
		after = lvDone
	}
	switch f.pc {
	case lvPush:
		if s.qlocked {
			return
		}
		do("publishes where its thread is", lvPushRead, func(n *levelState, f *levelFrame) {
			n.qlocked = true
			f.at = n.threads[t].prio // read too early
			if x.flaw != levelReadsFirst {
				n.threads[t].state, n.threads[t].place = levelReady, 0
				f.at = 0
			}
		})
	case lvPushRead:
		do("queues it under its priority", after, func(n *levelState, f *levelFrame) {
			p := n.threads[t].prio
			if x.flaw == levelReadsFirst {
				p = f.at
				n.threads[t].state, n.threads[t].place = levelReady, 0
			}
			n.threads[t].queued = p
			n.queue = n.queue.with(t)
			n.qlocked = false
			f.p, f.at = p, 0
		})
	case lvAsk:
		after := uint8(lvDone)
		if x.flaw == levelAsksFirst {
			after = lvPush
		}
		x.askLowest(s, f.p, func(w uint8) {
			do("asks for a worker", after, func(n *levelState, f *levelFrame) {
				if w != none {
					n.workers[w].asked = true
				}
				f.p = 0
			})
		})
	}
}

// set is setEffective of a thread.
func (x *leveller) set(s levelState, f levelFrame, do func(string, uint8, func(*levelState, *levelFrame))) {
	t := s.threads[x.changeOr(0)]
	switch f.pc {
	case lvSetLoad:
		if f.at == 0 {
			do("puts the priority in force", lvSetLoad, func(n *levelState, f *levelFrame) {
				n.threads[x.change].prio = x.changed
				f.at = 1
			})
			return
		}
		switch t.state {
		case levelRuns:
			do("sees the thread run", lvSetRelevel, func(_ *levelState, f *levelFrame) { f.w = t.place })
		case levelReady:
			do("sees the thread queued", lvSetReposition, nil)
		default:
			do("sees the thread nowhere", lvDone, nil)
		}
	case lvSetRelevel:
		if s.workers[f.w].locked {
			return
		}
		if s.workers[f.w].cur != x.change {
			do("finds that it has left", lvSetLoad, nil)
			return
		}
		do("publishes the level", lvSetLook, func(n *levelState, f *levelFrame) {
			n.workers[f.w].level = n.threads[x.change].prio
		})
	case lvSetLook:
		do("looks at the queues", lvDone, func(n *levelState, f *levelFrame) {
			if n.top() < n.threads[x.change].prio {
				n.workers[f.w].asked = true
			}
		})
	case lvSetReposition:
		if s.qlocked {
			return
		}
		if !s.queue.has(x.change) {
			do("finds that it has left", lvSetLoad, nil)
			return
		}
		do("moves it to its list", lvAsk, func(n *levelState, f *levelFrame) {
			n.threads[x.change].queued = n.threads[x.change].prio
			f.p = x.changed
		})
	case lvAsk:
		x.askLowest(s, f.p, func(w uint8) {
			do("asks for a worker", lvDone, func(n *levelState, _ *levelFrame) {
				if w != none {
					n.workers[w].asked = true
				}
			})
		})
	}
}

// changeOr returns the thread whose priority is changed, or another.
func (x *leveller) changeOr(t uint8) uint8 {
	if x.change != none {
		return x.change
	}
	return t
}

// monitor is reask, for more workers than one: a thread that becomes ready asks
// for one, which may then serve another.
func (x *leveller) monitor(s levelState, f levelFrame, do func(string, uint8, func(*levelState, *levelFrame))) {
	if x.workers == 1 || s.queue == 0 {
		return
	}
	for w := range x.workers {
		if s.workers[w].asked {
			return
		}
	}
	x.askLowest(s, s.top(), func(w uint8) {
		if w != none {
			do("asks for a worker", lvDone, func(n *levelState, _ *levelFrame) { n.workers[w].asked = true })
		}
	})
}
