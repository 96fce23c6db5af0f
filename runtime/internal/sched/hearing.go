package sched

import "github.com/gvthread/gvthread/arch"

// hearing says whether a task is known to come to safepoints. A task that is has
// Config.Grace to answer a request to yield; one that isn't, a deaf one, is stopped at
// once. But it is given another chance every so often: a task that is stopped whenever
// it is asked could never show that it would have answered.
//
// The task itself and whoever has it stopped write it, never both at once.
type hearing struct {
	deafFor arch.Word // how many requests go without grace
}

// deafTurns is how many requests a task that has let one pass gets no grace for. Whoever is
// more urgent waits in vain for one in so many: with 8 it showed in the ninth decile of a
// server's latency beside work that passes no safepoints.
const deafTurns = 63

func (h *hearing) deaf() bool { return h.deafFor.Load() > 0 }

// unknown is for a task that is new.
func (h *hearing) unknown() { h.deafFor.Store(1) }

// answered is for a task that has come to a safepoint when asked.
func (h *hearing) answered() {
	if h.deaf() {
		h.deafFor.Store(0)
	}
}

// stopped is for a task that was stopped by force.
func (h *hearing) stopped() {
	if n := h.deafFor.Load(); n > 0 {
		h.deafFor.Store(n - 1)
	} else {
		h.deafFor.Store(deafTurns)
	}
}
