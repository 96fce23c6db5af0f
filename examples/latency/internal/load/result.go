package load

import (
	"math"
	"slices"
	"time"
)

// A Result is what one run measured. Requests of the warm-up are not in it.
type Result struct {
	// Rate is the number of answers a second in the measured part of the run,
	// whenever their requests were due.
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
	// Parts are those of the way of each request that was answered.
	Parts Parts
	// RealTime says that the generator ran with real-time priority, as it does
	// on Linux where it may.
	RealTime bool
}

// Merge returns the result of several runs of equal length, at least one, as if they had
// been one.
func Merge(results ...*Result) *Result {
	all := &Result{RealTime: true}
	for _, r := range results {
		all.Rate += r.Rate / float64(len(results))
		all.Answered += r.Answered
		all.Unanswered += r.Unanswered
		all.RealTime = all.RealTime && r.RealTime
		all.Latency = append(all.Latency, r.Latency...)
		all.Late = append(all.Late, r.Late...)
		all.Parts.ToHandler = append(all.Parts.ToHandler, r.Parts.ToHandler...)
		all.Parts.ToThread = append(all.Parts.ToThread, r.Parts.ToThread...)
		all.Parts.ToDone = append(all.Parts.ToDone, r.Parts.ToDone...)
		all.Parts.ToAnswer = append(all.Parts.ToAnswer, r.Parts.ToAnswer...)
	}
	slices.Sort(all.Latency)
	slices.Sort(all.Late)
	all.Parts.sort()
	return all
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
	res := &Result{
		Latency:  slices.Clone(r.latency[first:]),
		Late:     slices.Clone(r.late[first:]),
		Parts:    parts(r.passed[first:]),
		RealTime: r.realTime.Load(),
	}
	for i, d := range res.Latency {
		if d == 0 {
			res.Unanswered++
			res.Latency[i] = end.Sub(r.dueAt(first + i))
		}
	}
	res.Answered = len(res.Latency) - res.Unanswered
	res.Rate = float64(r.answeredBetween(r.cfg.Warmup, r.cfg.Warmup+r.cfg.Duration)) / r.cfg.Duration.Seconds()
	slices.Sort(res.Latency)
	slices.Sort(res.Late)
	return res
}

// answeredBetween counts the answers that came in a part of the run.
func (r *run) answeredBetween(from, to time.Duration) int {
	n := 0
	for k, d := range r.latency {
		if at := time.Duration(k)*r.interval + d; d != 0 && at >= from && at < to {
			n++
		}
	}
	return n
}
