package gv

import "github.com/gvthread/gvthread/arch"

// A waitNode is one wait in the queue of a primitive. Its links and its detail
// are guarded by the primitive's lock.
//
// Whoever means to end the wait removes the node under that lock and claims the
// ticket; who fails to claim it leaves a node that is in no list, which its
// owner understands when it comes back. So a node that is in a list was given
// nothing yet, and one that a claim took out belongs to the claimer until the
// wake-up.
type waitNode[D any] struct {
	k ticket
	// The last node has no next, and is the prev of the first.
	next, prev *waitNode[D]
	in         *waitList[D]
	// arrival orders the nodes of a primitive by the time they were queued, where it
	// numbers them.
	arrival uint64
	detail  D
}

// A waitList is a FIFO of waits. The zero value is empty.
type waitList[D any] struct{ first *waitNode[D] }

// A numberedList is a waitList that numbers the arrivals, for those who end the waits that
// have begun so far.
type numberedList[D any] struct {
	waitList[D]
	arrivals uint64
}

// A waitDetail is what the primitives of this package, except Chan, keep about
// a wait. A thread or goroutine waits for one of them at a time, so each waiter
// has one node of this kind, and no wait allocates.
type waitDetail struct {
	// prio is the list that the node is in, where there is one for each priority.
	prio Priority
	// weight is what Semaphore.Acquire asks for.
	weight int64
	mutex  mutexWait
}

// push adds n at the end.
func (l *waitList[D]) push(n *waitNode[D]) {
	n.in = l
	first := l.first
	if first == nil {
		l.first, n.prev = n, n
		return
	}
	n.prev = first.prev
	n.prev.next, first.prev = n, n
}

// push adds n at the end, with the next number.
func (l *numberedList[D]) push(n *waitNode[D]) {
	l.arrivals++
	n.arrival = l.arrivals
	l.waitList.push(n)
}

// insert adds n, whose arrival is set, in the order of arrivals.
func (l *waitList[D]) insert(n *waitNode[D]) {
	first := l.first
	if first == nil || first.prev.arrival <= n.arrival {
		l.push(n)
		return
	}
	// The last comes later, so there is one that n goes before.
	at := first.prev
	for at != first && at.prev.arrival > n.arrival {
		at = at.prev
	}
	n.in, n.next, n.prev = l, at, at.prev
	if at == first {
		l.first = n
	} else {
		at.prev.next = n
	}
	at.prev = n
}

// remove takes n out and reports whether it was in l.
func (l *waitList[D]) remove(n *waitNode[D]) bool {
	if n.in != l {
		return false
	}
	if n == l.first {
		l.first = n.next
	} else {
		n.prev.next = n.next
	}
	if n.next != nil {
		n.next.prev = n.prev
	} else if l.first != nil {
		l.first.prev = n.prev
	}
	n.in, n.next, n.prev = nil, nil, nil
	return true
}

// shift takes out the first node, which there is, and returns it.
func (l *waitList[D]) shift() *waitNode[D] {
	n := l.first
	next := n.next
	if next != nil {
		next.prev = n.prev
	}
	l.first, n.in, n.next, n.prev = next, nil, nil, nil
	return n
}

// wakeUpTo ends all waits in l that arrived no later than limit. It does not
// yield. The caller does not hold mu, which guards l.
func wakeUpTo[D any](mu *arch.Lock, l *waitList[D], limit uint64) {
	var chain wakeChain[D]
	mu.Lock()
	for l.first != nil && l.first.arrival <= limit {
		chain.claim(l.shift())
		chain.relieve(mu)
	}
	mu.Unlock()
	chain.wake()
}

// noCopy makes go vet complain about copies of the types that have it.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}
