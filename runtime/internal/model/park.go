package model

// This file stands for the way of threads through the scheduler: park and ready
// (runtime/park.go), yield and rejoin (yield.go), pickLocked, giveLocked, employ,
// handOff, layIdle and takeIdle (worker.go), enqueue and publish (scheduler.go),
// steal (runqueue.go), advance (fiber.go) and the Monitor's take (preempt.go). Of
// arch it has the fiber word, in the steps that others can see; the file switch.go
// has the rest.
//
// A few threads of one priority wait a few times each. Whoever runs, and somebody
// from outside, may end a wait. The Monitor takes workers from threads, which it
// believes to be blocked in Go, and which then go on without one until they ask
// for one again.

const (
	parkThreads = 3
	parkWorkers = 2
)

// A parkFlaw is what a known-bad variant does wrong.
type parkFlaw uint8

const (
	parkSound parkFlaw = iota
	// parkNobodyHeldBack: who resumes a thread doesn't wait until it is off its
	// stack.
	parkNobodyHeldBack
	// parkForgetsWoken: Thread.parking has two states only, and a ready that
	// comes before the park is forgotten.
	parkForgetsWoken
	// parkQueuesEarly: Thread.parking has two states only, and a ready that
	// comes before the park queues the thread.
	parkQueuesEarly
	// parkLooksOnce: who lays a worker idle doesn't look at the queues again.
	parkLooksOnce
	// parkAnyTurn: handOff doesn't check the thread's word, and so its turn.
	parkAnyTurn
	// parkAnyThread: handOff doesn't check who has the worker either.
	parkAnyThread
	// parkWithoutBegin: a thread that queues itself doesn't call BeginPark.
	parkWithoutBegin
)

// parkOptions say how large the model is.
type parkOptions struct {
	threads, workers uint8
	// waits are those of each thread, yields and handOffs of all together.
	waits, yields, handOffs uint8
	portable                bool
}

// parking values are those of Thread.parking.
const (
	parkNone = iota
	parkParked
	parkWoken
)

// state values are those of threadWord that matter here.
const (
	stateReady = iota
	stateRunning
	stateBlocked
	stateDone
)

// A parkThread is a thread; its worker and queue places are numbers of workers,
// the shared queue is the number after the last.
type parkThread struct {
	state, place, turn uint8
	parking            uint8
	word               fiberWord
	// tokens is what is in the note of a fiber of the Portable engine.
	tokens uint8
	// wanted: it waits, or is about to, and nobody has claimed its wait yet.
	wanted bool
	// waiting: it is in a wait, which ends when it is resumed. waits are left.
	waiting bool
	waits   uint8
}

// A parkFrame is where an actor is. The callees return to ret, publish to back.
type parkFrame struct {
	pc, ret, back uint8
	t             uint8 // the thread that is readied, queued or resumed
	w             uint8
	next          uint8
	turn          uint8 // the Monitor's
}

type parkState struct {
	threads [parkThreads]parkThread
	frames  [parkThreads + 2]parkFrame
	// cur and locked are the workers'; locked is the actor that holds the lock.
	cur, locked [parkWorkers]uint8
	queues      [parkWorkers + 1]set
	idle        set
	yields      uint8
	handOffs    uint8
	fault       string
}

const (
	parkOutside = parkThreads
	parkMonitor = parkThreads + 1
)

// Places in the code.
const (
	pcUser = iota // a thread: in its own code; others: at nothing
	pcParked
	pcDone
	// park
	pcPark
	pcParkLock
	pcParkStore
	pcParkPick
	pcParkPublish
	pcWithout
	pcWithoutPublish
	// ready, then ret
	pcReady
	pcEnqueue
	pcEnqueueLocked
	// publish, then back
	pcPublish
	pcEmployLock
	pcEmployPick
	pcEmployResume
	pcLayIdle
	pcLookAgain
	pcTakeIdle
	// Fiber.Ready of t, then back
	pcResume
	// Fiber.Switch to next
	pcSwitch
	pcSwitchTo
	pcSwitchOff
	pcSwitchReady
	// Fiber.Park
	pcParkFiber
	pcParkToken
	// yield
	pcYieldLock
	pcYieldPick
	pcYieldBegin
	// rejoin
	pcRejoinGive
	pcRejoinGiven
	pcRejoinPush
	// the end of a thread
	pcEndLock
	pcEndPick
	// handOff
	pcHandOffLock
	pcHandOffPick
)

