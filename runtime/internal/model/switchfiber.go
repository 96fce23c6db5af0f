package model

// How a fiber gets off its stack, and is resumed, in the model in switch.go: Park, Ready and
// Switch in arch/fiber.go and arch/fiber_native.go, the assembly in arch/switch_*.s, and, of
// Go, gopark's way through park_m (runtime/proc.go), as of go1.26 and go1.27.

// ready is Ready.
func (m *switchModel) ready(p *proc, b uint8) {
	p.when("resumes it", func() bool { return m.resume(b) })
}

// resume is Ready, unless that has to wait.
func (m *switchModel) resume(b uint8) bool {
	g := &m.fibers[b]
	require(g.word != wordToken, "a fiber is resumed twice")
	if g.word == wordParked || m.flaw == resumersDontWait {
		require(g.status == gWaiting, "a goroutine is readied that doesn't wait")
		g.word, g.status, g.queued = wordRunning, gRunnable, true
		return g.scanner == none
	}
	return cas(&g.word, wordParking, wordToken)
}

// switchTo is Switch of a to b.
func (m *switchModel) switchTo(p *proc, me, w, a, b uint8) {
	g := &m.fibers[b]
	parked := func(profile bool) func() bool {
		return func() bool {
			return (g.word == wordParked || m.flaw == resumersDontWait) &&
				profile == (m.profile == profileActive && m.flaw != profileUnasked)
		}
	}
	list, _ := p.either(
		one("finds it parked", parked(false)),
		one("finds it parked, and that there is a profile", parked(true)),
		one("leaves it a token", func() bool { return g.word != wordParked && g.word > wordLeaving && m.resume(b) }),
		one("has a goroutine wait for it", func() bool {
			m.late.add(b)
			return g.word <= wordLeaving && m.flaw != switchWaits && m.flaw != fillWaits
		}))
	if list == 0 && m.switchg(p, me, w, a, b) {
		return
	}
	if list <= 1 {
		m.ready(p, b)
	}
	m.park(p, me, a, &m.locks[w])
}

// switchg is switchg, and reports whether it has switched.
func (m *switchModel) switchg(p *proc, me, w, a, b uint8) bool {
	f, g := &m.fibers[a], &m.fibers[b]
	locked := func() bool { return m.marking && m.flaw != plainWhileMarking }
	list, _ := p.either(
		one("sees that it waits", func() bool { return g.status == gWaiting && g.scanner == none && !locked() }),
		one("locks its status", func() bool { return g.status == gWaiting && locked() && g.scan(me) }),
		otherwise("is refused", func() {}))
	if list == 2 {
		return false
	}
	p.do("makes it running", func() {
		if locked() {
			g.unscan(me, gWaiting)
		}
		g.store(gRunning)
		g.word, g.m = wordRunning, me
		switch m.flaw {
		case publishesFirst:
			f.word = wordParked
		case unlocksFirst, requeuesLate:
			m.locks[w].release()
		}
	})
	p.when("lets go of the caller", func() bool {
		if locked() && f.scanner != none {
			return false
		}
		f.store(gWaiting)
		m.threads[me].on = false
		return true
	})
	p.do("publishes that the caller is parked", func() { f.word, f.m = wordParked, none })
	p.do("unlocks the worker, and goes on", func() {
		switch m.flaw {
		case requeuesLate:
			cas(&m.tasks[a].state, taskRuns, taskReady)
		case unlocksFirst:
		default:
			m.locks[w].release()
		}
		m.threads[me] = switchThread{b, true}
	})
	return true
}

// park is Park of a. Held is locked, unless it is nil.
func (m *switchModel) park(p *proc, me, a uint8, held *lock) {
	f := &m.fibers[a]
	p.do("begins to park", func() {
		if f.word <= wordLeaving {
			f.word = wordParking
		}
		m.threads[me].on = false
	})
	p.when("is off its stack", func() bool { f.status, f.m = gWaiting, none; return f.scanner == none })
	unlock := func() {
		m.threads[me].fiber = none
		if held != nil {
			held.release()
		}
	}
	p.either(
		one("finds a token, and does not park", func() bool {
			unlock()
			f.status, f.queued = gRunnable, true
			return cas(&f.word, wordToken, wordRunning) && f.scanner == none && m.flaw != neverLooksBack
		}),
		one("publishes that it is parked, and unlocks", func() bool {
			unlock()
			return swap(&f.word, wordParked) != wordToken || m.flaw == neverLooksBack
		}))
}
