package model

// Those who look after the fibers of the model in switch.go, and disturb them. Of the
// scheduler that is the Monitor, with markPreempt in arch/preempt_*.s, and whoever claims
// tasks that wait. Of Go it is its scheduler (execute in runtime/proc.go), the collector's
// scan lock (suspendG, runtime/preempt.go), and the goroutine profile (runtime/mprof.go), as
// of go1.26 and go1.27.

// The states of the goroutine profile.
const profileNotYet, profileActive, profileOver uint8 = 0, 1, 2

// Those that can hold a scan bit, besides OS threads.
const scannerMonitor, scannerCollector uint8 = 3, 4

// execute is how Go has th run fiber a. Of those that are free the first will do.
func (m *switchModel) execute(th, a uint8) bool {
	free := th < 2 || m.leaves
	for i := range th {
		free = free && m.threads[i].fiber != none
	}
	f := &m.fibers[a]
	f.m, f.status = th, gRunning
	return free && swap(&m.threads[th], switchThread{a, true}).fiber == none && swap(&f.queued, false) &&
		f.scanner == none && (m.profile != profileActive || m.profiled.has(a))
}

// employ is employ.
func (m *switchModel) employ() []way {
	return pairs("gives a vacant worker to a task:", 2, switchFibers, func(w, t uint8) bool {
		return m.vacant(w) && m.give(w, t)
	})
}

// claim is what somebody does who ends waits, and gives vacant workers away.
func (m *switchModel) claim(p *proc) {
	list, t := p.either(m.employ(),
		each("claims task", switchFibers, func(t uint8) bool { return cas(&m.tasks[t].state, taskWaits, taskClaimed) }))
	if list == 0 {
		m.ready(p, t%switchFibers)
		return
	}
	p.any("queues it at place", 3, func(place uint8) bool { m.put(t, taskReady, place); return m.locks[place].free() })
}

// look is how the Monitor looks for the OS thread of a task that has a worker: mark in
// arch/preempt_native.go, and markPreempt.
func (m *switchModel) look(p *proc) {
	_, i := p.either(pairs("locks the worker of a task:", 2, switchFibers, func(w, t uint8) bool {
		return m.monitor && m.cur[w] == t && m.locks[w].take()
	}))
	f := &m.fibers[i%switchFibers]
	if p.test("sees that its goroutine has been resumed", func() bool { return f.word == wordRunning || m.flaw == marksLeaving }) &&
		p.test("locks its status", func() bool { return f.status == gRunning && f.scan(scannerMonitor) }) {
		p.do("unlocks its status", func() { f.unscan(scannerMonitor, gRunning) })
	}
	p.do("unlocks the worker", m.locks[i/switchFibers].release)
}

// scan sets the scan bit, if it isn't set.
func (f *switchFiber) scan(by uint8) bool { return cas(&f.scanner, none, by) }

// unscan takes the scan bit back, which by has set while the status was was.
func (f *switchFiber) unscan(by uint8, was status) {
	require(cas(&f.scanner, by, none) && f.status == was, "a status is corrupted")
}

// store is a plain store of a status.
func (f *switchFiber) store(to status) {
	require(f.scanner == none, "a status is corrupted")
	f.status = to
}

// collect begins and ends to mark, with the world stopped, and meanwhile locks the status of
// a goroutine for a moment, to scan its stack, or to ask it to stop. They are all alike.
func (m *switchModel) collect(p *proc) {
	f := &m.fibers[0]
	list, _ := p.either(
		one("stops the world, and begins or ends to mark", func() bool { m.marking = !m.marking; return m.collector && *m.busy == 0 }),
		one("locks a goroutine", func() bool { return m.marking && f.scan(scannerCollector) }))
	if list == 1 {
		p.do("unlocks it", func() { f.unscan(scannerCollector, f.status) })
	}
}

// takeProfile records the stacks of all goroutines, once. It begins and ends with the world
// stopped: those that run go through Go's scheduler before they go on.
func (m *switchModel) takeProfile(p *proc) {
	list, i := p.either(
		one("stops the world, and begins", func() bool {
			for i, th := range m.threads {
				if th.on {
					f := &m.fibers[th.fiber]
					f.status, f.m, f.queued = gRunnable, none, true
					m.threads[i] = switchThread{none, false}
				}
			}
			return m.profiler && *m.busy == 0 && cas(&m.profile, profileNotYet, profileActive)
		}),
		one("stops the world, and ends", func() bool {
			return *m.busy == 0 && cas(&m.profiled, 1<<switchFibers-1, 0) && cas(&m.profile, profileActive, profileOver)
		}),
		each("begins to read stack", switchFibers, func(i uint8) bool {
			begins := m.profile == profileActive && !m.profiled.has(i)
			require(!begins || m.fibers[i].status != gRunning, "a profile reads the stack of a running goroutine")
			m.reading = i
			return begins
		}))
	if list == 2 {
		p.do("has read it", func() { m.profiled.add(i); m.reading = none })
	}
}