func parkModel(o parkOptions, flaw parkFlaw) *Model[parkState] {
	start := parkState{yields: o.yields, handOffs: o.handOffs}
	for w := range start.cur {
		start.cur[w], start.locked[w] = none, none
	}
	for i := range start.frames {
		start.frames[i] = parkFrame{t: none, w: none, next: none}
	}
	for i := range start.threads {
		t := &start.threads[i]
		switch i := uint8(i); {
		case i >= o.threads:
			t.state, t.place = stateDone, none
			start.frames[i].pc = pcDone
		case i < o.workers:
			t.state, t.place, t.waits = stateRunning, i, o.waits
			start.cur[i] = i
		default:
			t.state, t.place, t.waits, t.word = stateReady, o.workers, o.waits, wordParked
			start.queues[o.workers] = start.queues[o.workers].with(i)
			start.frames[i].pc = pcParked
		}
	}
	x := &parker{parkOptions: o, flaw: flaw, shared: o.workers}
	m := &Model[parkState]{
		Actors: []string{"thread 0", "thread 1", "thread 2", "somebody outside", "Monitor"},
		Start:  start,
		Steps:  x.steps,
		Wrong:  x.wrong,
		Stuck:  x.stuck,
	}
	m.Goals = []Goal[parkState]{{"not all threads can end", func(s parkState) bool { return x.stuck(s) == "" }}}
	return m
}

type parker struct {
	parkOptions
	flaw   parkFlaw
	shared uint8
}

// stuck says what is wrong if nothing more happens in s.
func (x *parker) stuck(s parkState) string {
	for _, t := range s.threads {
		if t.state == stateReady {
			return "a ready thread is never run"
		}
	}
	for i, t := range s.threads {
		if t.state != stateDone || s.frames[i].pc != pcDone {
			return "a wake-up is lost"
		}
	}
	return ""
}

func (x *parker) wrong(s parkState) string {
	if s.fault != "" {
		return s.fault
	}
	var queued, holding set
	for _, q := range s.queues {
		if q&queued != 0 {
			return "a thread is in two queues"
		}
		queued |= q
	}
	for w := range x.workers {
		t := s.cur[w]
		if t == none {
			continue
		}
		if holding.has(t) {
			return "a thread holds two workers"
		}
		holding = holding.with(t)
		if s.locked[w] == none && (s.threads[t].state != stateRunning || s.threads[t].place != w) {
			return "a worker is held by a thread that doesn't know"
		}
		if s.idle.has(w) {
			return "an idle worker is held"
		}
	}
	for i := range x.threads {
		t := s.threads[i]
		if queued.has(i) {
			if t.state != stateReady || !s.queues[t.place].has(i) {
				return "a thread is in a queue and elsewhere"
			}
		}
		if s.frames[i].pc == pcUser && (t.state != stateRunning || queued.has(i)) {
			return "a thread runs that is queued or blocked"
		}
		if t.state == stateRunning && t.place != none && (s.cur[t.place] != i) {
			return "a thread runs on a worker that another holds"
		}
	}
	return ""
}

// ready returns whether any thread is in a queue, as topReady does.
func (s *parkState) ready() bool {
	for _, q := range s.queues {
		if q != 0 {
			return true
		}
	}
	return false
}

func (x *parker) steps(s parkState, step func(int, string, parkState)) {
	if s.fault != "" {
		return
	}
	for i := range s.frames {
		x.actor(s, uint8(i), step)
	}
}

// An actorStep is a step of the actor that is looked at: to a place in the code,
// with a change.
type actorStep func(what string, pc uint8, change func(n *parkState, f *parkFrame))

