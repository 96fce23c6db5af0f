package event

// A Log has the turns on one worker, and whom their threads have woken. The worker's lock
// guards it.
type Log struct {
	// Next is another recording's log of the same worker.
	Next *Log

	turns ring[Turn]
	wakes ring[Wake]
	// last is the last of turns, nil before the first.
	last *Turn
}

// Begin begins a turn. The one before it has ended.
func (l *Log) Begin(t *Turn) {
	begin := t.Begin
	if l.last != nil {
		begin = max(begin, l.last.End) // a bubble's goroutines read the clock in another way
	}
	l.last = l.turns.slot()
	*l.last = *t
	l.last.Begin = begin
}

// End ends the turn that has begun, if it has not ended.
func (l *Log) End(at int64, why Cause, wait uint8) {
	if t := l.last; t != nil && t.Cause == Unended {
		t.End, t.Cause, t.Wait = max(at, t.Begin), why, wait
	}
}

// Resume goes on with the last turn as if it had not ended.
func (l *Log) Resume() { l.last.Cause = Unended }

// Ended returns when the last turn has ended, and whether it has.
func (l *Log) Ended() (at int64, ended bool) {
	if l.last == nil {
		return 0, false
	}
	return l.last.End, l.last.Cause != Unended
}

// Wake notes that the thread whose turn it is has made another ready.
func (l *Log) Wake(w Wake) { *l.wakes.slot() = w }

// An Outside has the passages of the threads without workers. The lock of the scheduler's
// outside guards it.
type Outside struct {
	// Next is another recording's.
	Next *Outside

	passages ring[Passage]
}

// Pass notes one.
func (o *Outside) Pass(p Passage) { *o.passages.slot() = p }
