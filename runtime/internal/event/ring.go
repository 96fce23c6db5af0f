package event

// A ring keeps the newest of what is added to it.
type ring[T any] struct {
	items []T
	// next is where the next one goes, and n how many there have been.
	next int
	n    uint64
}

func newRing[T any](size int) ring[T] { return ring[T]{items: make([]T, size)} }

// slot adds one, which the caller writes.
func (r *ring[T]) slot() *T {
	v := &r.items[r.next]
	r.n++
	if r.next++; r.next == len(r.items) {
		r.next = 0
	}
	return v
}

// oldest returns the number of the first that is still there, from 0 on.
func (r *ring[T]) oldest() uint64 {
	if size := uint64(len(r.items)); r.n > size {
		return r.n - size
	}
	return 0
}

// A copied is a copy of a ring, made in pieces, in between of which the ring may be written.
// It has what was in the ring at the first piece, and is still there at its own.
type copied[T any] struct {
	items []T
	// next is the number of what comes next, and end that of what comes no more.
	next, end uint64
	piece     []T
}

// chunk is how many are copied under the lock of a worker: it takes some microseconds.
const chunk = 256

func newCopied[T any]() copied[T] { return copied[T]{piece: make([]T, 0, chunk)} }

// begin notes how much there is to copy. The caller has r's lock.
func (c *copied[T]) begin(r *ring[T]) { c.next, c.end = r.oldest(), r.n }

// copy takes the next piece. The caller has r's lock; keep is to follow, without it.
func (c *copied[T]) copy(r *ring[T]) {
	c.piece = c.piece[:0]
	if c.next >= c.end {
		return // another ring's copy goes on
	}
	if oldest := r.oldest(); c.next < oldest {
		// Overwritten in between: what has no successor is of no use.
		c.items, c.next = c.items[:0], oldest
	}
	size := uint64(len(r.items))
	for ; c.next < c.end && len(c.piece) < chunk; c.next++ {
		c.piece = append(c.piece, r.items[c.next%size])
	}
}

// keep adds the piece that was copied last, and reports whether there is more.
func (c *copied[T]) keep() (more bool) {
	c.items = append(c.items, c.piece...)
	return c.next < c.end
}

// lost returns how many there had been before those that were kept.
func (c *copied[T]) lost() uint64 { return min(c.next, c.end) - uint64(len(c.items)) }