// actor is what one actor may do next.
func (x *parker) actor(s parkState, me uint8, step func(int, string, parkState)) {
	do := func(what string, pc uint8, change func(n *parkState, f *parkFrame)) {
		n := s
		f := &n.frames[me]
		f.pc = pc
		if change != nil {
			change(&n, f)
		}
		step(int(me), what, n)
	}
	f := s.frames[me]
	switch {
	case f.pc == pcUser && me < parkThreads:
		x.user(s, me, do)
	case f.pc == pcUser && me == parkOutside:
		x.wake(s, me, do)
	case f.pc == pcUser:
		x.monitor(s, do)
	case f.pc == pcParked, f.pc == pcDone:
	case f.pc < pcReady:
		x.park(s, me, f, do)
	case f.pc < pcPublish:
		x.readyThread(s, me, f, do)
	case f.pc < pcResume:
		x.publish(s, me, f, do)
	case f.pc < pcYieldLock:
		x.fiber(s, me, f, do)
	case f.pc < pcEndLock:
		x.yield(s, me, f, do)
	default:
		x.handOver(s, me, f, do)
	}
}

// user is what a thread may do in its own code.
func (x *parker) user(s parkState, me uint8, do actorStep) {
	t := s.threads[me]
	x.wake(s, me, do)
	if t.waits > 0 {
		do("starts a wait", pcPark, func(n *parkState, _ *parkFrame) {
			n.threads[me].wanted, n.threads[me].waiting = true, true
		})
	} else {
		do("ends", pcEndLock, func(_ *parkState, f *parkFrame) { f.w = t.place })
	}
	if t.place == none {
		do("asks for a worker", pcRejoinGive, func(n *parkState, f *parkFrame) { f.w = takeIdle(n) })
	} else if s.yields > 0 {
		do("yields", pcYieldLock, func(n *parkState, f *parkFrame) {
			n.yields--
			f.w = t.place
		})
	}
}

// takeIdle takes a worker from the idle list: they are all alike.
func takeIdle(n *parkState) uint8 {
	for w := range uint8(parkWorkers) {
		if n.idle.has(w) {
			n.idle = n.idle.without(w)
			return w
		}
	}
	return none
}

// wake ends somebody's wait, which only one does.
func (x *parker) wake(s parkState, me uint8, do actorStep) {
	for i, t := range s.threads {
		if t.wanted && uint8(i) != me {
			do("claims a wait", pcReady, func(n *parkState, f *parkFrame) {
				n.threads[i].wanted = false
				f.t, f.ret = uint8(i), pcUser
			})
		}
	}
}

// give makes t the thread that holds w.
func give(n *parkState, t, w uint8) {
	n.threads[t].state, n.threads[t].place = stateRunning, w
	n.threads[t].turn++
	n.cur[w] = t
}

// pick calls found for each ready thread that w might get, or with none, in the
// state without it in its queue. Other workers' queues come last, and are
// passed over while somebody has locked them.
func (x *parker) pick(w uint8, s *parkState, found func(t uint8, take func(n *parkState))) {
	from := func(q uint8) {
		s.queues[q].each(func(t uint8) {
			found(t, func(n *parkState) {
				n.queues[q] = n.queues[q].without(t)
				n.threads[t].place = none
			})
		})
	}
	if s.queues[w]|s.queues[x.shared] != 0 {
		from(w)
		from(x.shared)
		return
	}
	some := false
	for other := range x.workers {
		if other != w && s.locked[other] == none && s.queues[other] != 0 {
			some = true
			from(other)
		}
	}
	if !some {
		found(none, func(*parkState) {})
	}
}

