package gv

import (
	"cmp"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/gvthread/gvthread/arch"
)

// liveThreads are the threads that have been started and have not ended. They are counted
// here, and found as a tree: each has a list of those that it has started.
//
// Most threads are started by others, on one core, and end on another. So what is written
// at each start and at each end of theirs is in lines of the cache of its own.
type liveThreads struct {
	// roots has those that no thread has started as its children, until they and their
	// families have ended. It is no thread's. Its lock guards the rest, too, but for finished,
	// and may be taken with that of a thread held.
	roots lifecycle
	// started counts the threads that were to start, whose numbers are those of their
	// starts, and refused those of them that could not be started.
	started, refused uint64
	// rootsFinished counts the roots that have ended.
	rootsFinished uint64
	// room is the number up to which threads start without a look at how many are alive, and
	// at shut.
	room uint64
	// shut refuses new threads.
	shut bool
	// emptied is made by those who wait for the end of all threads, and closed then. awaited
	// says that it is there.
	emptied chan struct{}
	awaited atomic.Bool

	_ [64]byte
	// finished counts the others that have ended.
	finished atomic.Uint64
	_        [64]byte
}

// add gives t its number and counts it, or says why it can't be started. If no thread has
// started it, it is found from here on.
func (l *liveThreads) add(t *Thread, limit int) error {
	l.roots.lock.Lock()
	l.started++
	t.id = l.started
	if t.id > l.room && !l.makeRoomLocked(limit) {
		l.refused++
		l.roots.lock.Unlock()
		return l.refusal(limit)
	}
	if t.life.parent == nil {
		l.roots.adopt(t)
	}
	l.roots.lock.Unlock()
	return nil
}

// makeRoomLocked reports whether the thread that was counted last may start, and notes up to
// which number others may. The caller holds the lock.
func (l *liveThreads) makeRoomLocked(limit int) bool {
	n := l.countLocked()
	if l.shut || n > uint64(limit) {
		return false
	}
	l.room = l.started + uint64(limit) - n // each that starts is at most one more
	return true
}

// refusal returns the error of a thread that could not be started. Package fmt may block, and
// so may not be called under the lock.
func (l *liveThreads) refusal(limit int) error {
	if l.isShut() {
		return ErrRuntimeClosed
	}
	_, _, n := l.counts()
	return fmt.Errorf("%w: %d are alive, and Config.MaxThreads is %d", ErrTooManyThreads, n, limit)
}

// countLocked returns how many threads are alive. The caller holds the lock.
func (l *liveThreads) countLocked() uint64 {
	return l.started - l.refused - l.rootsFinished - l.finished.Load()
}

// counts returns how many threads have started, have ended, and are alive.
func (l *liveThreads) counts() (started, finished, n uint64) {
	l.roots.lock.Lock()
	defer l.roots.lock.Unlock()
	n = l.countLocked()
	started = l.started - l.refused
	return started, started - n, n
}

// leave counts t, which ends. It takes t out of the tree if no thread has started t, and t's
// family is over. It reports whether somebody waits for the end of all threads: announce is to
// follow then. The caller holds t's lock, and so is pinned.
func (l *liveThreads) leave(t *Thread, over bool) (awaited bool) {
	if t.life.parent != nil {
		l.finished.Add(1)
		// The order of the two, and of the opposite in empty, makes sure that one of the
		// sides sees the other.
		return l.awaited.Load()
	}
	l.roots.lock.LockPinned()
	l.rootsFinished++
	if over {
		l.roots.disown(t)
	}
	awaited = l.awaited.Load()
	l.roots.lock.UnlockPinned()
	return awaited
}

// announce tells those who wait for the end of all threads, if that has come.
func (l *liveThreads) announce() {
	var emptied chan struct{}
	l.roots.lock.Lock()
	if l.countLocked() == 0 {
		emptied, l.emptied = l.emptied, nil
		l.awaited.Store(false)
	}
	l.roots.lock.Unlock()
	if emptied != nil {
		close(emptied)
	}
}

// empty returns a channel that is closed when no thread is alive.
func (l *liveThreads) empty() <-chan struct{} {
	if arch.InBubble() {
		return outside(l.empty)
	}
	l.roots.lock.Lock()
	defer l.roots.lock.Unlock()
	if l.emptied == nil {
		l.emptied = make(chan struct{})
		l.awaited.Store(true)
	}
	if l.countLocked() == 0 {
		return closedC
	}
	return l.emptied
}

// close refuses new threads.
func (l *liveThreads) close() {
	l.roots.lock.Lock()
	l.shut, l.room = true, 0
	l.roots.lock.Unlock()
}

// isShut reports whether new threads are refused.
func (l *liveThreads) isShut() bool {
	l.roots.lock.Lock()
	defer l.roots.lock.Unlock()
	return l.shut
}

// all returns the threads that were started before the call and have not ended, in the order
// of their IDs. One that was started by another, and that has run its last, may be left out,
// and one that is about to be made ready.
//
// A thread is in its parent's list until its family is over: so all that are alive are found
// through those that have started them.
func (l *liveThreads) all() []*Thread {
	_, _, n := l.counts()
	ts := make([]*Thread, 0, n) // here: with the lock held, others would wait for it
	l.roots.lock.Lock()
	last := l.started
	ts = l.roots.appendChildren(ts)
	l.roots.lock.Unlock()
	for i := 0; i < len(ts); i++ {
		family := &ts[i].life
		family.lock.Lock()
		ts = family.appendChildren(ts)
		family.lock.Unlock()
	}
	ts = slices.DeleteFunc(ts, func(t *Thread) bool { return t.id > last || t.life.ended.Load() != 0 })
	slices.SortFunc(ts, func(a, b *Thread) int { return cmp.Compare(a.id, b.id) })
	return ts
}
