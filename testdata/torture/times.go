package main

import (
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// times are when the runtime of a round began to account for the time of its workers:
// between the two.
type times struct{ from, upTo time.Time }

// balance checks that the time of the workers is accounted for, without gaps and not twice;
// that each turn of a thread comes after a wait that counts; and that the actors, which have
// ended, have had no more than their runtime has given.
func (t times) balance(w *world) {
	if !w.config.Accounting {
		return
	}
	least := time.Since(t.upTo)
	s := w.rt.Stats()
	most := time.Since(t.from)
	var run, had time.Duration
	for _, d := range s.RunTime {
		run += d
	}
	workers := time.Duration(s.Workers)
	if all := run + s.IdleTime; all < workers*least || all > workers*most {
		w.r.violation("of %d workers in %v to %v the runtime accounts for %v: run time %v, idle time %v", s.Workers, least, most, all, s.RunTime, s.IdleTime)
	}
	var waits uint64
	for p, h := range s.WaitTime {
		var least, most float64
		for i, n := range h.Counts {
			if n > 0 {
				waits += n
				least += float64(n) * h.Buckets[i]
				most += float64(n) * h.Buckets[i+1]
			}
		}
		// The bounds are rounded.
		if sum := s.Waited[p].Seconds(); sum < least*(1-1e-9) || sum > most*(1+1e-9) {
			w.r.violation("%v threads have waited for %v s, by the histogram for %v to %v s", gv.Priority(p), sum, least, most)
		}
	}
	if waits != s.Switches {
		w.r.violation("%d waits for a worker, and %d times that a thread was given one", waits, s.Switches)
	}
	for i := range w.members.count() {
		had += w.members.at(i).thread.RunTime()
	}
	if had > run {
		w.r.violation("the actors have had %v of the workers, which have given %v", had, run)
	}
}

// lookAtTime asks a thread twice for its run time, which doesn't go back.
func lookAtTime(w *world, t *gv.Thread) {
	first := t.RunTime()
	if second := t.RunTime(); second < first || first > 0 && !w.config.Accounting {
		w.r.violation("the run time of thread %v went from %v to %v", t, first, second)
	}
}
