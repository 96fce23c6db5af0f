package model

// The steps of the model in switch.go.

// task is what the scheduler does on a fiber.
func (x *switcher) task(s switchState, me uint8, f switchFrame, do move[switchState]) {
	a, w := f.a, f.w
	next := func(what string, pc, b uint8, change func(n *switchState)) {
		do(what, pc, func(n *switchState) {
			n.give(n.frames[me].w, b)
			n.frames[me].b = b
			if change != nil {
				change(n)
			}
		})
	}
	switch f.pc {
	case swUser:
		if w = s.fibers[a].place; s.lock[w] != none {
			return
		}
		s.frames[me].w = w
		lock := func(n *switchState) { n.lock[w], n.frames[me].w = me, w }
		some := false
		s.candidates(w, func(b uint8) {
			some = true
			if x.o.yields {
				do("locks its worker, queues its task, and finds the next", swSwitch, func(n *switchState) {
					lock(n)
					if x.flaw != requeuesLate {
						n.fibers[a].state = taskReady
					}
					n.give(w, b)
					n.frames[me].b = b
				})
			}
			if x.o.leaves {
				do("gives its worker to another, without a switch", swReady, func(n *switchState) {
					n.fibers[a].state, n.fibers[a].place = taskOutside, none
					n.give(w, b)
					n.frames[me] = switchFrame{swReady, a, b, none, swOut}
				})
			}
		})
		if x.o.leaves && !some {
			do("leaves its worker vacant", swOut, func(n *switchState) {
				n.fibers[a].state, n.fibers[a].place, n.cur[w] = taskOutside, none, none
			})
		}
		if s.waits > 0 {
			do("locks its worker, and waits", swLeave, func(n *switchState) {
				lock(n)
				if n.waits != unlimited {
					n.waits--
				}
				n.fibers[a].word = wordLeaving
				n.fibers[a].state, n.fibers[a].place = taskWaits, none
			})
		}
	case swLeave:
		some := false
		s.candidates(w, func(b uint8) {
			some = true
			if b == a {
				next("is the next itself", swUser, b, func(n *switchState) {
					n.fibers[a].word, n.lock[w] = wordRunning, none
					n.frames[me].b, n.frames[me].w = none, none
				})
				return
			}
			next("finds the next", swSwitch, b, nil)
		})
		for _, g := range s.fibers {
			if x.flaw == fillWaits && g.state == taskReady {
				some = true // it waits for the lock of that queue
			}
		}
		if !some {
			next("finds none, and leaves the worker vacant", swPark, none, nil)
		}
	case swOut:
		do("queues itself, to get a worker again", swAcquire, func(n *switchState) {
			n.fibers[a].state, n.fibers[a].place = taskReady, switchShared
			if x.flaw != withoutBeginPark {
				n.fibers[a].word = wordParking
			}
		})
	case swAcquire:
		if !x.employ(s, me, swPark, do) {
			do("finds no vacant worker", swPark, nil)
		}
	}
}

// employ gives a vacant worker to a ready task, which me resumes, and reports whether
// there was one.
func (x *switcher) employ(s switchState, me, ret uint8, do move[switchState]) (some bool) {
	for w := range uint8(switchWorkers) {
		if s.cur[w] == none && s.lock[w] == none {
			s.candidates(w, func(b uint8) {
				some = true
				do("gives a vacant worker to a task", swReady, func(n *switchState) {
					n.give(w, b)
					n.frames[me].b, n.frames[me].ret = b, ret
				})
			})
		}
	}
	return some
}

// ready is Ready(b).
func (x *switcher) ready(s switchState, b, ret uint8, do move[switchState]) {
	g := s.fibers[b]
	switch {
	case g.word == wordParked || x.flaw == resumersDontWait:
		if g.status != gWaiting {
			do("fails", swReady, func(n *switchState) { n.fault = "a goroutine is readied that doesn't wait" })
		} else if g.scanner == none {
			do("makes it runnable", ret, func(n *switchState) {
				n.fibers[b].word, n.fibers[b].status, n.fibers[b].queued = wordRunning, gRunnable, true
			})
		}
	case g.word == wordParking:
		do("leaves it a token", ret, func(n *switchState) { n.fibers[b].word = wordToken })
	case g.word == wordToken:
		do("fails", swReady, func(n *switchState) { n.fault = "a fiber is resumed twice" })
	}
}

// claim is what somebody does who ends waits, and looks after vacant workers.
func (x *switcher) claim(s switchState, f switchFrame, do move[switchState]) {
	if f.pc == swPush {
		for place := range uint8(switchWorkers + 1) {
			if place == switchShared || s.lock[place] == none {
				do("queues it", swFree, func(n *switchState) {
					n.fibers[f.b].state, n.fibers[f.b].place = taskReady, place
				})
			}
		}
		return
	}
	for i, g := range s.fibers {
		if g.state == taskWaits {
			do("claims a task", swPush, func(n *switchState) {
				n.fibers[i].state, n.frames[switchClaimer].b = taskClaimed, uint8(i)
			})
		}
	}
	x.employ(s, switchClaimer, swFree, do)
}

