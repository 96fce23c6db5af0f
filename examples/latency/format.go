package main

import (
	"fmt"
	"time"
)

// milliseconds prints a duration in milliseconds, with three digits that
// matter.
func milliseconds(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	switch {
	case ms >= 100:
		return fmt.Sprintf("%.0f ms", ms)
	case ms >= 10:
		return fmt.Sprintf("%.1f ms", ms)
	case ms >= 1:
		return fmt.Sprintf("%.2f ms", ms)
	default:
		return fmt.Sprintf("%.3f ms", ms)
	}
}

// duration prints microseconds as milliseconds.
func duration(us float64) string { return milliseconds(time.Duration(us * 1e3)) }

func percent(share float64) string { return fmt.Sprintf("%.1f%%", 100*share) }

// factor says how many times lower a latency is.
func factor(f float64) string {
	if f < 1 {
		return fmt.Sprintf("%.2g times higher", 1/f)
	}
	if f < 10 {
		return fmt.Sprintf("%.1f times lower", f)
	}
	return fmt.Sprintf("%.0f times lower", f)
}

// optional prints a number that may be unknown.
func optional(v *float64, format string) string {
	if v == nil {
		return "-"
	}
	return fmt.Sprintf(format, *v)
}

// amount prints a number that may be unknown, divided by seconds.
func amount(v *float64, seconds float64) string {
	if v == nil {
		return "-"
	}
	return fmt.Sprintf("%.0f", *v/seconds)
}

// optionalDuration prints microseconds that may be unknown.
func optionalDuration(us *float64) string {
	if us == nil {
		return "-"
	}
	return duration(*us)
}

// share prints a share that may be unknown.
func share(v *float64) string {
	if v == nil {
		return "-"
	}
	return percent(*v)
}

// of prints one of the spreads, if there are any.
func (s *spread) of(one func(*spread) float64) string {
	if s == nil {
		return ""
	}
	return fmt.Sprintf(" ±%.0f%%", 100*one(s))
}

// String prints a part of the way, which may be unknown.
func (p *partReport) String() string {
	if p == nil {
		return "-"
	}
	return fmt.Sprintf("%.2f, %.2f ms", p.P50/1e3, p.P99/1e3)
}
