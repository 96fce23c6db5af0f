// Package spin is the loop-heavy work of the latency example: it compresses
// files by a small LZ77 of its own, expands them again and compares.
//
// Its functions compute and call nothing but each other, so nothing in them
// ever enters Go's scheduler by itself. Uninstrumented, they can only be
// preempted by force; built by gvinstrument, they have safepoints of their own.
package spin

import (
	"errors"
	"sync"
)

// ErrMismatch is returned by Process when a file doesn't survive the round
// trip.
var ErrMismatch = errors.New("spin: what was expanded is not what was compressed")

// A scratch holds the buffers of a round trip.
type scratch struct {
	finder finder
	packed []byte
	plain  []byte
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// Process compresses data, expands it again, and compares the sums.
func Process(data []byte) error {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	s.grow(len(data))
	n := compress(s.packed, data, &s.finder)
	m, ok := expand(s.plain, s.packed[:n])
	if !ok || m != len(data) || sum(s.plain[:m]) != sum(data) {
		return ErrMismatch
	}
	return nil
}

// grow makes the buffers large enough for n bytes of input.
func (s *scratch) grow(n int) {
	if cap(s.plain) < n {
		s.plain = make([]byte, n)
		s.packed = make([]byte, maxPacked(n))
		s.finder.previous = make([]int32, n)
	}
	s.plain = s.plain[:n]
	s.packed = s.packed[:maxPacked(n)]
	s.finder.previous = s.finder.previous[:n]
}

// sum is 64-bit FNV-1a.
func sum(data []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, b := range data {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return h
}
