package gv

// A mutexNode is a wait for a Mutex.
type mutexNode = waitNode[waitDetail]

// mutexWait is what a Mutex keeps about a wait, under its lock.
type mutexWait struct {
	awake   bool // woken to take the lock, and not yet back
	passed  bool // has been woken once and found the lock taken
	granted bool // is the owner
}

// A mutexQueue holds those who wait for a Mutex, and what the mutex lends to its
// owner. It is guarded by the lock of the Mutex.
type mutexQueue struct {
	waitQueue
	releases uint64
	opening  mutexOpening
	// owner is the thread that owns the Mutex, nil if that is not known, or it is no
	// thread. What is known of one that owns the Mutex alone is forgotten: it may unlock
	// it without a look at the queue.
	owner *Thread
	// borrower is the thread that the mutex lends a priority to, and lends that
	// priority; noPriority if it lends nothing.
	borrower *Thread
	lends    Priority
}

// next counts a release and returns the waiter whose turn it is, and whether
// that is because it has waited longest.
func (q *mutexQueue) next() (n *mutexNode, oldest bool) {
	q.releases++
	if q.releases%oldestEvery != 0 {
		return q.first(), false
	}
	return q.oldest(), true
}

// enter puts n at the end of the list for p.
func (q *mutexQueue) enter(n *mutexNode, p Priority) {
	n.detail.mutex = mutexWait{}
	q.waitQueue.enter(n, p)
}
