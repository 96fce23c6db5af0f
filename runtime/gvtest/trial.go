package gvtest

import (
	"context"
	"fmt"
	goruntime "runtime"
	"strings"
	"sync"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/internal/schedule"
)

// A trial is one schedule of a test.
type trial struct {
	seed uint64
	fn   func(testing.TB, *gv.Runtime)
	tb   *recorder
	rt   *gv.Runtime

	*chooser // guarded by the runtime

	// mu guards what follows: a thread that has lost its worker may come to a point beside
	// the one that has it.
	mu     sync.Mutex
	log    eventLog
	points int
	over   bool // what follows is the end of threads that are told to
}

// mostPoints bounds a schedule.
const mostPoints = 100_000

// stuckPatience is for how long all threads may wait before that is a deadlock. Tests shorten
// it.
var stuckPatience = 2 * time.Second

func newTrial(t testing.TB, seed uint64, fn func(testing.TB, *gv.Runtime)) *trial {
	return &trial{
		seed: seed, fn: fn, tb: newRecorder(t),
		chooser: newChooser(seed), log: eventLog{places: map[uintptr]place{}},
	}
}

// run runs the trial, whose tb says then what has come of it. It returns an error if there is
// no runtime to be had.
func (x *trial) run(expired <-chan struct{}) error {
	controlled, err := schedule.Open(x, stuckPatience)
	if err != nil {
		return fmt.Errorf("gvtest: %w", err)
	}
	x.rt = controlled.Runtime.(*gv.Runtime)
	broken := make(chan struct{})
	x.tb.breakOff = func() {
		x.mu.Lock()
		if !x.over {
			x.over = true
			close(broken)
		}
		x.mu.Unlock()
		controlled.Break()
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		x.call()
	}()
	select {
	case <-done:
	case <-broken:
	case <-expired:
		x.fail("the test's deadline has come:\n" + describe(x.rt))
	}
	if ended(done) {
		x.cleanUp(expired)
	} else {
		x.tb.note("threads could not be ended, and are left behind:\n" + describe(x.rt))
	}
	return nil
}

// cleanUp calls what Cleanup was given. What has not returned when expired is closed gets as
// long as threads do that are told to end.
func (x *trial) cleanUp(expired <-chan struct{}) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		x.tb.cleanUp()
	}()
	select {
	case <-done:
		return
	case <-expired:
	}
	if !ended(done) {
		x.tb.note("the test's deadline has come, and a function that Cleanup was given has not returned; it is left behind:\n" + describe(x.rt))
		x.tb.Fail()
	}
}

// call calls fn in a thread, waits until all threads have ended, and closes the runtime.
func (x *trial) call() {
	err := gv.ErrGoexit // unless Do returns
	defer func() {
		if !x.tb.Failed() && !x.tb.Skipped() {
			x.failUnlessOver(err)
		}
		x.failUnlessOver(x.rt.Shutdown(context.Background())) // panics that nobody has waited for
	}()
	err = x.rt.Do(func(context.Context) error {
		x.fn(x.tb, x.rt)
		return nil
	}, gv.WithName("fn"))
}

// failUnlessOver makes the trial fail with err, if that is not nil and does not come from the
// end of threads that are told to.
func (x *trial) failUnlessOver(err error) {
	x.mu.Lock()
	over := x.over
	x.mu.Unlock()
	if err != nil && !over {
		x.fail(fmt.Sprintf("%+v", err))
	}
}

// fail makes the trial fail, and ends its threads.
func (x *trial) fail(why string) {
	x.tb.note(why)
	x.tb.Fail()
	x.tb.breakOff()
}

// schedule describes what has happened.
func (x *trial) schedule() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.log.String()
}

// Point implements schedule.Conductor.
func (x *trial) Point(thread uint64, name string, p schedule.Point) {
	x.mu.Lock()
	if !x.over {
		x.log.add(event{thread: thread, name: name, point: p, call: x.log.findCall()})
	}
	x.points++
	tooLong := x.points > mostPoints
	x.mu.Unlock()
	if tooLong {
		x.fail(fmt.Sprintf("the threads have come to %d calls of package gv, and have not ended", mostPoints))
		goruntime.Goexit()
	}
}

// Ended implements schedule.Conductor.
func (x *trial) Ended(thread uint64, name string, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.over {
		x.log.add(event{thread: thread, name: name, ended: true, err: err})
	}
}

// Advanced implements schedule.Conductor.
func (x *trial) Advanced(d time.Duration) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.log.add(event{advance: d})
}

// Stuck implements schedule.Conductor.
func (x *trial) Stuck() {
	var why strings.Builder
	why.WriteString("deadlock: no thread can go on, and no goroutine has woken one:\n")
	x.rt.Dump(&why) // a strings.Builder takes all
	x.fail(why.String())
}
