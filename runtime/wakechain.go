package gv

import "github.com/gvthread/gvthread/arch"

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

// claim claims the wait of n, which was taken out of its list, and reports whether it could.
// What the owner is to find then, the caller has written before: the owner, unless it is
// blocked, may go on with n.
func (c *wakeChain[D]) claim(n *waitNode[D]) (won bool) {
	won, blocked := n.k.claim()
	if !blocked {
		return won
	}
	if c.last == nil {
		c.first = n
	} else {
		c.last.next = n
	}
	c.last = n
	c.n++
	return true
}

// relieve wakes the owners, with mu unlocked meanwhile, if the chain is as long as it should get.
func (c *wakeChain[D]) relieve(mu *arch.Lock) {
	if c.n >= chainMost {
		c.wakeUnlocked(mu)
	}
}

// wakeUnlocked is the rest of relieve: apart, so that relieve is inlined.
func (c *wakeChain[D]) wakeUnlocked(mu *arch.Lock) {
	mu.Unlock()
	c.wake()
	mu.Lock()
}

// wake wakes the owners, in the order in which their waits were claimed, and empties the
// chain. It does not yield. The caller holds no spin lock.
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
