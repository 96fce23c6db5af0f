package gv

import (
	"context"
	goruntime "runtime"
	"sync/atomic"
	"testing"

	"github.com/gvthread/gvthread/arch"
)

// A loan that the thread itself has ended stays ended. The lender was stopped, say,
// put into a queue and taken out again for another worker, while the borrower was on
// its way to give back the first one: it would be run twice.
func TestLoanThatIsOver(t *testing.T) {
	rt, err := New(Config{Workers: 1, Engine: Native})
	if err != nil {
		t.Skip(err)
	}
	defer rt.Close()
	th := rt.Go(func(context.Context) error {
		th := Current()
		arch.Pin()
		w := th.held()
		w.queue.lock.lock()
		lost := th.load().with(StatePreempted, nowhere)
		th.store(lost)
		w.lendLocked(th, lost)
		w.vacateLocked()
		w.queue.lock.unlock()
		_, ended := th.settle()
		rt.pushShared(th, StatePreempted)
		taken := rt.shared.remove(th)
		w.queue.lock.lock()
		repaid := w.repayLocked()
		w.giveLocked(th)
		w.queue.lock.unlock()
		arch.Unpin()
		if !ended || !taken || repaid {
			t.Errorf("loan ended: %v; the thread was taken from a queue: %v; it got the worker back as well: %v", ended, taken, repaid)
		}
		return nil
	})
	if err := th.Wait(); err != nil {
		t.Error(err)
	}
}

// A thread for which a worker was asked to make way, and that could not be had at
// that moment because somebody looked at its queue, has the Monitor to look after it.
func TestBorrowerThatCannotBeHad(t *testing.T) {
	rt, err := New(Config{Workers: 2, Engine: Native})
	if err != nil {
		t.Skip(err)
	}
	defer rt.Close()
	release := make(chan struct{})
	blocked := rt.Go(func(context.Context) error {
		<-release
		return nil
	}, WithPriority(Low))
	var ran atomic.Bool
	urgent := rt.spawn(func(context.Context) error {
		ran.Store(true)
		return nil
	}, []Option{WithPriority(High)}, nil, nil)
	busy := rt.Go(func(context.Context) error {
		for !blocked.blockedInGo() || !rt.MonitorRests() {
			goruntime.Gosched()
		}
		arch.Pin()
		own, other := Current().held(), blocked.held()
		other.ask(preemptHigh)
		own.queue.lock.lock()
		own.enqueueLocked(urgent, StateNew, false)
		next, _ := rt.usurp(victim{blocked, blocked.load()})
		own.queue.lock.unlock()
		arch.Unpin()
		if next != nil {
			t.Error("a thread was taken from a queue that is locked")
		}
		for !ran.Load() {
			goruntime.Gosched()
		}
		return nil
	})
	for _, th := range []*Thread{busy, urgent} {
		if err := th.Wait(); err != nil {
			t.Error(err)
		}
	}
	close(release)
	if err := blocked.Wait(); err != nil {
		t.Error(err)
	}
}
