package model

// This file stands for forced preemption: requests, stop, usurp, seize, claimed
// and preempted (runtime/force.go), press, take and find (preempt.go), end and
// advance (lifecycle.go, fiber.go) for a thread that ends; RequestPreempt,
// ClaimPreempted, PreemptPending and WithdrawPreempt (arch/preempt_native.go),
// markPreempt (arch/preempt_*.s), and what the switch and readyNative do to the
// marks; and of Go asyncPreempt2, preemptPark, newstack's preemption, suspendG and
// resumeG (runtime/preempt.go, stack.go), preemptone and execute (proc.go).
//
// One worker, and two threads, which compute all the time. At times one of them
// yields, blocks in Go, is in Go's runtime, or ends. Somebody who wants the worker
// and the Monitor stop threads; the collector stops goroutines in the same way,
// for itself; and sysmon preempts them. Queues and the idle list are looked at in
// park.go: here what happens to them is one step.
//
// Who has seen a thread's word knows whether it has changed since: that is what
// the turn in it is for. So instead of turns, which would never end, there is a
// note with each copy of a word that says whether it is still the same.

const forceThreads = 2

// A forceFlaw is what a known-bad variant does wrong.
type forceFlaw uint8

const (
	forceSound forceFlaw = iota
	// forceForgets: a request is forgotten as soon as the signal is sent.
	forceForgets
	// forceKeepsMarks: who resumes a goroutine leaves preemptStop as it is.
	forceKeepsMarks
	// forceNeverClears: nor does who claims it.
	forceNeverClears
	// forceUnpinned: a goroutine may be stopped on its way to a park.
	forceUnpinned
	// forceWithdrawsBlindly: a request is withdrawn without holding the
	// goroutine where it is.
	forceWithdrawsBlindly
	// forceSticksToOld: a request that stands keeps a new one for the same
	// goroutine from being made, also where it is for an earlier word.
	forceSticksToOld
	// forceIgnoresLost: nobody looks after a thread whose worker was taken away.
	forceIgnoresLost
)

// forceOptions bound what happens: how many times a thread may yield, block in
// Go and end, and the collector stop a goroutine.
type forceOptions struct {
	yields, blocks, ends, collections uint8
	// wanter and usurps say whether somebody beside the Monitor stops threads,
	// and whether he takes workers too; sysmon, whether that is awake: it
	// preempts what runs, as often as it likes.
	wanter, usurps, sysmon bool
}

// Thread states, as in threadWord.
const (
	forceReady = iota
	forceRunning
	forcePreempted
	forceDone
)

type forceThread struct {
	// The goroutine.
	status                      status
	scanner                     uint8
	preempt, stop, guard, async bool
	queued                      bool // in Go's own queue
	inRuntime                   bool // it is, or was stopped, in Go's runtime
	// The fiber, and the thread's word.
	word  fiberWord
	state uint8
	holds bool
	pc    uint8
	// blocked: it waits for something in Go. ended: it has handed on its worker.
	blocked, ended bool
	// request is what stands in the list: none, a copy of the word that is
	// still the same, or an old one. lost is the same for the Monitor's list of
	// threads without a worker.
	request, lost uint8
}

// What is known of a copy of a thread's word.
const (
	copyNone = iota
	copySame
	copyOld
)

type forceFrame struct {
	pc, ret uint8
	t, to   uint8
	word    uint8 // a copy
	marked  bool
	stopped bool // the collector's
}

type forceState struct {
	threads [forceThreads]forceThread
	// frames are those of the one who wants the worker, the Monitor and the
	// collector. The frames of threads that resume others are theirs.
	frames [5]forceFrame
	// ready are the threads in a queue; cur has the worker, and listed is who
	// has locked the list of requests.
	ready                             set
	cur, listed                       uint8
	yields, blocks, ends, collections uint8
	fault                             string
}

const (
	forceWanter    = forceThreads
	forceMonitor   = forceThreads + 1
	forceCollector = forceThreads + 2
	forceSysmon    = forceThreads + 3
	forceGo        = forceThreads + 4
)

