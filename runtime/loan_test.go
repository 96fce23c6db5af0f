package gv

import (
	"context"
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
