package sched

import (
	"slices"
	"testing"
)

// A queuedTask is a task in a modelQueue, with what it was queued with.
type queuedTask struct {
	task  *Task
	stamp uint64
}

// A modelQueue is a runQueue as slices.
type modelQueue [NumPriorities][]queuedTask

func (m *modelQueue) top() Priority {
	for p, l := range m {
		if len(l) > 0 {
			return Priority(p)
		}
	}
	return None
}

func (m *modelQueue) push(p Priority, e queuedTask, front bool) {
	if front {
		m[p] = slices.Insert(m[p], 0, e)
	} else {
		m[p] = append(m[p], e)
	}
}

func (m *modelQueue) first(p Priority) *Task {
	if p == None || len(m[p]) == 0 {
		return nil
	}
	return m[p][0].task
}

// take takes t out, and reports whether it was there.
func (m *modelQueue) take(t *Task) (e queuedTask, ok bool) {
	for p := range m {
		if i := slices.IndexFunc(m[p], func(e queuedTask) bool { return e.task == t }); i >= 0 {
			e = m[p][i]
			m[p] = slices.Delete(m[p], i, i+1)
			return e, true
		}
	}
	return e, false
}

// heads is runQueue.heads.
func (m *modelQueue) heads(p Priority, depth int) (found []*Task) {
	for ; p < None; p++ {
		for _, e := range m[p][:min(depth, len(m[p]))] {
			found = append(found, e.task)
		}
	}
	return found
}

// queuesFuzz is one run of FuzzRunQueues.
type queuesFuzz struct {
	*testing.T
	s      *Scheduler
	places []*place // of the two workers, and the shared one
	models [3]modelQueue
	all    []*Task
	free   []*Task // in no queue
}

// FuzzRunQueues does what workers, the Monitor and others do to the queues of a
// scheduler, and compares them with slices.
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
		s := queuesOnly(2)
		z := &queuesFuzz{T: t, s: s, places: s.queues()}
		for at := 0; at+1 < len(script); at += 2 {
			z.do(script[at]>>4, int(script[at]&15)%3, int(script[at+1]))
			z.check()
		}
	})
}

// do is one operation op on queue i.
func (z *queuesFuzz) do(op byte, i, x int) {
	pl, m := z.places[i], &z.models[i]
	p := Priority(x % NumPriorities)
	switch op % 8 {
	case 0:
		z.push(i, p, x)
	case 1: // pop
		want := m.first(p)
		z.taken("pop", i, popAt(pl, p), want)
	case 2: // steal
		if i == 2 {
			i, m = 1, &z.models[1]
		}
		below := Priority(x / 4 % (NumPriorities + 1))
		var want *Task
		if top := m.top(); top < below && top <= p {
			want = m.first(top)
		}
		got := z.by(1-i, func(w *worker) *Task {
			t, _ := w.steal(z.s.workers[i], below, p)
			return t
		})
		z.taken("steal", i, got, want)
	case 3: // pop from the shared queue, unless the worker's own first has waited longer
		if i == 2 {
			i = 0
		}
		rival, want := z.models[i].first(p), z.models[2].first(p)
		if want != nil && rival != nil && rival.stamp < want.stamp {
			want = nil
		}
		z.taken("popShared", 2, z.by(i, func(w *worker) *Task { return w.popShared(p) }), want)
	case 4: // unlink
		if len(z.all) == 0 {
			return
		}
		t := z.all[x%len(z.all)]
		_, want := m.take(t)
		if got := unqueue(pl, t); got != want {
			z.Fatalf("unqueue reports %v, want %v", got, want)
		}
		if want {
			z.free = append(z.free, t)
		}
	case 5: // heads
		depth := 1 + x%3
		var got []*Task
		pl.queue.heads(p, depth, func(t *Task) { got = append(got, t) })
		if want := m.heads(p, depth); !slices.Equal(got, want) {
			z.Fatalf("%d are at the heads, want %d", len(got), len(want))
		}
	case 6: // pick
		if i == 2 {
			i = 0
		}
		from, want := z.pick(i, p)
		z.taken("pick", from, z.by(i, func(w *worker) *Task { return w.pick(p) }), want)
	case 7: // another priority
		if len(z.all) > 0 {
			z.reprioritize(z.all[x/4%len(z.all)], p)
		}
	}
}

