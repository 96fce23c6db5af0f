package gv

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// A Config sets up a Runtime. The zero Config is a good one.
type Config struct {
	// Workers is how many threads run at once. 0 means runtime.GOMAXPROCS(0)
	// at the time of New, without what open runtimes have added to it. The number
	// stays when GOMAXPROCS changes.
	Workers int
	// TimeSlice is how long a thread runs while others of its priority are
	// ready. 0 means 10 ms, and 500 ms for Low: work in progress holds memory, and
	// what nobody waits for is best finished one after the other. So a thread has its
	// turn, unless higher ones have the workers, after at most a slice of each of those
	// that were ready before it, divided by Workers; and one that was stopped in its
	// slice, for a higher one, goes on before them.
	TimeSlice time.Duration
	// Slices sets TimeSlice by priority, where it is not 0.
	Slices [Low + 1]time.Duration
	// Grace is how long a thread that was asked to yield may take to reach a
	// safepoint before it is preempted by force. 0 means 200 µs.
	Grace time.Duration
	// MaxWait bounds starvation: a thread that has been ready for this long while
	// threads of higher priorities had all workers runs as if it were Critical, and before
	// those that are, for one slice of Normal threads, and at most 10 ms. 0 means 1 s.
	MaxWait time.Duration
	// MinShare is the part of the workers' time that the threads of a priority get at
	// least while some of them are ready, whatever the higher ones want: 0.1 for Low
	// on 4 workers is 0.4 of a worker. They get it in boosts, as those of MaxWait, that go on
	// for up to a slice of their own while more is due. The sum must not be above 1;
	// Critical, which nothing is above, has what the others leave.
	//
	// It holds over about a second, as the Monitor sees it, which looks once a millisecond
	// while threads wait: mostly to a hundredth of all workers, and less closely on the
	// Portable engine, with slices of Critical threads that are longer than 10 ms, and where
	// threads run for much less than a millisecond at a time. A class that has just had more than
	// its share goes without for up to a second. A thread counts for the priority that
	// it has, or that a Mutex has lent it; in Stats.RunTime, for Critical while it is boosted.
	//
	// Without it, strict priorities leave little: MaxWait gives each thread that starves
	// about 1% of a worker by default, and all of them together two thirds of one.
	MinShare [Low + 1]float64
	// MaxThreads bounds the threads alive: Go beyond it returns a thread that
	// is Done with ErrTooManyThreads. 0 means 1<<21.
	MaxThreads int
	// MaxStack bounds the stack of a thread, in bytes; the least is 64 KiB. A thread
	// that uses more panics, at a safepoint or in a call of this package other than Current
	// and the methods of Mutex and RWMutex, with a *StackOverflowError. 0 leaves it at Go's own limit (1 GB on 64-bit systems,
	// see debug.SetMaxStack), beyond which the process ends.
	//
	// Stacks are looked at about once a millisecond, so a thread that recurses fast
	// may get beyond MaxStack, and a thread that recurses without a safepoint is
	// found too late or not at all: gvinstrument puts safepoints where functions
	// recurse. That holds, too, for one that comes to recurse after it has been in
	// Block for a second, while no other thread runs. A call of this package that
	// panics has had its effect.
	// The deferred functions that run because of the panic may together use as much
	// stack again; if they use more, they panic, too. A thread that recovers may
	// overflow again.
	// On slots, see Stacks, each safepoint looks at the stack, and what recurses through
	// safepoints is always found in time. So safepoints cost some nanoseconds, in all
	// threads, while a runtime with slots and MaxStack is open.
	// Where stacks can't be measured the limit is Go's, and
	// Capabilities.MaxStackReason says why.
	MaxStack int
	// Stacks is where threads have their stacks: GrowingStacks, or SlotStacks. With
	// SlotStacks, New fails where slots can't be had, with an error that wraps
	// ErrSlotsUnavailable.
	Stacks StackKind
	// SlotSize is how much address space each thread has for its stack if Stacks is
	// SlotStacks, in bytes: a power of two from 1 MiB to 1 GiB. 0 means 16 MiB. Two pages of
	// it are not for the stack, and MaxStack is at most half of it.
	SlotSize int
	// Accounting measures for how long threads run and wait for workers: see
	// Thread.RunTime, Stats.RunTime and Stats.WaitTime. It costs a reading of the clock
	// whenever a worker goes from one thread to another, and whenever a thread becomes
	// ready; a thread that yields needs one for both. Without it nothing is read, and there
	// are no such times.
	Accounting bool
	// ProfileLabels gives threads labels for runtime/pprof: gv.thread is the name that
	// WithName gave, empty if none, and gv.priority is what Thread.Priority returns. They are
	// in CPU and goroutine profiles and in stack traces (Go 1.26 needs
	// GODEBUG=tracebacklabels=1 for these), and debuggers show them. The goroutines that a
	// thread starts inherit them, as all labels.
	//
	// They are added to the labels of the context that WithContext gave, or, in Do, to
	// those of the goroutine that calls it, which gets its own back at the end. The
	// thread's context has them as well, so pprof.Do in a thread adds to them.
	//
	// The label follows where a thread calls SetPriority for itself. Where others do it stays
	// as it was, until the thread sets its labels anew, by pprof.Do for one. With a release
	// of Go that the package doesn't know, SetPriority leaves the label as it is, and Do its
	// caller's labels. All that costs about 0.3 µs for each thread.
	ProfileLabels bool
	// Engine chooses how threads are switched. Auto takes Native where it can
	// be had, and Portable elsewhere.
	Engine Engine
	// NoForced forbids preemption by signal: only safepoints and calls of this
	// package preempt.
	NoForced bool
	// OnPanic is called, in the thread that panicked, with the panic of a
	// thread that nobody waits for at that moment; where all who wait are
	// cancelled at that moment, in the last of them, which may come after Close if that is
	// no thread of the runtime. Who waits for a Group waits for its threads.
	//
	// Where OnPanic is nil, such a panic goes to a later Wait, to the Run
	// that the thread belongs to, or to Close, whichever comes first. A thread that the
	// program has dropped, with its Group, can't be waited for: once the garbage
	// collector has found that, its panic ends the process, as a panic in a goroutine
	// does, and does not wait for Close.
	OnPanic func(*PanicError)
	// OnLate is called when a thread has been ready, and waited for a worker, for longer
	// than LateAfter: once in each wait, so that a spike can leave a recording (see package
	// gvtrace) or a Dump. The thread may have a worker by then.
	//
	// Times are looked at about once a millisecond, of the first 64 threads of each line:
	// others are found when they come nearer. OnLate is called in a goroutine of its own,
	// for one thread after another. While it runs nobody is looked for; who waits still
	// when it has returned is found then. A panic in it ends the process, as one in any
	// goroutine does. Close waits for it, and it is not called after that.
	OnLate func(Late)
	// LateAfter is what OnLate goes by. 0 means 100 ms. It has no effect without OnLate.
	LateAfter time.Duration
	// Logger is told, as a warning, when the threads seem to be deadlocked: all that
	// are alive have waited in calls of this package for about a second, and
	// none of them sleeps, is blocked in Go, in Block or not, waits for threads of another
	// runtime, or for a Mutex that one of those or a goroutine has locked, or has a
	// context with a deadline, of its own or from a thread that it descends from. The attribute
	// "dump" is what Runtime.Dump writes. Each stall is reported once. Go's own report, that all
	// goroutines are asleep, does not come while a runtime is open.
	//
	// That is certain, but for functions that package time may yet call, where no
	// goroutine is left that doesn't wait for threads itself. Otherwise a goroutine may always call Send, Unlock or Cancel. So
	// then nothing is reported if the threads wait to receive, in Select, for a Cond or
	// for a Semaphore, as they do in a server that has nothing to do; nor if a
	// goroutine has ever woken a thread of the runtime; and "goroutines" says
	// how many there are. Deadlocks of some threads while others go on are not
	// found.
	//
	// It is told, too, when the program has set GOMAXPROCS to less than the runtime needs,
	// as soon as there is something to time: see Capabilities.Processors, whose text it
	// gets, with the attributes "gomaxprocs" and "needed". Each number is reported once.
	//
	// And it is told, once for each, of threads that have had their budget: see WithBudget; and
	// of those that have used more than three quarters of their stack slots, with the
	// attributes "used" and "slotSize": see SlotStacks.
	//
	// The handler is called in a goroutine of its own. Close waits for it, and it is not
	// called after that. Where Logger is nil nothing is reported.
	Logger *slog.Logger
}