// Places in the code of threads.
const (
	fcUser = iota
	fcInjected
	fcStopping
	fcStopped // or runnable, or blocked: it continues as user code
	fcYield
	fcSwitch
	fcSwitchLocked
	fcSwitchOff
	fcSwitchPublish
	fcParkBegin
	fcParkOff
	fcParkCommit
	fcParkBack
	fcParked
	fcEnding
	// Places in the code of the others, and of threads in Ready, which goes on
	// to ret.
	fcReady
	fcReadyGo
	fcNothing
	fcMake
	fcMarkLock
	fcMarkCompare
	fcMarkSet
	fcMarkUnlock
	fcWatch
	fcUsurp
	fcUsurped
	fcTake
	fcSeize
	fcClaim
	fcClaimClear
	fcClaimDone
	fcClaimed
	fcPoll
	fcPending
	fcPendingStatus
	fcOvertaken
	fcWithdraw
	fcSuspend
	fcSuspendMark
	fcScan
	fcResume
)

func forceModel(o forceOptions, flaw forceFlaw) *Model[forceState] {
	start := forceState{
		cur: 0, ready: setOf(1), listed: none,
		yields: o.yields, blocks: o.blocks, ends: o.ends, collections: o.collections,
	}
	start.threads[0] = forceThread{scanner: none, state: forceRunning, holds: true}
	start.threads[1] = forceThread{scanner: none, status: gWaiting, word: wordParked, pc: fcParked}
	for i := range start.frames {
		start.frames[i] = forceFrame{pc: fcNothing, t: none, to: none}
	}
	x := &forcer{o: o, flaw: flaw}
	m := &Model[forceState]{
		Actors: []string{"thread 0", "thread 1", "one who wants the worker", "Monitor", "collector", "sysmon", "Go"},
		Start:  start,
		Steps:  x.steps,
		Wrong:  x.wrong,
		Stuck: func(s forceState) string {
			for _, t := range s.threads {
				if t.status == gPreempted {
					return "a goroutine is stopped for ever"
				}
			}
			for _, t := range s.threads {
				if !t.ended && !t.holds && t.pc == fcUser {
					return "more threads run than there are workers, for ever"
				}
				if !t.ended && !(t.holds && t.pc == fcUser && t.status == gRunning) {
					return "nothing happens any more"
				}
			}
			return ""
		},
	}
	for i := range forceThreads {
		m.Goals = append(m.Goals, Goal[forceState]{"a goroutine is stopped for ever", func(s forceState) bool {
			return s.threads[i].status != gPreempted
		}})
	}
	for i := range forceThreads {
		m.Goals = append(m.Goals, Goal[forceState]{"a thread is never run again", func(s forceState) bool {
			t := s.threads[i]
			return t.ended || t.pc == fcUser && t.status == gRunning && t.holds
		}})
	}
	if o.sysmon {
		// A goroutine that runs on with half a mark stops when that preempts it.
		m.Goals = append(m.Goals, Goal[forceState]{"a request stands for ever", func(s forceState) bool {
			return s.threads[0].request == copyNone && s.threads[1].request == copyNone
		}})
	}
	m.Goals = append(m.Goals,
		Goal[forceState]{"more threads run than there are workers, for ever", func(s forceState) bool {
			for i, t := range s.threads {
				if !s.ready.has(uint8(i)) && !t.holds && !t.ended {
					return false
				}
			}
			return true
		}})
	return m
}

type forcer struct {
	o    forceOptions
	flaw forceFlaw
}

func (x *forcer) wrong(s forceState) string {
	if s.fault != "" {
		return s.fault
	}
	for i, t := range s.threads {
		i := uint8(i)
		if t.holds != (s.cur == i) {
			return "a worker and its thread don't agree"
		}
		if s.ready.has(i) && t.holds {
			return "a thread is in a queue and has a worker"
		}
		if t.pc == fcUser && t.status == gRunning && s.ready.has(i) {
			return "a thread runs that is queued"
		}
	}
	return ""
}

// change stores another word, so that all copies of it are old.
func (n *forceState) change(t, state uint8, holds bool) {
	th := &n.threads[t]
	th.state, th.holds = state, holds
	age := func(c *uint8) {
		if *c == copySame {
			*c = copyOld
		}
	}
	age(&th.request)
	age(&th.lost)
	for i := range n.frames {
		if n.frames[i].t == t {
			age(&n.frames[i].word)
		}
	}
}

// leave takes the worker from the one who has it, and gives it to the next, who
// is returned and must be resumed; none if there is none.
func (n *forceState) leave() (next uint8) {
	n.cur = none
	return n.employ()
}

