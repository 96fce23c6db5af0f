package main

import (
	"fmt"
	"os"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"time"
)

// A report gathers what happens: progress, violations, and the totals.
type report struct {
	o       options
	started time.Time

	steps   atomic.Uint64 // actions done: the sign of life
	threads atomic.Uint64
	values  atomic.Uint64 // passed through channels
	waited  atomic.Int64  // the longest wait of a ready thread, in nanoseconds
	rounds  atomic.Uint64

	violations atomic.Int64
	lock       sync.Mutex // serializes what is printed

	current atomic.Pointer[plan]
	world   atomic.Pointer[world]
	totals  totals
	heart   *heart
}

// totals are the sums of gv.Stats over all rounds.
type totals struct {
	switches, cooperative, forced, handoffs, boosts uint64
}

func newReport(o options) *report { return &report{o: o, started: time.Now()} }

// begin notes that a round begins.
func (r *report) begin(p *plan) {
	r.current.Store(p)
	if r.o.verbose {
		r.print("%v", p)
	}
}

func (r *report) print(format string, args ...any) {
	r.lock.Lock()
	defer r.lock.Unlock()
	fmt.Printf("%7.1fs  %s\n", time.Since(r.started).Seconds(), fmt.Sprintf(format, args...))
}

// maxViolations is how many are printed.
const maxViolations = 20

// violation notes that something is wrong that must never be.
func (r *report) violation(format string, args ...any) {
	if n := r.violations.Add(1); n <= maxViolations {
		r.print("VIOLATION in round %d (-seed %d -round %d): %s", r.current.Load().round, r.o.seed, r.current.Load().round, fmt.Sprintf(format, args...))
	}
}

func (r *report) failed() bool { return r.violations.Load() > 0 }

// progressEvery is how often the progress line comes.
const progressEvery = 5 * time.Second

// watch prints the progress, and ends the process with a dump when there is
// none. The function that it returns ends it.
func (r *report) watch() (stop func()) {
	done := make(chan struct{})
	go func() {
		last, since := r.steps.Load(), time.Now()
		printed := time.Now()
		for {
			select {
			case <-done:
				return
			case <-time.After(500 * time.Millisecond):
			}
			if n := r.steps.Load(); n != last {
				last, since = n, time.Now()
			}
			if time.Since(since) > r.o.stall {
				r.stalled()
			}
			if time.Since(printed) >= progressEvery {
				printed = time.Now()
				r.print("%d rounds, %d threads, %d actions, %d values, longest ready wait %v",
					r.rounds.Load(), r.threads.Load(), last, r.values.Load(), time.Duration(r.waited.Load()).Round(time.Millisecond))
			}
		}
	}()
	return func() { close(done) }
}

// stalled says all that is known about a stall, and ends the process.
func (r *report) stalled() {
	p := r.current.Load()
	fmt.Printf("\nSTALLED for %v (-seed %d -round %d)\n%v\n", r.o.stall, r.o.seed, p.round, p)
	if w := r.world.Load(); w != nil {
		fmt.Printf("stats: %+v\n", w.rt.Stats())
		w.describe(os.Stdout)
	}
	r.stacks()
	os.Exit(3)
}

// stacks prints the stacks of all goroutines.
func (r *report) stacks() {
	buf := make([]byte, 16<<20)
	os.Stdout.Write(buf[:goruntime.Stack(buf, true)])
}

// verdict prints the last word and returns the exit code.
func (r *report) verdict() int {
	t := r.totals
	fmt.Printf("\n%d rounds in %v: %d threads, %d actions, %d values\n%d switches, %d cooperative and %d forced preemptions, %d hand-offs, %d boosts, longest ready wait %v\n",
		r.rounds.Load(), time.Since(r.started).Round(time.Second), r.threads.Load(), r.steps.Load(), r.values.Load(),
		t.switches, t.cooperative, t.forced, t.handoffs, t.boosts, time.Duration(r.waited.Load()).Round(time.Millisecond))
	if n := r.violations.Load(); n > 0 {
		fmt.Printf("FAIL: %d violations, seed %d\n", n, r.o.seed)
		return 1
	}
	fmt.Printf("PASS (seed %d)\n", r.o.seed)
	return 0
}

// longest raises a maximum.
func longest(max *atomic.Int64, d time.Duration) {
	for {
		old := max.Load()
		if int64(d) <= old || max.CompareAndSwap(old, int64(d)) {
			return
		}
	}
}
