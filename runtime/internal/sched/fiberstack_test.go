package sched

import (
	"math/rand/v2"
	"testing"
)

// Fibers come off the stack in the order that a stack has, and rest counts those that were not
// taken since it was last called, which a slice shows that remembers when each was pushed.
func TestFiberStack(t *testing.T) {
	type entry struct {
		f     *fiber
		since int // how many rests there had been when it was pushed
	}
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 0))
		var s fiberStack
		var model []entry
		rests := 0
		least := r.IntN(10)
		for range 200 {
			switch r.IntN(5) {
			case 0, 1:
				f := new(fiber)
				s.push(f)
				model = append(model, entry{f, rests})
			case 2, 3:
				f, n := s.pop(), len(model)-1
				if n < 0 {
					if f != nil {
						t.Fatal("an empty stack has a fiber")
					}
					continue
				}
				if f != model[n].f || f.below != nil {
					t.Fatalf("seed %d: another fiber than the last comes off", seed)
				}
				model = model[:n]
			default:
				rests++
				old := 0
				for old < len(model) && model[old].since < rests-1 {
					old++
				}
				want := max(0, min(old, len(model)-least))
				n := s.rest(least)
				if n != want {
					t.Fatalf("seed %d: %d fibers have rested, want %d, which are %d of %d without %d", seed, n, want, old, len(model), least)
				}
				for range n {
					s.pop()
				}
				model = model[:len(model)-n]
			}
			if s.n != len(model) {
				t.Fatalf("seed %d: %d fibers, want %d", seed, s.n, len(model))
			}
		}
	}
}
