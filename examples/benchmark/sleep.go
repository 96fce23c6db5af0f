package main

import (
	"context"
	"sync"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

const (
	// nap is how long they sleep.
	nap = time.Millisecond
	// timers is how many of them there are in sleep_loaded, and awake is how many
	// rounds each computes between two sleeps, about 20 µs: together they need about
	// one core.
	timers = 50
	awake  = 13_000
)

// sleepRows are about how late sleeps end.
func sleepRows() []row {
	return []row{
		{
			name: "sleep_idle", about: "how late one wakes that sleeps for 1 ms, with nothing else to do", unit: "ns",
			more: latenessMore, threads: threadTimers(1, 0), goroutines: goTimers(1, 0),
		},
		{
			name: "sleep_loaded", about: "how late 50 wake that sleep for 1 ms and compute for 20 µs, two workers", unit: "ns",
			more: latenessMore, threads: threadTimers(timers, awake), goroutines: goTimers(timers, awake),
		},
	}
}

// naps sleeps and computes again and again for a while, and returns how late each sleep
// ended.
func naps(long time.Duration, sleep func(), work int) []time.Duration {
	var late []time.Duration
	for began := time.Now(); len(late) == 0 || time.Since(began) < long; {
		slept := time.Now()
		sleep()
		late = append(late, time.Since(slept)-nap)
		spin(work)
	}
	return late
}

// A log collects what several have found.
type log struct {
	mu   sync.Mutex
	late []time.Duration
}

func (l *log) add(late []time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.late = append(l.late, late...)
}

func threadTimers(n, work int) measure {
	return func(t turn) (values, error) {
		var all log
		err := t.withRuntime(gv.Config{Workers: 2}, func(rt *gv.Runtime) error {
			threads := make([]*gv.Thread, n)
			for i := range threads {
				threads[i] = rt.Go(func(context.Context) error {
					late := naps(waits*t.long, func() { gv.Sleep(nap) }, work)
					all.add(late)
					return nil
				})
			}
			return waitAll(threads)
		})
		return lateness(all.late), err
	}
}

func goTimers(n, work int) measure {
	return func(t turn) (values, error) {
		var all log
		withProcs(2, func() {
			var wg sync.WaitGroup
			for range n {
				wg.Go(func() { all.add(naps(waits*t.long, func() { time.Sleep(nap) }, work)) })
			}
			wg.Wait()
		})
		return lateness(all.late), nil
	}
}
