package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"
)

// A result is what a run has found, for each way to wait.
type result struct {
	n          int
	threads    [numWays]cost
	goroutines [numWays]cost
	fewer      [numWays]cost // threads, a tenth of n
}

// fewer is which part of the threads shows how the time of one grows with their number.
const fewer = 10

// measureAll measures all, one after the other.
func measureAll(ctx context.Context, o options, progress io.Writer) (*result, error) {
	r := &result{n: o.threads}
	for w := range numWays {
		for _, m := range []struct {
			task task
			to   *[numWays]cost
		}{
			{task{Way: w, Threads: true, N: o.threads / fewer}, &r.fewer},
			{task{Way: w, N: o.threads}, &r.goroutines},
			{task{Way: w, Threads: true, N: o.threads}, &r.threads},
		} {
			m.task.Sleep = sleepFor(m.to[wayGate].Start)
			var err error
			if m.to[w], err = m.task.apart(ctx, progress); err != nil {
				return nil, err
			}
		}
	}
	return r, nil
}

// sleepFor returns for how long those sleep that wake up by themselves, all at the same
// moment, where starting as many of those that wait for a channel has taken so long. They
// should all have been started by then; if they have not, what waking takes is measured
// from when they have.
func sleepFor(start time.Duration) time.Duration { return 3*start + 100*time.Millisecond }

// growth is the time of a thread, from its start to its end, over that of one of a tenth of
// the threads.
func (r *result) growth(w way) float64 {
	return r.threads[w].perThread(r.n) / r.fewer[w].perThread(r.n/fewer)
}

// print writes the result for a reader.
func (r *result) print(out io.Writer) {
	fmt.Fprintf(out, "%d threads, %s engine\n", r.n, r.threads[wayGate].Engine)
	for w := range numWays {
		t, g := r.threads[w], r.goroutines[w]
		fmt.Fprintf(out, "\n%-32s %10s %10s %7s\n", w, "thread", "goroutine", "ratio")
		each := func(name string, thread, goroutine int64) {
			fmt.Fprintf(out, "  %-30s %10d %10d %7.2f\n", name,
				thread/int64(r.n), goroutine/int64(r.n), ratio(thread, goroutine))
		}
		each("start, ns", int64(t.Start), int64(g.Start))
		each("wake and end, ns", int64(t.Wake), int64(g.Wake))
		if w != waySleep {
			each("memory, bytes", t.Blocked.total(), g.Blocked.total())
			each("  of it stack", t.Blocked.Stack, g.Blocked.Stack)
		}
		if t.Blocked.Resident > 0 && g.Blocked.Resident > 0 {
			each("resident memory, bytes", t.Blocked.Resident, g.Blocked.Resident)
		}
		fmt.Fprintf(out, "  %-38s %21.2f\n", fmt.Sprintf("time with %d over %d threads", r.n, r.n/fewer), r.growth(w))
	}
}

// saveJSON writes the ratios to a file. Those of memory, starting and waking are of threads
// and goroutines at a channel; per_thread_growth is the largest of the three ways.
func (r *result) saveJSON(name string) error {
	t, g := r.threads[wayGate], r.goroutines[wayGate]
	worst := 0.0
	for w := range numWays {
		worst = max(worst, r.growth(w))
	}
	data, err := json.MarshalIndent(map[string]any{
		"threads":           r.n,
		"memory_ratio":      ratio(t.Blocked.total(), g.Blocked.total()),
		"start_ratio":       ratio(int64(t.Start), int64(g.Start)),
		"wake_ratio":        ratio(int64(t.Wake), int64(g.Wake)),
		"per_thread_growth": worst,
	}, "", "\t")
	if err != nil {
		return fmt.Errorf("writing the results: %w", err)
	}
	return os.WriteFile(name, append(data, '\n'), 0o666)
}

func ratio(a, b int64) float64 { return float64(a) / float64(b) }