// by has worker i take a task.
func (z *queuesFuzz) by(i int, take func(w *worker) *Task) *Task {
	w := z.s.workers[i]
	w.Lock.Lock()
	defer w.Unlock()
	return take(w)
}

// reprioritize puts a priority in force: a task that is queued moves to the end of its
// list.
func (z *queuesFuzz) reprioritize(t *Task, p Priority) {
	old := t.Priority()
	setPriority(t, p)
	if p == old {
		return
	}
	for i := range z.models {
		if e, ok := z.models[i].take(t); ok {
			e.stamp = z.s.arrivals.Load()
			z.models[i].push(p, e, false)
		}
	}
}

// push queues a new task, or one that was taken out before.
func (z *queuesFuzz) push(i int, p Priority, x int) {
	var t *Task
	if n := len(z.free); n > 0 && x&32 != 0 {
		t = z.free[n-1]
		z.free = z.free[:n-1]
	} else {
		t = newTask(z.s, p)
		z.all = append(z.all, t)
	}
	t.inherit.base.Store(uint32(p))
	t.prio.Store(uint32(p))
	front := x&64 != 0
	stamp := z.s.arrivals.Load()
	switch {
	case front:
		stamp = 0
	case i == 2:
		stamp = z.s.arrivals.Add(1)
	}
	enqueueAt(z.places[i], t, [...]State{Ready, New, Preempted, Ready}[x>>3&3], stamp, front)
	z.models[i].push(p, queuedTask{t, stamp}, front)
}

// pick is what pick should find for a worker, and in which queue.
func (z *queuesFuzz) pick(i int, limit Priority) (from int, t *Task) {
	local, shared, other := z.models[i].top(), z.models[2].top(), z.models[1-i].top()
	best := min(local, shared)
	if other < best && other <= limit {
		return 1 - i, z.models[1-i].first(other)
	}
	if best > limit || best == None {
		return i, nil
	}
	mine, theirs := z.models[i].first(best), z.models[2].first(best)
	if theirs != nil && (mine == nil || theirs.stamp <= mine.stamp) {
		return 2, theirs
	}
	return i, mine
}

// taken checks that the right task was taken from queue i.
func (z *queuesFuzz) taken(by string, i int, got, want *Task) {
	z.Helper()
	if got != want {
		z.Fatalf("%s: took %v, want %v", by, got, want)
	}
	if got == nil {
		return
	}
	if got.next != nil || got.prev != nil {
		z.Fatalf("%s: the task is linked after it", by)
	}
	got.where.Store(at(New, nowhere))
	z.models[i].take(got)
	z.free = append(z.free, got)
}

// check compares the queues with the model.
func (z *queuesFuzz) check() {
	z.Helper()
	for i, pl := range z.places {
		q, m := &pl.queue, &z.models[i]
		if q.top() != m.top() {
			z.Fatalf("queue %d: the top is %v, want %v", i, q.top(), m.top())
		}
		n := 0
		for p, l := range m {
			n += len(l)
			if q.lists[p].n != len(l) {
				z.Fatalf("queue %d: %d of %v, want %d", i, q.lists[p].n, Priority(p), len(l))
			}
			var prev *Task
			t := q.lists[p].first
			for at, e := range l {
				if t != e.task || t.prev != prev || t.stamp != e.stamp || t.where.Load()>>placeShift != pl.index {
					z.Fatalf("queue %d: the wrong task at %d of %v", i, at, Priority(p))
				}
				prev, t = t, t.next
			}
			if t != nil || q.lists[p].last != prev {
				z.Fatalf("queue %d: the list of %v does not end where it should", i, Priority(p))
			}
		}
		if q.n != n {
			z.Fatalf("queue %d: %d tasks, want %d", i, q.n, n)
		}
	}
}
