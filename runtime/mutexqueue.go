package gv

// A mutexNode is a wait for a Mutex.
type mutexNode = waitNode[waitDetail]

// mutexWait is what a Mutex keeps about a wait, under its lock.
type mutexWait struct {
	prio    Priority // the list that the node is in
	awake   bool     // woken to take the lock, and not yet back
	passed  bool     // has been woken once and found the lock taken
	granted bool     // is the owner
}

// oldestEvery is how often the waiter that has waited longest is served whatever
// its priority: once in so many contended unlocks.
const oldestEvery = 64

// A mutexQueue holds those who wait for a Mutex, and what the mutex lends to its
// owner. It is guarded by the lock of the Mutex.
type mutexQueue struct {
	lists    [numPriorities]waitList[waitDetail]
	arrivals uint64
	releases uint64
	// borrower is the thread that the mutex lends a priority to, and lends that
	// priority; noPriority if it lends nothing.
	borrower *Thread
	lends    Priority
}

// top returns the highest priority that somebody waits with, or noPriority.
func (q *mutexQueue) top() Priority {
	for p := range q.lists {
		if q.lists[p].first != nil {
			return Priority(p)
		}
	}
	return noPriority
}

// first returns the first waiter of the highest priority, nil if there is none.
func (q *mutexQueue) first() *mutexNode {
	if p := q.top(); p != noPriority {
		return q.lists[p].first
	}
	return nil
}

// next counts a release and returns the waiter whose turn it is, and whether
// that is because it has waited longest.
func (q *mutexQueue) next() (n *mutexNode, oldest bool) {
	q.releases++
	if q.releases%oldestEvery != 0 {
		return q.first(), false
	}
	for p := range q.lists {
		if head := q.lists[p].first; head != nil && (n == nil || head.arrival < n.arrival) {
			n = head
		}
	}
	return n, true
}

// enter puts n at the end of the list for p.
func (q *mutexQueue) enter(n *mutexNode, p Priority) {
	q.arrivals++
	n.arrival = q.arrivals
	n.detail.mutex = mutexWait{prio: p}
	q.lists[p].insert(n)
}

// remove takes n out and reports whether it was there.
func (q *mutexQueue) remove(n *mutexNode) bool {
	return q.lists[n.detail.mutex.prio].remove(n)
}

// move puts n, which is in q, into the list for p, in the order of arrival. It
// reports whether that was a change.
func (q *mutexQueue) move(n *mutexNode, p Priority) bool {
	if n.detail.mutex.prio == p {
		return false
	}
	q.remove(n)
	n.detail.mutex.prio = p
	q.lists[p].insert(n)
	return true
}
