package event

import (
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"
)

// numbers returns those from a up to b.
func numbers(a, b int) (all []int) {
	for ; a < b; a++ {
		all = append(all, a)
	}
	return all
}

// copyAll copies what is in r, and calls between before each piece.
func copyAll(r *ring[int], between func()) (items []int, lost uint64) {
	c := newCopied[int]()
	c.begin(r)
	for more := true; more; more = c.keep() {
		between()
		c.copy(r)
	}
	between() // another ring's copy goes on
	c.copy(r)
	c.keep()
	return c.items, c.lost()
}

// A ring that is full loses the oldest, and nothing else.
func TestRingLosesTheOldest(t *testing.T) {
	for _, size := range []int{1, 2, 7, chunk, 3*chunk + 5} {
		r := newRing[int](size)
		for n := range 3 * size {
			items, lost := copyAll(&r, func() {})
			if want := numbers(max(0, n-size), n); !slices.Equal(items, want) || int(lost) != max(0, n-size) {
				t.Fatalf("of %d in a ring of %d it has %v, and %d are lost; want %v", n, size, items, lost, want)
			}
			*r.slot() = n
		}
	}
}

// What is added to a ring while it is copied is no part of the copy, which has no gaps, and
// loses nothing but the oldest.
func TestRingIsCopiedInPieces(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		size := 1 + random.IntN(6*chunk)
		r := newRing[int](size)
		n := random.IntN(2 * size)
		for i := range n {
			*r.slot() = i
		}
		next := n
		items, lost := copyAll(&r, func() {
			for range random.IntN(chunk) * random.IntN(3) {
				*r.slot() = next
				next++
			}
		})
		if want := numbers(int(lost), n); !slices.Equal(items, want) {
			t.Fatalf("a copy of %d, in a ring of %d, has %d, and %d are lost, when %d have been added", n, size, len(items), lost, next)
		}
		if int(lost) < n-size || int(lost) > max(0, next-size) {
			t.Fatalf("%d of %d are lost in a ring of %d, when %d have been added", lost, n, size, next)
		}
	}
}

// A recording takes what it may.
func TestRecordingSize(t *testing.T) {
	for _, test := range []struct {
		workers int
		bytes   uint64
	}{{1, 1 << 20}, {2, 10 << 20}, {64, 10 << 20}, {3, 1 << 16}} {
		r := NewRecording(test.workers, test.bytes)
		size := uint64(cap(r.Outside.passages.items)) * uint64(unsafe.Sizeof(Passage{}))
		for i := range r.Logs {
			size += uint64(cap(r.Logs[i].turns.items))*uint64(unsafe.Sizeof(Turn{})) + uint64(cap(r.Logs[i].wakes.items))*uint64(unsafe.Sizeof(Wake{}))
		}
		if size > test.bytes || size < test.bytes*9/10 {
			t.Errorf("a recording of %d workers takes %d bytes; it may take %d", test.workers, size, test.bytes)
		}
	}
	if n := len(NewRecording(8, 1).Logs[0].turns.items); n != least {
		t.Errorf("a recording has room for %d turns, want %d at least", n, least)
	}
}
