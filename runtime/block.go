package gv

import "github.com/gvthread/gvthread/arch"

// Block calls fn without a worker: the calling thread gives its worker to
// another ready thread first, and takes one back after. It is for calls that
// block in Go: on a channel, a sync.Mutex, a file, a network connection. Without
// it such calls work too, and the worker is taken away when somebody else needs
// it and the thread is found to be stuck, within about a millisecond; with it
// nobody has to wait for that.
//
// Code in fn runs beside the workers' threads and outside their priorities: it
// should block, not compute. A panic in fn, or its runtime.Goexit, passes
// through. In a plain goroutine Block just calls fn.
func Block(fn func()) {
	t := Current()
	if t == nil {
		fn()
		return
	}
	t.checkStack()
	t.outside.Add(1)
	t.waits.kind.Store(uint32(waitBlock))
	t.leftWorker()
	arch.Pin()
	if w := t.lockWorker(); w != nil {
		w.handOffLocked(t, StateBlocked)
	}
	arch.Unpin()
	defer func() {
		t.outside.Add(-1)
		t.rejoin()
	}()
	fn()
}
