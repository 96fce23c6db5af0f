package model

// This file stands for the fiber word: Park, BeginPark, Ready and Switch in
// arch/fiber.go and arch/fiber_native.go, the assembly in arch/switch_*.s, and,
// of Go, gopark's way through park_m (runtime/proc.go), execute, ready, the
// collector's scan lock (suspendG, runtime/preempt.go) and the goroutine profile
// (goroutineProfileWithLabelsConcurrent and tryRecordGoroutineProfile,
// runtime/mprof.go), as of go1.26 and go1.27.
//
// Three fibers are run by two OS threads, two of them at first, while the third
// waits. Each running fiber may go on to another that waits, which is Switch, or
// park. Before either it becomes visible: it is put into the queue of those who
// wait for a resumption, from which anybody takes it, who then resumes it. With
// BeginPark it may itself take one, itself included, before it is off its stack:
// as a thread does that finds an idle worker for what it has just queued.

const (
	switchFibers  = 3
	switchThreads = 2
)

// A switchFlaw is what a known-bad variant does wrong.
type switchFlaw uint8

const (
	switchSound switchFlaw = iota
	// resumersDontWait: who resumes a fiber takes it for parked as soon as it is
	// visible.
	resumersDontWait
	// publishesFirst: the assembly publishes that a fiber is parked before it
	// has let go of the goroutine.
	publishesFirst
	// withoutBeginPark: a fiber that may resume itself doesn't call BeginPark.
	withoutBeginPark
	// profileUnasked: Switch doesn't look for a profile.
	profileUnasked
	// neverLooksBack: a park ignores the token of a resumption that came first.
	neverLooksBack
)

// Places in the code. "a" is the goroutine whose code it is, "b" the one that is
// switched to or readied.
const (
	atFree    = iota // in Go's scheduler, with nothing to run
	atUser           // in a's own code
	atPublish        // pinned, visible, past BeginPark: may resume others
	// Ready(b), then on to ret.
	atReadyWord
	atReadyGo
	// Switch(b).
	atSwitchOwn
	atSwitchWord
	atLockB
	atWriteM
	atWriteWord
	atWriteStatus
	atLetGo
	atDropM
	atPublishWord
	atJump
	// Park.
	atParkBegin
	atParkToken
	atParkStatus
	atParkDrop
	atParkCommit
	atParkRefused
	atParkBack
)

type switchFiber struct {
	word   fiberWord
	status status
	// scanner holds the scan bit: none, an OS thread, or the collector.
	scanner uint8
	m       uint8 // g.m
	// queued says that Go's scheduler has it in a queue.
	queued   bool
	profiled uint8 // g.goroutineProfiled
}

type switchThread struct {
	at, a, b uint8
	// ret is where Ready goes on, keep is b for then.
	ret, keep uint8
}

type switchState struct {
	fibers  [switchFibers]switchFiber
	threads [switchThreads]switchThread
	queue   set
	// waker is an OS thread of somebody else's, who takes fibers from the queue.
	waker switchThread
	// scanned is the fiber that the collector has locked, profiling the one
	// that the profiler reads.
	scanned, profiling uint8
	// profile says how far the goroutine profile is.
	profile uint8
	fault   string
}

const (
	switchWaker     = switchThreads
	switchCollector = switchThreads + 1
	switchProfiler  = switchThreads + 2
	switchGo        = switchThreads + 3
)

// profile states of a goroutine, as in runtime/mprof.go.
const (
	profileAbsent = iota
	profileInProgress
	profileSatisfied
)

// The goroutine profile, of which there is one.
const (
	profileNotYet uint8 = iota
	profileActive
	profileCleanup // not active any more, but its marks still stand
	profileOver
)

// switchOptions choose what takes part.
type switchOptions struct {
	collector, profiler bool
}

func switchModel(o switchOptions, flaw switchFlaw) *Model[switchState] {
	start := switchState{queue: setOf(2), scanned: none, profiling: none, waker: switchThread{at: atFree, a: none, b: none}}
	for i := range start.fibers {
		f := &start.fibers[i]
		f.scanner, f.m = none, none
		if i < switchThreads {
			f.m = uint8(i)
			start.threads[i] = switchThread{at: atUser, a: uint8(i), b: none}
		} else {
			f.word, f.status = wordParked, gWaiting
		}
	}
	x := &switcher{o: o, flaw: flaw}
	m := &Model[switchState]{
		Actors: []string{"OS thread 0", "OS thread 1", "another's thread", "collector", "profiler", "Go"},
		Start:  start,
		Steps:  x.steps,
		Wrong:  x.wrong,
		Stuck:  func(switchState) string { return "everybody waits for ever" },
	}
	for i := range uint8(switchFibers) {
		m.Goals = append(m.Goals, Goal[switchState]{"a fiber that was resumed never runs", func(s switchState) bool {
			for _, th := range s.threads {
				if th.at == atUser && th.a == i {
					return true
				}
			}
			return false
		}})
	}
	return m
}

