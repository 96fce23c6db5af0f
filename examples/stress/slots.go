package main

import (
	"context"
	"fmt"
	"io"

	gv "github.com/gvthread/gvthread/runtime"
)

// compareStacks has threads wait for a channel on stacks of each kind.
func compareStacks(ctx context.Context, o options, out, progress io.Writer) error {
	n := int64(o.threads)
	fmt.Fprintf(out, "%d threads, each row from a process of its own\n\n", n)
	fmt.Fprintf(out, "%-14s %23s   %36s\n", "", "nanoseconds a thread", "bytes a thread, while all are parked")
	fmt.Fprintf(out, "%-14s %10s %12s   %10s %12s %12s\n", "", "start", "wake and end", "resident", "page tables", "virtual")
	for _, kind := range []gv.StackKind{gv.GrowingStacks, gv.SlotStacks} {
		t := task{Way: wayGate, Threads: true, N: o.threads, Stacks: kind}
		c, err := t.apart(ctx, progress)
		if err != nil {
			return err
		}
		m := c.Blocked
		fmt.Fprintf(out, "%-14v %10d %12d   %10d %12d %12d\n", kind,
			int64(c.Start)/n, int64(c.Wake)/n, m.Resident/n, m.Tables/n, m.Virtual/n)
	}
	return nil
}