// An Engine is a way to switch between threads.
type Engine uint8

const (
	// Auto is Native where it can be had, else Portable.
	Auto Engine = iota
	// Native switches goroutines directly, in assembly, and preempts them by
	// signal: linux on amd64 and arm64, with the Go releases that it knows.
	Native
	// Portable parks and wakes goroutines through Go's scheduler. It works
	// everywhere; threads that run into no safepoint share the processor as
	// goroutines do.
	Portable

	numEngines
)

// String returns the name of the constant.
func (e Engine) String() string {
	switch e {
	case Auto:
		return "Auto"
	case Native:
		return "Native"
	case Portable:
		return "Portable"
	}
	return fmt.Sprintf("Engine(%d)", uint8(e))
}

// The defaults of Config.
const (
	defaultTimeSlice = 10 * time.Millisecond
	// defaultLowSlice is a compromise between equals that wait and work in progress:
	// examples/latency has 110 MB with 200 ms, and 80 with 500, where goroutines have 255; it
	// has done as much work and answered as soon with both.
	defaultLowSlice   = 500 * time.Millisecond
	defaultGrace      = 200 * time.Microsecond
	defaultMaxWait    = time.Second
	defaultLateAfter  = 100 * time.Millisecond
	defaultMaxThreads = 1 << 21
	// maxWorkers is a bound for sanity: a worker needs a P of Go's.
	maxWorkers = 1 << 12
	// maxDuration is for ever, and can be added to what the clock shows.
	maxDuration = 1 << 60
)