// park is Thread.park and parkWithout.
func (x *parker) park(s parkState, me uint8, f parkFrame, do actorStep) {
	t := s.threads[me]
	blocked := func(n *parkState) { n.threads[me].state, n.threads[me].place = stateBlocked, none }
	switch f.pc {
	case pcPark:
		switch {
		case t.parking == parkWoken:
			do("was woken before it parks", pcUser, func(n *parkState, _ *parkFrame) {
				n.threads[me].parking = parkNone
				x.wakes(n, me)
			})
		case t.place == none:
			do("has no worker", pcWithout, func(n *parkState, _ *parkFrame) { blocked(n) })
		default:
			do("has a worker", pcParkLock, func(_ *parkState, f *parkFrame) { f.w = t.place })
		}
	case pcParkLock:
		if s.locked[f.w] == none {
			do("locks its worker", pcParkStore, func(n *parkState, f *parkFrame) { n.locked[f.w] = me })
		}
	case pcParkStore:
		if s.cur[f.w] != me {
			do("finds it lost", pcWithout, func(n *parkState, f *parkFrame) {
				n.locked[f.w] = none
				blocked(n)
			})
			return
		}
		do("is blocked", pcParkPick, func(n *parkState, _ *parkFrame) { blocked(n) })
	case pcParkPick:
		x.pick(f.w, &s, func(next uint8, take func(*parkState)) {
			if next == none {
				do("leaves its worker to nobody", pcLayIdle, func(n *parkState, f *parkFrame) {
					n.cur[f.w], n.locked[f.w] = none, none
					f.back = pcWithout
				})
				return
			}
			do("gives its worker to another", pcParkPublish, func(n *parkState, f *parkFrame) {
				take(n)
				give(n, next, f.w)
				n.locked[f.w] = none
				f.next = next
			})
		})
	case pcParkPublish:
		if t.parking == parkNone {
			do("says that it parks", pcSwitch, func(n *parkState, _ *parkFrame) { n.threads[me].parking = parkParked })
			return
		}
		do("was woken meanwhile, and is queued", pcPublish, func(n *parkState, f *parkFrame) {
			n.threads[me].parking = parkNone
			if x.flaw != parkWithoutBegin {
				n.threads[me].word = wordParking
			}
			x.push(n, me, x.shared)
			f.back = pcSwitch
		})
	case pcWithout:
		do("begins to park", pcWithoutPublish, func(n *parkState, _ *parkFrame) {
			if x.flaw != parkWithoutBegin {
				n.threads[me].word = wordParking
			}
		})
	case pcWithoutPublish:
		if t.parking == parkNone {
			do("says that it parks", pcParkFiber, func(n *parkState, _ *parkFrame) { n.threads[me].parking = parkParked })
			return
		}
		do("was woken meanwhile, and is queued", pcPublish, func(n *parkState, f *parkFrame) {
			n.threads[me].parking = parkNone
			x.push(n, me, x.shared)
			f.back = pcParkFiber
		})
	}
}

// push puts t into a queue.
func (x *parker) push(n *parkState, t, q uint8) {
	if n.queues[q].has(t) {
		n.fault = "a thread is queued twice"
	}
	n.queues[q] = n.queues[q].with(t)
	n.threads[t].state, n.threads[t].place = stateReady, q
}

// readyThread is Thread.ready of f.t, and enqueue.
func (x *parker) readyThread(s parkState, me uint8, f parkFrame, do actorStep) {
	t := f.t
	back := func(_ *parkState, f *parkFrame) { f.t, f.ret = none, 0 }
	switch f.pc {
	case pcReady:
		switch {
		case s.threads[t].parking == parkParked, x.flaw == parkQueuesEarly:
			do("finds it parked", pcEnqueue, func(n *parkState, _ *parkFrame) { n.threads[t].parking = parkNone })
		case x.flaw == parkForgetsWoken:
			do("finds it awake", f.ret, back)
		case s.threads[t].parking == parkNone:
			do("comes before the park", f.ret, func(n *parkState, f *parkFrame) {
				n.threads[t].parking = parkWoken
				back(n, f)
			})
		default:
			do("wakes it twice", f.pc, func(n *parkState, _ *parkFrame) { n.fault = "a thread is made ready twice" })
		}
	case pcEnqueue:
		if me < parkThreads && s.threads[me].state == stateRunning && s.threads[me].place != none {
			if w := s.threads[me].place; s.locked[w] == none {
				do("locks its worker", pcEnqueueLocked, func(n *parkState, f *parkFrame) {
					f.w = w
					n.locked[w] = me
				})
			}
			return
		}
		do("puts it into the shared queue", pcPublish, func(n *parkState, f *parkFrame) {
			x.push(n, t, x.shared)
			back(n, f)
			f.back = pcUser
		})
	case pcEnqueueLocked:
		do("puts it into its worker's queue", pcPublish, func(n *parkState, f *parkFrame) {
			x.push(n, t, f.w)
			n.locked[f.w] = none
			back(n, f)
			f.w, f.back = none, pcUser
		})
	}
}

