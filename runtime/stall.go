package gv

import (
	"bytes"
	"context"
	"log/slog"
	goruntime "runtime"
	"time"

	"github.com/gvthread/gvthread/runtime/internal/sched"
)

// A stall is a state in which no thread of a runtime can go on by itself: all
// that are alive wait in calls of this package for others. Config.Logger is told
// of one that has lasted for stallDelay and looks like a deadlock; see
// stallReport for what does.
//
// The Monitor has one look to spare for it after the last worker became idle.
type stall struct {
	// switches is how many turns threads had had when the runtime was last seen
	// idle, and due is when to report it if that has not changed; 0 while it is
	// busy, or has been reported. Only the Monitor uses them.
	switches uint64
	due      int64
	reported bool
}

// stallDelay is for how long a stall lasts before it is reported. Tests shorten
// it.
var stallDelay = time.Second

// look has a stall reported, once, when it is due, and returns when that is. next is when
// the Monitor has something else to do.
func (s *stall) look(rt *Runtime, in *sched.Scheduler, at, next int64) int64 {
	if next != sched.Never || in.Busy() {
		s.due = 0
		return sched.Never
	}
	if n := in.Switches(); n != s.switches {
		s.switches, s.due, s.reported = n, 0, false
	}
	switch {
	case s.reported:
		return sched.Never
	case s.due == 0:
		s.due = at + int64(stallDelay)
	case at >= s.due:
		s.reported = true
		switches := s.switches
		// A handler of Logger may block, or take long.
		rt.callbacks.Go(func() { rt.reportStall(switches) })
		return sched.Never
	}
	return s.due
}

// late reports whether the runtime has become idle while the Monitor looked.
func (s *stall) late(in *sched.Scheduler, next int64) bool {
	return next == sched.Never && !in.Busy() && in.Switches() != s.switches
}

// reportStall tells Config.Logger of a stall, if it looks like a deadlock and no
// thread has had a turn since.
func (rt *Runtime) reportStall(switches uint64) {
	r := rt.examineStall()
	if !r.deadlock() {
		return
	}
	var b bytes.Buffer
	rt.dump(&b)
	if rt.sched.Busy() || rt.sched.Switches() != switches {
		return
	}
	msg := "gv: all threads wait, and no goroutine is left to wake one: this is a deadlock"
	if r.others > 0 {
		msg = "gv: all threads wait; if no goroutine of the program is to wake one, this is a deadlock"
	}
	rt.config.Logger.LogAttrs(context.Background(), slog.LevelWarn, msg,
		slog.Int("threads", r.threads), slog.Int("goroutines", r.others), slog.String("dump", b.String()))
}

// A stallReport is what a stall is judged by.
type stallReport struct {
	threads int
	// outside is set if a thread may go on by itself, or waits for what is
	// known to end.
	outside bool
	// stuck counts the threads that wait for something else than work: to send,
	// or for a lock; and all, if they wait for each other's ends.
	stuck int
	// served says that plain goroutines have woken threads before.
	served bool
	// others is how many plain goroutines there are that don't wait in this
	// package: who may yet wake a thread.
	others int
}

// deadlock reports whether the stall looks like one. Where no goroutine is left
// that could end it, it is one. Otherwise it isn't if all threads that don't wait
// for each other's end wait for work, as those of a server do that has nothing
// to do; nor if goroutines have woken threads before, since they may again.
func (r stallReport) deadlock() bool {
	if r.threads == 0 || r.outside {
		return false
	}
	return r.others <= 0 || r.stuck > 0 && !r.served
}

// examineStall looks at all threads.
func (rt *Runtime) examineStall() (r stallReport) {
	ts := rt.live.all()
	r.threads = len(ts)
	r.served = rt.served.Load()
	ends := 0
	for _, t := range ts {
		if !t.task.Waits() && !t.inDo() || t.timed() {
			r.outside = true
		}
		switch t.waits.kind() {
		case waitSleep, waitElsewhere:
			r.outside = true
		case waitMutex:
			r.stuck++
			if m := t.blockedOn(); m != nil && m.ownedOutside(rt) {
				r.outside = true
			}
		case waitSend, waitRead, waitReaders:
			r.stuck++
		case waitThread, waitDo:
			ends++
		}
	}
	if ends == r.threads {
		// Each waits for another of them, or for itself: so some do in a circle.
		r.stuck = ends
	}
	// Not counted are the fibers of this runtime, its Monitor, those who wait in
	// this package, and the caller.
	r.others = goruntime.NumGoroutine() - rt.sched.Stats().Fibers - int(goroutinesWaiting.Load()) - 2
	return r
}

// ownedOutside reports whether a plain goroutine, or a thread of another runtime than rt,
// has locked m.
func (m *Mutex) ownedOutside(rt *Runtime) bool {
	w := m.word.Load()
	if isGoroutines(w) {
		return true
	}
	owner := ownerOf(w)
	return owner != nil && owner.rt() != rt
}

// noteWaker notes that the caller wakes a thread of rt, which has a Logger, unless it is a thread of
// rt itself, or the Monitor, which ends the waits that have a time.
func (rt *Runtime) noteWaker() {
	if rt.served.Load() {
		return
	}
	if caller := Current(); caller != nil && caller.rt() == rt || caller == nil && rt.sched.InMonitor() {
		return
	}
	rt.served.Store(true)
}
