package sched

import "testing"

// A task that is stopped at each request gets grace for the second, for one in
// deafTurns+1 after that, and for each once it has answered.
func TestHearing(t *testing.T) {
	var h hearing
	h.unknown()
	var grace []int
	for i := range 2 + 2*(deafTurns+1) {
		if !h.deaf() {
			grace = append(grace, i)
		}
		h.stopped()
	}
	if len(grace) != 3 || grace[0] != 1 || grace[1] != 2+deafTurns || grace[2] != 3+2*deafTurns {
		t.Errorf("grace for requests %v", grace)
	}
	h.answered()
	if h.deaf() {
		t.Error("it is deaf after an answer")
	}
}
