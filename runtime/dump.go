package gv

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/gvthread/gvthread/arch"
)

// Dump writes what the runtime is doing, for people to read: its workers and the
// threads on them, how many threads are ready, and for each thread its state and
// priority, what it waits for, who started it, and the number of its goroutine,
// where that can be known. Stacks are found under this number in the goroutine
// profile (debug=2) and in what runtime.Stack returns; to collect them here would
// stop the world.
//
// Dump may be called at any time, from any goroutine or thread. Nothing is
// stopped for it: what it says of one thread holds at one moment, but that is
// another for each. It writes once; the error is w's.
func (rt *Runtime) Dump(w io.Writer) error {
	var b bytes.Buffer
	rt.dump(&b)
	_, err := w.Write(b.Bytes())
	return err
}

func (rt *Runtime) dump(b *bytes.Buffer) {
	s := rt.Stats()
	fmt.Fprintf(b, "gv runtime: engine %v, %d workers, %d of them idle, %d threads, %d fibers\n",
		rt.caps.Engine, s.Workers, s.Idle, s.Threads, s.Fibers)
	b.WriteString("ready:")
	for p, n := range s.Ready {
		fmt.Fprintf(b, " %v %d", Priority(p), n)
	}
	b.WriteByte('\n')
	for i, task := range rt.sched.Running() {
		if task == nil {
			fmt.Fprintf(b, "worker %d: idle\n", i+1)
		} else {
			fmt.Fprintf(b, "worker %d: %s\n", i+1, threadOf(task).describe())
		}
	}
	ts := rt.live.all()
	slices.SortFunc(ts, func(a, b *Thread) int { return int(int64(a.id - b.id)) })
	for _, t := range ts {
		t.dump(b)
	}
}

// dumpTries is how often a thread is looked at that changes meanwhile, before
// what was seen is taken as it is.
const dumpTries = 10

// dump writes a line about t, unless it has ended.
func (t *Thread) dump(b *bytes.Buffer) {
	start := b.Len()
	for range dumpTries {
		b.Truncate(start)
		state, worker := t.State(), 0
		if state == StateDone {
			return
		}
		_, worker = t.task.State()
		t.dumpAs(b, state, worker)
		if _, w := t.task.State(); t.State() == state && w == worker {
			return
		}
	}
}

// dumpAs writes a line about t, which was as given a moment ago.
func (t *Thread) dumpAs(b *bytes.Buffer, s State, worker int) {
	fmt.Fprintf(b, "%s: %v", t.describe(), t.base())
	if p := t.effective(); p != t.base() {
		fmt.Fprintf(b, ", runs as %v", p)
	}
	switch {
	case s == StateBlocked:
		fmt.Fprintf(b, ", waits %s", t.waiting())
	case s == StateRunning && worker != 0:
		fmt.Fprintf(b, ", runs on worker %d", worker)
	case s == StateRunning:
		b.WriteString(", runs without a worker")
	default:
		fmt.Fprintf(b, ", %v", s)
		if since, ok := t.readySince(); ok {
			fmt.Fprintf(b, " for %v", since)
		}
	}
	if s != StateNew {
		if s == StateRunning {
			b.WriteString(statusText(t.task.GoStatus()))
		}
		if n := t.task.Goroutine(); n != 0 {
			fmt.Fprintf(b, ", goroutine %d", n)
		}
	}
	if t.cancelledBy.Load() != nil {
		b.WriteString(", cancelled")
	}
	if parent := t.life.parent; parent != nil {
		fmt.Fprintf(b, ", started by thread %d", parent.id)
	}
	b.WriteByte('\n')
}

// statusText says what a running thread does, if that is not to run.
func statusText(s arch.Status) string {
	switch s {
	case arch.StatusBlocked:
		return ", blocked in Go"
	case arch.StatusSyscall:
		return ", in a system call"
	}
	return ""
}

// readySince returns for how long t has been ready, if it is in a queue.
func (t *Thread) readySince() (d time.Duration, ok bool) {
	since, ok := t.task.ReadySince()
	return max(0, time.Duration(now()-since)), ok
}
