package main

import (
	"errors"
	goruntime "runtime"
	"slices"
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

// perOp returns the measure of the price of an operation. In the first turn it finds how
// many fill one.
func perOp(op operation) measure {
	n := 0
	return func(t turn) (values, error) {
		if n == 0 {
			var err error
			if n, err = op.fill(t); err != nil {
				return nil, err
			}
		}
		p, err := op.price(t, n)
		return p.each(int64(n)), err
	}
}

// price returns what n operations take.
func (op operation) price(t turn, n int) (p price, err error) {
	err = op(t, n, func(ops func()) {
		stop := stopwatch()
		ops()
		p = stop()
	})
	return p, err
}

// fill returns how many operations fill a turn.
func (op operation) fill(t turn) (n int, err error) {
	for n = 64; ; n *= 8 {
		p, err := op.price(t, n)
		if err != nil {
			return 0, err
		}
		if p.wall >= t.long/16 {
			return max(64, int(float64(n)*float64(t.long)/float64(p.wall))), nil
		}
	}
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

// spin computes something for n rounds of about 1.5 ns, without a safepoint. It is not inlined, so that
// the compiler doesn't leave out what nobody looks at.
//
//go:noinline
func spin(n int) uint64 {
	x := uint64(n)
	for range n {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}