// complete returns c with the defaults filled in, or says what is wrong.
func (c Config) complete() (Config, error) {
	for _, f := range []struct {
		name  string
		value int
	}{{"Workers", c.Workers}, {"MaxThreads", c.MaxThreads}, {"MaxStack", c.MaxStack}, {"SlotSize", c.SlotSize}} {
		if f.value < 0 {
			return c, negative(f.name, f.value)
		}
	}
	type duration struct {
		name  string
		value *time.Duration
	}
	durations := []duration{{"TimeSlice", &c.TimeSlice}, {"Grace", &c.Grace}, {"MaxWait", &c.MaxWait}, {"LateAfter", &c.LateAfter}}
	for p := range c.Slices {
		durations = append(durations, duration{fmt.Sprintf("Slices[%v]", Priority(p)), &c.Slices[p]})
	}
	for _, d := range durations {
		if *d.value < 0 {
			return c, negative(d.name, *d.value)
		}
		*d.value = min(*d.value, maxDuration)
	}
	if err := c.checkShares(); err != nil {
		return c, err
	}
	if c.Workers > maxWorkers {
		return c, fmt.Errorf("gv: new runtime: Config.Workers is %d; at most %d can be had", c.Workers, maxWorkers)
	}
	if err := c.completeStacks(); err != nil {
		return c, err
	}
	if c.Engine > Portable {
		return c, fmt.Errorf("gv: new runtime: Config.Engine is %v; use Auto, Native or Portable", c.Engine)
	}
	setDefault(&c.Workers, processors.chosen())
	if c.TimeSlice == 0 {
		setDefault(&c.Slices[Low], defaultLowSlice)
	}
	setDefault(&c.TimeSlice, defaultTimeSlice)
	for p := range c.Slices {
		setDefault(&c.Slices[p], c.TimeSlice)
	}
	setDefault(&c.Grace, defaultGrace)
	setDefault(&c.MaxWait, defaultMaxWait)
	setDefault(&c.LateAfter, defaultLateAfter)
	setDefault(&c.MaxThreads, defaultMaxThreads)
	return c, nil
}

