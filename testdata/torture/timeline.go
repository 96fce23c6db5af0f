package main

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"time"

	"github.com/gvthread/gvthread/runtime/gvtrace"
)

// timeline records what the workers do, and looks whether each has one thread at a time.
func timeline(w *world, r *rand.Rand) {
	recorder := gvtrace.NewFlightRecorder(w.rt, gvtrace.Config{
		MinAge:   time.Duration(1+r.IntN(20)) * time.Millisecond,
		MaxBytes: 1 << (10 + r.IntN(9)),
	})
	if err := recorder.Start(); err != nil {
		w.r.violation("timeline: %v", err)
		return
	}
	defer recorder.Stop()
	for range 1 + r.IntN(3) {
		w.pause(r, 10*time.Millisecond)
		var file bytes.Buffer
		if _, err := recorder.WriteTo(&file); err != nil {
			w.r.violation("timeline: %v", err)
			return
		}
		checkTimeline(w, file.Bytes())
	}
}

// checkTimeline looks at a file.
func checkTimeline(w *world, file []byte) {
	var in struct {
		TraceEvents []struct {
			Ph      string
			Tid     int
			Ts, Dur float64
		}
	}
	if err := json.Unmarshal(file, &in); err != nil {
		w.r.violation("a timeline of %d bytes: %v", len(file), err)
		return
	}
	free := map[int]int64{} // when the last slice has ended, by worker
	for _, e := range in.TraceEvents {
		if e.Ph != "X" {
			continue
		}
		begin, long := int64(math.Round(e.Ts*1000)), int64(math.Round(e.Dur*1000))
		if e.Tid > w.config.Workers || begin < free[e.Tid] || long < 0 {
			w.r.violation("a timeline has a turn of %d ns on worker %d from %d ns on, where the last one ends at %d ns", long, e.Tid, begin, free[e.Tid])
		}
		free[e.Tid] = begin + long
	}
	w.r.steps.Add(1)
}