// employ gives the worker, if nobody has it, to the next.
func (n *forceState) employ() (next uint8) {
	next = none
	if n.cur != none {
		return none
	}
	n.ready.each(func(t uint8) { next = t })
	if next != none {
		n.ready = n.ready.without(next)
		n.change(next, forceRunning, true)
		n.cur = next
	}
	return next
}

// push queues t, and gives it the worker if nobody has it.
func (n *forceState) push(t, state uint8) (next uint8) {
	if n.ready.has(t) {
		n.fault = "a thread is queued twice"
	}
	n.ready = n.ready.with(t)
	n.change(t, state, false)
	return n.employ()
}

// then makes f go on to ret, once next, which may be none, is resumed.
func (f *forceFrame) then(next, ret uint8) {
	if next == none {
		f.pc, f.ret, f.to = ret, 0, none
		return
	}
	f.pc, f.ret, f.to = fcReady, ret, next
}

// A forceStep is a step of the actor that is looked at.
type forceStep func(what string, change func(n *forceState, f *forceFrame))

func (x *forcer) steps(s forceState, step func(int, string, forceState)) {
	if s.fault != "" {
		return
	}
	for me := range uint8(len(s.frames)) {
		do := func(what string, change func(n *forceState, f *forceFrame)) {
			n := s
			change(&n, &n.frames[me])
			step(int(me), what, n)
		}
		f := s.frames[me]
		switch {
		case f.pc == fcReady || f.pc == fcReadyGo:
			x.ready(s, f, do)
		case me < forceThreads:
			x.thread(s, me, do)
		case f.pc < fcSeize && f.pc != fcNothing:
			x.request(s, me, f, do)
		case f.pc >= fcSeize && f.pc <= fcClaimed:
			x.claim(s, me, f, do)
		case me == forceWanter:
			x.want(s, do)
		case me == forceMonitor:
			x.monitor(s, f, do)
		default:
			x.collect(s, f, do)
		}
	}
	for i, t := range s.threads {
		n := s
		th := &n.threads[i]
		if t.queued && t.scanner == none {
			th.queued, th.status, th.preempt, th.guard, th.blocked, th.async = false, gRunning, false, false, false, false
			th.pc = fcUser
			step(forceGo, "runs what is runnable", n)
		}
		n = s
		th = &n.threads[i]
		if t.blocked && t.status == gWaiting && t.scanner == none {
			th.status, th.queued, th.blocked = gRunnable, true, false
			step(forceGo, "ends a wait in Go", n)
		}
		n = s
		th = &n.threads[i]
		if x.o.sysmon && t.status == gRunning && t.pc == fcUser {
			th.preempt, th.guard = true, true
			step(forceSysmon, "preempts", n)
		}
	}
}

// ready is Fiber.Ready of f.to.
func (x *forcer) ready(s forceState, f forceFrame, do forceStep) {
	to := s.threads[f.to]
	back := func(n *forceState, f *forceFrame) { f.pc, f.ret, f.to = f.ret, 0, none }
	if f.pc == fcReadyGo {
		if to.status != gWaiting || to.blocked {
			do("readies it", func(n *forceState, _ *forceFrame) { n.fault = "a goroutine is readied that isn't parked" })
		} else if to.scanner == none {
			do("readies it", func(n *forceState, f *forceFrame) {
				th := &n.threads[f.to]
				th.preempt = false
				x.resumed(n, th)
				th.status, th.queued, th.pc = gRunnable, true, fcStopped
				back(n, f)
			})
		}
		return
	}
	switch to.word {
	case wordParked:
		do("makes its word running", func(n *forceState, f *forceFrame) {
			n.threads[f.to].word = wordRunning
			f.pc = fcReadyGo
		})
	case wordParking:
		do("leaves a token", func(n *forceState, f *forceFrame) {
			n.threads[f.to].word = wordToken
			back(n, f)
		})
	case wordToken:
		do("leaves a token", func(n *forceState, _ *forceFrame) { n.fault = "a thread is resumed twice" })
	}
}

// resumed ends what was asked of a goroutine in its last turn.
func (x *forcer) resumed(n *forceState, t *forceThread) {
	switch {
	case x.flaw == forceNeverClears:
	case x.flaw == forceKeepsMarks && t.stop:
		n.fault = "a request outlives a resumption"
	default:
		t.stop = false
	}
}

