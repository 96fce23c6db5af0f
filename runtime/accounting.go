package gv

import "time"

// RunTime returns for how long t has held a worker, 0 if the runtime is without
// Config.Accounting. It may be asked while t runs, and never goes back; after the end of t
// it goes on until t has given up its worker, a moment later.
//
// That is the time in which t ran, or could have: also the time for which Linux or Go's
// scheduler gave the processor to others, and that in which t was blocked in Go, or in the
// kernel, and nobody needed the worker. Time in Block, in calls of this package that park t,
// and in queues for a worker is not counted, nor is what t does after its worker was taken,
// up to the safepoint at which it asks for another.
func (t *Thread) RunTime() time.Duration { return t.task.RunTime() }