// publish is publish, employ, putIdle and layIdle.
func (x *parker) publish(s parkState, me uint8, f parkFrame, do actorStep) {
	leave := func(_ *parkState, f *parkFrame) { f.w, f.back = none, 0 }
	employ := func(n *parkState, f *parkFrame) {
		if f.w = takeIdle(n); f.w == none {
			f.pc = f.back
			leave(n, f)
		}
	}
	switch f.pc {
	case pcPublish, pcTakeIdle:
		do("looks for an idle worker", pcEmployLock, employ)
	case pcEmployLock:
		if s.locked[f.w] == none {
			do("locks it", pcEmployPick, func(n *parkState, f *parkFrame) { n.locked[f.w] = me })
		}
	case pcEmployPick:
		x.pick(f.w, &s, func(next uint8, take func(*parkState)) {
			if next == none {
				do("finds no thread for it", pcLayIdle, func(n *parkState, f *parkFrame) { n.locked[f.w] = none })
				return
			}
			do("gives it to a thread", pcResume, func(n *parkState, f *parkFrame) {
				take(n)
				give(n, next, f.w)
				n.locked[f.w] = none
				f.w, f.t = none, next
			})
		})
	case pcLayIdle:
		next := uint8(pcLookAgain)
		if x.flaw == parkLooksOnce {
			next = f.back
		}
		do("lays the worker idle", next, func(n *parkState, f *parkFrame) {
			n.idle = n.idle.with(f.w)
			f.w = none
			if x.flaw == parkLooksOnce {
				leave(n, f)
			}
		})
	case pcLookAgain:
		if s.ready() {
			do("sees a ready thread", pcTakeIdle, nil)
			return
		}
		do("sees no ready thread", f.back, leave)
	}
}

// fiber is what arch does: Ready, Switch and Park.
func (x *parker) fiber(s parkState, me uint8, f parkFrame, do actorStep) {
	switch f.pc {
	case pcResume:
		x.resume(s, f.t, f.back, func(_ *parkState, f *parkFrame) { f.t, f.back = none, 0 }, do)
	case pcSwitch:
		if x.portable {
			do("resumes the other", pcSwitchReady, nil)
			return
		}
		if s.threads[me].word == wordToken {
			do("finds a token, and runs on", pcSwitchReady, func(n *parkState, _ *parkFrame) { n.threads[me].word = wordRunning })
			return
		}
		do("closes the door to tokens", pcSwitchTo, func(n *parkState, _ *parkFrame) { n.threads[me].word = wordRunning })
	case pcSwitchReady:
		// Where there was a token it runs on, where it is portable it parks.
		after := uint8(pcUser)
		if x.portable {
			after = pcParkToken
		}
		x.resume(s, f.next, after, func(n *parkState, f *parkFrame) {
			f.next = none
			if !x.portable {
				x.wakes(n, me)
			}
		}, do)
	case pcSwitchTo:
		switch s.threads[f.next].word {
		case wordParked:
			do("takes it", pcSwitchOff, func(n *parkState, f *parkFrame) { n.threads[f.next].word = wordRunning })
		case wordParking:
			do("leaves a token", pcParkFiber, func(n *parkState, f *parkFrame) {
				n.threads[f.next].word = wordToken
				f.next = none
			})
		case wordRunning:
			if x.flaw == parkNobodyHeldBack {
				do("takes it", pcSwitchOff, nil)
			}
		default:
			do("resumes it twice", f.pc, func(n *parkState, _ *parkFrame) { n.fault = "a thread is resumed twice" })
		}
	case pcSwitchOff:
		do("is off its stack, and continues the other", pcParked, func(n *parkState, f *parkFrame) {
			n.threads[me].word = wordParked
			next := f.next
			f.next = none
			x.continues(n, next)
		})
	case pcParkFiber:
		do("begins to park", pcParkToken, func(n *parkState, _ *parkFrame) {
			if n.threads[me].word == wordRunning {
				n.threads[me].word = wordParking
			}
		})
	case pcParkToken:
		switch {
		case x.portable && s.threads[me].tokens > 0:
			do("finds a token, and runs on", pcUser, func(n *parkState, _ *parkFrame) {
				n.threads[me].tokens--
				x.wakes(n, me)
			})
		case s.threads[me].word == wordToken:
			do("finds a token, and runs on", pcUser, func(n *parkState, _ *parkFrame) {
				n.threads[me].word = wordRunning
				x.wakes(n, me)
			})
		default:
			do("is off its stack", pcParked, func(n *parkState, _ *parkFrame) { n.threads[me].word = wordParked })
		}
	}
}

