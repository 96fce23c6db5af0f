package main

import (
	"context"
	"fmt"
	"io"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// watch shows every second what has been done in it, until ctx ends.
func (g *ground) watch(ctx context.Context, out io.Writer) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			g.print(out)
		case <-ctx.Done():
			return
		}
	}
}

// print shows what has been done since the last call.
func (g *ground) print(out io.Writer) {
	now := g.rt.Stats()
	printStats(out, fmt.Sprintf("after %.1f s", time.Since(g.began).Seconds()), g.last, now)
	for _, c := range g.crews {
		rounds, longest := c.take()
		c.print(out, rounds, longest)
	}
	g.last = now
}

// printAll shows what has been done in all.
func (g *ground) printAll(out io.Writer) {
	printStats(out, "in all", gv.Stats{}, g.rt.Stats())
	for _, c := range g.crews {
		c.take()
		c.print(out, c.total, c.worst)
	}
}

func (c *crew) print(out io.Writer, rounds int64, longest time.Duration) {
	fmt.Fprintf(out, "  %-24v %10d rounds", c.spec, rounds)
	if rounds > 0 {
		fmt.Fprintf(out, ", the longest of %.2f ms", longest.Seconds()*1e3)
	}
	fmt.Fprintln(out)
}

// printStats shows what the scheduler has done between two looks at it.
func printStats(out io.Writer, title string, from, to gv.Stats) {
	fmt.Fprintf(out, "%s: %d switches, %d preemptions at safepoints and %d by force, %d workers taken from blocked threads, %d boosts\n",
		title, to.Switches-from.Switches, to.Cooperative-from.Cooperative, to.Forced-from.Forced,
		to.Handoffs-from.Handoffs, to.Boosts-from.Boosts)
}