// checkShares says what is wrong with MinShare.
func (c *Config) checkShares() error {
	sum := 0.0
	for p, share := range c.MinShare {
		if !(share >= 0 && share <= 1) { // also if it is no number
			return fmt.Errorf("gv: new runtime: Config.MinShare[%v] is %v; it is a part of all workers' time, from 0 to 1", Priority(p), share)
		}
		sum += share
	}
	if c.MinShare[Critical] > 0 {
		return fmt.Errorf("gv: new runtime: Config.MinShare[Critical] is %v; nothing is above Critical, which has what the others leave: leave it at 0", c.MinShare[Critical])
	}
	const rounding = 1e-9 // 0.33 and 0.56 and 0.11 are above 1
	if sum > 1+rounding {
		return fmt.Errorf("gv: new runtime: Config.MinShare adds up to %v; all shares together can be 1 at most", sum)
	}
	return nil
}

// negative says that a field of Config is.
func negative[T any](name string, value T) error {
	return fmt.Errorf("gv: new runtime: Config.%s is %v; it must not be negative (0 means the default)", name, value)
}

// setDefault replaces a zero value.
func setDefault[T comparable](v *T, def T) {
	var zero T
	if *v == zero {
		*v = def
	}
}

// An Option says more about a thread that is to be started.
type Option func(*threadOptions)

// threadOptions are what a thread has that others have not. Those of a WaitGroup's threads
// without others are one record, which nobody writes.
type threadOptions struct {
	name     string
	priority Priority
	// ctx is the context that WithContext or the Group gave, or that of the task in an
	// execution trace, or nil; timed says that it has a deadline.
	ctx   context.Context
	timed bool
	// tally counts the thread, if a WaitGroup or a Group started it.
	tally   tally
	repanic bool
	budget  budget
	// unlink ends the watch over ctx, or the thread's membership of its Group. It belongs to
	// the side that starts the thread, and then to the side that ends the thread's family.
	unlink func() bool
}

// noOptions is what opts returns for threads without options.
var noOptions threadOptions

// outlastStart reports whether the thread must know them.
func (o *threadOptions) outlastStart() bool {
	return o.name != "" || o.ctx != nil || o.tally != nil || o.repanic
}

// optionsOf returns what opts say, nil if there are none.
func optionsOf(opts []Option) *threadOptions {
	if len(opts) == 0 {
		return nil
	}
	return apply(opts)
}

// apply returns what opts say.
func apply(opts []Option) *threadOptions {
	o := &threadOptions{priority: Normal}
	for _, opt := range opts {
		opt(o)
	}
	return o
}

// WithName names the thread, for those who read dumps, logs, execution traces and, with
// Config.ProfileLabels, profiles.
func WithName(name string) Option {
	return func(o *threadOptions) { o.name = name }
}

// WithPriority sets the thread's priority, which is Normal otherwise, whatever the
// priority of the thread that starts it. Values
// that are no Priority count as Low.
func WithPriority(p Priority) Option {
	return func(o *threadOptions) { o.priority = p.clamp() }
}

// PriorityOf returns the priority of a thread that is started with opts, for those who
// queue, count or refuse work by priority before there is a thread.
func PriorityOf(opts ...Option) Priority {
	return apply(opts).priority
}

// WithRepanic makes Do pass a panic of its function on to the caller, with the original
// value, after the thread has ended with it, in place of returning it. It changes nothing
// for Go and Run.
func WithRepanic() Option {
	return func(o *threadOptions) { o.repanic = true }
}

// WithContext makes the thread's context take its values and its deadline from
// ctx, and the end of ctx cancel the thread, with ctx's cause. The thread begins with
// ctx's labels for runtime/pprof, not with those of the goroutine that starts it, unless Do
// runs it there. A nil ctx counts as context.Background.
//
// The end of ctx also cancels what a thread has started that has ended itself. If a
// method of ctx panics, so does the function that starts the thread, which is then not
// started, or it is the thread that panics.
func WithContext(ctx context.Context) Option {
	return func(o *threadOptions) {
		if ctx != nil {
			o.ctx = ctx
		}
	}
}
