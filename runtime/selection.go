package gv

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"

	"github.com/gvthread/gvthread/runtime/internal/sched"
)

// A selection is one call of Select.
type selection struct {
	cases []Case
	// fallback is the index of the Default, -1 if there is none.
	fallback int
	// channels are those of the cases, each once, in the order in which they
	// are locked.
	channels []*chanCore
	// order is the indexes of the cases with a Chan, in the order in which they are tried.
	order []int
	// nodes are the waits, by the index of the Case.
	nodes []any
}

// selectSpace is room on the stack for the slices of a small selection.
type selectSpace struct {
	channels [8]*chanCore
	order    [8]int
	nodes    [8]any
}

func newSelection(cases []Case, space *selectSpace) selection {
	s := selection{cases: cases, fallback: -1, channels: space.channels[:0], order: space.order[:0]}
	for i := range cases {
		switch c := &cases[i]; c.kind {
		case caseDefault:
			if s.fallback >= 0 {
				panic(fmt.Sprintf("gv: Select with two Default cases, %d and %d", s.fallback, i))
			}
			s.fallback = i
		case caseSend, caseRecv:
			s.order = append(s.order, i)
		}
	}
	if len(s.order) > len(space.order) {
		s.channels = sortChannels(cases, s.order)
	} else {
		for _, i := range s.order {
			s.channels = insertChannel(s.channels, cases[i].ch.core())
		}
	}
	if n := len(cases); n <= len(space.nodes) {
		s.nodes = space.nodes[:n]
	} else {
		s.nodes = make([]any, n)
	}
	return s
}

// shuffle makes the order of the cases one of all, each with the same probability.
func (s *selection) shuffle() {
	if sched.Pending() && s.shuffleControlled() {
		return
	}
	for i := len(s.order) - 1; i > 0; i-- {
		j := int(rand.Uint32N(uint32(i + 1)))
		s.order[i], s.order[j] = s.order[j], s.order[i]
	}
}

// lastChanRank is the highest rank given to a Chan.
var lastChanRank atomic.Uint64

// lockRank returns the place of the Chan in the order in which channels are
// locked together.
func (c *chanCore) lockRank() uint64 {
	if c.rank.Load() == 0 {
		c.rank.CompareAndSwap(0, lastChanRank.Add(1))
	}
	return c.rank.Load()
}

// sortChannels returns the channels of the cases in order, each once, ordered by rank:
// what inserting them gives, where they are too many for that.
func sortChannels(cases []Case, order []int) []*chanCore {
	list := make([]*chanCore, len(order))
	for at, i := range order {
		list[at] = cases[i].ch.core()
	}
	slices.SortFunc(list, func(a, b *chanCore) int { return cmp.Compare(a.lockRank(), b.lockRank()) })
	return slices.Compact(list)
}

// insertChannel adds c to a list that is ordered by rank, if it isn't there.
func insertChannel(list []*chanCore, c *chanCore) []*chanCore {
	rank, at := c.lockRank(), len(list)
	for at > 0 && list[at-1].lockRank() > rank {
		at--
	}
	if at > 0 && list[at-1] == c {
		return list
	}
	list = append(list, c)
	for i := len(list) - 1; i > at; i-- {
		list[i] = list[i-1] // slices.Insert takes longer for a few
	}
	list[at] = c
	return list
}

func (s *selection) lock() {
	for _, c := range s.channels {
		c.mu.Lock()
	}
}

func (s *selection) unlock() {
	for _, c := range s.channels {
		c.mu.Unlock()
	}
}

// tryLocked does what the first case says that is ready. If that has served
// somebody, he is to be woken after the channels are unlocked.
func (s *selection) tryLocked() (chosen int, other ticket, result chanResult) {
	for _, i := range s.order {
		c := &s.cases[i]
		if c.kind == caseSend {
			other, result = c.ch.sendCaseLocked(c.operand)
		} else {
			other, result = c.ch.recvCaseLocked(c.operand)
		}
		if result != chanBlocks {
			return i, other, result
		}
	}
	return -1, ticket{}, chanBlocks
}

// enqueueLocked makes the owner of k wait for all cases.
func (s *selection) enqueueLocked(k ticket) {
	for _, i := range s.order {
		c := &s.cases[i]
		if c.kind == caseSend {
			s.nodes[i] = c.ch.enqueueSendLocked(k, c.operand)
		} else {
			s.nodes[i] = c.ch.enqueueRecvLocked(k)
		}
	}
}

// leaveLocked ends the wait and returns the case that ended it, and how; -1 if it was
// none.
func (s *selection) leaveLocked() (chosen int, result chanResult) {
	chosen = -1
	for _, i := range s.order {
		c := &s.cases[i]
		var dst any
		if c.kind == caseRecv {
			dst = c.operand
		}
		if served := c.ch.leaveLocked(s.nodes[i], dst); served != chanBlocks {
			chosen, result = i, served
		}
	}
	return chosen, result
}

// giveNodesBack keeps the nodes of the wait, which has ended, for k's owner.
func (s *selection) giveNodesBack(k ticket) {
	for _, i := range s.order {
		s.cases[i].ch.keep(k.w, s.nodes[i])
	}
}

// errorOf returns what Select returns for a case, given what it was woken with.
func (s *selection) errorOf(chosen int, err error) error {
	if err == ErrClosed && s.cases[chosen].kind == caseSend {
		return errSelectClosed
	}
	return err
}

// A selectable is a *Chan[T] as Select sees it. Methods that end in Locked are
// called with the lock of core held.
type selectable interface {
	core() *chanCore
	// sendCaseLocked and recvCaseLocked are attempts.
	sendCaseLocked(operand any) (to ticket, result chanResult)
	recvCaseLocked(operand any) (from ticket, result chanResult)
	// enqueueSendLocked and enqueueRecvLocked add a wait and return its node.
	enqueueSendLocked(k ticket, operand any) (node any)
	enqueueRecvLocked(k ticket) (node any)
	// leaveLocked ends that wait. It returns how it had been ended by this Chan, and
	// then stores what was received in dst, if that is not nil.
	leaveLocked(node, dst any) chanResult
	// keep keeps the node for the next waits of w's.
	keep(w *waiter, node any)
}

func (c *Chan[T]) core() *chanCore { return &c.chanCore }

func (c *Chan[T]) sendCaseLocked(operand any) (to ticket, result chanResult) {
	v, _ := operand.(T) // fails only for a nil interface, which is T's zero
	return c.sendLocked(v)
}

func (c *Chan[T]) recvCaseLocked(operand any) (from ticket, result chanResult) {
	v, from, result := c.recvLocked()
	if dst := operand.(*T); dst != nil && result != chanBlocks {
		*dst = v
	}
	return from, result
}

func (c *Chan[T]) enqueueSendLocked(k ticket, operand any) (node any) {
	n := c.enqueueLocked(&c.senders, k)
	n.detail.value, _ = operand.(T)
	return n
}

func (c *Chan[T]) enqueueRecvLocked(k ticket) (node any) {
	return c.enqueueLocked(&c.receivers, k)
}

func (c *Chan[T]) leaveLocked(node, dst any) chanResult {
	n := node.(*waitNode[passing[T]])
	if n.in != nil {
		n.in.remove(n)
	}
	served := n.detail.served
	if p, _ := dst.(*T); p != nil && served != chanBlocks {
		*p = n.detail.value
	}
	return served
}

func (c *Chan[T]) keep(w *waiter, node any) { keepNode(w, node.(*waitNode[passing[T]])) }
