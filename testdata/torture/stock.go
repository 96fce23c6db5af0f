package main

import (
	goruntime "runtime"
	"time"
)

// A stock is what the process has between two rounds, which is what it should
// have after each.
type stock struct {
	goroutines, procs int
	heap              uint64
	rounds            int
}

func takeStock() *stock {
	return &stock{goroutines: goruntime.NumGoroutine(), procs: goruntime.GOMAXPROCS(0)}
}

const (
	// warmUp is how many rounds may raise the amount of memory: pools and
	// tables stay.
	warmUp = 5
	// heapMargin is what memory may vary by.
	heapMargin = 16 << 20
)

// check compares what there is now. Goroutines that have been told to end may
// need a moment, and so do contexts with a timer.
func (s *stock) check(r *report) {
	for from := time.Now(); goruntime.NumGoroutine() > s.goroutines; time.Sleep(time.Millisecond) {
		if time.Since(from) > 5*time.Second {
			r.violation("%d goroutines before, %d after", s.goroutines, goruntime.NumGoroutine())
			r.stacks()
			return
		}
	}
	if procs := goruntime.GOMAXPROCS(0); procs != s.procs {
		r.violation("GOMAXPROCS was %d before and is %d after", s.procs, procs)
	}
	goruntime.GC()
	goruntime.GC()
	var m goruntime.MemStats
	goruntime.ReadMemStats(&m)
	if s.rounds++; s.rounds <= warmUp {
		s.heap = max(s.heap, m.HeapAlloc)
	} else if m.HeapAlloc > s.heap+heapMargin {
		r.violation("%d KB of memory are in use; %d KB were after the first rounds", m.HeapAlloc>>10, s.heap>>10)
	}
}
