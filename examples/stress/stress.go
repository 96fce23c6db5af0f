package main

import (
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

// A way is how threads wait.
type way int

const (
	wayGate   way = iota // for a channel that is closed
	waySleep             // in Sleep, until the same moment
	wayCancel            // in Sleep for an hour, until they are cancelled
	numWays
)

// String says what the threads do.
func (w way) String() string {
	return [numWays]string{"parked at a channel", "asleep until they wake up", "asleep until they are cancelled"}[w]
}

// A cost is what a measurement has found.
type cost struct {
	// Start is the time until all had been started and were about to block, Wake from
	// the wake-up until all had ended.
	Start, Wake time.Duration
	// Blocked is what they took together while all were blocked; nothing where they wake up
	// by themselves.
	Blocked memory
	// Engine is that of the threads, "" for goroutines.
	Engine string
}

// perThread is the time of one of n, from its start to its end, in nanoseconds.
func (c cost) perThread(n int) float64 {
	return float64(c.Start+c.Wake) / float64(n)
}

// A crew is the side that is measured: threads or goroutines. Both do the same.
type crew interface {
	// start starts one. It counts in arrived what is about to block.
	start(i int)
	// settle returns when all that have arrived are blocked, unless they wake up by
	// themselves.
	settle() error
	// wake wakes all, unless they wake up by themselves, and waits until they have
	// ended.
	wake() error
	// close gives back what the side has taken. It may be called twice.
	close() error
}

// shared is what the members of a crew have in common.
type shared struct {
	way     way
	arrived atomic.Int64 // are about to block
	ended   atomic.Int64 // have ended their wait
	sum     atomic.Int64 // of the numbers of those
	end     time.Time    // of the sleep of those that wake up
}

// over is called by member i when its wait is over.
func (s *shared) over(i int) {
	s.sum.Add(int64(i))
	s.ended.Add(1)
}

// check reports whether all n members have been woken, once each.
func (s *shared) check(n int) error {
	want := int64(n) * int64(n-1) / 2
	if ended, sum := s.ended.Load(), s.sum.Load(); ended != int64(n) || sum != want {
		return fmt.Errorf("%d of %d were woken, and their numbers add up to %d, want %d", ended, n, sum, want)
	}
	return nil
}

const (
	// hour is for those that are cancelled.
	hour = time.Hour
	// often is after how many starts something is said.
	often = 10_000
)

// measure does t in this process.
func (t task) measure(progress io.Writer) (c cost, err error) {
	s := &shared{way: t.Way}
	space := systemMemory().Virtual
	var side crew
	if t.Threads {
		side, c.Engine, err = newThreads(s, t.N, t.Stacks)
		if err != nil {
			return c, err
		}
	} else {
		side = newGoroutines(s)
	}
	defer side.close()

	before := inUse()
	before.Virtual = space // slots have theirs from the start
	began := time.Now()
	s.end = began.Add(t.Sleep)
	for i := range t.N {
		side.start(i)
		if i%t.every() == t.every()-1 {
			fmt.Fprintf(progress, "  %d started, %d have run\n", i+1, s.arrived.Load())
		}
	}
	for s.arrived.Load() < int64(t.N) {
		time.Sleep(100 * time.Microsecond)
	}
	c.Start = time.Since(began)
	if err := side.settle(); err != nil {
		return c, err
	}
	fmt.Fprintf(progress, "  all %d have run\n", s.arrived.Load())
	if t.Way != waySleep { // they don't wait for a measurement
		c.Blocked = inUse().minus(before)
	}

	began = time.Now()
	if t.Way == waySleep && began.Before(s.end) {
		began = s.end
	}
	if err := side.wake(); err != nil {
		return c, err
	}
	c.Wake = time.Since(began)
	if err := s.check(t.N); err != nil {
		return c, err
	}
	return c, side.close()
}

// every is after how many starts something is said: ten times in all, but not too often.
func (t task) every() int { return max(often, t.N/10) }