// thread is what a thread does.
func (x *forcer) thread(s forceState, me uint8, do forceStep) {
	th := s.threads[me]
	to := func(what string, pc uint8, change func(n *forceState, t *forceThread)) {
		do(what, func(n *forceState, f *forceFrame) {
			t := &n.threads[me]
			t.pc = pc
			if change != nil {
				change(n, t)
			}
		})
	}
	switch th.pc {
	case fcUser:
		if th.status == gRunning {
			x.user(s, me, to)
		}
	case fcInjected:
		to("is at an asynchronous safe point", fcStopping, func(_ *forceState, t *forceThread) {
			t.async = true
			if !t.stop {
				t.status, t.queued, t.pc = gRunnable, true, fcStopped
			}
		})
	case fcStopping:
		if th.scanner == none {
			to("stops", fcStopped, func(_ *forceState, t *forceThread) { t.status = gPreempted })
		}
	case fcYield:
		to("yields", fcSwitch, func(n *forceState, t *forceThread) {
			switch {
			case n.cur == me && n.ready != 0:
				n.ready.each(func(next uint8) { n.frames[me].to = next })
				next := n.frames[me].to
				n.ready = n.ready.without(next).with(me)
				n.change(me, forceReady, false)
				n.change(next, forceRunning, true)
				n.cur = next
			case n.cur == me:
				t.pc = fcUser
			case n.cur == none:
				n.change(me, forceRunning, true)
				n.cur, t.pc = me, fcUser
			default:
				// Without a worker, and there is none: rejoin.
				t.word, t.pc = wordParking, fcParkBegin
				n.push(me, forceReady)
			}
		})
	case fcEnding:
		to("hands on its worker", fcParkBegin, func(n *forceState, t *forceThread) {
			t.ended, t.word = true, wordParking
			if n.cur == me {
				n.change(me, forceDone, false)
				n.frames[me].then(n.leave(), fcNothing)
			}
		})
	default:
		x.switching(s, me, to)
	}
}

// user is what may happen to code of the user.
func (x *forcer) user(s forceState, me uint8, to func(string, uint8, func(*forceState, *forceThread))) {
	th := s.threads[me]
	done := th.state == forceDone
	if th.preempt && !th.inRuntime {
		to("is interrupted", fcInjected, nil)
	}
	if th.guard {
		to("enters a function", fcStopping, func(_ *forceState, t *forceThread) {
			t.async, t.guard = false, false
			if !t.stop {
				t.status, t.queued, t.pc = gRunnable, true, fcStopped
			}
		})
	}
	if th.inRuntime {
		to("leaves Go's runtime", fcUser, func(_ *forceState, t *forceThread) { t.inRuntime = false })
		return
	}
	if x.o.sysmon || x.o.collections > 0 {
		// Where nobody poisons the guard it is as if it were pinned.
		to("enters Go's runtime", fcUser, func(_ *forceState, t *forceThread) { t.inRuntime = true })
	}
	if done {
		to("is done", fcEnding, nil)
		return
	}
	if s.ends > 0 {
		to("ends", fcUser, func(n *forceState, _ *forceThread) {
			n.ends--
			n.change(me, forceDone, n.threads[me].holds)
		})
	}
	if s.yields > 0 {
		to("comes to a safepoint", fcYield, func(n *forceState, _ *forceThread) { n.yields-- })
	}
	if s.blocks > 0 && th.scanner == none {
		to("blocks in Go", fcStopped, func(n *forceState, t *forceThread) {
			n.blocks--
			t.status, t.blocked = gWaiting, true
		})
	}
}

