package gv

// A threadWord is what the scheduler knows of a thread, in one atomic word: its
// state, where it is, and how many turns it has had. It changes as a whole, and
// only
//   - under the lock of the queue that the thread is in, while it is in one;
//   - under the lock of the worker that it holds, while it holds one;
//   - by whoever owns the thread, while it is in neither.
//
// A thread that has no worker, and runs all the same, owns itself.
type threadWord uint64

// The layout of a threadWord: state in bits 0-7, place in 8-23, turn above.
const (
	placeShift = 8
	turnShift  = 24
	placeMask  = 1<<(turnShift-placeShift) - 1
)

// A place is a worker or a queue. In a running thread it is the worker that the
// thread holds, in a ready one the queue that it is in.
type place uint16

// nowhere: without a worker, or in no queue.
const nowhere place = 0

func (w threadWord) state() State { return State(w) }

func (w threadWord) place() place { return place(w >> placeShift & placeMask) }

// turn counts the times that the thread was given a worker, has ended the loan of
// one, or ended.
func (w threadWord) turn() uint64 { return uint64(w >> turnShift) }

// with returns the word for another state and place in the same turn.
func (w threadWord) with(s State, p place) threadWord {
	return w>>turnShift<<turnShift | threadWord(p)<<placeShift | threadWord(s)
}

// nextTurn returns the same word, one turn later.
func (w threadWord) nextTurn() threadWord { return w + 1<<turnShift }

// load returns the thread's word.
func (t *Thread) load() threadWord { return threadWord(t.word.Load()) }

// store sets the thread's word. See threadWord for who may.
func (t *Thread) store(w threadWord) { t.word.Store(uint64(w)) }

// held reports whether a thread with word w holds the worker.
func (w threadWord) held(by *worker) bool {
	return w.state() == StateRunning && w.place() == by.queue.place
}
