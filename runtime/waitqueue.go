package gv

// oldestEvery is how often the waiter that has waited longest is served whatever
// its priority: once in so many times that somebody is.
const oldestEvery = 64

// A waitQueue holds waits by priority, and in the order of their arrival within
// one. The zero value is empty. It is guarded by the lock of its primitive.
type waitQueue struct {
	lists    [numPriorities]waitList[waitDetail]
	arrivals uint64
}

// top returns the highest priority that somebody waits with, or noPriority.
func (q *waitQueue) top() Priority {
	for p := range q.lists {
		if q.lists[p].first != nil {
			return Priority(p)
		}
	}
	return noPriority
}

// first returns the first waiter of the highest priority, nil if there is none.
func (q *waitQueue) first() *waitNode[waitDetail] {
	if p := q.top(); p != noPriority {
		return q.lists[p].first
	}
	return nil
}

// oldest returns the waiter that has waited longest, nil if there is none.
func (q *waitQueue) oldest() (n *waitNode[waitDetail]) {
	for p := range q.lists {
		if head := q.lists[p].first; head != nil && (n == nil || head.arrival < n.arrival) {
			n = head
		}
	}
	return n
}

// enter puts n at the end of the list for p.
func (q *waitQueue) enter(n *waitNode[waitDetail], p Priority) {
	q.arrivals++
	n.arrival = q.arrivals
	n.detail.prio = p
	q.lists[p].insert(n)
}

// remove takes n out and reports whether it was there.
func (q *waitQueue) remove(n *waitNode[waitDetail]) bool {
	return q.lists[n.detail.prio].remove(n)
}

// move puts n, which is in q, into the list for p, in the order of arrival. It
// reports whether that was a change.
func (q *waitQueue) move(n *waitNode[waitDetail], p Priority) bool {
	if n.detail.prio == p {
		return false
	}
	q.remove(n)
	n.detail.prio = p
	q.lists[p].insert(n)
	return true
}
