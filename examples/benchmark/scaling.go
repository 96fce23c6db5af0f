package main

import (
	goruntime "runtime"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

const (
	computing = 4     // how many compute
	chunk     = 6_500 // rounds, about 10 µs, between safepoints
)

// scalingRows are about workers and time slices.
func scalingRows() []row {
	compute := func() {
		spin(chunk)
		gv.Safepoint()
	}
	return []row{
		{
			name: "scaling_cpu", about: "throughput of 4 that compute, with two workers over that with one", unit: "times", higher: true,
			threads: speedup(
				threadCrew(gv.Config{Workers: 1}, computing, compute),
				threadCrew(gv.Config{Workers: 2}, computing, compute)),
			goroutines: speedup(goCrew(1, computing, compute), goCrew(2, computing, compute)),
		},
		{
			name: "scaling_yield", about: "throughput of 100 that yield in turn, with two workers over that with one", unit: "times", higher: true,
			threads: speedup(
				threadCrew(gv.Config{Workers: 1}, 100, gv.Yield),
				threadCrew(gv.Config{Workers: 2}, 100, gv.Yield)),
			goroutines: speedup(goCrew(1, 100, goruntime.Gosched), goCrew(2, 100, goruntime.Gosched)),
		},
		{
			name: "slice_loss", unit: "times", more: []string{"1ms", "0.1ms"},
			about:   "processor time that 4 that compute on one worker take with slices of 10, 1 and 0.1 ms over that of one alone (goroutines: their slices are always 10 ms)",
			threads: loseThreads(compute), goroutines: loseGoroutines(compute),
		},
	}
}

// speedup returns how many times as fast the second measure is as the first.
func speedup(one, two measure) measure {
	return func(t turn) (values, error) {
		a, err := one(t)
		if err != nil {
			return nil, err
		}
		b, err := two(t)
		if err != nil {
			return nil, err
		}
		return values{quotient(a[0], b[0])}, nil
	}
}

// loseThreads compares slices with one that has the worker for itself.
func loseThreads(compute func()) measure {
	crew := func(size int, d time.Duration) measure {
		return threadCrew(gv.Config{Workers: 1, TimeSlice: d}, size, compute)
	}
	return loss(crew(1, 10*time.Millisecond), crew(computing, 10*time.Millisecond),
		crew(computing, time.Millisecond), crew(computing, 100*time.Microsecond))
}

// loseGoroutines does so with Go's slices, which can't be chosen.
func loseGoroutines(compute func()) measure {
	sliced := goCrew(1, computing, compute)
	return loss(goCrew(1, 1, compute), sliced, sliced, sliced)
}

// loss returns how many times the processor time an operation takes in each of the
// others that it takes in the first.
func loss(first measure, others ...measure) measure {
	return func(t turn) (v values, err error) {
		base, err := first(t)
		if err != nil {
			return nil, err
		}
		for _, other := range others {
			o, err := other(t)
			if err != nil {
				return nil, err
			}
			v = append(v, quotient(o[1], base[1]))
		}
		return v, nil
	}
}