type switcher struct {
	o    switchOptions
	flaw switchFlaw
}

// onStack returns the fiber whose stack th uses, none if it is on its own. When
// it has let go of the caller the assembly uses registers only; gopark leaves the
// stack before it changes the status.
func (th switchThread) onStack() uint8 {
	switch th.at {
	case atFree, atParkStatus, atParkDrop, atParkCommit, atParkRefused, atParkBack,
		atDropM, atPublishWord, atJump:
		return none
	}
	return th.a
}

func (x *switcher) wrong(s switchState) string {
	if s.fault != "" {
		return s.fault
	}
	var used set
	for i, th := range s.threads {
		a := th.onStack()
		if a == none {
			continue
		}
		if used.has(a) {
			return "two run on one stack"
		}
		used = used.with(a)
		f := s.fibers[a]
		if f.m != uint8(i) {
			return "a running goroutine has lost its OS thread"
		}
		if f.status != gRunning {
			return "a goroutine runs that isn't running"
		}
		if s.profiling == a {
			return "a profile reads the stack of a running goroutine"
		}
	}
	for _, f := range s.fibers {
		if f.status == gRunning && f.m == none {
			return "a running goroutine has lost its OS thread"
		}
	}
	return ""
}

func (x *switcher) steps(s switchState, step func(int, string, switchState)) {
	if s.fault != "" {
		return
	}
	for i := range s.threads {
		x.thread(s, i, &s.threads[i], func(n *switchState) *switchThread { return &n.threads[i] }, step)
	}
	x.thread(s, switchWaker, &s.waker, func(n *switchState) *switchThread { return &n.waker }, step)
	if x.o.collector {
		x.collect(s, step)
	}
	if x.o.profiler {
		x.profileSteps(s, step)
	}
	x.execute(s, step)
}

// execute is Go's scheduler, which runs what is runnable on a free OS thread.
func (x *switcher) execute(s switchState, step func(int, string, switchState)) {
	for g, f := range s.fibers {
		if !f.queued || f.scanner != none {
			continue
		}
		if s.profile == profileActive && f.profiled != profileSatisfied {
			continue // execute has it profiled first
		}
		for i, th := range s.threads {
			if th.at == atFree {
				n := s
				n.fibers[g].m, n.fibers[g].queued = uint8(i), false
				n.fibers[g].status = gRunning
				n.threads[i] = switchThread{at: atUser, a: uint8(g), b: none}
				step(switchGo, "runs what is runnable", n)
				break // the others are as good
			}
		}
	}
}

// collect locks the status of a goroutine for a moment, to scan its stack or, if
// it runs, to ask it to stop.
func (x *switcher) collect(s switchState, step func(int, string, switchState)) {
	n := s
	if s.scanned != none {
		n.fibers[s.scanned].scanner = none
		n.scanned = none
		step(switchCollector, "unlocks it", n)
		return
	}
	// One of them will do: they are all alike.
	if s.fibers[0].scanner == none {
		n.fibers[0].scanner = switchCollector
		n.scanned = 0
		step(switchCollector, "locks a goroutine", n)
	}
}