// switching is thread in Switch and Park.
func (x *forcer) switching(s forceState, me uint8, to func(string, uint8, func(*forceState, *forceThread))) {
	th := s.threads[me]
	next := s.frames[me].to
	if x.flaw == forceUnpinned && th.preempt && th.stop && (th.pc == fcSwitch || th.pc == fcParkBegin) {
		to("is interrupted", fcInjected, nil)
	}
	switch th.pc {
	case fcSwitch:
		if s.threads[next].word != wordParked && s.threads[next].word != wordParking {
			return
		}
		other := s.threads[next]
		switch {
		case other.word == wordParking:
			to("leaves a token, and parks", fcParkBegin, func(n *forceState, _ *forceThread) {
				n.threads[next].word = wordToken
				n.frames[me].to = none
			})
		case other.status == gWaiting && other.scanner == none:
			to("locks the next one", fcSwitchLocked, func(n *forceState, _ *forceThread) { n.threads[next].scanner = me })
		default:
			to("is refused, and parks", fcParkBegin, func(n *forceState, _ *forceThread) { n.frames[me].then(next, fcNothing) })
		}
	case fcSwitchLocked:
		to("makes it running", fcSwitchOff, func(n *forceState, _ *forceThread) {
			other := &n.threads[next]
			other.preempt, other.word, other.status, other.scanner = false, wordRunning, gRunning, none
			x.resumed(n, other)
		})
	case fcSwitchOff:
		if th.scanner == none {
			to("is off its stack", fcSwitchPublish, func(_ *forceState, t *forceThread) { t.status = gWaiting })
		}
	case fcSwitchPublish:
		to("publishes that, and continues the next one", fcParked, func(n *forceState, t *forceThread) {
			t.word = wordParked
			n.frames[me].to = none
			n.threads[next].pc, n.threads[next].async = fcUser, false
		})
	case fcParkBegin:
		to("begins to park", fcParkOff, func(_ *forceState, t *forceThread) {
			if t.word == wordRunning {
				t.word = wordParking
			}
			if t.word == wordToken {
				t.word, t.pc = wordRunning, fcUser
			}
		})
	case fcParkOff:
		if th.scanner == none {
			to("is off its stack", fcParkCommit, func(_ *forceState, t *forceThread) { t.status = gWaiting })
		}
	case fcParkCommit:
		if th.word == wordToken {
			if th.scanner == none {
				to("finds a token", fcParkBack, func(_ *forceState, t *forceThread) { t.word, t.status = wordRunning, gRunnable })
			}
			return
		}
		to("publishes that", fcParked, func(_ *forceState, t *forceThread) { t.word = wordParked })
	case fcParkBack:
		if th.scanner == none {
			to("runs on", fcUser, func(_ *forceState, t *forceThread) {
				t.status, t.preempt, t.guard = gRunning, false, false
			})
		}
	}
}

// want is somebody who waits for the worker, at a moment of his choice.
func (x *forcer) want(s forceState, do forceStep) {
	if !x.o.wanter || s.cur == none || s.ready == 0 || s.threads[s.cur].state != forceRunning {
		return
	}
	see := func(pc uint8) func(n *forceState, f *forceFrame) {
		return func(n *forceState, f *forceFrame) { f.pc, f.t, f.word = pc, n.cur, copySame }
	}
	do("sees who has the worker, and asks it to stop", see(fcMake))
	if x.o.usurps {
		do("sees who has the worker, and takes it", see(fcUsurp))
	}
}

// idle ends what an actor is at.
func (f *forceFrame) idle() { *f = forceFrame{pc: fcNothing, t: none, to: none} }

// request is requests.make and stop, and usurp.
func (x *forcer) request(s forceState, me uint8, f forceFrame, do forceStep) {
	th := s.threads[f.t]
	done := func(n *forceState, f *forceFrame) {
		n.listed = none
		f.marked = false
		if me == forceWanter {
			f.pc = fcWatch
		} else {
			f.idle()
		}
	}
	switch f.pc {
	case fcMake:
		if s.listed != none {
			return
		}
		do("locks the requests", func(n *forceState, f *forceFrame) {
			n.listed = me
			f.pc = fcMarkLock
			if th.request == copyOld && (x.flaw == forceSticksToOld || f.word == copyOld) {
				done(n, f) // another stands
			}
		})
	case fcMarkLock:
		if th.scanner != none {
			return
		}
		if th.status != gRunning {
			do("finds it not running", done)
			return
		}
		do("locks the goroutine", func(n *forceState, f *forceFrame) {
			n.threads[f.t].scanner = me
			f.pc = fcMarkCompare
		})
	case fcMarkCompare:
		do("compares the word", func(_ *forceState, f *forceFrame) {
			f.pc = fcMarkSet
			if f.word != copySame {
				f.pc = fcMarkUnlock
			}
		})
	case fcMarkSet:
		do("marks it", func(n *forceState, f *forceFrame) {
			n.threads[f.t].stop, n.threads[f.t].preempt = true, true
			f.pc, f.marked = fcMarkUnlock, true
		})
	case fcMarkUnlock:
		do("unlocks the goroutine", func(n *forceState, f *forceFrame) {
			n.threads[f.t].scanner = none
			if f.marked && x.flaw != forceForgets {
				n.threads[f.t].request = f.word
			}
			done(n, f)
		})
	case fcWatch:
		do("leaves the rest to the Monitor", func(_ *forceState, f *forceFrame) { f.idle() })
		if th.status == gPreempted && s.listed == none {
			do("finds it stopped", func(n *forceState, f *forceFrame) {
				n.listed = me
				f.pc = fcSeize
			})
		}
	case fcUsurp, fcTake:
		do("takes the worker, if the word is the same", func(n *forceState, f *forceFrame) {
			t := f.t
			if n.cur != t || f.word != copySame {
				f.idle()
				return
			}
			state, after := uint8(forceRunning), uint8(fcNothing)
			if f.pc == fcUsurp {
				state, after = forcePreempted, fcUsurped
			}
			n.change(t, state, false)
			f.word = copySame // of what has just been stored
			if x.flaw != forceIgnoresLost {
				n.threads[t].lost = copySame
			}
			f.then(n.leave(), after)
		})
	case fcUsurped:
		do("asks it to stop", func(_ *forceState, f *forceFrame) { f.pc = fcMake })
	}
}

