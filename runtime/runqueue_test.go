package gv

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// newTestRuntime returns as much of a runtime as its queues need.
func newTestRuntime(workers int) *Runtime {
	rt := &Runtime{workers: make([]*worker, workers)}
	for i := range rt.workers {
		w := &worker{rt: rt}
		w.queue.place = place(i + 1)
		w.level.Store(uint32(noPriority))
		rt.workers[i] = w
	}
	rt.shared.place = place(workers + 1)
	return rt
}

func newTestThread(rt *Runtime, id uint64, p Priority) *Thread {
	t := &Thread{rt: rt, id: id}
	t.baseP.Store(uint32(p))
	t.prio.Store(uint32(p))
	return t
}

// The queue does what a plain list would do: random operations on both, and
// after each they agree.
func TestRunQueueAgainstModel(t *testing.T) {
	rt := newTestRuntime(1)
	q := &rt.shared
	var model [numPriorities][]*Thread
	take := func(th *Thread) {
		for p := range model {
			for i, other := range model[p] {
				if other == th {
					model[p] = append(model[p][:i:i], model[p][i+1:]...)
				}
			}
		}
	}
	top := func() Priority {
		for p := range model {
			if len(model[p]) > 0 {
				return Priority(p)
			}
		}
		return noPriority
	}
	any := func(r *rand.Rand) *Thread {
		for _, p := range r.Perm(numPriorities) {
			if l := model[p]; len(l) > 0 {
				return l[r.IntN(len(l))]
			}
		}
		return nil
	}
	r := rand.New(rand.NewPCG(5, 6))
	for step := range 20_000 {
		switch r.IntN(6) {
		case 0, 1:
			th := newTestThread(rt, uint64(step), Priority(r.IntN(numPriorities)))
			front := r.IntN(4) == 0
			q.lock.lock()
			q.pushLocked(th, StateReady, uint64(step), front)
			q.lock.unlock()
			p := th.effective()
			if front {
				model[p] = append([]*Thread{th}, model[p]...)
			} else {
				model[p] = append(model[p], th)
			}
		case 2:
			p := top()
			if p == noPriority {
				continue
			}
			want := model[p][0]
			q.lock.lock()
			got := q.takeLocked(p)
			q.lock.unlock()
			if got != want {
				t.Fatalf("step %d: took thread %d, want %d", step, got.id, want.id)
			}
			take(want)
			if w := got.load(); w.place() != nowhere {
				t.Fatalf("step %d: a thread that was taken is in place %d", step, w.place())
			}
			if q.remove(got) {
				t.Fatalf("step %d: a thread that was taken can be removed", step)
			}
		case 3:
			if th := any(r); th != nil {
				if !q.remove(th) {
					t.Fatalf("step %d: thread %d is not there", step, th.id)
				}
				take(th)
			}
		case 4:
			if th := any(r); th != nil {
				p := Priority(r.IntN(numPriorities))
				moved := p != th.effective()
				th.prio.Store(uint32(p))
				if !q.reposition(th, uint64(step)) {
					t.Fatalf("step %d: thread %d is not there", step, th.id)
				}
				if moved {
					take(th)
					model[p] = append(model[p], th)
				}
			}
		case 5:
			p, limit := Priority(r.IntN(numPriorities+1)), Priority(r.IntN(numPriorities))
			got := q.steal(p, limit)
			want := top()
			if want >= p || want > limit || want == noPriority {
				if got != nil {
					t.Fatalf("step %d: stole one of %v from below %v, down to %v", step, want, p, limit)
				}
				continue
			}
			if got != model[want][0] {
				t.Fatalf("step %d: stole %v, want thread %d", step, got, model[want][0].id)
			}
			take(got)
		}
		if got := q.top(); got != top() {
			t.Fatalf("step %d: top is %v, want %v", step, got, top())
		}
		var lengths [numPriorities]int
		q.lengths(&lengths)
		for p, l := range model {
			if lengths[p] != len(l) {
				t.Fatalf("step %d: %d threads of %v, want %d", step, lengths[p], Priority(p), len(l))
			}
			at := q.lists[p].first
			for i, want := range l {
				if at != want {
					t.Fatalf("step %d: the wrong thread at %d of %v", step, i, Priority(p))
				}
				at = at.next
			}
		}
	}
}

