package event

// A Recording is what is recorded of a runtime.
type Recording struct {
	// Start is when it began.
	Start int64
	// Logs has one for each worker.
	Logs    []Log
	Outside Outside
}

// The sizes of what is recorded, in bytes. The names of threads are not among it: they are
// there already.
const (
	turnSize    = 56
	wakeSize    = 16
	passageSize = 24
	// least is how many turns of each worker are kept at least.
	least = 64
)

// NewRecording returns one of a runtime with that many workers, which takes about as many
// bytes as given.
func NewRecording(workers int, bytes uint64) *Recording {
	each := (bytes / uint64(workers)) / (turnSize + wakeSize + passageSize)
	size := int(max(each, least))
	r := &Recording{Logs: make([]Log, workers)}
	for i := range r.Logs {
		r.Logs[i].turns, r.Logs[i].wakes = newRing[Turn](size), newRing[Wake](size)
	}
	r.Outside.passages = newRing[Passage](size * workers)
	return r
}

// A Locker is the lock of a Log, or of an Outside.
type Locker interface {
	Lock()
	Unlock()
}

// CopyLog copies the log of a worker, whose lock the caller does not have, into w.
func (r *Recording) CopyLog(i int, lock Locker, w *Window) {
	l := &r.Logs[i]
	turns, wakes := newCopied[Turn](), newCopied[Wake]()
	lock.Lock()
	turns.begin(&l.turns)
	wakes.begin(&l.wakes)
	lock.Unlock()
	for more := true; more; {
		lock.Lock()
		turns.copy(&l.turns)
		wakes.copy(&l.wakes)
		lock.Unlock()
		// Both are to keep what they have.
		moreTurns, moreWakes := turns.keep(), wakes.keep()
		more = moreTurns || moreWakes
	}
	w.Workers[i] = Track{turns.items, wakes.items, turns.lost() > 0}
	w.Lost += turns.lost()
	w.LostWakes += wakes.lost()
}

// CopyOutside copies what has happened without workers.
func (r *Recording) CopyOutside(lock Locker, w *Window) {
	passages := newCopied[Passage]()
	lock.Lock()
	passages.begin(&r.Outside.passages)
	lock.Unlock()
	for more := true; more; more = passages.keep() {
		lock.Lock()
		passages.copy(&r.Outside.passages)
		lock.Unlock()
	}
	w.Passages = passages.items
}
