package main

import (
	"io"
	"math/rand/v2"
	goruntime "runtime"
	"runtime/debug"
	"runtime/pprof"
	"sync"
	"time"
)

// An upset is something that goes on beside the threads, on a goroutine of its
// own, and disturbs them.
type upset struct {
	name string
	// do is called again and again.
	do func(w *world, r *rand.Rand)
	// after, if it isn't nil, puts back what was changed.
	after func()
}

// upsets are all of them.
var upsets = []upset{
	{"gc", func(w *world, r *rand.Rand) {
		goruntime.GC()
		w.pause(r, time.Millisecond)
	}, nil},
	{"gcpercent", func(w *world, r *rand.Rand) {
		debug.SetGCPercent(choose(r, 1, 10, 100, 400, -1))
		if r.IntN(20) == 0 {
			debug.FreeOSMemory()
		}
		w.pause(r, 5*time.Millisecond)
	}, func() { debug.SetGCPercent(100) }},
	{"goroutines", func(w *world, r *rand.Rand) {
		profile := pprof.Lookup("goroutine")
		if debug := choose(r, 0, 1, 2); debug < 2 {
			profile.WriteTo(io.Discard, debug)
		} else {
			w.traces.without(func() { profile.WriteTo(io.Discard, debug) })
		}
		w.pause(r, time.Millisecond)
	}, nil},
	{"stacks", func(w *world, r *rand.Rand) {
		w.traces.without(func() { goruntime.Stack(make([]byte, 1<<20), true) })
		w.pause(r, time.Millisecond)
	}, nil},
	{"cpuprofile", cpuProfile, nil},
	{"trace", executionTrace, nil},
	{"flightrecorder", flightRecorder, nil},
	{"timeline", timeline, nil},
	{"maxprocs", func(w *world, r *rand.Rand) {
		goruntime.GOMAXPROCS(1 + r.IntN(8))
		w.pause(r, 5*time.Millisecond)
	}, nil},
	{"memstats", func(w *world, r *rand.Rand) {
		var m goruntime.MemStats
		goruntime.ReadMemStats(&m)
		w.pause(r, time.Millisecond)
	}, nil},
	{"load", func(w *world, r *rand.Rand) {
		steps(1, 10_000_000)
		w.pause(r, time.Millisecond)
	}, nil},
	{"runtimes", otherRuntime, nil},
	{"requests", requests, nil},
}

func init() { upsets = append(upsets, systemUpsets...) }

// upsetNames returns the names.
func upsetNames() []string {
	var names []string
	for _, u := range upsets {
		names = append(names, u.name)
	}
	return names
}

// pause waits for some time up to d, often for none. In the rounds that are
// calmer it is longer, and the threads get further.
func (w *world) pause(r *rand.Rand, d time.Duration) {
	if w.pace == 1 && r.IntN(4) == 0 {
		goruntime.Gosched()
		return
	}
	time.Sleep(time.Duration(r.Int64N(int64(w.pace * d))))
}

// disturb starts the upsets of w. The function that it returns ends them.
func disturb(w *world) (calm func()) {
	done := make(chan struct{})
	var wg sync.WaitGroup
	for i, u := range w.upsets {
		r := w.source(partUpset + uint64(i))
		wg.Go(func() {
			if u.after != nil {
				defer u.after()
			}
			for {
				select {
				case <-done:
					return
				default:
					u.do(w, r)
				}
			}
		})
	}
	return func() {
		close(done)
		wg.Wait()
	}
}

// cpuProfile takes a profile, with many more signals than the profiler asks for:
// those that others send count for it, too.
func cpuProfile(w *world, r *rand.Rand) {
	if err := pprof.StartCPUProfile(io.Discard); err != nil {
		w.r.violation("CPU profile: %v", err)
		return
	}
	for range 1 + r.IntN(50) {
		showerProfiling()
		w.pause(r, choose(r, 10*time.Microsecond, time.Millisecond))
	}
	pprof.StopCPUProfile()
	w.pause(r, 5*time.Millisecond)
}
