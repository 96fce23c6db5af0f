package model

// Those who end waits, and change priorities, in the model in wait.go.

// wake is Claim, and Wake for a wait that was parked.
func (x *waiter) wake(s waitState, me int, f waitFrame, do move[waitState]) {
	t := s.tasks[f.t]
	place := uint8(waitShared)
	if me < waitTasks {
		place = s.tasks[me].place // of its worker
	}
	switch f.pc {
	case wtClaim:
		if t.word == waitOver || t.gen != f.gen && x.flaw != anyGeneration {
			do("finds that the wait is over", wtUser, nil)
			return
		}
		next := uint8(wtUser)
		if t.word == waitParked || x.flaw == armedAsParked {
			next = wtQueue
			if x.flaw == lendsClaimed {
				next = wtLend
			}
		}
		do("claims the wait", next, func(n *waitState) {
			n.tasks[f.t].word, n.tasks[f.t].ended = waitOver, t.gen
			if t.gen != f.gen {
				n.fault = "a wait is ended by the ticket of another"
			}
		})
	case wtLend:
		if t.place != none {
			do("has lent to the owner", wtQueue, nil) // never while the owner is nowhere
		}
	case wtQueue:
		switch {
		case x.o.goroutine && f.t == 0:
			do("resumes the goroutine", x.after(me), func(n *waitState) { n.tasks[0].resumed = true })
		case s.lock[place] == none:
			do("locks a queue, and reads the owner's priority", wtPush, func(n *waitState) {
				n.lock[place], n.frames[me].prio = uint8(me), t.prio
			})
		}
	case wtPush:
		do("queues the owner, and unlocks", x.after(me), func(n *waitState) {
			o := &n.tasks[f.t]
			o.state, o.place, o.queued = taskReady, place, f.prio
			n.lock[place] = none
		})
	}
}

// after is where those go on who have woken a task.
func (x *waiter) after(me int) uint8 {
	if me == waitInterrupter {
		return wtDone
	}
	return wtUser
}

// interrupt is Interrupt of task 0, and setPriority.
func (x *waiter) interrupt(s waitState, me int, f waitFrame, do move[waitState]) {
	t := s.tasks[0]
	over := func(n *waitState) { n.tasks[0].word = waitOver }
	switch f.pc {
	case wtInterrupt:
		do("interrupts", wtLook, func(n *waitState) { n.tasks[0].interrupted = true })
	case wtLook:
		next := [...]uint8{waitOver: wtDone, waitArmed: wtArmed, waitParked: wtParked}[t.word]
		do("looks at the wait", next, func(n *waitState) { n.frames[me].gen = t.gen })
	case wtArmed:
		if t.word == waitArmed && t.gen == f.gen {
			do("ends a wait that is armed", wtDone, over)
			return
		}
		do("finds that it is no longer armed", wtParked, nil)
	case wtParked:
		if t.word == waitParked && t.gen == f.gen {
			do("ends a wait that is parked", wtQueue, over)
			return
		}
		do("finds that it is over", wtDone, nil)
	case wtPrio:
		do("changes the priority", wtWhere, func(n *waitState) { n.tasks[0].prio = 1 })
	case wtWhere:
		switch {
		case t.place != none:
			do("sees where the task is", wtMove, func(n *waitState) { n.frames[me].w = t.place })
		case t.word == waitParked || x.flaw == neverSettled:
			do("sees that it is nowhere", wtDone, nil)
		}
	case wtMove:
		if s.lock[f.w] != none {
			return
		}
		if t.place != f.w {
			do("finds that it has left", wtWhere, nil)
			return
		}
		do("moves it to its list", wtDone, func(n *waitState) { n.tasks[0].queued = t.prio })
	}
}
