package model

// Those who take the task's worker, stop it, and look after it, in the model in loan.go.

// seize takes the worker from the task, for the borrower.
func (x *loaner) seize(s loanState, do func(string, func(*loanState))) {
	if s.late {
		do("makes the task look for a worker", func(n *loanState) {
			n.late = false
			n.stray()
		})
		return
	}
	if w := s.usurper; w != none {
		if s.lock[loanOutsidePlace] {
			return
		}
		do("puts the task outside, and unlocks", func(n *loanState) {
			n.place, n.listed, n.outer, n.lent[w] = loanOutsidePlace, true, none, s.lends
			if s.lends {
				n.outer = w
			}
			if x.flaw == forgetsOutside && s.stands {
				n.clear()
			}
			n.cur[w], n.lock[w], n.usurper = loanBorrower, false, none
			n.late, n.lends = x.flaw == straysLate && !s.lends, false
		})
		return
	}
	for w := range uint8(loanWorkers) {
		if s.o.loans == 0 || s.cur[w] != loanTask || s.lock[w] {
			continue
		}
		for _, lends := range []bool{true, false} {
			do("takes the task's worker", func(n *loanState) {
				n.o.loans--
				n.lock[w], n.usurper, n.lends = true, w, lends
				if !lends && x.flaw != straysLate && x.flaw != ignoresOutside {
					n.stray()
				}
				if x.flaw == placesEarly {
					n.place = loanOutsidePlace
				}
			})
		}
	}
}

// repay is the end of the borrower: it gives the worker back, or leaves it vacant.
func (x *loaner) repay(s loanState, do func(string, func(*loanState))) {
	w := s.borrower
	if w == none {
		for w, t := range s.cur {
			if t == loanBorrower && !s.lock[w] {
				do("is done, and locks its worker", func(n *loanState) { n.borrower, n.lock[w] = uint8(w), true })
			}
		}
		return
	}
	if s.lent[w] && s.lock[loanOutsidePlace] {
		return
	}
	stands := s.outer == w && s.place == loanOutsidePlace || x.flaw == repaysBlindly
	do("gives its worker back, or leaves it vacant", func(n *loanState) {
		n.cur[w] = none
		switch {
		case !s.lent[w] || !stands:
		case s.goroutine == goBlocked:
			n.outer = none
		default:
			n.listed, n.outer = false, none
			n.found()
			n.give(w)
			if x.flaw == forgetsRequest && s.stands {
				n.clear()
			}
		}
		n.borrower, n.lock[w], n.lent[w] = none, false, false
	})
}

// monitor looks after the task, at the place where it is.
func (x *loaner) monitor(s loanState, do func(string, func(*loanState))) {
	place := x.placeOf(s)
	outside := place == loanOutsidePlace
	if s.place > loanOutsidePlace || s.lock[place] || outside && (!s.listed || x.flaw == ignoresOutside) {
		return
	}
	if outside && s.goroutine == goRuns {
		do("makes the task look for a worker", func(n *loanState) { n.stray() })
	}
	if s.o.requests > 0 && s.goroutine == goRuns && !s.leaving {
		do("requests the task to stop", func(n *loanState) {
			n.o.requests--
			n.mark = true
			if !s.stands {
				n.stands = true
				n.requests++
			}
		})
	}
	switch {
	case !s.stands || s.goroutine == goStopped:
	case !s.mark:
		do("finds that a request is over", func(n *loanState) { n.clear() })
	case s.goroutine == goBlocked && x.flaw == withdrawsBlindly:
		do("sees that the task is blocked in Go", func(n *loanState) { n.blinding, n.lock[place] = true, true })
	case s.goroutine == goBlocked:
		do("withdraws the request", func(n *loanState) {
			n.mark = false
			n.clear()
		})
	}
}

// collect takes over the goroutine that has stopped.
func (x *loaner) collect(s loanState, do func(string, func(*loanState))) {
	place := x.placeOf(s)
	if s.goroutine != goStopped || !s.stands || s.place > loanOutsidePlace || s.lock[place] {
		return
	}
	do("collects the task, and lets it go on", func(n *loanState) {
		n.clear()
		n.goroutine, n.given = goParked, true
		if place == loanOutsidePlace && !s.blocks {
			n.listed, n.outer = false, none
			n.found()
			n.place, n.given = loanQueue, false
		}
	})
	if place < loanWorkers {
		do("collects the task, and passes its worker on", func(n *loanState) {
			n.clear()
			n.goroutine, n.place, n.cur[place] = goParked, loanQueue, none
		})
	}
}

// golang is Go, and those who wake the task and give it a worker.
func (x *loaner) golang(s loanState, do func(string, func(*loanState))) {
	if s.mark && s.goroutine == goRuns && (s.pc < lnLocked || x.flaw == unpinned) {
		do("stops the goroutine", func(n *loanState) { n.goroutine, n.mark = goStopped, false })
	}
	if s.goroutine == goBlocked {
		do("ends what the task is blocked for", func(n *loanState) { n.goroutine = goRuns })
	}
	if s.waits {
		do("wakes the task", func(n *loanState) { n.waits, n.place = false, loanQueue })
	}
	if s.place == loanQueue {
		for w := range uint8(loanWorkers) {
			if s.cur[w] == none && !s.lock[w] {
				do("gives the task a worker", func(n *loanState) {
					n.give(w)
					n.given = true
				})
			}
		}
	}
	if s.given && s.goroutine == goParked {
		do("resumes the task", func(n *loanState) { n.given, n.goroutine, n.mark = false, goRuns, false })
	}
}
