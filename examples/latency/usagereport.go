package main

import "math"

// A usageReport is what a mode's server process has used. Counts are brought to the time
// that is measured: the server's answers, between which they are taken, may come late.
type usageReport struct {
	Collections *float64 `json:"gc_count,omitempty"`
	// Stops of the world for collections, as long as it was not all running.
	StopMean *float64 `json:"stw_avg_us,omitempty"`
	StopP99  *float64 `json:"stw_p99_us,omitempty"`
	// Resident is the mean of the measured time.
	Resident    *float64 `json:"rss_mb,omitempty"`
	Faults      *float64 `json:"minor_faults,omitempty"`
	Voluntary   *float64 `json:"voluntary_switches,omitempty"`
	Involuntary *float64 `json:"involuntary_switches,omitempty"`
	// Wakes are the voluntary switches for each request, beyond those that go on without
	// requests.
	Wakes  *float64 `json:"wake_ups_per_request,omitempty"`
	Sysmon *float64 `json:"sysmon_cpu,omitempty"` // share of a core
}

// newUsageReport returns the report on a turn, or several, with counts as of so many
// seconds.
func newUsageReport(t *turn, seconds float64) (r usageReport) {
	u := t.measured.Usage
	if u == nil {
		return r
	}
	measured := t.measured.At.Seconds()
	count := func(n int64) *float64 { return new(math.Round(quotient(float64(n)*seconds, measured))) }
	r.Collections = count(u.Collections)
	if n := u.stops(); n > 0 {
		r.StopMean = new(us(u.Stopped) / float64(n))
		r.StopP99 = new(us(u.longestStop(99)))
	}
	s := u.System
	if s == nil {
		return r
	}
	r.Faults, r.Voluntary, r.Involuntary = count(s.Faults), count(s.Voluntary), count(s.Involuntary)
	r.Sysmon = new(quotient(s.Sysmon.Seconds(), measured))
	if wakes, ok := t.wakesPerRequest(); ok {
		r.Wakes = &wakes
	}
	sum := int64(0)
	for _, bytes := range t.resident {
		sum += bytes
	}
	if n := len(t.resident); n > 0 {
		r.Resident = new(float64(sum) / float64(n) / 1e6)
	}
	return r
}
