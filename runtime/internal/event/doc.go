// Package event keeps what a runtime records of its threads' turns, for package gvtrace:
// the newest turns of each worker, in a memory that is fixed when the recording starts.
//
// It is between three others. The scheduler writes into a [Log] for each worker, and into an
// [Outside] for what happens without one; a lock of its guards each. Package gv says by [Of]
// how to record a runtime. Package gvtrace makes files of the [Window] that it is given.
// There may be several recordings of a runtime at a time. They know nothing of each other:
// a worker's logs are linked, and each gets everything.
package event
