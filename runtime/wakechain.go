package gv

// A wakeChain has waits that were claimed while their owners were blocked, for these to be woken
// together. Who claims is pinned until the wake-ups. So nothing that is more urgent displaces it
// with some of them still asleep, who may be more urgent yet, and whom nobody else would wake.
//
// The nodes are the claimer's until then, and linked by their own next.
type wakeChain[D any] struct {
	first, last *waitNode[D]
	n           int
}

// chainMost is how many are woken together at most where there may be any number: the claimer
// keeps the world from being stopped for some 10 µs.
const chainMost = 64

// add adds n, which was taken out of its list, and whose wait was claimed. Its owner needs to
// be woken.
func (c *wakeChain[D]) add(n *waitNode[D]) {
	if c.last == nil {
		c.first = n
	} else {
		c.last.next = n
	}
	c.last = n
	c.n++
}

// full reports whether the chain is as long as it should get.
func (c *wakeChain[D]) full() bool { return c.n >= chainMost }

// wake wakes the owners, in the order in which they were added, and empties the chain. It does
// not yield. The caller holds no spin lock.
func (c *wakeChain[D]) wake() {
	n := c.first
	*c = wakeChain[D]{}
	for n != nil {
		next := n.next // its owner may use n again once it is awake
		n.next = nil
		n.k.Wake()
		n = next
	}
}