// resume is Fiber.Ready of t.
func (x *parker) resume(s parkState, t, then uint8, change func(*parkState, *parkFrame), do actorStep) {
	if x.portable {
		do("resumes it", then, func(n *parkState, f *parkFrame) {
			change(n, f)
			switch {
			case n.frames[t].pc == pcParked:
				x.continues(n, t)
			case n.threads[t].tokens > 0:
				n.fault = "a thread is resumed twice"
			default:
				n.threads[t].tokens++
			}
		})
		return
	}
	switch word := s.threads[t].word; {
	case word == wordParked, word == wordRunning && x.flaw == parkNobodyHeldBack:
		do("resumes it", then, func(n *parkState, f *parkFrame) {
			n.threads[t].word = wordRunning
			change(n, f)
			x.continues(n, t)
		})
	case word == wordParking:
		do("leaves a token", then, func(n *parkState, f *parkFrame) {
			n.threads[t].word = wordToken
			change(n, f)
		})
	case word == wordToken:
		do("resumes it twice", then, func(n *parkState, _ *parkFrame) { n.fault = "a thread is resumed twice" })
	}
}

// continues makes t go on where it has left its stack.
func (x *parker) continues(n *parkState, t uint8) {
	if n.frames[t].pc != pcParked {
		n.fault = "a thread is resumed while it is on its stack"
		return
	}
	n.threads[t].word = wordRunning
	n.frames[t].pc = pcUser
	x.wakes(n, t)
}

// wakes ends the wait of t, if it is in one, which somebody must have ended.
func (x *parker) wakes(n *parkState, t uint8) {
	th := &n.threads[t]
	if !th.waiting {
		return
	}
	if th.wanted {
		n.fault = "a wait ends that nobody has ended"
	}
	th.waiting = false
	th.waits--
}

// yield is Thread.yield and rejoin.
func (x *parker) yield(s parkState, me uint8, f parkFrame, do actorStep) {
	switch f.pc {
	case pcYieldLock:
		if s.locked[f.w] == none {
			do("locks its worker", pcYieldPick, func(n *parkState, f *parkFrame) { n.locked[f.w] = me })
		}
	case pcYieldPick:
		stay := func(n *parkState, f *parkFrame) { n.locked[f.w], f.w = none, none }
		if s.cur[f.w] != me {
			do("finds it lost", pcUser, stay)
			return
		}
		x.pick(f.w, &s, func(next uint8, take func(*parkState)) {
			if next == none {
				do("finds nobody to yield to", pcUser, stay)
				return
			}
			do("queues itself and gives its worker to another", pcYieldBegin, func(n *parkState, f *parkFrame) {
				take(n)
				x.push(n, me, f.w)
				give(n, next, f.w)
				n.locked[f.w] = none
				f.w, f.next = none, next
			})
		})
	case pcYieldBegin:
		do("has nothing to publish", pcSwitch, nil)
		do("begins to park", pcPublish, func(n *parkState, f *parkFrame) {
			if x.flaw != parkWithoutBegin {
				n.threads[me].word = wordParking
			}
			f.back = pcSwitch
		})
	case pcRejoinGive:
		if f.w == none {
			do("finds no idle worker, and begins to park", pcRejoinPush, func(n *parkState, _ *parkFrame) {
				if x.flaw != parkWithoutBegin {
					n.threads[me].word = wordParking
				}
			})
			return
		}
		if s.locked[f.w] == none {
			do("locks an idle worker", pcRejoinGiven, func(n *parkState, f *parkFrame) { n.locked[f.w] = me })
		}
	case pcRejoinGiven:
		do("gives it to itself", pcUser, func(n *parkState, f *parkFrame) {
			give(n, me, f.w)
			n.locked[f.w], f.w = none, none
		})
	case pcRejoinPush:
		do("is queued", pcPublish, func(n *parkState, f *parkFrame) {
			x.push(n, me, x.shared)
			f.back = pcParkFiber
		})
	}
}

