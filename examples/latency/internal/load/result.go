package load

import (
	"math"
	"slices"
	"time"
)

// A Result is what one run measured. Requests of the warm-up are not in it.
type Result struct {
	// Rate is the number of requests answered a second.
	Rate float64
	// Answered and Unanswered count the requests that were due in the measured
	// part of the run.
	Answered, Unanswered int
	// Latency has an entry for each of those requests, from when it was due
	// until its answer was read, in ascending order. For a request without an
	// answer it is the time that it had been waiting when the run ended.
	Latency Samples
	// Late is how late the generator itself was in taking up each request, in
	// ascending order. It is part of the latency.
	Late Samples
}

// Samples are measurements in ascending order.
type Samples []time.Duration

// Percentile returns the smallest sample that at least p percent of all samples
// don't exceed: the nearest-rank definition, which is always one of the
// samples. It returns 0 if there are none.
func (s Samples) Percentile(p float64) time.Duration {
	if len(s) == 0 {
		return 0
	}
	rank := int(math.Ceil(p * float64(len(s)) / 100))
	return s[min(max(rank, 1), len(s))-1]
}

// result sums up a run whose readers have ended.
func (r *run) result() *Result {
	first := r.cfg.unmeasured()
	end := time.Now()
	var last time.Time
	res := &Result{
		Latency: slices.Clone(r.latency[first:]),
		Late:    slices.Clone(r.late[first:]),
	}
	for i, d := range res.Latency {
		due := r.dueAt(first + i)
		if d == 0 {
			res.Unanswered++
			res.Latency[i] = end.Sub(due)
			continue
		}
		res.Answered++
		if at := due.Add(d); at.After(last) {
			last = at
		}
	}
	// The last request stands for the interval that follows it.
	if over := last.Sub(r.dueAt(first)); over > 0 {
		res.Rate = float64(res.Answered) / max(over, r.cfg.Duration).Seconds()
	}
	slices.Sort(res.Latency)
	slices.Sort(res.Late)
	return res
}
