package model

// This file stands for the switch: BeginLeave, BeginPark, Park, Ready and Switch in
// arch/fiber.go and arch/fiber_native.go, the assembly in arch/switch_*.s, markPreempt
// in arch/preempt_*.s, how runtime/internal/sched uses them in yield, park, depart, fill,
// steal, Leave, acquire and employ, and, of Go, gopark's way through park_m
// (runtime/proc.go), execute, ready, the collector's scan lock (suspendG,
// runtime/preempt.go) and the goroutine profile (runtime/mprof.go), as of go1.26 and
// go1.27.
//
// Three fibers, each with its task, have two workers, and a few OS threads. A running
// fiber yields, waits, or leaves its worker and comes back. Somebody claims those who
// wait and gives vacant workers away. The Monitor looks for the OS threads of those who
// have workers. The collector marks at times, and locks statuses then.

const (
	switchFibers  = 3
	switchThreads = 3
	switchWorkers = 2
	switchShared  = switchWorkers // the place of the shared queue
	unlimited     = 0xff
)

// A switchFlaw is what a known-bad variant does wrong.
type switchFlaw uint8

const (
	switchSound switchFlaw = iota
	// plainWhileMarking: the assembly changes statuses by plain stores while the
	// collector marks.
	plainWhileMarking
	// marksLeaving: the Monitor looks for the OS thread of a goroutine that is not yet
	// off the stack that it left.
	marksLeaving
	// unlocksFirst: the assembly unlocks the worker before it has let go of the caller.
	unlocksFirst
	// requeuesLate: the task that yields is queued after the worker is unlocked.
	requeuesLate
	// resumersDontWait: who resumes a fiber takes it for parked as soon as it is visible.
	resumersDontWait
	// publishesFirst: the assembly publishes that a fiber is parked before it has let go
	// of the goroutine.
	publishesFirst
	// switchWaits: a switch waits for the next to get off its stack, however long.
	switchWaits
	// fillWaits: it does, and fill waits for the locks of others, to look into their
	// queues.
	fillWaits
	// withoutBeginPark: a task that queues itself doesn't call BeginPark.
	withoutBeginPark
	// neverLooksBack: a park ignores the token of a resumption that came first.
	neverLooksBack
	// profileUnasked: Switch doesn't look for a profile.
	profileUnasked
)

// switchOptions choose what takes part; waits is how often fibers wait.
type switchOptions struct {
	waits                                        uint8
	yields, leaves, collector, monitor, profiler bool
}

type switchFiber struct {
	word    fiberWord
	status  status
	scanner uint8 // who holds the scan bit
	m       uint8 // g.m
	queued  bool  // in Go's own queue
	state   taskState
	place   uint8
}

// A switchFrame is where an OS thread is, with the fiber a whose code it runs, the one
// that is resumed, b, and the worker that it has locked; ret is where Ready goes on.
type switchFrame struct{ pc, a, b, w, ret uint8 }

type switchState struct {
	fibers [switchFibers]switchFiber
	// frames are those of the OS threads, of who claims, and of the Monitor.
	frames    [switchThreads + 2]switchFrame
	lock, cur [switchWorkers]uint8
	// late are the fibers that have a goroutine wait for them, to resume them.
	late  set
	waits uint8
	// marking says that the collector marks; scanned is whom it has locked.
	marking bool
	scanned uint8
	// The goroutine profile.
	profile  uint8
	profiled set
	reading  uint8
	fault    string
}

const (
	switchClaimer   = switchThreads
	switchMonitor   = switchThreads + 1
	switchCollector = switchThreads + 2
	switchProfiler  = switchThreads + 3
	switchGo        = switchThreads + 4
)

// The goroutine profile, of which there is one.
const (
	profileNotYet uint8 = iota
	profileActive
	profileOver
)

// Places in the code.
const (
	swFree    = iota // nothing to do
	swUser           // a's own code
	swOut            // the same, without a worker
	swLeave          // waits, visible; to find the next
	swAcquire        // queued itself; to find work for a vacant worker
	swPush           // has claimed b
	swReady          // Ready(b), then on to ret
	swSwitch         // Switch(b)
	swClaim
	swClaimed
	swLetGo
	swPublish
	swUnlock
	swPark // Park
	swOff
	swCommit
	swMark // has locked b's status
)

