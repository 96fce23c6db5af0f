package gv

// passing is what a Chan keeps about a wait.
type passing[T any] struct {
	// value is what a sender offers, or what a receiver was given.
	value T
	// served is how the wait was ended by this Chan: chanDone or chanClosed; chanBlocks
	// if it was not, or not yet. It tells Select which of its cases it was.
	served chanResult
}

// claimPassing claims the first wait in l that is still to be had, and passes *v to it. It
// returns the value that was in the node, which a sender offers, and a ticket to wake, if that
// is needed; false if there is none. The caller holds the lock that guards l.
func claimPassing[T any](l *waitList[passing[T]], v *T) (value T, wake ticket, ok bool) {
	for l.first != nil {
		n := l.shift()
		// Once the wait is claimed, its owner may go on with the node.
		value = n.detail.value
		n.detail.value, n.detail.served = *v, chanDone
		if wake, ok = n.k.claimed(); ok {
			return value, wake, true
		}
		n.detail = passing[T]{}
	}
	var zero T
	return zero, ticket{}, false
}

// newNode returns a node for a wait of k's owner: one that he has used before, if he has one
// of the type that is free, so that in a steady state no wait allocates.
func newNode[T any](k ticket) *waitNode[passing[T]] {
	w := k.waiter()
	n, ok := w.nodes.(*waitNode[passing[T]])
	if !ok || !n.k.None() {
		n = oneOfNodes[T](w)
	}
	n.k = k
	return n
}

// oneOfNodes is newNode, but for the ticket, where w has no node, or more than one.
func oneOfNodes[T any](w *waiter) *waitNode[passing[T]] {
	if nodes, ok := w.nodes.(*[keptNodes]any); ok {
		for i := range nodes {
			if n, ok := nodes[i].(*waitNode[passing[T]]); ok && n.k.None() {
				return n
			}
		}
	}
	n := new(waitNode[passing[T]])
	w.keep(n)
	return n
}

// free makes n free, which is in no list, and which nobody but its owner refers to.
func free[T any](n *waitNode[passing[T]]) {
	n.k, n.detail = ticket{}, passing[T]{}
}

// keep adds a new node to those of w. If there are too many, another one is forgotten.
func (w *waiter) keep(node any) {
	if w.nodes == nil {
		w.nodes = node
		return
	}
	nodes, ok := w.nodes.(*[keptNodes]any)
	if !ok {
		nodes = &[keptNodes]any{w.nodes}
		w.nodes = nodes
	}
	for i := range nodes {
		if nodes[i] == nil {
			nodes[i] = node
			return
		}
	}
	nodes[0] = node
}
