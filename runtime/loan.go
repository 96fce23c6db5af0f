package gv

// A loan is a worker that was taken from a thread that didn't run at the moment,
// mostly because its OS thread had lost its core: see usurp. The thread has not been stopped, it only doesn't run. If the
// one that was more urgent is done before the thread has noticed anything, it
// gets the worker back, and nothing else has to happen: no signal, no goroutine
// to park and to make runnable, no OS thread to wake. That is what mostly happens
// to those that a short request displaces.
//
// Until then the thread's word is as the loan says, and whoever changes it first
// decides: the one that gives the worker back, or the thread itself, or the one
// that has found it stopped, by settle.
type loan struct {
	// thread is nil while the worker is not lent.
	thread *Thread
	word   threadWord
}

// lendLocked notes that t, which has just lost w without being stopped, may have it
// back.
func (w *worker) lendLocked(t *Thread, word threadWord) {
	w.lent = loan{t, word}
}

// repayLocked gives w, which the caller is done with, back to the thread that it
// was taken from, if that one has not gone on in some other way, isn't blocked in
// Go, and nothing more urgent is ready. A request to yield is answered by this, as
// by pickLocked.
func (w *worker) repayLocked() bool {
	t := w.lent.thread
	if t == nil {
		return false
	}
	w.acknowledge()
	if w.rt.topReady() < t.effective() {
		return false
	}
	word := w.lent.word
	w.lent = loan{}
	if t.blockedInGo() {
		return false // a ready one has more use for it
	}
	if !t.word.CompareAndSwap(uint64(word), uint64(word.nextTurn().with(StateRunning, w.queue.place))) {
		return false
	}
	t.found() // the Monitor may have taken it for lost
	w.holdLocked(t)
	return true
}

// writeOffLocked forgets a loan that can't be repaid: the thread has gone on in
// some other way. Nobody may keep a thread from being garbage that has ended.
func (w *worker) writeOffLocked() {
	if t := w.lent.thread; t != nil && t.load() != w.lent.word {
		w.lent = loan{}
	}
}

// settle ends the loan of the worker that t has lost, if there is one, and returns
// the worker that t has, nil if none: then t owns itself. The caller is the thread
// itself, pinned, or owns its goroutine. lent reports whether a loan ended here.
//
// One load must decide both. Between two of them the worker may be taken, and
// given back after the second, when the caller has decided that t has none.
func (t *Thread) settle() (w *worker, lent bool) {
	for {
		word := t.load()
		if word.place() != nowhere && word.state() == StateRunning {
			return t.rt.workerAt(word.place()), false
		}
		if word.place() != nowhere || word.state() != StatePreempted {
			return nil, false
		}
		// With a turn of its own, or the word would be the loan's again when t is taken
		// from the queue that it may be put into now, and the loan be repaid then.
		if t.word.CompareAndSwap(uint64(word), uint64(word.nextTurn().with(StateRunning, nowhere))) {
			return nil, true
		}
	}
}

// lockWorker returns the worker that t has after settle, locked, nil if none.
func (t *Thread) lockWorker() *worker {
	for {
		w, _ := t.settle()
		if w == nil {
			return nil
		}
		w.queue.lock.lock()
		if w.cur == t {
			return w
		}
		w.queue.lock.unlock() // it was taken just now
	}
}
