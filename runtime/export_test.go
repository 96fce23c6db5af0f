package gv

import (
	"time"

	"github.com/gvthread/gvthread/runtime/internal/sched"
)

// Views of the insides of the runtime, for tests that must know who waits.

// Waiters returns how many are in a Wait for t.
func (t *Thread) Waiters() int {
	l := &t.life
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.waiters.length()
}

// CompleteConfig returns c with the defaults filled in.
func CompleteConfig(c Config) Config {
	c, err := c.complete()
	if err != nil {
		panic(err)
	}
	return c
}

// Displaced reports whether t has lost its worker to a more urgent thread and has
// not been stopped.
func (t *Thread) Displaced() bool { return t.task.Displaced() }

// Parked reports whether t is blocked in a wait, which whoever claims it ends by waking t.
func (t *Thread) Parked() bool { return t.task.Parked() }

// PreemptPending returns how many workers and threads are asked for something.
func PreemptPending() int { return sched.PendingCount() }

// StackAsked reports whether t is asked to measure its stack.
func (t *Thread) StackAsked() bool { return t.task.StackAsked() }

// Overflowed reports whether t, which calls it, has overflowed and has not been seen
// to have recovered.
func (t *Thread) Overflowed() bool { return t.task.Overflowed() }

// MonitorRests reports whether the Monitor is blocked until it is woken.
func (rt *Runtime) MonitorRests() bool { return rt.sched.MonitorRests() }

// RestWorker puts an idle worker to rest, as the end of a thread of high priority
// does.
func (rt *Runtime) RestWorker() { rt.sched.RestWorker() }

// Resting returns how many workers rest.
func (rt *Runtime) Resting() int { return rt.sched.Resting() }

func init() { stallDelay = 20 * time.Millisecond }

// LooksDeadlocked reports whether a stall of rt would be reported, if it has one.
func (rt *Runtime) LooksDeadlocked() bool { return rt.examineStall().deadlock() }

// A StallReport is what a stall is judged by.
type StallReport = stallReport

// NewStallReport makes one.
func NewStallReport(threads, stuck, others int, outside, served bool) StallReport {
	return stallReport{threads: threads, stuck: stuck, others: others, outside: outside, served: served}
}

// Deadlock is what is concluded from r.
func (r stallReport) Deadlock() bool { return r.deadlock() }

// SafepointsSlow reports whether safepoints have something to look at.
func SafepointsSlow() bool { return sched.Pending() }

// FollowLimits has GOMAXPROCS follow what Go chooses it by, as the Monitor does.
func FollowLimits() { processors.follow() }