// claim is seize, and the claim in poll, and claimed and preempted.
func (x *forcer) claim(s forceState, me uint8, f forceFrame, do forceStep) {
	th := s.threads[f.t]
	switch f.pc {
	case fcSeize:
		if th.request == copyNone || th.status != gPreempted {
			do("finds that another was faster", func(n *forceState, f *forceFrame) {
				n.listed = none
				f.idle()
			})
		} else if th.scanner == none {
			do("claims it", func(n *forceState, f *forceFrame) {
				n.threads[f.t].status = gWaiting
				f.pc = fcClaim
			})
		}
	case fcClaim:
		do("clears its marks", func(n *forceState, f *forceFrame) {
			t := &n.threads[f.t]
			t.preempt, t.stop = false, t.stop && x.flaw == forceNeverClears
			f.pc = fcClaimDone
			if !t.async && t.inRuntime {
				f.pc = fcClaimClear
			}
		})
	case fcClaimClear:
		if th.scanner != none {
			return
		}
		do("lets it go", func(n *forceState, f *forceFrame) {
			t := &n.threads[f.t]
			t.status, t.queued = gRunnable, true
			if me == forceMonitor {
				// Nothing is pending any more, when it looks.
				f.pc = fcPending
				return
			}
			n.listed = none
			f.idle()
		})
	case fcClaimDone:
		do("makes its word parked", func(n *forceState, f *forceFrame) {
			t := &n.threads[f.t]
			if t.word != wordRunning {
				n.fault = "a goroutine was stopped on its way to a park"
			}
			t.word, t.request = wordParked, copyNone
			n.listed = none
			f.pc = fcClaimed
		})
	case fcClaimed:
		do("decides about its thread", func(n *forceState, f *forceFrame) {
			t := f.t
			f.idle()
			switch th := n.threads[t]; {
			case th.state == forceDone:
				f.then(t, fcNothing)
			case th.holds && n.ready == 0:
				f.then(t, fcNothing)
			case th.holds:
				next := uint8(none)
				n.ready.each(func(r uint8) { next = r })
				n.ready = n.ready.without(next).with(t)
				n.change(t, forcePreempted, false)
				n.change(next, forceRunning, true)
				n.cur = next
				f.then(next, fcNothing)
			default:
				f.then(n.push(t, forcePreempted), fcNothing)
			}
		})
	}
}

