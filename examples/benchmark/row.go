package main

import (
	"context"
	"slices"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// A row is one line of the table: an operation of threads, and what it replaces.
type row struct {
	name  string // stable: others keep results by it
	about string // what is measured
	unit  string
	// higher means that more is better.
	higher bool
	// more names the values that a measurement has beside the row's own.
	more []string
	// most is how many rounds there are at most, 0 for as many as were asked for.
	most int
	// apart has each measurement done in a process of its own, for what depends on
	// what the process did before.
	apart bool

	threads, goroutines measure
}

// A turn is one measurement of one side.
type turn struct {
	ctx    context.Context
	engine gv.Engine
	long   time.Duration // about how long it is to take
}

// values are what one turn has found: the row's value, and then those that row.more
// names.
type values []float64

// A measure does one turn.
type measure func(t turn) (values, error)

// sides are the names of the two sides, in results and for child processes.
const (
	sideThreads    = "gv"
	sideGoroutines = "go"
)

// side returns the measure of that side.
func (r *row) side(name string) measure {
	if name == sideThreads {
		return r.threads
	}
	return r.goroutines
}

// rows returns all rows, in the order of the table. Their measures keep how many
// operations fill a turn.
func rows() []row {
	return slices.Concat(
		yieldRows(),
		channelRows(),
		lockRows(),
		spawnRows(),
		safepointRows(),
		accountingRows(),
		recordedRows(),
		sleepRows(),
		memoryRows(),
		stopRows(),
		wakeRows(),
		blockingRows(),
		scalingRows(),
		requestRows(),
		countRows(),
	)
}
