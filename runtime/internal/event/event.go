package event

// A Cause says why a turn has ended.
type Cause uint8

// The causes. Those of Asked and Forced are preemptions.
const (
	// Unended is the cause of turns that have not ended.
	Unended Cause = iota
	// Yielded: by itself, to others of its priority.
	Yielded
	// AskedSlice: at a safepoint, to an equal, at the end of the slice.
	AskedSlice
	// AskedHigher: at a safepoint, to a thread of higher priority.
	AskedHigher
	// ForcedSlice: stopped by force at the end of the slice.
	ForcedSlice
	// ForcedHigher: stopped by force for a thread of higher priority.
	ForcedHigher
	// Waits: the thread waits for another; Turn.Wait says for what.
	Waits
	// Blocks: the thread has left its worker for a call that blocks.
	Blocks
	// Enters: the thread runs another on its goroutine, which has the worker meanwhile.
	Enters
	// Taken: the thread was blocked in Go, and its worker went to another.
	Taken
	// Lent: the thread had no core, and a higher one has borrowed its worker.
	Lent
	// Ended: the thread has.
	Ended
)

// A Turn is the time in which a thread had a worker. Times are in nanoseconds, on the clock
// of package sched; priorities are numbers as there.
type Turn struct {
	Begin, End int64
	// Ready is since when the thread had waited for the worker; Begin if it had not. It
	// may be a moment after Begin: a turn begins with the end of the one before it.
	Ready  int64
	Thread uint64
	Name   string
	// Priority is the thread's own, Due that with which it has waited, and Effective the
	// one in force, at the beginning. Boosted says that this is the doing of
	// Config.MaxWait or MinShare.
	Priority, Due, Effective uint8
	Boosted                  bool
	Cause                    Cause
	// Wait is what Waits is for: see Source.WaitText.
	Wait uint8
}

// A Wake is that a thread was made ready by the one whose turn it was on the worker.
type Wake struct {
	// At is the Ready of the Turn that follows.
	At    int64
	Woken uint64
}

// A Passage is that a thread without a worker has left the State in which it was: it waits
// for a worker, has ended, or, with Blocks, is in a call that blocks.
type Passage struct {
	At     int64
	Thread uint64
	From   State
	Blocks bool
}

// A State is what a thread without a worker does.
type State uint8

// The states.
const (
	// Ready: it waits for a worker, or has lent its own.
	Ready State = iota
	// InBlock: it is in a call that blocks.
	InBlock
	// Displaced: it was blocked in Go when it lost its worker, and may run.
	Displaced
)

// A Standing is the State of a thread at the end of a Window.
type Standing struct {
	Thread uint64
	State  State
	// Since is since when the thread is Ready, and Due the priority with which it waits.
	Since int64
	Due   uint8
}
