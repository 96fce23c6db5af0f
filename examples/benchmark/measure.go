package main

import (
	"errors"
	goruntime "runtime"
	"slices"
	"sync/atomic"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// withRuntime calls fn with a runtime that is closed after.
func (t turn) withRuntime(c gv.Config, fn func(rt *gv.Runtime) error) error {
	c.Engine = t.engine
	rt, err := gv.New(c)
	if err != nil {
		return err
	}
	return errors.Join(fn(rt), rt.Close())
}

// withProcs calls fn with GOMAXPROCS set to n.
func withProcs(n int, fn func()) {
	defer goruntime.GOMAXPROCS(goruntime.GOMAXPROCS(n))
	fn()
}

// An operation is done n times within measure, which it calls once.
type operation func(t turn, n int, measure func(ops func())) error

// perOp returns the measure of how long an operation takes, in nanoseconds. In the first
// turn it finds how many fill one.
func perOp(op operation) measure {
	n := 0
	return func(t turn) (values, error) {
		if n == 0 {
			var err error
			if n, err = op.fill(t); err != nil {
				return nil, err
			}
		}
		took, err := op.time(t, n)
		return values{float64(took) / float64(n)}, err
	}
}

// time returns how long n operations take.
func (op operation) time(t turn, n int) (took time.Duration, err error) {
	err = op(t, n, func(ops func()) {
		began := time.Now()
		ops()
		took = time.Since(began)
	})
	return took, err
}

// fill returns how many operations fill a turn.
func (op operation) fill(t turn) (n int, err error) {
	for n = 64; ; n *= 8 {
		took, err := op.time(t, n)
		if err != nil {
			return 0, err
		}
		if took >= t.long/16 {
			return max(64, int(float64(n)*float64(t.long)/float64(took))), nil
		}
	}
}

// The phases of a crew.
const (
	starting = iota
	counting
	over
)

// A crew is a number of threads or goroutines that do the same for a while.
type crew struct {
	phase atomic.Int32
	begun atomic.Int32 // how many of them have begun
	done  atomic.Int64 // operations
}

// work does op until the time is over, and counts.
func (c *crew) work(op func()) {
	c.begun.Add(1)
	for n := int64(0); ; {
		phase := c.phase.Load()
		if phase == over {
			c.done.Add(n)
			return
		}
		op()
		if phase == counting {
			n++
		}
	}
}

// time waits until size have begun, and returns how long it has let them count. It runs
// in a goroutine beside them.
func (c *crew) time(size int, long time.Duration) time.Duration {
	for c.begun.Load() < int32(size) {
		time.Sleep(100 * time.Microsecond)
	}
	began := time.Now()
	c.phase.Store(counting)
	time.Sleep(long)
	took := time.Since(began)
	c.phase.Store(over)
	return took
}

// perOp returns the time that passed for each operation of the crew, in nanoseconds.
func (c *crew) perOp(took time.Duration) float64 {
	return float64(took) / float64(max(1, c.done.Load()))
}

// lateness sums up by how much something came late, at least once: the median, the 99th
// percentile and the maximum, in nanoseconds. latenessMore names the last two.
func lateness(late []time.Duration) values {
	slices.Sort(late)
	at := func(i int) float64 { return float64(late[i]) }
	return values{at(len(late) / 2), at(len(late) * 99 / 100), at(len(late) - 1)}
}

var latenessMore = []string{"p99", "max"}

// waits is how many times as long as others a turn of a row takes that waits: fewer
// things happen in it.
const waits = 5

// spin computes something for n rounds of about a nanosecond, without a safepoint and
// without a call.
func spin(n int) uint64 {
	x := uint64(n)
	for range n {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}
