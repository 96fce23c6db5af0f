package sched

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// The queue does what a plain list would do: random operations on both, and
// after each they agree.
func TestRunQueueAgainstModel(t *testing.T) {
	s := queuesOnly(2)
	thief, owner := s.workers[0], s.workers[1]
	pl := &owner.place
	var model [NumPriorities][]*Task
	ids := map[*Task]int{}
	take := func(task *Task) {
		for p := range model {
			for i, other := range model[p] {
				if other == task {
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
		return None
	}
	any := func(r *rand.Rand) *Task {
		for _, p := range r.Perm(NumPriorities) {
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
			task := newTask(s, Priority(r.IntN(NumPriorities)))
			ids[task] = step
			front := r.IntN(4) == 0
			enqueueAt(pl, task, Ready, uint64(step), front)
			p := task.Priority()
			if front {
				model[p] = append([]*Task{task}, model[p]...)
			} else {
				model[p] = append(model[p], task)
			}
		case 2:
			p := top()
			if p == None {
				continue
			}
			want := model[p][0]
			got := popAt(pl, p)
			if got != want {
				t.Fatalf("step %d: took task %d, want %d", step, ids[got], ids[want])
			}
			take(want)
			if got.next != nil || got.prev != nil {
				t.Fatalf("step %d: a task that was taken is linked", step)
			}
		case 3:
			if task := any(r); task != nil {
				if !unqueue(pl, task) {
					t.Fatalf("step %d: task %d is not there", step, ids[task])
				}
				take(task)
			}
		case 4:
			if task := any(r); task != nil {
				p := Priority(r.IntN(NumPriorities))
				moved := p != task.Priority()
				setPriority(task, p)
				if moved {
					take(task)
					model[p] = append(model[p], task)
				}
			}
		case 5:
			p, limit := Priority(r.IntN(NumPriorities+1)), Priority(r.IntN(NumPriorities))
			thief.Lock.Lock()
			got, _ := thief.steal(owner, p, limit)
			thief.Unlock()
			want := top()
			if want >= p || want > limit || want == None {
				if got != nil {
					t.Fatalf("step %d: stole one of %v from below %v, down to %v", step, want, p, limit)
				}
				continue
			}
			if got != model[want][0] {
				t.Fatalf("step %d: stole %v, want task %d", step, got, ids[model[want][0]])
			}
			if state, _ := got.State(); got.where.Load() != at(state, thief.index) || state == Running {
				t.Fatalf("step %d: a task that was stolen is %v at %d, before it has a fiber", step, state, got.where.Load()>>placeShift)
			}
			take(got)
		}
		if got := pl.queue.top(); got != top() {
			t.Fatalf("step %d: top is %v, want %v", step, got, top())
		}
		n := 0
		for p, l := range model {
			n += len(l)
			if pl.queue.lists[p].n != len(l) {
				t.Fatalf("step %d: %d tasks of %v, want %d", step, pl.queue.lists[p].n, Priority(p), len(l))
			}
			at := pl.queue.lists[p].first
			for i, want := range l {
				if at != want {
					t.Fatalf("step %d: the wrong task at %d of %v", step, i, Priority(p))
				}
				at = at.next
			}
		}
		if pl.queue.n != n {
			t.Fatalf("step %d: %d tasks, want %d", step, pl.queue.n, n)
		}
	}
}

// heads finds the tasks behind no more than depth others of their list, from a priority
// on down.
func TestRunQueueHeads(t *testing.T) {
	s := queuesOnly(1)
	ids := map[*Task]int{}
	push := func(id int, p Priority, front bool) {
		task := newTask(s, p)
		ids[task] = id
		enqueueAt(&s.shared, task, Ready, uint64(id), front)
	}
	push(1, Critical, false)
	push(2, Low, false)
	push(3, Low, false)
	push(4, Low, true) // was preempted in its slice
	push(5, Normal, false)
	for _, test := range []struct {
		p     Priority
		depth int
		want  string
	}{
		{Critical, 9, "[1 5 4 2 3]"}, {High, 9, "[5 4 2 3]"}, {High, 2, "[5 4 2]"}, {High, 1, "[5 4]"}, {Low, 2, "[4 2]"}, {None, 9, "[]"},
	} {
		found := []int{}
		s.shared.queue.heads(test.p, test.depth, func(task *Task) { found = append(found, ids[task]) })
		if got := fmt.Sprint(found); got != test.want {
			t.Errorf("from %d, depth %d: %s, want %s", test.p, test.depth, got, test.want)
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
			s := queuesOnly(2)
			places := []*place{&s.shared, &s.workers[0].place, &s.workers[1].place}
			ids := map[*Task]int{}
			for i, e := range test.entries {
				stamp := s.arrivals.Load()
				if e.queue == 0 {
					stamp = s.arrivals.Add(1)
				}
				task := newTask(s, e.p)
				ids[task] = i
				enqueueAt(places[e.queue], task, Ready, stamp, false)
			}
			w := s.workers[0]
			picked := []int{}
			w.Lock.Lock()
			for task := w.pick(test.limit); task != nil; task = w.pick(test.limit) {
				picked = append(picked, ids[task])
			}
			w.Unlock()
			if got := fmt.Sprint(picked); got != test.want {
				t.Errorf("picked %s, want %s", got, test.want)
			}
		})
	}
}

// A queue that somebody has locked is not waited for, and looked at again.
func TestPickFromLockedQueue(t *testing.T) {
	s := queuesOnly(2)
	w, other := s.workers[0], s.workers[1]
	mine, urgent := newTask(s, Low), newTask(s, High)
	enqueueAt(&w.place, mine, Ready, 0, false)
	enqueueAt(&other.place, urgent, Ready, 0, false)
	other.Lock.Lock()
	w.Lock.Lock()
	first := w.pick(Low)
	asked := w.preempt.Load() == preemptSeen
	w.acknowledge()
	none := w.pick(High)
	again := w.preempt.Load() == preemptSeen
	w.acknowledge()
	low := w.pick(Critical) == nil && w.preempt.Load() == preemptNone
	other.Unlock()
	second := w.pick(Low)
	w.Unlock()
	if first != mine || none != nil || second != urgent {
		t.Errorf("picked the own task: %v; then, from a locked queue, nothing: %v; then the urgent one: %v", first == mine, none == nil, second == urgent)
	}
	if !asked || !again || !low {
		t.Errorf("asked to look again: %v, with nothing else to run: %v, not for what is below the limit: %v", asked, again, low)
	}
	if got := urgent.where.Load(); got != at(Ready, w.index) {
		t.Errorf("a task that was stolen is at %#x, before it has a fiber", got)
	}
}

func TestWhere(t *testing.T) {
	s := queuesOnly(3)
	task := newTask(s, Low)
	for state := New; state <= Done; state++ {
		for i := range s.places {
			task.where.Store(at(state, uint32(i)))
			want := 0
			if state == Running && i <= 3 {
				want = i
			}
			if got, n := task.State(); got != state || n != want {
				t.Fatalf("%v at %d is %v on worker %d", state, i, got, n)
			}
			if pl := s.places[i]; pl != nil && pl.index != uint32(i) {
				t.Fatalf("place %d has the index %d", i, pl.index)
			}
		}
	}
}

// Those that wait behind a higher one go to the shared queue, from where others take them;
// of its equals and what is above it none does.
func TestSpread(t *testing.T) {
	s := queuesOnly(2)
	w := s.workers[0]
	w.level.Store(uint32(High))
	var tasks []*Task
	for i, p := range []Priority{Low, Normal, High, Critical, Low} {
		task := newTask(s, p)
		tasks = append(tasks, task)
		enqueueAt(&w.place, task, Ready, uint64(i), false)
	}
	begun := newTask(s, Low)
	begun.slice.used = 5
	enqueueAt(&w.place, begun, Preempted, 0, true)
	w.Lock.Lock()
	w.spread()
	w.Unlock()
	for _, want := range []*Task{tasks[1], begun, tasks[0], tasks[4]} {
		if got := popAt(&s.shared, s.shared.queue.top()); got != want {
			t.Errorf("another task is next in the shared queue")
		}
	}
	if begun.slice.used != 5 || w.queue.n != 2 || s.shared.queue.n != 0 {
		t.Errorf("%d are left to the worker, and %d in the shared queue; of the slice %d", w.queue.n, s.shared.queue.n, begun.slice.used)
	}
}
