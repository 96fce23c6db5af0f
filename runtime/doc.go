// Package gv runs threads with priorities inside an ordinary Go program.
//
// A [Thread] is a function that runs on a stack of its own, as a goroutine does:
// everything that works in a goroutine works in it. Unlike a goroutine it has a
// [Priority], it takes turns with others on the workers of a [Runtime], and it gives
// its worker up at once when a thread of higher priority becomes ready. So
// latency-critical and CPU-heavy work can share one process:
//
//	rt, err := gv.New(gv.Config{})
//	…
//	rt.Go(reindex, gv.WithPriority(gv.Low))
//	err = rt.Do(answer, gv.WithPriority(gv.Critical))
//
// [Runtime.Go] starts a thread of its own. [Runtime.Do] makes the calling goroutine the
// thread for as long as a function runs, which costs a fraction of that.
//
// Package functions such as [Go] and [Run] use the calling thread's runtime, or a
// default one.
//
// # Threads, workers and fibers
//
// [Runtime.Go] makes a small record and queues it. A worker is the right to run one
// thread; there are Config.Workers of them, so that many threads run at once. When
// a thread first gets a worker it gets a fiber, too: a goroutine of a pool that
// carries it to its end, because the garbage collector finds pointers on the stacks
// of goroutines only. [Runtime.Do] needs none: its thread is on the caller's own stack.
//
// A worker runs the ready thread of the highest priority, and among equals the one
// that has been ready for longest, until it blocks in a call of this package, ends,
// has had its time slice while equals wait, or has to make way for a higher one. Low
// threads have long slices, since a batch is best finished one piece after the other.
// A thread that higher ones have kept waiting for Config.MaxWait runs for 10 ms as if
// it were Critical, so that nobody starves.
//
// # Preemption
//
// A thread that is to make way is asked to: a flag is set, which [Safepoint] and the
// calls of this package look at. The command gvinstrument puts safepoints into the
// loops of a program. With the Native engine a thread that doesn't answer is stopped
// by the signal that Go itself preempts goroutines with, anywhere in Go code.
// [Runtime.Capabilities] says which engine there is, and why not a better one. Those who
// run a program can do without an engine, or without force, with no new build: New reads
// the words portable and noforced, with commas between them, from the variable GVTHREAD.
//
// # Blocking
//
// Calls of this package that block ([Chan], [Mutex], [Sleep] and so on) park the
// thread, and the worker runs another. The same calls work in plain goroutines,
// which block as goroutines do, so threads and goroutines can use one channel or one
// lock. A thread may also block in Go itself, on a sync.Mutex, a file or a
// connection: within [Block] its worker is free at once, otherwise as soon as it is
// needed and found to be idle. A thread that becomes ready by itself, at the end of a
// sleep or by the act of a goroutine, looks for such a worker at once, the Monitor about
// every millisecond, or more often, while threads are ready.
//
// # What is inherited
//
// Who waits for a [Mutex], or to write under an [RWMutex], lends its priority to the
// thread that holds it. Nothing else does that: a high thread waits for a sync.Mutex, a
// channel, a [Semaphore] or a database's lock for as long as low ones take that have
// it, and those may be displaced meanwhile. A thread is cancelled with the one that
// started it, and belongs to the same [Run], but has a priority of its own. Within Do a
// goroutine keeps what it has: its labels, its OS thread if it is locked to one, its
// settings of package debug.
//
// # What is seen and measured
//
// [Runtime.Threads] has what each thread is doing and waits for, and [Runtime.Dump] writes
// it for people. With Config.Accounting, [Thread.RunTime] is for how long a thread has held
// a worker, and [Stats] has run times and waits for workers by priority.
//
// With Config.ProfileLabels, profiles of Go's have threads by name and priority:
// go tool pprof -tagfocus=gv.thread=reindex shows what a thread of that name does. In
// execution traces a thread that begins while one is taken is a task of that name, and a
// region of the goroutine that carries it. It is a subtask where WithContext gave the context
// of another. The priorities that it gets are logged in the task, under gv.priority; what
// others give it is logged on their goroutines.
//
// # Testing
//
// Package gvtest, below this one, runs tests of code that uses threads, in many schedules that
// it decides and can replay.
//
// # Cancellation
//
// The context that a thread's function gets ends when the thread is cancelled: by
// [Thread.Cancel], with the thread that started it, by the end of the context that
// [WithContext] gave, or by [Runtime.Close]. Blocking calls that return an error then
// return one at once that wraps [ErrCancelled] and the cause.
//
// At the latest it ends when the thread and all that it has started have ended, with
// [ErrThreadEnded] as the cause. Its Err is context.Canceled or
// context.DeadlineExceeded itself; the cause is what context.Cause returns.
//
// # Results
//
// [Thread.Wait] returns what the thread's function has returned, a [*PanicError] if
// it has panicked, or [ErrGoexit]. A panic that nobody waits for is not lost: see
// Config.OnPanic. [Runtime.Do] returns the same, but runtime.Goexit ends its caller's
// goroutine, and with [WithRepanic] a panic is the caller's, too.
//
// A [Group] is threads that work on one task. The first that fails cancels the others,
// and its failure is what [Group.Wait] returns. [ForEach] and [Map] start such threads
// for the values of a sequence.
package gv
