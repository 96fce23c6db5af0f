package gv

// Views of the insides of primitives, for tests that must know who is queued.

func (l *waitList[D]) length() int {
	n := 0
	for node := l.first; node != nil; node = node.next {
		n++
	}
	return n
}

// Waiting returns how many wait to send to and receive from c.
func (c *Chan[T]) Waiting() (senders, receivers int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.senders.length(), c.receivers.length()
}

// Waiting returns how many wait for m.
func (m *Mutex) Waiting() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.queue == nil {
		return 0
	}
	return lengths(&m.queue.lists)
}

// lengths returns how many are in lists, whose lock the caller has.
func lengths(lists *[numPriorities]waitList[waitDetail]) (n int) {
	for p := range lists {
		n += lists[p].length()
	}
	return n
}

// Lent returns the priority that m lends to its owner, and whether it lends.
func (m *Mutex) Lent() (Priority, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.queue == nil || m.queue.lends == noPriority {
		return 0, false
	}
	return m.queue.lends, true
}

// Waiting returns how many wait to read and to write rw. Of the writers one
// may be waiting for readers to leave.
func (rw *RWMutex) Waiting() (readers, writers int) {
	writers = rw.writers.Waiting()
	rw.mu.Lock()
	defer rw.mu.Unlock()
	if rw.leaving {
		writers++
	}
	return rw.readers.length(), writers
}

// Waiting returns how many wait for c.
func (c *Cond) Waiting() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.waiters.length()
}

// Waiting returns how many wait for wg.
func (wg *WaitGroup) Waiting() int {
	wg.mu.Lock()
	defer wg.mu.Unlock()
	return wg.waiters.length()
}

// Waiting returns how many wait for s and ask for no more than there is in all.
func (s *Semaphore) Waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return lengths(&s.queue.lists)
}

// Beyond returns how many wait for s and ask for more than there is in all.
func (s *Semaphore) Beyond() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return lengths(&s.queue.beyond)
}

// Held returns how much of s is held.
func (s *Semaphore) Held() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held
}

// Effective returns the priority that is in force for t.
func (t *Thread) Effective() Priority { return t.effective() }

// LentBy returns how many mutexes lend a priority to t.
func (t *Thread) LentBy() int { return t.task.Lent() }

// OwnerNumber returns the number that mutexes have of t, which calls it.
func (t *Thread) OwnerNumber() uint32 { return t.task.LockWord() >> ownerShift }

// IsOwnerNumber reports whether a thread has the number n.
func IsOwnerNumber(n uint32) bool { return owners.Find(n) != nil }

// ManyPasses is how often a waiter that is awake is passed over.
const ManyPasses = manyPasses

// ChainMost is how many are woken together at most.
const ChainMost = chainMost
