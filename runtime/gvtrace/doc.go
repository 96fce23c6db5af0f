// Package gvtrace records what the workers of a runtime do, as a timeline that can be looked
// at: which thread has had which worker, from when to when, why it gave the worker up, and
// who woke it.
//
// [Record] records for some time; a [FlightRecorder] goes on all the time, and keeps the
// last seconds for when something has gone wrong, as that of runtime/trace does:
//
//	recorder := gvtrace.NewFlightRecorder(rt, gvtrace.Config{MinAge: 5 * time.Second})
//	if err := recorder.Start(); err != nil { … }
//	…
//	recorder.WriteTo(file) // a file for each call; from what gv.Config.OnLate was set to, say
//
// [Handler] is Record over HTTP. What all of them write is JSON in the Trace Event Format,
// which https://ui.perfetto.dev and chrome://tracing open.
//
// # What there is to see
//
// There is a track for each worker. On it is a slice for each turn of a thread, with the name
// of the thread, or its number. The arguments of a slice are
//
//	id         the thread's number, as Thread.ID returns it
//	priority   its own priority
//	effective  the priority in force when the turn began
//	waited_us  for how long it had waited for the worker, in microseconds
//	ended by   what ended the turn
//
// An instant is where a thread was preempted ("cooperative", at a safepoint; "forced", by a
// signal), where its worker was taken since it was blocked in Go ("hand-off"), or borrowed
// since it had no core ("displaced"), and where it begins a turn that Config.MaxWait or MinShare has given it
// ("boost"). An arrow goes from where a thread has made another one ready to where that
// one's turn begins. There are no arrows from goroutines and timers.
//
// Two counters go with that: how many threads wait for a worker, by the priority that they
// wait with; and how many have none and need none, since they are in gv.Block, or lost it
// while they were blocked in Go. What those do is not known: they may run.
//
// # What it costs
//
// While nobody records, a switch looks at a pointer that is nil. A recorder takes about
// [Config].MaxBytes of memory as long as it is started, and costs a switch a reading of the
// clock and some stores; with gv.Config.Accounting the reading is shared, and the slices of a
// thread add up to Thread.RunTime.
package gvtrace
