package gvtest

import "time"

// HasteWithDeadlocks makes what looks like a deadlock one at once, for tests of threads that
// nothing else wakes, until it is told to stop.
func HasteWithDeadlocks() (stop func()) {
	before := stuckPatience
	stuckPatience = 5 * time.Millisecond
	return func() { stuckPatience = before }
}
