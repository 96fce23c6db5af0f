package model

// What Go does in the model in switch.go.

// others are Go, its collector and its profiler.
func (x *switcher) others(s switchState, step func(int, string, switchState)) {
	threads := uint8(switchWorkers)
	if x.o.leaves {
		threads = switchThreads
	}
	for i := range uint8(switchFibers) {
		g := s.fibers[i]
		if g.queued && g.scanner == none && (s.profile != profileActive || s.profiled.has(i)) {
			for th := range threads {
				if s.frames[th].pc == swFree {
					n := s
					n.fibers[i].m, n.fibers[i].queued, n.fibers[i].status = th, false, gRunning
					n.frames[th] = switchFrame{swUser, i, none, none, 0}
					step(switchGo, "runs what is runnable", n)
					break // the others are as good
				}
			}
		}
		if s.late.has(i) {
			x.ready(s, i, 0, func(_ string, _ uint8, change func(n *switchState)) {
				n := s
				n.late = n.late.without(i)
				change(&n)
				step(switchGo, "has waited for a fiber, and resumes it", n)
			})
		}
	}
	if x.o.collector {
		x.collect(s, step)
	}
	if x.o.profiler {
		x.profile(s, step)
	}
}

// collect begins and ends to mark, with the world stopped, and meanwhile locks the status
// of a goroutine for a moment, to scan its stack, or to ask it to stop.
func (x *switcher) collect(s switchState, step func(int, string, switchState)) {
	n := s
	switch {
	case s.scanned != none:
		n.scanned = none
		n.unscan(0, switchCollector, s.fibers[0].status)
		step(switchCollector, "unlocks it", n)
		return
	case s.marking && s.fibers[0].scanner == none:
		n.scanned, n.fibers[0].scanner = 0, switchCollector // they are all alike
		step(switchCollector, "locks a goroutine", n)
	}
	if s.unpinned() {
		n := s
		n.marking = !s.marking
		step(switchCollector, "stops the world, and begins or ends to mark", n)
	}
}

// profile records the stacks of all goroutines, once. It begins and ends with the world
// stopped: those that run go through Go's scheduler before they go on.
func (x *switcher) profile(s switchState, step func(int, string, switchState)) {
	n := s
	switch {
	case s.reading != none:
		n.profiled, n.reading = s.profiled.with(s.reading), none
		step(switchProfiler, "has read it", n)
	case s.profile == profileNotYet && s.unpinned():
		n.profile = profileActive
		for i := range n.frames {
			f := &n.frames[i]
			if f.pc != swUser {
				continue
			}
			g := &n.fibers[f.a]
			g.status, g.m, g.queued = gRunnable, none, true
			*f = switchFrame{a: none, b: none, w: none}
		}
		step(switchProfiler, "stops the world, and begins", n)
	case s.profile == profileActive && s.profiled == 1<<switchFibers-1 && s.unpinned():
		n.profile, n.profiled = profileOver, 0
		step(switchProfiler, "stops the world, and ends", n)
	case s.profile == profileActive:
		for i := range uint8(switchFibers) {
			if n := s; !s.profiled.has(i) {
				n.reading = i
				if s.fibers[i].status == gRunning {
					n.fault = "a profile reads the stack of a running goroutine"
				}
				step(switchProfiler, "begins to read a stack", n)
			}
		}
	}
}
