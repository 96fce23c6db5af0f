package gvdebug

import (
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// A Snapshot is a runtime at one moment. In JSON, fields have the names that they have here,
// and durations are in nanoseconds.
type Snapshot struct {
	Time  time.Time
	Stats gv.Stats
	// Waits is nil if the runtime is without Config.Accounting.
	Waits *Waits
	// Running is what Runtime.Running returns.
	Running []gv.ThreadInfo
}

// Waits is Stats.WaitTime in a form that JSON has.
type Waits struct {
	// Bounds are in seconds. Bucket i begins at Bounds[i]; the last one has no end.
	Bounds []float64
	// Counts are how many waits each bucket has, by priority.
	Counts [][]uint64
}

// snapshot returns what rt is doing. It takes as long as there are workers, not threads.
func snapshot(rt *gv.Runtime) Snapshot {
	s := Snapshot{Time: time.Now(), Stats: rt.Stats(), Running: rt.Running()}
	for _, h := range s.Stats.WaitTime {
		if h == nil {
			return s
		}
		if s.Waits == nil {
			s.Waits = &Waits{Bounds: h.Buckets[:len(h.Buckets)-1]}
		}
		s.Waits.Counts = append(s.Waits.Counts, h.Counts)
	}
	return s
}