// monitor looks for the OS thread of a task that has a worker, as RequestPreempt does.
func (x *switcher) monitor(s switchState, f switchFrame, do move[switchState]) {
	if f.pc == swMark {
		do("unlocks the status", swFree, func(n *switchState) {
			n.lock[f.w] = none
			n.unscan(f.b, switchMonitor, gRunning)
		})
		return
	}
	for w, t := range s.cur {
		if !x.o.monitor || t == none || s.lock[w] != none {
			continue
		}
		if g := s.fibers[t]; g.status == gRunning && g.scanner == none && (g.word == wordRunning || x.flaw == marksLeaving) {
			do("locks a worker, and the status of its goroutine", swMark, func(n *switchState) {
				n.lock[w] = switchMonitor
				n.frames[switchMonitor].b, n.frames[switchMonitor].w = t, uint8(w)
				n.fibers[t].scanner = switchMonitor
			})
		}
	}
}

// unscan takes the scan bit back, which by has set.
func (s *switchState) unscan(t, by uint8, was status) {
	g := &s.fibers[t]
	if g.scanner != by || g.status != was {
		s.fault = "a status is corrupted"
	}
	g.scanner = none
}

// store is a plain store of a status.
func (s *switchState) store(t uint8, to status) {
	if s.fibers[t].scanner != none {
		s.fault = "a status is corrupted"
	}
	s.fibers[t].status = to
}

// switching is an OS thread within Switch and Park.
func (x *switcher) switching(s switchState, me uint8, f switchFrame, do move[switchState]) {
	a, b, w := f.a, f.b, f.w
	plain := !s.marking || x.flaw == plainWhileMarking
	unlock := func(n *switchState) {
		if w != none && n.lock[w] == me {
			n.lock[w] = none
		}
	}
	switch f.pc {
	case swSwitch:
		switch word := s.fibers[b].word; {
		case word == wordParked && s.profile == profileActive && x.flaw != profileUnasked:
			do("sees that there is a profile", swReady, func(n *switchState) { n.frames[me].ret = swPark })
		case word == wordParked || x.flaw == resumersDontWait:
			do("finds it parked", swClaim, nil)
		case word == wordParking:
			do("leaves a token, and parks", swPark, func(n *switchState) { n.fibers[b].word = wordToken })
		case word == wordToken:
			do("fails", swSwitch, func(n *switchState) { n.fault = "a fiber is resumed twice" })
		case x.flaw != switchWaits && x.flaw != fillWaits:
			do("has a goroutine wait for it, and parks", swPark, func(n *switchState) { n.late = n.late.with(b) })
		}
	case swClaim:
		if g := s.fibers[b]; g.status != gWaiting || g.scanner != none {
			do("is refused too often", swReady, func(n *switchState) { n.frames[me].ret = swPark })
		} else if plain {
			do("sees that it waits", swClaimed, nil)
		} else {
			do("locks its status", swClaimed, func(n *switchState) { n.fibers[b].scanner = me })
		}
	case swClaimed:
		do("makes it running", swLetGo, func(n *switchState) {
			if !plain {
				n.unscan(b, me, gWaiting)
			}
			n.store(b, gRunning)
			n.fibers[b].word, n.fibers[b].m = wordRunning, me
			if x.flaw == publishesFirst {
				n.fibers[a].word = wordParked
			}
			if x.flaw == unlocksFirst || x.flaw == requeuesLate {
				unlock(n)
			}
		})
	case swLetGo:
		if plain || s.fibers[a].scanner == none {
			do("lets go of the caller", swPublish, func(n *switchState) { n.store(a, gWaiting) })
		}
	case swPublish:
		do("publishes that the caller is parked", swUnlock, func(n *switchState) {
			n.fibers[a].word, n.fibers[a].m = wordParked, none
		})
	case swUnlock:
		do("unlocks the worker, and goes on", swUser, func(n *switchState) {
			unlock(n)
			if g := &n.fibers[a]; x.flaw == requeuesLate && g.state == taskRuns {
				g.state = taskReady
			}
			n.frames[me].a, n.frames[me].b, n.frames[me].w = b, none, none
		})
	case swPark:
		do("begins to park", swOff, func(n *switchState) {
			if g := &n.fibers[a]; g.word == wordRunning || g.word == wordLeaving {
				g.word = wordParking
			}
			n.frames[me].b, n.frames[me].ret = none, 0
		})
	case swOff:
		if s.fibers[a].scanner == none {
			do("is off its stack", swCommit, func(n *switchState) {
				n.fibers[a].status, n.fibers[a].m = gWaiting, none
			})
		}
	case swCommit:
		g := s.fibers[a]
		if g.word == wordToken && x.flaw != neverLooksBack {
			if g.scanner == none {
				do("finds a token, and doesn't park", swFree, func(n *switchState) {
					n.fibers[a].word, n.fibers[a].status, n.fibers[a].queued = wordRunning, gRunnable, true
					unlock(n)
				})
			}
			return
		}
		do("publishes that the goroutine is parked, and unlocks", swFree, func(n *switchState) {
			n.fibers[a].word = wordParked
			unlock(n)
		})
	}
}