// overdue finds the threads that have been ready for too long, but not the
// Critical ones, and behind no more than depth others.
func TestRunQueueOverdue(t *testing.T) {
	rt := newTestRuntime(1)
	q := &rt.shared
	push := func(id uint64, p Priority, readyAt int64, front bool) {
		th := newTestThread(rt, id, p)
		th.readyAt = readyAt
		q.lock.lock()
		q.pushLocked(th, StateReady, id, front)
		q.lock.unlock()
	}
	push(1, Critical, 0, false)
	push(2, Low, 10, false)
	push(3, Low, 20, false)
	push(4, Low, 90, true) // was preempted in its slice
	push(5, Normal, 50, false)
	for _, test := range []struct {
		before int64
		depth  int
		want   string
	}{
		{0, 9, "[]"}, {15, 9, "[2]"}, {15, 2, "[2]"}, {15, 1, "[]"}, {51, 9, "[5 2 3]"}, {51, 2, "[5 2]"}, {100, 9, "[5 4 2 3]"},
	} {
		found := []uint64{}
		q.overdue(test.before, test.depth, func(th *Thread) { found = append(found, th.id) })
		if got := fmt.Sprint(found); got != test.want {
			t.Errorf("before %d, depth %d: %s, want %s", test.before, test.depth, got, test.want)
		}
	}
}

// pick chooses by priority, then by the time of arrival, between the worker's own
// queue and the shared one, and looks elsewhere for what is higher.
func TestPick(t *testing.T) {
	type entry struct {
		queue int // 0 shared, 1 the worker's own, 2 another worker's
		p     Priority
	}
	for _, test := range []struct {
		name    string
		entries []entry // in the order of arrival
		limit   Priority
		want    string
	}{
		{"nothing", nil, Low, "[]"},
		{"arrival", []entry{{0, Low}, {1, Low}, {0, Low}, {1, Low}}, Low, "[0 1 2 3]"},
		{"priority", []entry{{0, Low}, {1, Normal}, {0, High}, {1, Critical}}, Low, "[3 2 1 0]"},
		{"limit", []entry{{0, Low}, {1, Normal}, {0, High}, {1, Critical}}, High, "[3 2]"},
		{"higher elsewhere", []entry{{1, Normal}, {2, High}, {0, Normal}}, Low, "[1 0 2]"},
		{"equal elsewhere comes last", []entry{{2, Normal}, {1, Normal}, {0, Normal}}, Low, "[1 2 0]"},
		{"below the limit elsewhere", []entry{{2, Low}}, Normal, "[]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			rt := newTestRuntime(2)
			queues := []*runQueue{&rt.shared, &rt.workers[0].queue, &rt.workers[1].queue}
			for i, e := range test.entries {
				stamp := rt.arrivals.Load()
				if e.queue == 0 {
					stamp = rt.arrivals.Add(1)
				}
				q := queues[e.queue]
				q.lock.lock()
				q.pushLocked(newTestThread(rt, uint64(i), e.p), StateReady, stamp, false)
				q.lock.unlock()
			}
			w := rt.workers[0]
			picked := []uint64{}
			w.queue.lock.lock()
			for th := w.pickLocked(test.limit); th != nil; th = w.pickLocked(test.limit) {
				picked = append(picked, th.id)
			}
			w.queue.lock.unlock()
			if got := fmt.Sprint(picked); got != test.want {
				t.Errorf("picked %s, want %s", got, test.want)
			}
		})
	}
}

func TestThreadWord(t *testing.T) {
	w := threadWord(0)
	for turn := range uint64(3) {
		for s := StateNew; s <= StateDone; s++ {
			for _, p := range []place{nowhere, 1, maxWorkers + 1, placeMask} {
				w = w.with(s, p)
				if w.state() != s || w.place() != p || w.turn() != turn {
					t.Fatalf("%x is %v at %d in turn %d, want %v, %d, %d", uint64(w), w.state(), w.place(), w.turn(), s, p, turn)
				}
			}
		}
		w = w.nextTurn()
	}
	if maxWorkers+1 > placeMask {
		t.Error("there may be more workers than places")
	}
}
