package arch

import (
	"os"
	"sync"
	"testing"
)

// Publish is a barrier: of two that each publish, and then look at what the other does,
// one sees the other at least. All that goes to sleep, and all that wakes it, rests on
// that.
func TestPublishIsBarrier(t *testing.T) {
	if os.Getenv("GV_EMULATOR") != "" {
		// An emulator may make less of a store-release that a load-acquire follows than
		// the architecture does, which keeps the two in order.
		t.Skip("the memory order of an emulator is its own")
	}
	defer watchdog(t)()
	forPair(t)
	const rounds = 20_000
	var words [2]struct {
		Word
		turn Word
		_    [120]byte
	}
	var saw [2][rounds]bool
	var ended sync.WaitGroup
	for i := range words {
		mine, other := &words[i], &words[1-i]
		ended.Go(func() {
			for n := range uint32(rounds) {
				// Both begin the round at about the same time.
				mine.turn.Publish(n + 1)
				for spins := 0; other.turn.Load() < n+1; spins++ {
					if spins > 1000 {
						Pause(spins)
					}
				}
				mine.Publish(n + 1)
				saw[i][n] = other.Load() == n+1
			}
		})
	}
	ended.Wait()
	both := 0
	for n := range rounds {
		switch {
		case saw[0][n] && saw[1][n]:
			both++
		case !saw[0][n] && !saw[1][n]:
			t.Fatalf("neither saw the other in round %d", n)
		}
	}
	t.Logf("both saw the other in %d of %d rounds", both, rounds)
}

// What was written before a Store is seen by those who see it.
func TestStoreIsOrdered(t *testing.T) {
	defer watchdog(t)()
	forPair(t)
	const rounds = 100_000
	var data, flag Word
	var wide Word64
	var ended sync.WaitGroup
	ended.Go(func() {
		for n := range uint32(rounds) {
			data.Store(n + 1)
			wide.Store(uint64(n+1) << 32)
			flag.Store(n + 1)
		}
	})
	for seen := uint32(0); seen < rounds; {
		seen = flag.Load()
		if w := wide.Load() >> 32; w < uint64(seen) {
			t.Fatalf("%d is seen of the second word, with %d of the flag", w, seen)
		}
		if d := data.Load(); d < seen {
			t.Fatalf("%d is seen of the first word, with %d of the flag", d, seen)
		}
	}
	ended.Wait()
}

// Those who change words by compare-and-swap and Add, beside each other, lose nothing.
func TestWordCounts(t *testing.T) {
	const goroutines, rounds = 4, 10_000
	var w Word
	var wide, added Word64
	var ended sync.WaitGroup
	for range goroutines {
		ended.Go(func() {
			for range rounds {
				for old := w.Load(); !w.CompareAndSwap(old, old+1); old = w.Load() {
				}
				for old := wide.Load(); !wide.CompareAndSwap(old, old+1<<32); old = wide.Load() {
				}
				added.Add(1 << 32)
			}
		})
	}
	ended.Wait()
	const n = goroutines * rounds
	if w.Load() != n || wide.Load() != n<<32 || added.Load() != n<<32 {
		t.Errorf("counted %d, %d and %d of %d", w.Load(), wide.Load()>>32, added.Load()>>32, n)
	}
	if w.CompareAndSwap(n+1, 0) || wide.CompareAndSwap(0, 1) || w.Load() != n {
		t.Error("a number was swapped that was not there")
	}
}
