package enginetest

import (
	"context"
	goruntime "runtime"
	"slices"
	"sync"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// A Crowd are the threads of a test, those included that they start.
type Crowd struct {
	lock    sync.Mutex
	threads []*gv.Thread
}

// Join enters the calling thread.
func (c *Crowd) Join() {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.threads = append(c.threads, gv.Current())
}

// Threads returns those that have joined.
func (c *Crowd) Threads() []*gv.Thread {
	c.lock.Lock()
	defer c.lock.Unlock()
	return slices.Clone(c.threads)
}

// Act does, in the calling thread, one of all by which threads get workers, and lose them:
// which one, r says, of which the numbers below 40 are all different.
func (c *Crowd) Act(r int) error {
	child := func(context.Context) error {
		c.Join()
		gv.Yield()
		return nil
	}
	switch r % 10 {
	case 0:
		gv.Yield()
	case 1:
		return gv.Sleep(50 * time.Microsecond)
	case 2:
		gv.Block(goruntime.Gosched)
	case 3:
		time.Sleep(50 * time.Microsecond) // its worker is taken
	case 4:
		Spin(200_000) // it is stopped
	case 5:
		gv.Current().SetPriority(gv.Priority(r / 10 % 4))
	case 6:
		return gv.Go(child, gv.WithPriority(gv.Critical), gv.WithName("child")).Wait()
	case 7:
		return gv.Do(child, gv.WithName("inner"))
	case 8:
		return gv.Do(func(context.Context) error {
			c.Join()
			gv.Block(func() { time.Sleep(20 * time.Microsecond) })
			return nil
		})
	case 9:
		for range 100 {
			Spin(100)
			gv.Safepoint()
		}
	}
	return nil
}

// Spin computes something for n rounds, without a safepoint and without a call.
func Spin(n int) uint64 {
	x := uint64(n)
	for range n {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}
