package sched

import (
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"testing"

	"github.com/gvthread/gvthread/arch"
)

// lend takes the worker from its task t, the calling one, as usurp does, and leaves it to
// nobody.
func (w *worker) lend(t *Task) {
	w.lent = t
	w.s.putOutside(t, Preempted, w)
	w.cur = nil
	w.level.Store(uint32(None))
}

// A loan that the task itself has ended stays ended. The lender was stopped, say, put into
// a queue and taken out again for another worker, while the borrower was on its way to
// give back the first one: it would be run twice.
func TestLoanThatIsOver(t *testing.T) {
	s := start(t, 1)
	_, done := run(s, Normal, func(task *Task) {
		arch.Pin()
		defer arch.Unpin()
		w := task.lockWorker()
		w.lend(task)
		w.Unlock()
		back := s.takeBack(task)
		task.where.Store(at(Preempted, nowhere))
		s.outside.Unlock()
		s.pushShared(task, Preempted, true)
		taken := unqueue(&s.shared, task)
		w.Lock.Lock()
		repaid := w.repay()
		w.give(task)
		w.Unlock()
		if !back || !taken || repaid {
			t.Errorf("the loan was ended: %v; the task was taken from a queue: %v; it got the worker back as well: %v", back, taken, repaid)
		}
	})
	<-done
}

// A loan that stands is repaid, and the task goes on as if nothing had been.
func TestLoanThatStands(t *testing.T) {
	s := start(t, 1)
	_, done := run(s, Normal, func(task *Task) {
		arch.Pin()
		defer arch.Unpin()
		w := task.lockWorker()
		w.lend(task)
		lost, listed := task.Displaced(), s.outside.n
		repaid := w.repay()
		w.Unlock()
		state, n := task.State()
		if !lost || listed != 1 || !repaid || state != Running || n != 1 || s.outside.n != 0 {
			t.Errorf("displaced: %v; %d listed; repaid: %v; then %v on %d, %d listed", lost, listed, repaid, state, n, s.outside.n)
		}
	})
	<-done
}

// A task for which a worker was asked to make way, and that could not be had at that
// moment because somebody looked at its queue, has the Monitor to look after it.
func TestBorrowerThatCannotBeHad(t *testing.T) {
	s := start(t, 2)
	release := make(chan struct{})
	blocked, blockedDone := run(s, Low, func(*Task) { <-release })
	var ran atomic.Bool
	urgentDone := make(chan struct{})
	urgent := newTaskOf(s, High, func() {
		ran.Store(true)
		close(urgentDone)
	})
	_, busyDone := run(s, Normal, func(task *Task) {
		for !blocked.blockedInGo() || !s.MonitorRests() {
			runtime.Gosched()
		}
		_, n := blocked.State()
		other := s.workers[n-1]
		other.ask(preemptHigh)
		v, ok := other.currentTurn()
		own := task.lockWorker()
		own.enqueue(urgent, New, false)
		next, _ := s.usurp(v)
		own.Unlock()
		if !ok || next != nil {
			t.Errorf("the other worker has a task: %v; a task was taken from a queue that is locked: %v", ok, next != nil)
		}
		for !ran.Load() {
			runtime.Gosched()
		}
	})
	<-busyDone
	<-urgentDone
	close(release)
	<-blockedDone
}

// What yields goes straight to the next, and changes statuses by plain stores as long as
// the collector doesn't mark.
func TestYieldSwitchesPlainly(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	runtime.GC() // one that is under way ends
	s := start(t, 1)
	const yields = 2000
	var others atomic.Int32
	var dones []chan struct{}
	for range 2 {
		_, done := run(s, Normal, func(task *Task) {
			others.Add(1)
			for others.Load() < 2 {
				Yield()
			}
			var made [arch.ByStores + 1]int
			for range yields {
				Yield()
				made[task.fiber.LastDeparture()]++
			}
			others.Add(1)
			if made[arch.ByStores] == 0 || made[arch.ByGo] > yields/2 {
				t.Errorf("%d yields made %d switches by plain stores, %d by locked ones", yields, made[arch.ByStores], made[arch.ByLocks])
			}
		})
		dones = append(dones, done)
	}
	for _, done := range dones {
		<-done
	}
}
