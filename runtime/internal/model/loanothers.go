package model

// Those who take the task's worker, stop it, and look after it, in the model in loan.go.

// usurp is how its worker is taken from the task: as a loan; for good, as when it is blocked
// in Go; or by pressPortable, which can't tell.
func (m *loanModel) usurp(p *proc) {
	const lends, portable = 0, 2
	_, i := p.either(pairs("takes the task's worker", 3, 2, func(how, w uint8) bool {
		m.astray = m.astray || how == portable && m.flaw != straysLate && m.flaw != ignoresOutside
		if m.flaw == placesEarly {
			m.place = outside
		}
		return m.cur[w] == theTask && m.locks[w].take() && spend(&m.loans)
	}))
	how, w := i/2, i%2
	p.when("puts the task outside", func() bool {
		m.place, m.listed, m.lent[w] = outside, true, how == lends
		if how == lends {
			m.lender = w
		}
		m.stands = m.stands && m.flaw != forgetsOutside
		return m.locks[outside].free()
	})
	p.do("gives the worker to the borrower, and unlocks", func() { m.cur[w] = borrower; m.locks[w].release() })
	if how == portable && m.flaw == straysLate {
		p.do("makes the task look for a worker", func() { m.astray = true })
	}
}

// borrow is what the borrower does: it gives the worker back, or leaves it vacant, or is
// followed by an equal of the lender. It may see something first that comes before the lender,
// and that others take: becomeVacant.
func (m *loanModel) borrow(p *proc) {
	w := p.any("locks the worker", 2, func(w uint8) bool { return m.cur[w] == borrower && m.locks[w].take() })
	lent := func() bool { return m.lent[w] && m.locks[outside].free() }
	stands := func() bool {
		return (m.lender == w && m.place == outside || m.flaw == repaysBlindly) && m.goroutine != goBlocked
	}
	const taken = 4
	ends := [][]way{
		one("has it from nobody", func() bool { return !m.lent[w] }),
		one("takes its lender from outside", func() bool {
			repays := lent() && stands()
			m.unlist()
			m.place = w
			m.stands = m.stands && m.flaw != forgetsRequest
			return repays
		}),
		one("finds that its lender does without", func() bool { defer cas(&m.lender, w, none); return lent() && !stands() }),
		one("writes the loan off", func() bool { cas(&m.lender, w, none); return lent() }),
	}
	end, _ := p.either(append(ends, one("sees what others take", func() bool { return m.lent[w] }))...)
	if end == taken && m.flaw != vacatesLent {
		end, _ = p.either(ends...)
	}
	p.do("unlocks the worker", func() {
		m.cur[w], m.lent[w] = [...]uint8{none, theTask, none, borrower, taken: none}[end], false
		m.locks[w].release()
	})
}

// look is how the Monitor looks after the task, with the lock of the place that it is at.
func (m *loanModel) look(p *proc) {
	locks := func() bool { return m.place <= outside && m.locks[m.place].free() }
	looks := func() bool { return locks() && (m.place < outside || m.listed && m.flaw != ignoresOutside) }
	// collect takes over a goroutine that has stopped, and puts the task at a place.
	collect := func(may bool, place uint8) bool {
		may = may && locks() && swap(&m.stands, false)
		m.place = place
		return may && cas(&m.goroutine, goStopped, goParked)
	}
	const withdraws, queues = 3, 6
	does, _ := p.either(
		one("makes the task look for a worker", func() bool {
			m.astray = true
			return looks() && m.place == outside && m.goroutine == goRuns
		}),
		one("requests the task to stop", func() bool {
			m.mark, m.stands = true, true
			return looks() && m.goroutine == goRuns && !m.leaving && spend(&m.requests)
		}),
		one("finds that a request is over", func() bool {
			return looks() && swap(&m.stands, false) && !m.mark && m.goroutine != goStopped
		}),
		one("sees that the task is blocked in Go, and withdraws the request", func() bool {
			blocked := looks() && m.stands && m.mark && m.goroutine == goBlocked
			if m.flaw == withdrawsBlindly {
				return blocked && m.locks[m.place].take()
			}
			m.withdraw()
			return blocked
		}),
		one("collects the task, and lets it go on", func() bool {
			m.given = true
			return collect(m.place < outside || m.inLeave, m.place)
		}),
		one("collects the task, and passes its worker on", func() bool {
			w := m.place
			return collect(w < outside, queued) && cas(&m.cur[w], theTask, none)
		}),
		one("collects the task, which is outside", func() bool {
			m.unlist()
			return collect(m.place == outside && !m.inLeave, nowhere)
		}),
		one("finds that it has stopped in Go's runtime, and lets it go on", func() bool {
			return locks() && m.stands && cas(&m.goroutine, goStopped, goRuns)
		}))
	switch {
	case does == queues:
		p.do("queues it", func() { m.place = queued })
	case does == withdraws && m.flaw == withdrawsBlindly:
		p.do("withdraws the request", func() { m.withdraw(); m.locks[m.place].release() })
	}
}

// others are Go, and those who wake the task and give it a worker.
func (m *loanModel) others(p *proc) {
	p.either(
		one("stops the goroutine", func() bool {
			return swap(&m.mark, false) && cas(&m.goroutine, goRuns, goStopped) && (!m.pinned || m.flaw == unpinned)
		}),
		one("ends what the task is blocked for", func() bool { return cas(&m.goroutine, goBlocked, goRuns) }),
		one("wakes the task", func() bool { m.place = queued; return swap(&m.waits, false) }),
		each("gives the task worker", 2, func(w uint8) bool { m.given = true; return m.place == queued && m.give(w) }),
		one("resumes the task", func() bool {
			m.mark = false
			return swap(&m.given, false) && cas(&m.goroutine, goParked, goRuns)
		}))
}