// profileSteps record the stacks of all goroutines, once. It begins and ends with
// the world stopped: no goroutine is pinned then, and those that run go through Go's
// scheduler before they go on.
func (x *switcher) profileSteps(s switchState, step func(int, string, switchState)) {
	n := s
	switch s.profile {
	case profileNotYet:
		if n.stop() {
			n.profile = profileActive
			step(switchProfiler, "stops the world, and begins", n)
		}
	case profileActive:
		if s.profiling != none {
			n.fibers[s.profiling].profiled = profileSatisfied
			n.profiling = none
			step(switchProfiler, "has read it", n)
			return
		}
		all := true
		for g, f := range s.fibers {
			all = all && f.profiled == profileSatisfied
			if f.profiled == profileAbsent {
				n := s
				n.fibers[g].profiled = profileInProgress
				n.profiling = uint8(g)
				if f.status == gRunning {
					n.fault = "a profile reads the stack of a running goroutine"
				}
				step(switchProfiler, "begins to read a stack", n)
			}
		}
		if all && n.stop() {
			n.profile = profileCleanup
			step(switchProfiler, "stops the world, and ends", n)
		}
	case profileCleanup:
		for g, f := range s.fibers {
			if f.profiled != profileAbsent {
				n.fibers[g].profiled = profileAbsent
				step(switchProfiler, "clears a mark", n)
				return
			}
		}
		n.profile = profileOver
		step(switchProfiler, "is over", n)
	}
}

// stop stops the world and starts it again. It reports false if somebody is in the
// middle of something.
func (s *switchState) stop() bool {
	for _, th := range append(s.threads[:], s.waker) {
		if th.at != atFree && th.at != atUser {
			return false
		}
	}
	for i, th := range s.threads {
		if th.at == atUser {
			f := &s.fibers[th.a]
			if f.scanner != none {
				return false
			}
			f.status, f.m, f.queued = gRunnable, none, true
			s.threads[i] = switchThread{at: atFree, a: none, b: none}
		}
	}
	return true
}

// thread is what one OS thread does next.
func (x *switcher) thread(s switchState, me int, th *switchThread, of func(*switchState) *switchThread, step func(int, string, switchState)) {
	// do is a step to the given place.
	do := func(what string, at uint8, change func(n *switchState)) {
		n := s
		of(&n).at = at
		if change != nil {
			change(&n)
		}
		step(me, what, n)
	}
	fail := func(fault string) { do("fails", th.at, func(n *switchState) { n.fault = fault }) }
	a, b := th.a, th.b
	switch th.at {
	case atFree:
		if me == switchWaker {
			s.queue.each(func(f uint8) {
				do("takes a fiber to resume", atReadyWord, func(n *switchState) {
					n.queue = n.queue.without(f)
					n.waker.b, n.waker.ret = f, atFree
				})
			})
		}
	case atUser:
		if s.queue.has(a) {
			fail("a fiber runs that waits for a resumption")
			return
		}
		begin := func(n *switchState) {
			n.queue = n.queue.with(a)
			if x.flaw != withoutBeginPark {
				n.fibers[a].word = wordParking
			}
		}
		s.queue.each(func(f uint8) {
			do("is visible, and switches", atSwitchOwn, func(n *switchState) {
				n.queue = n.queue.without(f).with(a)
				of(n).b = f
			})
			do("is visible, and will switch", atPublish, func(n *switchState) {
				n.queue = n.queue.without(f)
				begin(n)
				of(n).b = f
			})
		})
		do("is visible, and will park", atPublish, func(n *switchState) {
			begin(n)
			of(n).b = none
		})
	case atPublish:
		on := uint8(atSwitchOwn)
		if b == none {
			on = atParkBegin
		}
		do("goes on", on, nil)
		s.queue.each(func(f uint8) {
			do("takes a fiber to resume", atReadyWord, func(n *switchState) {
				n.queue = n.queue.without(f)
				of(n).keep, of(n).b, of(n).ret = b, f, on
			})
		})
	case atReadyWord:
		done := func(n *switchState) {
			of(n).b, of(n).keep, of(n).ret = th.keep, 0, 0
		}
		word := s.fibers[b].word
		switch {
		case word == wordParked || x.flaw == resumersDontWait:
			do("makes its word running", atReadyGo, func(n *switchState) { n.fibers[b].word = wordRunning })
		case word == wordParking:
			do("leaves a token", th.ret, func(n *switchState) {
				n.fibers[b].word = wordToken
				done(n)
			})
		case word == wordToken:
			fail("a fiber is resumed twice")
		}
	case atReadyGo:
		f := s.fibers[b]
		if f.status != gWaiting {
			fail("a goroutine is readied that doesn't wait")
			return
		}
		if f.scanner != none {
			return
		}
		do("makes it runnable", th.ret, func(n *switchState) {
			n.fibers[b].status, n.fibers[b].queued = gRunnable, true
			of(n).b, of(n).keep, of(n).ret = th.keep, 0, 0
		})
	default:
		x.switching(s, uint8(me), th, of, do, fail)
	}
}

