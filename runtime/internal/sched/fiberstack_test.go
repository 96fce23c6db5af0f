package sched

import (
	"math/rand/v2"
	"testing"
)

// Fibers come off the stack in the order that a stack has, and cut takes those that were not
// taken since the last cut, which a slice shows that remembers when each was pushed.
func TestFiberStack(t *testing.T) {
	type entry struct {
		f     *fiber
		since int // how many cuts there had been when it was pushed
	}
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 0))
		s := newFiberStack(200)
		var model []entry
		cuts := 0
		for range 200 {
			switch r.IntN(5) {
			case 0, 1:
				f := new(fiber)
				s.push(f)
				model = append(model, entry{f, cuts})
			case 2, 3:
				f, n := s.pop(), len(model)-1
				if n < 0 {
					if f != nil {
						t.Fatal("an empty stack has a fiber")
					}
					continue
				}
				if f != model[n].f {
					t.Fatalf("seed %d: another fiber than the last comes off", seed)
				}
				model = model[:n]
			default:
				cuts++
				rested := s.cut(nil)
				old := 0
				for old < len(model) && model[old].since < cuts-1 {
					old++
				}
				if len(rested) != old {
					t.Fatalf("seed %d: %d fibers are cut, want %d of %d", seed, len(rested), old, len(model))
				}
				for i, f := range rested {
					if f != model[i].f {
						t.Fatalf("seed %d: the wrong fibers are cut", seed)
					}
				}
				model = model[old:]
			}
			if s.n != len(model) {
				t.Fatalf("seed %d: %d fibers, want %d", seed, s.n, len(model))
			}
		}
	}
}