// monitor sees a thread and its word, for which others wait.
func (x *parker) monitor(s parkState, do actorStep) {
	if s.handOffs == 0 || !s.ready() {
		return
	}
	for w := range x.workers {
		t := s.cur[w]
		if t == none || s.locked[w] != none || s.threads[t].state != stateRunning {
			continue
		}
		do("sees a thread that looks blocked", pcHandOffLock, func(n *parkState, f *parkFrame) {
			n.handOffs--
			f.w, f.t, f.turn = w, t, s.threads[t].turn
		})
	}
}

// handOver is handOff, and what a thread does at its end.
func (x *parker) handOver(s parkState, me uint8, f parkFrame, do actorStep) {
	switch f.pc {
	case pcEndLock:
		if f.w == none {
			do("has no worker to leave", pcDone, func(n *parkState, _ *parkFrame) { n.threads[me].state = stateDone })
		} else if s.locked[f.w] == none {
			do("locks its worker", pcEndPick, func(n *parkState, f *parkFrame) { n.locked[f.w] = me })
		}
	case pcEndPick:
		if s.cur[f.w] != me {
			do("finds it lost", pcDone, func(n *parkState, f *parkFrame) {
				n.locked[f.w], f.w = none, none
				n.threads[me].state, n.threads[me].place = stateDone, none
			})
			return
		}
		x.leave(s, f, me, stateDone, pcDone, do)
	case pcHandOffLock:
		if s.locked[f.w] == none {
			do("locks the worker", pcHandOffPick, func(n *parkState, f *parkFrame) { n.locked[f.w] = me })
		}
	case pcHandOffPick:
		same := s.cur[f.w] == f.t && s.threads[f.t].turn == f.turn && s.threads[f.t].state == stateRunning
		if x.flaw == parkAnyTurn {
			same = s.cur[f.w] == f.t
		}
		if !same && x.flaw != parkAnyThread {
			do("finds that it has moved on", pcUser, func(n *parkState, f *parkFrame) {
				n.locked[f.w] = none
				*f = parkFrame{t: none, w: none, next: none}
			})
			return
		}
		if s.threads[f.t].turn != f.turn {
			// The word is stored as it was seen.
			do("stores the word of an earlier turn", pcUser, func(n *parkState, _ *parkFrame) { n.fault = "the turn of a thread goes back" })
			return
		}
		x.leave(s, f, f.t, stateRunning, pcUser, do)
	}
}

// leave takes a locked worker from t, which is left in the given state, and gives
// it to the next.
func (x *parker) leave(s parkState, f parkFrame, t, state, then uint8, do actorStep) {
	left := func(n *parkState, f *parkFrame) {
		n.threads[t].state, n.threads[t].place = state, none
		n.locked[f.w] = none
		f.t, f.turn, f.back = none, 0, then
	}
	x.pick(f.w, &s, func(next uint8, take func(*parkState)) {
		if next == none {
			do("takes it, and leaves it to nobody", pcLayIdle, func(n *parkState, f *parkFrame) {
				left(n, f)
				n.cur[f.w] = none
			})
			return
		}
		do("takes it, and gives it to another", pcResume, func(n *parkState, f *parkFrame) {
			take(n)
			left(n, f)
			give(n, next, f.w)
			f.w, f.t = none, next
		})
	})
}
