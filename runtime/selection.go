package gv

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"

	"github.com/gvthread/gvthread/runtime/internal/sched"
)

// fewCases is how many cases with a Chan a selection has room for.
const fewCases = 8

// A selection is one call of Select.
type selection struct {
	cases []Case
	// fallback is the index of the Default, -1 if there is none.
	fallback int
	// few has what order and channels return, the first numbers of each. If there are too
	// many, many has it.
	few struct {
		order             [fewCases]int
		channels          [fewCases]*chanCore
		cases, channelled int
	}
	many *manyCases
}

// manyCases is what selection.few is for more cases.
type manyCases struct {
	order    []int
	channels []*chanCore
}

// order returns the indexes of the cases with a Chan, in the order in which they are tried.
func (s *selection) order() []int {
	if s.many != nil {
		return s.many.order
	}
	return s.few.order[:s.few.cases]
}

// channels returns those of the cases, each once, in the order in which they are locked.
func (s *selection) channels() []*chanCore {
	if s.many != nil {
		return s.many.channels
	}
	return s.few.channels[:s.few.channelled]
}

// arrange finds the cases that have a Chan, these, and the Default.
func (s *selection) arrange() {
	n := 0
	for i := range s.cases {
		switch c := &s.cases[i]; c.kind {
		case caseDefault:
			if s.fallback >= 0 {
				panic(fmt.Sprintf("gv: Select with two Default cases, %d and %d", s.fallback, i))
			}
			s.fallback = i
		case caseSend, caseRecv:
			if n < fewCases {
				s.few.order[n] = i
				s.addChannel(c.ch.core())
			}
			n++
		}
	}
	s.few.cases = n
	if n > fewCases {
		s.many = manyOf(s.cases, n)
	}
}

// addChannel adds c to the few, which are ordered by rank, if it isn't there.
func (s *selection) addChannel(c *chanCore) {
	list, at := &s.few.channels, s.few.channelled
	for rank := c.lockRank(); at > 0 && list[at-1].lockRank() >= rank; at-- {
		if list[at-1] == c {
			return
		}
	}
	for i := s.few.channelled; i > at; i-- {
		list[i] = list[i-1] // slices.Insert takes longer for a few
	}
	list[at] = c
	s.few.channelled++
}

// manyOf arranges cases of which n have a Chan.
func manyOf(cases []Case, n int) *manyCases {
	m := &manyCases{make([]int, 0, n), make([]*chanCore, 0, n)}
	for i := range cases {
		if c := &cases[i]; c.ch != nil {
			m.order = append(m.order, i)
			m.channels = append(m.channels, c.ch.core())
		}
	}
	slices.SortFunc(m.channels, func(a, b *chanCore) int { return cmp.Compare(a.lockRank(), b.lockRank()) })
	m.channels = slices.Compact(m.channels)
	return m
}

// shuffle makes the order of the cases one of all, each with the same probability.
func (s *selection) shuffle() {
	if sched.Pending() && s.shuffleControlled() {
		return
	}
	order := s.order()
	for i := len(order) - 1; i > 0; i-- {
		j := int(rand.Uint32N(uint32(i + 1)))
		order[i], order[j] = order[j], order[i]
	}
}

// lastChanRank is the highest rank given to a Chan.
var lastChanRank atomic.Uint64

// lockRank returns the place of the Chan in the order in which channels are
// locked together.
func (c *chanCore) lockRank() uint64 {
	if rank := c.rank.Load(); rank != 0 {
		return rank
	}
	c.rank.CompareAndSwap(0, lastChanRank.Add(1))
	return c.rank.Load()
}

func (s *selection) lock() {
	for _, c := range s.channels() {
		c.mu.Lock()
	}
}

func (s *selection) unlock() {
	for _, c := range s.channels() {
		c.mu.Unlock()
	}
}

// try locks the channels, and does what the first case says that is ready. If that has served
// somebody, he is to be woken after the channels are unlocked.
func (s *selection) try() (chosen int, other ticket, result chanResult) {
	s.lock()
	for _, i := range s.order() {
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

// waitLocked makes the owner of k wait for all cases, unlocks the channels, and blocks until
// one of the cases is served or the calling thread is cancelled. It returns what Select does.
func (s *selection) waitLocked(k ticket) (chosen int, err error) {
	var few [fewCases]any
	nodes := few[:]
	if s.many != nil {
		nodes = make([]any, len(s.many.order))
	}
	s.enqueueLocked(k, nodes)
	s.unlock()
	err = k.wait()
	s.lock()
	chosen, result := s.leaveLocked(nodes)
	s.unlock()
	s.free(nodes)
	k.done()
	if result == chanClosed {
		err = s.closed(chosen)
	}
	return chosen, err
}

// enqueueLocked adds waits of k's owner for all cases. nodes gets their nodes, in the order
// of the cases.
func (s *selection) enqueueLocked(k ticket, nodes []any) {
	for at, i := range s.order() {
		c := &s.cases[i]
		if c.kind == caseSend {
			nodes[at] = c.ch.enqueueSendLocked(k, c.operand)
		} else {
			nodes[at] = c.ch.enqueueRecvLocked(k)
		}
	}
}

// leaveLocked ends the waits and returns the case that was served, and how; -1 if none was.
func (s *selection) leaveLocked(nodes []any) (chosen int, result chanResult) {
	chosen = -1
	for at, i := range s.order() {
		c := &s.cases[i]
		var dst any
		if c.kind == caseRecv {
			dst = c.operand
		}
		if served := c.ch.leaveLocked(nodes[at], dst); served != chanBlocks {
			chosen, result = i, served
		}
	}
	return chosen, result
}

// free ends the use of the nodes of the waits, which have ended.
func (s *selection) free(nodes []any) {
	for at, i := range s.order() {
		s.cases[i].ch.free(nodes[at])
	}
}

// closed returns what Select returns for case i, of a Chan that is closed.
func (s *selection) closed(i int) error {
	if s.cases[i].kind == caseSend {
		return errSelectClosed
	}
	return ErrClosed
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
	// free ends the use of the node.
	free(node any)
}

func (c *Chan[T]) core() *chanCore { return &c.chanCore }

func (c *Chan[T]) sendCaseLocked(operand any) (to ticket, result chanResult) {
	v, _ := operand.(T) // fails only for a nil interface, which is T's zero
	return c.sendLocked(&v)
}

func (c *Chan[T]) recvCaseLocked(operand any) (from ticket, result chanResult) {
	v, from, result := c.recvLocked()
	if dst := operand.(*T); dst != nil && result != chanBlocks {
		*dst = v
	}
	return from, result
}

// enqueueLocked adds a wait to l.
func (c *Chan[T]) enqueueLocked(l *waitList[passing[T]], k ticket) *waitNode[passing[T]] {
	n := newNode[T](k)
	l.push(n)
	return n
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

func (c *Chan[T]) free(node any) { free(node.(*waitNode[passing[T]])) }