// monitor is poll, press and find.
func (x *forcer) monitor(s forceState, f forceFrame, do forceStep) {
	switch f.pc {
	case fcNothing:
		x.look(s, do)
		return
	case fcPoll, fcPending, fcPendingStatus, fcOvertaken, fcWithdraw:
	default:
		return
	}
	th := s.threads[f.t]
	drop := func(n *forceState, f *forceFrame) {
		n.threads[f.t].request = copyNone
		n.listed = none
		f.idle()
	}
	switch f.pc {
	case fcPoll:
		if th.status == gPreempted && th.scanner == none {
			do("finds it stopped, and claims it", func(n *forceState, f *forceFrame) {
				n.threads[f.t].status = gWaiting
				f.pc = fcClaim
			})
			return
		}
		do("finds it not stopped", func(_ *forceState, f *forceFrame) { f.pc = fcPending })
	case fcPending:
		do("looks whether it is marked", func(_ *forceState, f *forceFrame) {
			f.pc = fcPendingStatus
			if th.stop {
				f.pc = fcOvertaken
			}
		})
	case fcPendingStatus:
		if th.status == gPreempted {
			do("finds that it has stopped now", func(_ *forceState, f *forceFrame) { f.pc = fcOvertaken })
			return
		}
		do("finds nothing pending, and drops the request", drop)
	case fcOvertaken:
		do("asks again", func(_ *forceState, f *forceFrame) { f.pc, f.word = fcMarkLock, th.request })
		if th.status == gWaiting && th.scanner == none {
			do("finds it blocked, and holds it there", func(n *forceState, f *forceFrame) {
				if x.flaw != forceWithdrawsBlindly {
					n.threads[f.t].scanner = forceMonitor
				}
				f.pc = fcWithdraw
			})
		}
	case fcWithdraw:
		do("withdraws the request", func(n *forceState, f *forceFrame) {
			t := &n.threads[f.t]
			t.preempt, t.stop = false, false
			if t.scanner == forceMonitor {
				t.scanner = none
			}
			drop(n, f)
		})
	}
}

// look is the Monitor's choice of what to look after.
func (x *forcer) look(s forceState, do forceStep) {
	see := func(t, pc, word uint8) func(n *forceState, f *forceFrame) {
		return func(n *forceState, f *forceFrame) { f.pc, f.t, f.word = pc, t, word }
	}
	for i, th := range s.threads {
		i := uint8(i)
		if th.request != copyNone && s.listed == none {
			do("looks after a request", func(n *forceState, f *forceFrame) {
				n.listed = forceMonitor
				f.pc, f.t = fcPoll, i
			})
		}
		if s.cur == i && s.ready != 0 && th.state == forceRunning {
			switch th.status {
			case gWaiting:
				do("sees that who has the worker is blocked", see(i, fcTake, copySame))
			case gRunning:
				do("sees that who has the worker doesn't answer", see(i, fcMake, copySame))
			}
		}
		switch {
		case th.lost == copyOld:
			do("finds a lost thread in the hands of the scheduler", func(n *forceState, _ *forceFrame) { n.threads[i].lost = copyNone })
		case th.lost == copySame && th.status == gRunning:
			do("sees a lost thread run", see(i, fcMake, copySame))
		}
	}
}

// collect is suspendG and resumeG.
func (x *forcer) collect(s forceState, f forceFrame, do forceStep) {
	if f.pc == fcNothing {
		if s.collections > 0 {
			for i := range uint8(forceThreads) {
				do("wants to scan a stack", func(n *forceState, f *forceFrame) {
					n.collections--
					f.pc, f.t = fcSuspend, i
				})
			}
		}
		return
	}
	th := s.threads[f.t]
	switch f.pc {
	case fcSuspend:
		switch {
		case th.scanner != none:
		case th.status == gPreempted:
			do("finds the goroutine stopped", func(n *forceState, f *forceFrame) {
				n.threads[f.t].status = gWaiting
				f.stopped = true
			})
		case th.status == gRunning && !(th.stop && th.preempt && th.guard):
			do("locks the running goroutine", func(n *forceState, f *forceFrame) {
				n.threads[f.t].scanner = forceCollector
				f.pc = fcSuspendMark
			})
		case th.status != gRunning:
			do("locks the goroutine", func(n *forceState, f *forceFrame) {
				t := &n.threads[f.t]
				t.scanner, t.stop, t.preempt, t.guard = forceCollector, false, false, false
				f.pc = fcScan
			})
		}
	case fcSuspendMark:
		do("marks it", func(n *forceState, f *forceFrame) {
			t := &n.threads[f.t]
			t.scanner, t.stop, t.preempt, t.guard = none, true, true, true
			f.pc = fcSuspend
		})
	case fcScan:
		do("has scanned it", func(n *forceState, f *forceFrame) {
			n.threads[f.t].scanner = none
			f.pc = fcResume
			if !f.stopped {
				f.idle()
			}
		})
	case fcResume:
		if th.status != gWaiting || th.word == wordParked || th.blocked {
			do("resumes it", func(n *forceState, _ *forceFrame) { n.fault = "the collector resumes what another has" })
		} else if th.scanner == none {
			do("resumes it", func(n *forceState, f *forceFrame) {
				n.threads[f.t].status, n.threads[f.t].queued = gRunnable, true
				f.idle()
			})
		}
	}
}
