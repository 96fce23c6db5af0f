package gv

import (
	"slices"
	"testing"
)

// A queuedThread is a thread in a modelQueue, with what it was queued with.
type queuedThread struct {
	th      *Thread
	stamp   uint64
	readyAt int64
}

// A modelQueue is a runQueue as slices.
type modelQueue [numPriorities][]queuedThread

func (m *modelQueue) top() Priority {
	for p, l := range m {
		if len(l) > 0 {
			return Priority(p)
		}
	}
	return noPriority
}

func (m *modelQueue) push(p Priority, e queuedThread, front bool) {
	if front {
		m[p] = slices.Insert(m[p], 0, e)
	} else {
		m[p] = append(m[p], e)
	}
}

func (m *modelQueue) first(p Priority) *Thread {
	if p == noPriority || len(m[p]) == 0 {
		return nil
	}
	return m[p][0].th
}

// take takes th out, and reports whether it was there.
func (m *modelQueue) take(th *Thread) (e queuedThread, ok bool) {
	for p := range m {
		if i := slices.IndexFunc(m[p], func(e queuedThread) bool { return e.th == th }); i >= 0 {
			e = m[p][i]
			m[p] = slices.Delete(m[p], i, i+1)
			return e, true
		}
	}
	return e, false
}

// overdue is runQueue.overdue.
func (m *modelQueue) overdue(before int64, depth int) (found []*Thread) {
	for p := High; p < noPriority; p++ {
		for i, e := range m[p] {
			if i < depth && e.readyAt < before {
				found = append(found, e.th)
			}
		}
	}
	return found
}

// queuesFuzz is one run of FuzzRunQueues.
type queuesFuzz struct {
	*testing.T
	rt     *Runtime
	queues [3]*runQueue // of the two workers, and the shared one
	models [3]modelQueue
	all    []*Thread
	free   []*Thread // in no queue
}

// FuzzRunQueues does what workers, the Monitor and others do to the queues of a
// runtime, and compares them with slices.
func FuzzRunQueues(f *testing.F) {
	f.Add([]byte{0, 0, 1, 4, 2, 8, 16, 0, 17, 3, 18, 1})
	f.Add([]byte{0, 2, 0, 66, 0, 130, 32, 1, 33, 2, 34, 3, 80, 255})
	f.Add([]byte{2, 3, 1, 3, 0, 2, 48, 0, 48, 3, 64, 1, 64, 3})
	f.Add([]byte{0, 1, 2, 1, 0, 5, 2, 1, 96, 3, 96, 3, 97, 3, 96, 0, 112, 9, 113, 8, 80, 9})
	f.Add([]byte{0, 2, 32, 10, 32, 14, 0, 2, 32, 13, 32, 15})
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) > 2000 {
			return
		}
		rt := newTestRuntime(2)
		z := &queuesFuzz{T: t, rt: rt, queues: [3]*runQueue{&rt.workers[0].queue, &rt.workers[1].queue, &rt.shared}}
		for at := 0; at+1 < len(script); at += 2 {
			z.do(script[at]>>4, int(script[at]&15)%3, int(script[at+1]), int64(at))
			z.check()
		}
	})
}

// do is one operation op on queue i.
func (z *queuesFuzz) do(op byte, i, x int, at int64) {
	q, m := z.queues[i], &z.models[i]
	p := Priority(x % numPriorities)
	switch op % 8 {
	case 0:
		z.push(i, p, x, at)
	case 1: // take
		want := m.first(p)
		q.lock.lock()
		got := q.takeLocked(p)
		q.lock.unlock()
		z.taken("takeLocked", i, got, want)
	case 2: // steal
		below := Priority(x / 4 % (numPriorities + 1))
		var want *Thread
		if top := m.top(); top < below && top <= p {
			want = m.first(top)
		}
		z.taken("steal", i, q.steal(below, p), want)
	case 3: // take from the shared queue, unless a rival has waited longer
		rival := z.models[i].first(p)
		if i == 2 {
			rival = nil
		}
		want := z.models[2].first(p)
		if want != nil && rival != nil && rival.stamp < want.stamp {
			want = nil
		}
		z.taken("popShared", 2, z.rt.popShared(p, rival), want)
	case 4: // remove
		if len(z.all) == 0 {
			return
		}
		th := z.all[x%len(z.all)]
		_, want := m.take(th)
		if got := q.remove(th); got != want {
			z.Fatalf("remove reports %v, want %v", got, want)
		}
		if want {
			z.free = append(z.free, th)
		}
	case 5: // overdue
		depth := 1 + x%3
		var got []*Thread
		q.overdue(int64(x), depth, func(th *Thread) { got = append(got, th) })
		if want := m.overdue(int64(x), depth); !slices.Equal(got, want) {
			z.Fatalf("%d are overdue, want %d", len(got), len(want))
		}
	case 6: // pick
		if i == 2 {
			i = 0
		}
		from, want := z.pick(i, p)
		w := z.rt.workers[i]
		w.queue.lock.lock()
		got := w.pickLocked(p)
		if got != nil {
			got.store(got.load().with(got.State(), nowhere))
		}
		w.queue.lock.unlock()
		z.taken("pickLocked", from, got, want)
	case 7: // reposition
		if len(z.all) == 0 {
			return
		}
		th := z.all[x/4%len(z.all)]
		old := th.effective()
		th.prio.Store(uint32(p))
		stamp := z.rt.arrivals.Add(1)
		e, want := m.take(th)
		if got := q.reposition(th, stamp); got != want {
			z.Fatalf("reposition reports %v, want %v", got, want)
		}
		switch {
		case want && p == old:
			z.putBack(i, e)
		case want:
			e.stamp = stamp
			m.push(p, e, false)
		case !slices.Contains(z.free, th):
			// In another queue, under its old priority: nothing has moved it.
			th.prio.Store(uint32(old))
		}
	}
}

