package gv

import (
	"bytes"
	"fmt"
	"io"
)

// Dump writes what the runtime is doing, for people to read: its workers and the
// threads on them, how many threads are ready, and for each thread its state and
// priority, what it waits for, who started it, and the number of its goroutine,
// where that can be known. Stacks are found under this number in the goroutine
// profile (debug=2) and in what runtime.Stack returns; to collect them here would
// stop the world. Threads has the same for programs.
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
	for i, t := range rt.Running() {
		if t.ID == 0 {
			fmt.Fprintf(b, "worker %d: idle\n", i+1)
		} else {
			fmt.Fprintf(b, "worker %d: %s\n", i+1, describeThread(t.ID, t.Name))
		}
	}
	for i := range rt.Threads() {
		i.dump(b)
	}
}

// dump writes a line about the thread.
func (i *ThreadInfo) dump(b *bytes.Buffer) {
	fmt.Fprintf(b, "%s: %v", describeThread(i.ID, i.Name), i.Priority)
	if i.Effective != i.Priority {
		fmt.Fprintf(b, ", runs as %v", i.Effective)
	}
	switch {
	case i.State == StateBlocked:
		fmt.Fprintf(b, ", waits %s", i.Waits)
	case i.State == StateRunning && i.Worker != 0:
		fmt.Fprintf(b, ", runs on worker %d", i.Worker)
	case i.State == StateRunning:
		b.WriteString(", runs without a worker")
	default:
		fmt.Fprintf(b, ", %v", i.State)
		if i.ReadyFor > 0 {
			fmt.Fprintf(b, " for %v", i.ReadyFor)
		}
	}
	if i.State == StateRunning && i.Waits != "" {
		fmt.Fprintf(b, ", %s", i.Waits)
	}
	if i.Budget != 0 {
		fmt.Fprintf(b, ", %v left of %v", i.BudgetLeft, i.Budget)
	}
	if i.Goroutine != 0 {
		fmt.Fprintf(b, ", goroutine %d", i.Goroutine)
	}
	if i.Cancelled {
		b.WriteString(", cancelled")
	}
	if i.Parent != 0 {
		fmt.Fprintf(b, ", started by thread %d", i.Parent)
	}
	b.WriteByte('\n')
}
