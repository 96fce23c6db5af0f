package sched

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gvthread/gvthread/arch"
)

// A request that is not over when its task loses its worker, because the task has blocked
// in Go before it could stop, goes on to stand for the task, is counted once, and stops it
// when it runs on without a worker.
func TestRequestThatOutlivesATurn(t *testing.T) {
	s := start(t, 1)
	if !s.canForce {
		t.Skip(arch.ForcedPreemption())
	}
	task, done := run(s, Normal, func(task *Task) {
		// Pinned, it stops for no signal.
		arch.Pin()
		w := task.lockWorker()
		v := turn{w, task, w.turn}
		w.Unlock()
		first, again := v.request(Now()), v.request(Now())
		one := s.requests.Load()
		w.Lock.Lock()
		s.putOutside(task, Running, nil)
		w.cur = nil
		next := w.fill()
		w.Unlock()
		stale := v.request(Now())
		s.outside.Lock.Lock()
		second := task.request(Now()) != 0
		stands := task.fiber.request() != nil && task.fiber.request().of == task
		s.outside.Unlock()
		still := s.requests.Load()
		arch.Unpin()
		s.monitor.wakeAt(0)
		if !first || !again || one != 1 || next != nil || stale || !second || !stands || still != 1 {
			t.Errorf("asked: %v, once more: %v, %d stand; asked for the turn before: %v, for this one: %v, it stands: %v, %d in all",
				first, again, one, stale, second, stands, still)
		}
		task.Answer() // it asks for a worker again, or has been stopped and has one
		if _, n := task.State(); n != 1 {
			t.Errorf("on worker %d after it", n)
		}
	})
	<-done
	for spins := 0; s.requests.Load() != 0; spins++ {
		arch.Pause(spins)
		if spins > 100_000 {
			t.Fatalf("%d requests stand, of a task that is %v", s.requests.Load(), task.where.Load())
		}
	}
}

// A goroutine that carries two tasks, one within the other, is stopped for one of them:
// nobody takes it over for the other, whose place has another lock.
func TestRequestOfTheInnerTask(t *testing.T) {
	s := start(t, 1)
	if !s.canForce {
		t.Skip(arch.ForcedPreemption())
	}
	inner := newTask(s, Normal)
	var spins, entered, over atomic.Bool
	outer, done := run(s, Normal, func(*Task) {
		outer := inner.Enter()
		entered.Store(true)
		for !over.Load() {
			spins.Store(true)
		}
		inner.Exit(outer)
	})
	for !entered.Load() {
		runtime.Gosched()
	}
	for stopped := false; !stopped; runtime.Gosched() {
		w := s.workers[0]
		w.Lock.Lock() // the Monitor, too, waits for it
		tid := 0
		if w.cur == inner {
			tid = inner.request(Now())
		}
		if tid != 0 {
			arch.Signal(tid)
		}
		for i := 0; tid != 0 && i < 1000 && !stopped; i++ {
			arch.Pause(i)
			stopped = inner.fiber.Status() == arch.StatusPreempted
		}
		collected := stopped && s.collect(outer)
		w.Unlock()
		if collected {
			t.Error("the outer task was collected, of which nothing was requested")
		}
	}
	over.Store(true)
	s.monitor.wakeAt(0)
	s.collect(inner)
	<-done
}

// However old a request is, the Monitor plans a look at it that is not too late for it, and so
// sleeps until then.
func TestMonitorSleepsWhileARequestStands(t *testing.T) {
	s := start(t, 1)
	if !s.canForce {
		t.Skip(arch.ForcedPreemption())
	}
	_, done := run(s, Normal, func(task *Task) {
		// Pinned, it stops for no signal.
		arch.Pin()
		w := task.lockWorker()
		now, age, planned := Now(), int64(0), int64(0)
		requested := task.request(now) != 0
		for ; requested && age < 2*int64(tick); age += int64(pollTick) {
			task.fiber.request().made = now - age
			if planned = s.monitor.followUp(task, now); planned <= now || planned > now+int64(resend) {
				break
			}
		}
		task.withdraw()
		w.Unlock()
		arch.Unpin()
		if age < 2*int64(tick) {
			t.Errorf("requested: %v; after %v the next look is in %v", requested, time.Duration(age), time.Duration(planned-now))
		}
	})
	<-done
}