// push queues a new thread, or one that was taken out before.
func (z *queuesFuzz) push(i int, p Priority, x int, at int64) {
	var th *Thread
	if n := len(z.free); n > 0 && x&32 != 0 {
		th = z.free[n-1]
		z.free = z.free[:n-1]
	} else {
		th = newTestThread(z.rt, uint64(len(z.all)), p)
		z.all = append(z.all, th)
	}
	th.prio.Store(uint32(p))
	th.readyAt = at
	front := x&64 != 0
	stamp := z.rt.arrivals.Load()
	switch {
	case front:
		stamp = 0
	case i == 2:
		stamp = z.rt.arrivals.Add(1)
	}
	s := [...]State{StateReady, StateNew, StatePreempted, StateReady}[x>>3&3]
	q := z.queues[i]
	q.lock.lock()
	q.pushLocked(th, s, stamp, front)
	q.lock.unlock()
	z.models[i].push(p, queuedThread{th, stamp, at}, front)
}

// putBack undoes a take of the model, by what the queue has.
func (z *queuesFuzz) putBack(i int, e queuedThread) {
	p := e.th.queued
	n := 0
	for th := z.queues[i].lists[p].first; th != e.th; th = th.next {
		n++
	}
	z.models[i][p] = slices.Insert(z.models[i][p], n, e)
}

// pick is what pickLocked should find for a worker, and in which queue.
func (z *queuesFuzz) pick(i int, limit Priority) (from int, th *Thread) {
	local, shared, other := z.models[i].top(), z.models[2].top(), z.models[1-i].top()
	best := min(local, shared)
	if other < best && other <= limit {
		return 1 - i, z.models[1-i].first(other)
	}
	if best > limit || best == noPriority {
		return i, nil
	}
	mine, theirs := z.models[i].first(best), z.models[2].first(best)
	if theirs != nil && (mine == nil || theirs.stamp <= mine.stamp) {
		return 2, theirs
	}
	return i, mine
}

// taken checks that the right thread was taken from queue i.
func (z *queuesFuzz) taken(by string, i int, got, want *Thread) {
	z.Helper()
	if got != want {
		z.Fatalf("%s: took %s, want %s", by, nameOf(got), nameOf(want))
	}
	if got == nil {
		return
	}
	if got.load().place() != nowhere {
		z.Fatalf("%s: thread %d is in place %d after it", by, got.id, got.load().place())
	}
	z.models[i].take(got)
	z.free = append(z.free, got)
}

func nameOf(th *Thread) string {
	if th == nil {
		return "nothing"
	}
	return th.Priority().String() + " " + th.State().String()
}

// check compares the queues with the model.
func (z *queuesFuzz) check() {
	z.Helper()
	for i, q := range z.queues {
		m := &z.models[i]
		if q.top() != m.top() {
			z.Fatalf("queue %d: the top is %v, want %v", i, q.top(), m.top())
		}
		var n [numPriorities]int
		q.lengths(&n)
		for p, l := range m {
			if n[p] != len(l) {
				z.Fatalf("queue %d: %d of %v, want %d", i, n[p], Priority(p), len(l))
			}
			var prev *Thread
			th := q.lists[p].first
			for at, e := range l {
				if th != e.th || th.prev != prev || th.stamp != e.stamp || !th.load().queuedIn(q) {
					z.Fatalf("queue %d: the wrong thread at %d of %v", i, at, Priority(p))
				}
				prev, th = th, th.next
			}
			if th != nil || q.lists[p].last != prev {
				z.Fatalf("queue %d: the list of %v does not end where it should", i, Priority(p))
			}
		}
	}
}