func switchModel(o switchOptions, flaw switchFlaw) *Model[switchState] {
	start := switchState{cur: [switchWorkers]uint8{0, 1}, waits: o.waits, scanned: none, reading: none}
	for i := range start.frames {
		start.frames[i] = switchFrame{a: none, b: none, w: none}
	}
	for i := range uint8(switchFibers) {
		f := &start.fibers[i]
		if i < switchWorkers {
			*f = switchFiber{scanner: none, m: i, place: i}
			start.frames[i].pc, start.frames[i].a = swUser, i
			start.lock[i] = none
		} else {
			*f = switchFiber{wordParked, gWaiting, none, none, false, taskReady, switchShared}
		}
	}
	x := &switcher{o, flaw}
	m := &Model[switchState]{
		Actors: []string{"OS thread 0", "OS thread 1", "OS thread 2", "claimer", "Monitor", "collector", "profiler", "Go"},
		Start:  start,
		Steps:  x.steps,
		Wrong:  x.wrong,
		Stuck:  func(switchState) string { return "everybody waits for ever" },
	}
	for i := range uint8(switchFibers) {
		m.Goals = append(m.Goals, Goal[switchState]{"a fiber never runs again", func(s switchState) bool {
			for _, f := range s.frames {
				if f.pc == swUser && f.a == i {
					return true
				}
			}
			return o.waits != unlimited && s.waits == 0 && !o.yields && !o.leaves
		}})
	}
	return m
}

type switcher struct {
	o    switchOptions
	flaw switchFlaw
}

func (x *switcher) wrong(s switchState) string {
	if s.fault != "" {
		return s.fault
	}
	var used set
	for i, f := range s.frames {
		switch f.pc {
		case swFree, swPublish, swUnlock, swOff, swCommit:
			continue // on no stack, or on Go's own
		}
		if f.a == none {
			continue
		}
		g := s.fibers[f.a]
		switch {
		case used.has(f.a):
			return "two run on one stack"
		case g.m != uint8(i):
			return "a running goroutine has lost its OS thread"
		case g.status != gRunning:
			return "a goroutine runs that isn't running"
		case s.reading == f.a:
			return "a profile reads the stack of a running goroutine"
		case f.pc == swUser && g.state != taskRuns:
			return "a task runs that is in a queue, or waits"
		}
		used = used.with(f.a)
	}
	for w := range uint8(switchWorkers) {
		if s.lock[w] != none {
			continue
		}
		for i, g := range s.fibers {
			if (g.state == taskRuns && g.place == w) != (s.cur[w] == uint8(i)) {
				return "a worker and its task don't agree"
			}
		}
	}
	return ""
}

// candidates calls f for the tasks that w, which is or will be locked, can take now.
func (s *switchState) candidates(w uint8, f func(t uint8)) {
	for i, g := range s.fibers {
		if g.state == taskReady && (g.place == w || g.place == switchShared || s.lock[g.place] == none) {
			f(uint8(i))
		}
	}
}

// give makes t the task that has w, none for no task.
func (s *switchState) give(w, t uint8) {
	s.cur[w] = t
	if t != none {
		s.fibers[t].state, s.fibers[t].place = taskRuns, w
	}
}

// unpinned reports whether the world can be stopped.
func (s *switchState) unpinned() bool {
	for _, f := range s.frames {
		if f.pc != swFree && f.pc != swUser && f.pc != swOut {
			return false
		}
	}
	return true
}

func (x *switcher) steps(s switchState, step func(int, string, switchState)) {
	if s.fault != "" {
		return
	}
	for i := range s.frames {
		me := uint8(i)
		do := func(what string, pc uint8, change func(n *switchState)) {
			n := s
			n.frames[me].pc = pc
			if change != nil {
				change(&n)
			}
			if f := &n.frames[me]; f.pc == swFree {
				*f = switchFrame{a: none, b: none, w: none}
			}
			step(i, what, n)
		}
		switch f := s.frames[i]; {
		case f.pc == swReady:
			x.ready(s, f.b, f.ret, do)
		case me == switchClaimer:
			x.claim(s, f, do)
		case me == switchMonitor:
			x.monitor(s, f, do)
		case f.pc <= swAcquire:
			x.task(s, me, f, do)
		default:
			x.switching(s, me, f, do)
		}
	}
	x.others(s, step)
}
