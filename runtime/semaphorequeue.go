package gv

// A semaphoreQueue holds those who wait for a Semaphore. It is guarded by the lock
// of the Semaphore.
type semaphoreQueue struct {
	waitQueue
	// beyond are those who ask for more than there is in all. They keep nobody waiting.
	beyond [numPriorities]waitList[waitDetail]
	// turns counts those who were served after a wait, or while others waited.
	turns uint64
}

// enter makes n, which asks for its weight of size, wait with priority p.
func (q *semaphoreQueue) enter(n *waitNode[waitDetail], p Priority, size int64) {
	q.waitQueue.enter(n, p)
	q.sort(n, size)
}

// sort moves n, which waits, to where it belongs now that there is size in all.
func (q *semaphoreQueue) sort(n *waitNode[waitDetail], size int64) {
	list := &q.lists[n.detail.prio]
	if n.detail.weight > size {
		list = &q.beyond[n.detail.prio]
	}
	if n.in != list {
		n.in.remove(n)
		list.insert(n)
	}
}

// resize sorts all who wait.
func (q *semaphoreQueue) resize(size int64) {
	for p := range q.lists {
		q.sortAll(&q.lists[p], size)
		q.sortAll(&q.beyond[p], size)
	}
}

func (q *semaphoreQueue) sortAll(l *waitList[waitDetail], size int64) {
	for n := l.first; n != nil; {
		next := n.next
		q.sort(n, size)
		n = next
	}
}

// move gives n, if it waits, priority p. It reports whether that was a change.
func (q *semaphoreQueue) move(n *waitNode[waitDetail], p Priority, size int64) bool {
	if n.in == nil || n.detail.prio == p {
		return false
	}
	n.detail.prio = p
	q.sort(n, size)
	return true
}

// remove takes n out if it is there.
func (q *semaphoreQueue) remove(n *waitNode[waitDetail]) {
	if n.in != nil {
		n.in.remove(n)
	}
}

// next returns the wait whose turn it is, nil if there is none.
func (q *semaphoreQueue) next() *waitNode[waitDetail] {
	if q.oldestIsNext() {
		return q.oldest()
	}
	return q.first()
}

func (q *semaphoreQueue) oldestIsNext() bool { return q.turns%oldestEvery == oldestEvery-1 }

// lets reports whether t, which does not wait, comes before all who do. t is nil for
// a goroutine.
func (q *semaphoreQueue) lets(t *Thread) bool {
	top := q.top()
	return top == noPriority || t.rank() < top && !q.oldestIsNext()
}

// enterSemaphore notes that t is about to wait for s, whose lock the caller holds,
// and returns the priority to wait with. t may be nil.
func (t *Thread) enterSemaphore(s *Semaphore) Priority {
	if t == nil {
		return Normal
	}
	// In this order: who changes what is due then looks at semaphore.
	t.needRare().semaphore.Store(s)
	return t.due()
}

// leaveSemaphore notes that t no longer waits for its Semaphore, whose lock the
// caller holds. t may be nil.
func (t *Thread) leaveSemaphore() {
	if t != nil {
		t.needRare().semaphore.Store(nil)
	}
}

// repositionInSemaphore moves t to its place in the queue of the Semaphore that it
// waits for, if there is one.
func (t *Thread) repositionInSemaphore() {
	if s := t.semaphore(); s != nil {
		s.reposition(t)
	}
}
