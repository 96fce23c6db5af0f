package gv

import (
	"time"

	"github.com/gvthread/gvthread/runtime/internal/sched"
)

// conducting is the part of a control that a goroutine of its own has: it goes on where no
// thread can, in place of the Monitor.
type conducting struct {
	// Watcher is nil: but for Idled, only the Monitor calls it.
	sched.Watcher

	kick, stopped, done chan struct{}
	// patience is for how long all threads may wait before they are stuck: goroutines, and
	// timers of Go, may wake one.
	patience time.Duration

	// Only the goroutine uses what follows.

	lull  lull
	stuck bool // has been said
}

// A lull is a time in which nothing happens.
type lull struct {
	seen   uint64    // how much had happened at the last look
	looked time.Time // when that was
	quiet  time.Duration
}

// note notes how much has happened up to now. A look that comes late counts for no more than
// a few: the machine has stood still, and what was to happen with it.
func (l *lull) note(happened uint64, now time.Time) {
	if happened != l.seen {
		l.seen, l.quiet = happened, 0
	} else {
		l.quiet += min(now.Sub(l.looked), 10*lookEvery)
	}
	l.looked = now
}

const (
	// lookEvery is how often the goroutine looks whether something goes on by itself: a
	// context with a deadline, a thread outside, a goroutine.
	lookEvery = 2 * time.Millisecond
	// clockPatience is for how long time stands still while a thread is in Block.
	clockPatience = 100 * time.Millisecond
	// busyPatience is for how long a thread may have the worker without a point: then it is
	// taken to be blocked in Go.
	busyPatience = time.Second
)

// start runs the goroutine, before there are threads.
func (c *control) start(rt *Runtime) {
	c.rt, c.lull.looked = rt, time.Now()
	c.kick, c.stopped, c.done = make(chan struct{}, 1), make(chan struct{}), make(chan struct{})
	go c.conduct()
}

// stop ends it. No threads are alive.
func (c *control) stop() {
	close(c.stopped)
	<-c.done
}

func (c *control) conduct() {
	defer close(c.done)
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-c.stopped:
			return
		case <-c.kick:
		case <-ticker.C:
		}
		c.look()
	}
}

// Idled implements sched.Watcher.
func (c *control) Idled(*sched.Scheduler) {
	select {
	case c.kick <- struct{}{}:
	default:
	}
}

// look does what is due.
func (c *control) look() {
	s := &c.rt.sched
	c.lull.note(c.happened(), time.Now())
	switch {
	case c.broken.Load():
		if c.survey().waiting > 0 {
			c.breakOff() // those that have begun to wait since
		}
	case !s.Busy():
		c.goOn()
	case c.lull.quiet >= busyPatience:
		s.HandOver()
	}
}

// happened is how much has happened up to now.
func (c *control) happened() uint64 { return c.rt.sched.Switches() + c.points.Load() }

// goOn has threads go on, none of which runs or is ready.
func (c *control) goOn() {
	s := &c.rt.sched
	if due := c.ends.due(); len(due) > 0 {
		s.Interlude(func() { c.ends.run(due) })
		return
	}
	switch now := c.survey(); {
	case now.waiting+now.outside == 0:
	case s.NextTimer() != sched.Never:
		if now.outside == 0 || c.lull.quiet >= clockPatience {
			s.Interlude(c.advance)
		}
	case now.outside > 0 || now.timed || c.stuck:
	case c.lull.quiet >= c.patience && c.happened() == c.lull.seen:
		c.stuck = true
		c.conductor.Stuck()
	}
}

// advance has time go on.
func (c *control) advance() {
	before := c.rt.sched.Now()
	c.rt.sched.Advance()
	c.conductor.Advanced(time.Duration(c.rt.sched.Now() - before))
}

// A survey is what the threads do.
type survey struct {
	// waiting counts those that wait in calls of this package, outside others: those that
	// go on without a worker, as in Block.
	waiting, outside int
	// timed says that one goes on when the deadline of a context comes, which goes by Go's clock.
	timed bool
}

// survey looks at the threads. One that waits for another, in Do, is neither.
func (c *control) survey() (s survey) {
	for _, t := range c.rt.live.all() {
		switch {
		case t.task.Waits():
			s.waiting++
		case !t.inDo():
			s.outside++
		}
		s.timed = s.timed || t.timed()
	}
	return s
}
