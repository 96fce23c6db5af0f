package gv

// boost makes t, which has been ready for too long, count as Critical until it
// has had a slice. It ends starvation, and with it priority inversion on locks
// that the scheduler can't see.
func (t *Thread) boost() {
	if t.boosted.CompareAndSwap(false, true) {
		t.rt.boosts.Add(1)
		t.baseChanged()
	}
}

// unboost ends a boost.
func (t *Thread) unboost() {
	if t.boosted.Load() && t.boosted.CompareAndSwap(true, false) {
		t.baseChanged()
	}
}

// boostSpent reports whether t is where a boost doesn't help it: it has ended, or
// waits, perhaps in Go and perhaps for one who is starved himself. It may have got
// there just before it was boosted.
func (t *Thread) boostSpent() bool {
	word := t.load()
	switch word.state() {
	case StateDone, StateBlocked:
		return true
	case StateRunning:
		return word.place() == nowhere
	}
	return false
}