// switching is thread within Switch and Park.
func (x *switcher) switching(s switchState, me uint8, th *switchThread, of func(*switchState) *switchThread,
	do func(string, uint8, func(*switchState)), fail func(string)) {
	a, b := th.a, th.b
	switch th.at {
	case atSwitchOwn:
		if s.fibers[a].word == wordToken {
			do("finds a token, runs on and readies the other", atReadyWord, func(n *switchState) {
				n.fibers[a].word = wordRunning
				of(n).ret, of(n).keep = atUser, none
			})
			return
		}
		do("closes the door to tokens", atSwitchWord, func(n *switchState) { n.fibers[a].word = wordRunning })
	case atSwitchWord:
		switch word := s.fibers[b].word; {
		case word == wordParked && s.fibers[a].profiled != profileAbsent && x.flaw != profileUnasked:
			do("sees that there is a profile, readies it and parks", atReadyWord, func(n *switchState) {
				of(n).ret, of(n).keep = atParkBegin, none
			})
		case word == wordParked || x.flaw == resumersDontWait:
			do("finds it parked", atLockB, nil)
		case word == wordParking:
			do("leaves a token, and parks", atParkBegin, func(n *switchState) {
				n.fibers[b].word = wordToken
				of(n).b = none
			})
		case word == wordToken:
			fail("a fiber is resumed twice")
		}
	case atLockB:
		if f := s.fibers[b]; f.status == gWaiting && f.scanner == none {
			do("locks it", atWriteM, func(n *switchState) { n.fibers[b].scanner = me })
			return
		}
		do("is refused too often, readies it and parks", atReadyWord, func(n *switchState) {
			of(n).ret, of(n).keep = atParkBegin, none
		})
	case atWriteM:
		do("writes its m", atWriteWord, func(n *switchState) { n.fibers[b].m = me })
	case atWriteWord:
		do("makes its word running", atWriteStatus, func(n *switchState) { n.fibers[b].word = wordRunning })
	case atWriteStatus:
		do("makes it running, and saves the caller", atLetGo, func(n *switchState) {
			n.fibers[b].status, n.fibers[b].scanner = gRunning, none
			if x.flaw == publishesFirst {
				n.fibers[a].word = wordParked
			}
		})
	case atLetGo:
		if s.fibers[a].scanner == none {
			do("lets go of the caller", atDropM, func(n *switchState) { n.fibers[a].status = gWaiting })
		}
	case atDropM:
		do("clears the caller's m", atPublishWord, func(n *switchState) { n.fibers[a].m = none })
	case atPublishWord:
		do("publishes that the caller is parked", atJump, func(n *switchState) { n.fibers[a].word = wordParked })
	case atJump:
		do("jumps", atUser, func(n *switchState) { of(n).a, of(n).b = b, none })
	case atParkBegin:
		do("begins to park", atParkToken, func(n *switchState) {
			if n.fibers[a].word == wordRunning {
				n.fibers[a].word = wordParking
			}
		})
	case atParkToken:
		if s.fibers[a].word == wordToken && x.flaw != neverLooksBack {
			do("finds a token, and runs on", atUser, func(n *switchState) {
				n.fibers[a].word = wordRunning
			})
			return
		}
		do("leaves its stack", atParkStatus, nil)
	case atParkStatus:
		if s.fibers[a].scanner == none {
			do("is waiting", atParkDrop, func(n *switchState) { n.fibers[a].status = gWaiting })
		}
	case atParkDrop:
		do("drops its goroutine", atParkCommit, func(n *switchState) { n.fibers[a].m = none })
	case atParkCommit:
		if s.fibers[a].word == wordToken && x.flaw != neverLooksBack {
			do("finds a token, and doesn't park", atParkRefused, func(n *switchState) { n.fibers[a].word = wordRunning })
			return
		}
		do("publishes that the goroutine is parked", atFree, func(n *switchState) {
			n.fibers[a].word = wordParked
			of(n).a = none
		})
	case atParkRefused:
		if s.fibers[a].scanner == none {
			do("makes it runnable", atParkBack, func(n *switchState) { n.fibers[a].status = gRunnable })
		}
	case atParkBack:
		if s.fibers[a].scanner == none && (s.profile != profileActive || s.fibers[a].profiled == profileSatisfied) {
			do("runs it", atUser, func(n *switchState) {
				n.fibers[a].m, n.fibers[a].status = me, gRunning
			})
		}
	}
}
